import { errorDiagnostic, Failure } from "../../core/diagnostics.ts";
import { rests } from "../../core/lifecycle.ts";
import type { HostDirectories, ProviderSet } from "../../core/provider.ts";
import type { Instance, State } from "../../core/state.ts";
import { FORMAT_VERSION } from "../../ui/json/types.ts";
import { countOf, formatElapsed, printable } from "../../ui/text.ts";
import { lookAt } from "../console/nodes.ts";
import type { Verdict } from "../console/readiness.ts";
import { Readiness } from "../console/readiness.ts";
import type { Watched } from "../console/underWay.ts";
import { loadWatched, someoneIsAtWork } from "../console/underWay.ts";
import type { CommonOptions, Context, ExitCode } from "../context.ts";
import { parseDuration } from "../flagValues.ts";
import { findInstances } from "../instances.ts";
import { reporter } from "../report.ts";
import { watchSignals } from "../signals.ts";

interface Options {
  readonly timeout?: string;
}

/** How often the state is read. */
const LOOK_MS = 500;
/** What a first look at the conditions of a node may take, however short the user's patience is. */
const FIRST_LOOK_MS = 250;
/** How long nothing must be under way in the whole lab until what only a command can change is given up. */
const GIVE_UP_MS = 2000;
const HEARTBEAT_MS = 10_000;

/** What was found of all that is waited for. */
type Verdicts = ReadonlyMap<string, Verdict>;

/**
 * Waits until the named nodes, or all that are recorded and meant to run, are ready. It needs no lock and records
 * nothing: where another labform is at work, its progress is read; where none is, the ready conditions are looked at here.
 */
export async function run(
  context: Context,
  common: CommonOptions,
  options: Options,
  operands: readonly string[],
): Promise<ExitCode> {
  const timeoutMs = parseDuration(options.timeout ?? "5m", "-timeout");
  const signals = watchSignals(() => {});
  const teller = new Teller(context);
  try {
    const verdicts = await wait(context, common, operands, timeoutMs, teller, signals.stopping);
    const late = [...verdicts].filter(([, verdict]) => verdict.kind !== "ready");
    if (common.json) context.stdout.write(document(verdicts));
    else if (late.length === 0)
      context.stdout.write(`${countOf(verdicts.size, "node is ready", "nodes are ready")}.\n`);
    else
      reporter(
        context,
        common,
      )(late.map(([address, verdict]) => notReady(address, verdict, teller.elapsedMs, signals.stopping.aborted)));
    return late.length === 0 ? 0 : 1;
  } finally {
    signals.release();
  }
}

/** Ends when all are ready, when no waiting helps, after `timeoutMs`, and when `stop` aborts. */
async function wait(
  context: Context,
  common: CommonOptions,
  names: readonly string[],
  timeoutMs: number,
  teller: Teller,
  stop: AbortSignal,
): Promise<Verdicts> {
  const { clock } = context.ports;
  const states = await context.states(common.directory);
  let lab:
    | { readonly directories: HostDirectories; readonly providers: ProviderSet; readonly readiness: Readiness }
    | undefined;
  const began = clock.monotonic();
  let atWorkMs = began;
  try {
    for (let looks = 1; ; looks++) {
      const watched = await loadWatched(states);
      const { state, directories } = watched;
      if (lab?.directories.run !== directories.run) {
        lab?.readiness.close();
        const providers = context.providers(directories);
        lab = { directories, providers, readiness: new Readiness(providers) };
      }
      const { nodes, missing } = wanted(state, names);
      const verdicts = new Map<string, Verdict>([...missing, ...(await judge(nodes, watched, lab, clock.now()))]);
      // By the second look it is known what the conditions are, and what is met already.
      if (looks > 1) teller.tell(verdicts);
      const now = clock.monotonic();
      if (someoneIsAtWork(watched)) atWorkMs = now;
      const open = [...verdicts.values()].filter((one) => one.kind !== "ready");
      const hopeless = now - atWorkMs >= GIVE_UP_MS && open.some((one) => one.kind === "stuck");
      const late = now - began >= timeoutMs && looks > 1;
      if (open.length === 0 || hopeless || late || stop.aborted) return verdicts;
      const pause = looks === 1 ? FIRST_LOOK_MS : Math.min(LOOK_MS, Math.max(0, began + timeoutMs - now));
      await Promise.race([clock.sleep(pause, stop).catch(() => {}), lab.readiness.changed()]);
    }
  } finally {
    lab?.readiness.close();
  }
}

/** Those named; without names all that are to run. A name that is not recorded may be another labform's next. */
function wanted(
  state: State,
  names: readonly string[],
): { readonly nodes: readonly Instance[]; readonly missing: readonly (readonly [string, Verdict])[] } {
  if (names.length > 0) {
    const nodes = new Map<string, Instance>();
    const missing: (readonly [string, Verdict])[] = [];
    for (const name of names) {
      try {
        for (const node of findInstances(state, name, "node")) nodes.set(node.address, node);
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        const [diagnostic] = error.diagnostics;
        missing.push([name, { kind: "stuck", why: diagnostic?.summary ?? "", advice: diagnostic?.detail ?? "" }]);
      }
    }
    return { nodes: [...nodes.values()], missing };
  }
  const all = [...state.instances.values()].filter((one) => one.kind === "node");
  const nodes = all.filter((one) => !rests("node", one.attributes) && one.attributes.power !== "suspended");
  if (all.length > 0) return { nodes, missing: [] };
  const nothing: Verdict = {
    kind: "stuck",
    why: "no node of this lab is recorded",
    advice: '"labform apply" makes them.',
  };
  return { nodes, missing: [["the lab", nothing]] };
}

/** Nodes that another labform is at work on are not disturbed by being looked at. */
async function judge(
  nodes: readonly Instance[],
  { state, left }: Watched,
  { providers, readiness }: { readonly providers: ProviderSet; readonly readiness: Readiness },
  now: number,
): Promise<Verdicts> {
  const quiet = nodes.filter(({ pending }) => !pending || pending.operation === "ready" || left.has(pending));
  const found = await lookAt(state, providers, quiet);
  return new Map(nodes.map((node) => [node.address, readiness.judge(node, found.get(node.address), left, now)]));
}

function notReady(address: string, verdict: Verdict, elapsedMs: number, interrupted: boolean) {
  if (verdict.kind === "stuck") {
    return errorDiagnostic(`${address} is not ready`, {
      detail: `${sentence(capital(verdict.why))} ${verdict.advice}`,
    });
  }
  const summary = interrupted
    ? `Interrupted while ${address} was waited for`
    : `${address} was not ready after ${formatElapsed(elapsedMs)}`;
  const why = verdict.kind === "coming" ? [sentence(capital(verdict.why)), verdict.evidence ?? ""] : [];
  return errorDiagnostic(summary, {
    address,
    detail: [
      ...why.filter((part) => part !== ""),
      `It goes on without being waited for; "labform logs ${address}" shows its console.`,
    ].join("\n"),
  });
}

function sentence(text: string): string {
  return text.endsWith(".") ? text : `${text}.`;
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

function document(verdicts: Verdicts): string {
  const nodes = [...verdicts].map(([address, verdict]) => ({
    address,
    ready: verdict.kind === "ready",
    why: verdict.kind === "ready" ? null : verdict.why,
  }));
  return `${JSON.stringify({ format_version: FORMAT_VERSION, ready: nodes.every((one) => one.ready), nodes })}\n`;
}

/** Tells on standard error what is waited for when that changes, and every ten seconds that it still is. */
class Teller {
  readonly #context: Context;
  readonly #began: number;
  readonly #told = new Map<string, string>();
  #beat: number;

  constructor(context: Context) {
    this.#context = context;
    this.#began = context.ports.clock.monotonic();
    this.#beat = this.#began;
  }

  get elapsedMs(): number {
    return this.#context.ports.clock.monotonic() - this.#began;
  }

  tell(verdicts: Verdicts): void {
    const now = this.#context.ports.clock.monotonic();
    const still = now - this.#beat >= HEARTBEAT_MS;
    for (const [address, verdict] of verdicts) {
      const before = this.#told.get(address);
      if (verdict.kind === "ready") {
        if (before !== undefined) this.#line(`${address}: ready (${formatElapsed(this.elapsedMs)})`);
        this.#told.delete(address);
      } else if (before !== verdict.why || still) {
        const elapsed = before === verdict.why ? ` (${formatElapsed(this.elapsedMs)})` : "";
        this.#line(`${address}: ${before === verdict.why ? "still " : ""}${verdict.why}${elapsed}`);
        this.#told.set(address, verdict.why);
        this.#beat = now;
      }
    }
  }

  #line(text: string): void {
    this.#context.stderr.write(`${printable(text)}\n`);
  }
}
