import { fail } from "../../src/core/diagnostics.ts";
import type { Attachment } from "../../src/core/provider.ts";
import { type Engine, engineTitle } from "./engine.ts";
import type { Hypervisor, Reply } from "./hypervisor.ts";
import type { FilterCommand } from "./impairments.ts";

const OK = 100;
const NOT_FOUND = 214;
const STOPPED_ALREADY = 210;

/** A link as the bridge is to hold it. */
export interface Wiring {
  /** The bridge's name: the link's id. */
  readonly name: string;
  /** Source and destination. */
  readonly ends: readonly [Attachment, Attachment];
  readonly filters: readonly FilterCommand[];
}

/** How `bridge show` describes an end. */
export function describeEnd(engine: Engine, end: Attachment): string {
  return engine === "ubridge" ? `${end.peer} -> ${end.path}` : end.path;
}

/**
 * Makes the link anew, whatever an earlier run left of it. When the bridge refuses a part, nothing of the link stays:
 * a bridge that was created and never started makes uBridge 0.9 crash when it is told to stop.
 */
export async function makeLink(hypervisor: Hypervisor, engine: Engine, wiring: Wiring): Promise<void> {
  const { name, ends, filters } = wiring;
  const [deleted, ...replies] = await Promise.all([
    hypervisor.request(["bridge", "delete", name]),
    hypervisor.request(["bridge", "create", name]),
    ...ends.map((end) => hypervisor.request(addEnd(engine, name, end))),
    ...filters.map((filter) => hypervisor.request(addFilter(name, filter))),
    hypervisor.request(["bridge", "start", name]),
  ]);
  const wrong = firstRefusal([deleted], [NOT_FOUND]) ?? firstRefusal(replies, []);
  if (!wrong) return;
  await hypervisor.request(["bridge", "delete", name]);
  refused(engine, wrong);
}

/** Not there is a success. */
export async function deleteLink(hypervisor: Hypervisor, engine: Engine, name: string): Promise<void> {
  const wrong = firstRefusal([await hypervisor.request(["bridge", "delete", name])], [NOT_FOUND]);
  if (wrong) refused(engine, wrong);
}

/**
 * Exchanges the filters of a link that carries traffic. Stopped first, since uBridge 0.9 crashes when filters are
 * reset under load; what is sent meanwhile waits in the kernel.
 */
export async function changeFilters(
  hypervisor: Hypervisor,
  engine: Engine,
  name: string,
  filters: readonly FilterCommand[],
): Promise<void> {
  const replies = await Promise.all([
    hypervisor.request(["bridge", "stop", name]),
    hypervisor.request(["bridge", "reset_packet_filters", name]),
    ...filters.map((filter) => hypervisor.request(addFilter(name, filter))),
    hypervisor.request(["bridge", "start", name]),
  ]);
  const wrong = firstRefusal(replies, [STOPPED_ALREADY]);
  if (!wrong) return;
  // uBridge 0.9 keeps a filter whose arguments it refused, and drops everything by it.
  await Promise.all(filters.map((one) => hypervisor.request(["bridge", "delete_packet_filter", name, one.name])));
  refused(engine, wrong);
}

function addEnd(engine: Engine, name: string, end: Attachment): readonly string[] {
  return engine === "ubridge"
    ? ["bridge", "add_nio_unix", name, end.peer, end.path]
    : ["bridge", "add_nio_stream", name, end.path];
}

function addFilter(name: string, filter: FilterCommand): readonly string[] {
  return ["bridge", "add_packet_filter", name, filter.name, filter.type, ...filter.arguments];
}

function firstRefusal(replies: readonly Reply[], accepted: readonly number[]): Reply | undefined {
  return replies.find((reply) => reply.code !== OK && !accepted.includes(reply.code));
}

function refused(engine: Engine, reply: Reply): never {
  fail(`${engineTitle(engine)} refused a command`, {
    subject: `command ${reply.command}`,
    detail: `It answered ${reply.code}: ${reply.text}. What it wrote is in its log in the lab's run directory.`,
  });
}
