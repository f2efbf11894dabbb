import type { Cause } from "../../src/core/plan.ts";
import type { Ports, ProcessIdentity } from "../../src/core/ports.ts";
import type { HostDirectories, Live } from "../../src/core/provider.ts";
import type { Instance } from "../../src/core/state.ts";
import { samePlanned } from "../../src/core/values.ts";
import { engineOf, processOf, textOf, withProcess } from "./bridgeRecord.ts";
import { captureOf, hidesFile, shownMarker } from "./captures.ts";
import { converse, findControlPort, portControl } from "./control.ts";
import { type Engine, engineTitle, socketName } from "./engine.ts";
import { type Hypervisor, HypervisorLost, HypervisorSilent } from "./hypervisor.ts";
import { filtersOf, SUSPENDED } from "./impairments.ts";
import { lastLines } from "./logs.ts";
import { parseList, parseShow, type ShownBridge } from "./replies.ts";
import { DRAIN, filterNames } from "./wiring.ts";

/** What one question to a bridge told. */
export type Answer =
  | {
      readonly kind: "answers";
      readonly version: string;
      /** By name; only those asked for. */
      readonly bridges: ReadonlyMap<string, ShownBridge>;
    }
  | { readonly kind: "silent" | "lost"; readonly because: string };

/** A bridge's record brought up to date with its process, as far as that can be found. */
export interface Located {
  readonly instance: Instance;
  readonly identity: ProcessIdentity | undefined;
  readonly status: "alive" | "gone" | "rebooted" | "elsewhere";
  readonly control: string;
}

/** Finds the process of a bridge's record: by its identity, or by the token of a launch that was cut short. */
export async function locate(ports: Ports, instance: Instance): Promise<Located> {
  const engine = engineOf(instance);
  let identity = processOf(instance);
  const token = instance.pending?.operation === "launch" ? instance.pending.token : undefined;
  if (token !== undefined && identity?.token !== token) {
    identity = ports.processes.findByTokens(new Set([token])).get(token) ?? identity;
  }
  const status = identity === undefined ? "gone" : ports.processes.status(identity);
  let control = textOf(instance.attributes.control);
  if (identity !== undefined && status === "alive" && (control === "" || identity !== processOf(instance))) {
    const port = engine === "ubridge" ? await findControlPort(ports, identity) : undefined;
    control = port === undefined ? socketName(engine) : portControl(port);
  }
  const found = identity === undefined || control === "" ? instance : withFacts(instance, identity, { control });
  return { instance: found, identity, status, control };
}

/** All that is known of a lab's bridge and of the links asked for, in one conversation. */
export async function askBridge(
  ports: Ports,
  host: HostDirectories,
  bridge: Pick<Located, "identity" | "control" | "status">,
  names: readonly string[],
): Promise<Answer> {
  if (bridge.status === "gone" || bridge.status === "rebooted") return { kind: "lost", because: "it is gone" };
  try {
    return await converse(ports, host.run, bridge.control, bridge.identity, (hypervisor) =>
      question(hypervisor, names),
    );
  } catch (error) {
    if (error instanceof HypervisorSilent) return { kind: "silent", because: error.message };
    if (error instanceof HypervisorLost) return { kind: "lost", because: error.message };
    throw error;
  }
}

async function question(hypervisor: Hypervisor, names: readonly string[]): Promise<Answer> {
  const [version, list] = await Promise.all([
    hypervisor.request(["hypervisor", "version"]),
    hypervisor.request(["bridge", "list"]),
  ]);
  const there = new Set(parseList(list.lines).map((one) => one.name));
  const bridges = new Map<string, ShownBridge>();
  await Promise.all(
    names
      .filter((name) => there.has(name))
      .map(async (name) => {
        const shown = await hypervisor.request(["bridge", "show", name]);
        if (shown.code === 100) bridges.set(name, parseShow(shown.lines));
      }),
  );
  return { kind: "answers", version: version.text, bridges };
}

export async function judgeBridge(
  ports: Ports,
  host: HostDirectories,
  located: Located,
  answer: Answer,
): Promise<Live> {
  const { instance, status } = located;
  const engine = engineOf(instance);
  const title = engineTitle(engine);
  if (answer.kind === "answers") {
    return { condition: "present", instance: withFacts(instance, located.identity, { version: answer.version }) };
  }
  if (status === "rebooted") return { condition: "down", instance, cause: onHost("the host was rebooted") };
  if (status === "gone") {
    const evidence = await lastLines(ports, host, engine);
    const unfinished = instance.pending?.operation === "launch" && located.identity === undefined;
    const cause = unfinished
      ? { kind: "unfinished" as const, summary: "an earlier run was cut off before it started" }
      : onHost(`${title} is gone: killed or crashed`, evidence);
    return { condition: "down", instance, cause };
  }
  const where = status === "elsewhere" ? "it was started in another container, and " : "";
  return { condition: "broken", instance, cause: onHost(`${where}${title} does not work: ${answer.because}`) };
}

/**
 * Of a link or a network: cut off while it was wired or unwired, or between the two. Whether its carriers were set cannot
 * be seen from the bridge; doing it again costs nothing.
 */
export function isHalfWired({ pending, status }: Instance): boolean {
  return pending?.operation === "wire" || pending?.operation === "unwire" || status === "creating";
}

/** `missing`: a path that the link needs and that is not there, so that a bridge that is started again cannot carry it. */
export function judgeLink(host: HostDirectories, instance: Instance, answer: Answer, missing?: string): Live {
  const { pending } = instance;
  const half = isHalfWired(instance);
  const unfinished: Cause = { kind: "unfinished", summary: "an earlier run was cut off while it wired or unwired it" };
  if (answer.kind !== "answers") {
    if (half) return { condition: "broken", instance, cause: unfinished };
    if (missing === undefined) return { condition: "present", instance };
    return { condition: "broken", instance, cause: onHost(`the node's end of it is gone: ${missing}`) };
  }
  const engine = engineOf(instance);
  const shown = answer.bridges.get(instance.id);
  if (!shown) {
    if (half) return { condition: "absent", instance, cause: unfinished };
    return { condition: "absent", instance, cause: onHost(`${engineTitle(engine)} does not carry it any more`) };
  }
  if (half) return { condition: "broken", instance, cause: unfinished };
  if (pending?.operation === "update") {
    // Cut off in the middle of the change: nothing passes.
    if (!shown.running || shown.filters.includes(DRAIN)) {
      const cause: Cause = { kind: "unfinished", summary: "an earlier run was cut off while it changed it" };
      return { condition: "broken", instance, cause };
    }
    // One that was refused, or cut off otherwise, is done once more: how far it came is no fault of the host's.
    return { condition: "present", instance: withShownCapture(host, instance, shown) };
  }
  const wrong = differenceOf(host, instance, engine, shown);
  return wrong === undefined
    ? { condition: "present", instance }
    : { condition: "broken", instance, cause: onHost(wrong) };
}

/**
 * An update's intent holds what was wanted: a capture that did not begin is not to be taken for one that runs. Where the
 * one of before still runs there is a capture, to a file that the record has lost.
 */
function withShownCapture(host: HostDirectories, instance: Instance, shown: ShownBridge): Instance {
  const capture = captureOf(instance, host);
  const marker = shownMarker(shown.filters);
  if (!capture || marker === capture.marker) return instance;
  if (marker !== undefined) return { ...instance, attributes: { ...instance.attributes, capture_file: null } };
  const { sensitive } = instance;
  return {
    ...instance,
    attributes: { ...instance.attributes, capture: null, capture_file: null },
    // A mark inside the capture has nothing to stand on any more.
    sensitive: sensitive.filter(([first, ...rest]) => first !== "capture" || rest.length === 0),
  };
}

export function differenceOf(
  host: HostDirectories,
  instance: Instance,
  engine: Engine,
  shown: ShownBridge,
): string | undefined {
  if (!shown.running) return "it was stopped in the bridge";
  const ends = [shown.source ?? null, shown.destination ?? null];
  const recorded = instance.private.ends;
  if (recorded !== undefined && !samePlanned(recorded, ends)) {
    return `the bridge has it between ${ends.map((end) => end ?? "nothing").join(" and ")} instead`;
  }
  const capture = captureOf(instance, host);
  const filters = filtersOf(instance.attributes, engine, instance.sensitive);
  const wanted = filterNames({ filters, capture });
  if (samePlanned(wanted, shown.filters)) return undefined;
  if (instance.attributes.suspended === true && !shown.filters.includes(SUSPENDED)) {
    return "it is suspended, and the bridge passes its frames";
  }
  const marker = shownMarker(shown.filters);
  if (marker !== capture?.marker) {
    if (capture === undefined) return "the bridge captures it, which the record does not know of";
    return marker === undefined ? "its capture does not run" : "the bridge captures it otherwise";
  }
  // Their names tell values.
  if (filters.some(({ asked }) => asked?.hidden)) return "the bridge has other filters on it";
  const list = (names: readonly string[]) => names.filter((one) => one !== marker).join(", ") || "no filter";
  return `the bridge has ${list(shown.filters)} on it instead of ${list(wanted)}`;
}

/** A link that is captured to a file which was removed: what the bridge writes is seen by nobody. */
export async function withoutFile(ports: Ports, live: Live): Promise<Live> {
  const { attributes, pending, sensitive } = live.instance;
  const file = attributes.capture_file;
  if (live.condition !== "present" || pending !== undefined || typeof file !== "string") return live;
  try {
    await ports.files.lstat(file);
    return live;
  } catch {
    const summary = hidesFile(sensitive) ? "its capture file is gone" : `its capture file is gone: ${file}`;
    return { condition: "broken", instance: live.instance, cause: onHost(summary) };
  }
}

function onHost(summary: string, evidence: readonly string[] = []): Cause {
  return evidence.length > 0 ? { kind: "host", summary, evidence } : { kind: "host", summary };
}

/** The same object when it says so already: a record that does not change is not written again. */
function withFacts(
  instance: Instance,
  identity: ProcessIdentity | undefined,
  facts: { readonly control?: string; readonly version?: string },
): Instance {
  const current =
    identity && !samePlanned(instance.private.process ?? null, { ...identity })
      ? withProcess(instance, identity)
      : instance;
  const changed = Object.entries(facts).some(([name, value]) => current.attributes[name] !== value);
  return changed ? { ...current, attributes: { ...current.attributes, ...facts } } : current;
}
