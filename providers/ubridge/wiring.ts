import { fail } from "../../src/core/diagnostics.ts";
import type { Clock } from "../../src/core/ports.ts";
import type { Attachment } from "../../src/core/provider.ts";
import { type Capture, HIDDEN, markerFilter, sameFile, shownFile, shownMarker } from "./captures.ts";
import type { Nio } from "./endpoints/nio.ts";
import { type Engine, engineTitle } from "./engine.ts";
import type { Hypervisor, Reply } from "./hypervisor.ts";
import type { FilterCommand } from "./impairments.ts";
import { addSwitchEnd, describeSwitchEnd, type SwitchEnd } from "./networks/switchEnd.ts";
import { parseList, parseShow, type ShownBridge } from "./replies.ts";

const OK = 100;
const CAPTURE_REFUSED = 209;
const STOPPED_ALREADY = 210;
const NOT_FOUND = 214;

/** Of the filter behind which a link that is captured runs dry. */
export const DRAIN = "drain";
/** A thread of uBridge that was past the filters is done with its frame by then. */
const DRAIN_MS = 50;

/** A node's adapter, a port of a network's switch, or what is outside of both. */
export type WiredEnd = Attachment | SwitchEnd | Nio;

/** A link as the bridge is to hold it. */
export interface Wiring {
  /** The bridge's name: the link's id. */
  readonly name: string;
  /** Source and destination. */
  readonly ends: readonly [WiredEnd, WiredEnd];
  readonly filters: readonly FilterCommand[];
  readonly capture: Capture | undefined;
}

/** A conversation with the bridge, and what there is to know for having it. */
export interface Talk {
  readonly hypervisor: Hypervisor;
  readonly engine: Engine;
  readonly clock: Clock;
}

/** How `bridge show` describes an end. */
export function describeEnd(engine: Engine, end: WiredEnd): string {
  if (end.kind === "switch") return describeSwitchEnd(end);
  if (end.kind === "nio") return end.description;
  return engine === "ubridge" ? `${end.peer} -> ${end.path}` : end.path;
}

/** The names of the filters that a link is to have, in their order: what `bridge show` is to tell. */
export function filterNames({ filters, capture }: Pick<Wiring, "filters" | "capture">): readonly string[] {
  return [...filters.map((one) => one.name), ...(capture ? [capture.marker] : [])];
}

/** Undefined when the bridge does not carry it. */
export async function showLink({ hypervisor }: Talk, name: string): Promise<ShownBridge | undefined> {
  const { code, lines } = await hypervisor.request(["bridge", "show", name]);
  return code === OK ? parseShow(lines) : undefined;
}

/** The bridge's name of another link that is captured to the same file. */
export async function capturedElsewhere(talk: Talk, name: string, capture: Capture): Promise<string | undefined> {
  const { lines } = await talk.hypervisor.request(["bridge", "list"]);
  const others = parseList(lines).filter((one) => one.name !== name);
  const shown = await Promise.all(others.map((one) => showLink(talk, one.name)));
  return others.find((_, at) => sameFile(capture, shown[at]?.filters ?? []))?.name;
}

/**
 * Makes the link anew, whatever an earlier run left of it. When the bridge refuses a part, nothing of the link stays:
 * a bridge that was created and never started makes uBridge 0.9 crash when it is told to stop.
 */
export async function makeLink(talk: Talk, wiring: Wiring): Promise<void> {
  const { hypervisor, engine } = talk;
  const { name, ends, filters, capture } = wiring;
  await deleteLink(talk, name);
  const replies = await Promise.all([
    hypervisor.request(["bridge", "create", name]),
    ...ends.map((end) => hypervisor.request(addEnd(engine, name, end))),
    ...filters.map((filter) => addFilter(hypervisor, name, filter)),
    ...(capture ? startCapture(talk, name, capture) : []),
    hypervisor.request(["bridge", "start", name]),
  ]);
  const wrong = firstRefusal(replies, []);
  if (!wrong) return;
  await deleteLink(talk, name);
  refused(engine, wrong);
}

/** Not there is a success. */
export async function deleteLink(talk: Talk, name: string): Promise<void> {
  const shown = await showLink(talk, name);
  if (!shown) return;
  const { hypervisor, engine } = talk;
  if (shownMarker(shown.filters) !== undefined) {
    await drain(talk, name);
    await Promise.all([
      hypervisor.request(["bridge", "stop", name]),
      hypervisor.request(["bridge", "stop_capture", name]),
    ]);
  }
  const wrong = firstRefusal([await hypervisor.request(["bridge", "delete", name])], [NOT_FOUND]);
  if (wrong) refused(engine, wrong);
}

/**
 * Has a link that carries traffic impaired and captured otherwise. It is stopped meanwhile, since uBridge 0.9 crashes
 * when filters are reset or captures begun and ended under load; what is sent meanwhile waits in the kernel, for as long
 * as commands take that are sent all at once. A capture that is to go on goes on, in the same file.
 */
export async function changeLink(talk: Talk, wiring: Wiring, shown: Pick<ShownBridge, "filters">): Promise<void> {
  const { hypervisor, engine } = talk;
  const { name, filters, capture } = wiring;
  const running = shownMarker(shown.filters);
  const goesOn = running !== undefined && running === capture?.marker;
  if (running !== undefined) await drain(talk, name);
  const ended = running !== undefined && !goesOn;
  const [stop, stopCapture, reset, ...adds] = await Promise.all([
    hypervisor.request(["bridge", "stop", name]),
    ended ? hypervisor.request(["bridge", "stop_capture", name]) : undefined,
    hypervisor.request(["bridge", "reset_packet_filters", name]),
    ...filters.map((filter) => addFilter(hypervisor, name, filter)),
    ...(capture && goesOn
      ? [addFilter(hypervisor, name, markerFilter(capture)), ...limitCapture(talk, name, capture)]
      : []),
    ...(capture && !goesOn ? startCapture(talk, name, capture) : []),
    hypervisor.request(["bridge", "start", name]),
  ]);
  const wrong =
    firstRefusal([stop], [STOPPED_ALREADY]) ??
    firstRefusal(stopCapture ? [stopCapture] : [], [CAPTURE_REFUSED]) ??
    firstRefusal([reset, ...adds], []);
  if (!wrong) return;
  if (filters.length > 0 || capture) {
    // uBridge keeps a filter whose arguments it refused, and drops everything by it; and none may stay for a capture
    // that does not run.
    const sound = firstRefusal(adds.slice(0, filters.length), []) ? [] : filters;
    const left = capture ? [capture.marker] : [];
    await changeLink(talk, { ...wiring, filters: capture ? sound : [], capture: undefined }, { filters: left });
  }
  refused(engine, wrong);
}

/**
 * With a capture active under load uBridge 0.9 hangs at a stop, and with it every link it carries: a thread that is
 * ended while it writes to the file never gives the file's lock back. So the link first runs dry: nothing gets past the
 * filters any more, and what had got past them is written. The built-in bridge does one thing after the other.
 */
async function drain({ hypervisor, engine, clock }: Talk, name: string): Promise<void> {
  if (engine !== "ubridge") return;
  // An earlier run may have been cut off here: then the filter is there already, and refused.
  await addFilter(hypervisor, name, { name: DRAIN, type: "frequency_drop", arguments: ["-1"] });
  await clock.sleep(DRAIN_MS);
}

function addEnd(engine: Engine, name: string, end: WiredEnd): readonly string[] {
  if (end.kind === "switch") return addSwitchEnd(name, end);
  if (end.kind === "nio") return ["bridge", end.command, name, ...end.arguments];
  return engine === "ubridge"
    ? ["bridge", "add_nio_unix", name, end.peer, end.path]
    : ["bridge", "add_nio_stream", name, end.path];
}

/** A reply, and the link's argument that asks for what it answers to, where it is one. */
interface Told extends Reply {
  readonly argument?: string | undefined;
}

async function addFilter(hypervisor: Hypervisor, name: string, filter: FilterCommand): Promise<Told> {
  const { toward, asked } = filter;
  const verb = toward === undefined ? ["add_packet_filter", name] : ["add_packet_filter_toward", name, String(toward)];
  const command = (values: readonly string[]) => ["bridge", ...verb, filter.name, filter.type, ...values];
  const shown = asked?.hidden ? [HIDDEN] : filter.arguments;
  return { ...(await hypervisor.request(command(filter.arguments), command(shown))), argument: asked?.argument };
}

/** On a link that is stopped. The marker comes first: with it a capture may run, without it none does. */
function startCapture(talk: Talk, name: string, capture: Capture): readonly Promise<Reply>[] {
  const { hypervisor } = talk;
  const verb = capture.append ? "append_capture" : "start_capture";
  const command = (file: string) => ["bridge", verb, name, file, capture.linkType];
  return [
    addFilter(hypervisor, name, markerFilter(capture)),
    hypervisor.request(command(capture.file), command(shownFile(capture))),
    ...(capture.limit ? limitCapture(talk, name, capture) : []),
  ];
}

/** Of a capture that runs. uBridge knows no limits. */
function limitCapture({ hypervisor, engine }: Talk, name: string, { limit }: Capture): readonly Promise<Reply>[] {
  if (engine === "ubridge") return [];
  const { bytes, keep } = limit ?? { bytes: 0, keep: 0 };
  return [hypervisor.request(["bridge", "limit_capture", name, String(bytes), String(keep)])];
}

function firstRefusal(replies: readonly Told[], accepted: readonly number[]): Told | undefined {
  return replies.find((reply) => reply.code !== OK && !accepted.includes(reply.code));
}

function refused(engine: Engine, reply: Told): never {
  fail(`${engineTitle(engine)} refused ${reply.argument ?? "a command"}`, {
    subject: `command ${reply.command}`,
    detail: `It answered ${reply.code}: ${reply.text}. What it wrote is in its log in the lab's run directory.`,
  });
}
