import type { Json } from "../../../src/core/values.ts";

/** What an executable can emulate. */
export interface Offers {
  /** As `platform` names it. */
  readonly target: string;
  /** By name and by alias, the most processors each takes. */
  readonly machines: { readonly [name: string]: number };
  /** Null where the executable tells no names: of some processors QEMU has no such list. */
  readonly cpus: readonly string[] | null;
  /** Names and aliases of all devices. */
  readonly devices: readonly string[];
  /** Those of them that are network adapters, each with the bus it sits on: `PCI`, `ISA`, `usb-bus`, `virtio-bus`. */
  readonly adapters: { readonly [name: string]: string };
}

/**
 * A QEMU without a machine answers these in a tenth of a second and ends. It reads a command only once it has answered
 * the one before. Where it was built without TCG it takes KVM.
 */
export const QUESTION: readonly string[] = [
  ...["-no-user-config", "-machine", "none,accel=tcg:kvm"],
  ...["-display", "none", "-qmp", "stdio"],
];
export const COMMANDS = ["qmp_capabilities", "query-target", "query-machines", "query-cpu-definitions", "quit"]
  .map((execute) => `${JSON.stringify({ execute })}\n`)
  .join("");

/** Undefined when it did not answer, or not to the end. */
export function readAnswers(output: string): Pick<Offers, "target" | "machines" | "cpus"> | undefined {
  const answers = output.split("\n").flatMap((line) => answerIn(line) ?? []);
  const [ready, target, machines, cpus, quit] = answers;
  if (!ready || !quit) return undefined;
  const { arch } = (target?.return ?? {}) as { readonly arch?: unknown };
  if (typeof arch !== "string" || !Array.isArray(machines?.return)) return undefined;
  return {
    target: arch,
    machines: machinesIn(machines.return as readonly QemuMachine[]),
    cpus: Array.isArray(cpus?.return) ? cpus.return.map(({ name }: { readonly name: string }) => name) : null,
  };
}

interface Answer {
  readonly return?: Json | undefined;
  readonly error?: Json | undefined;
}

/** The greeting and events are no answers. */
function answerIn(line: string): Answer | undefined {
  try {
    const message = JSON.parse(line) as Answer;
    return message.return !== undefined || message.error !== undefined ? message : undefined;
  } catch {
    return undefined;
  }
}

interface QemuMachine {
  readonly name: string;
  readonly alias?: string;
  readonly "cpu-max": number;
}

function machinesIn(machines: readonly QemuMachine[]): Offers["machines"] {
  const most: { [name: string]: number } = {};
  for (const { name, alias, "cpu-max": count } of machines) {
    most[name] = count;
    if (alias !== undefined) most[alias] = count;
  }
  return most;
}

/**
 * Reads `-device help`: headings such as `Network devices:`, and lines such as
 * `name "e1000", bus PCI, alias "e1000-82540em", desc "…"`. A device may stand under several headings.
 */
export function readDevices(help: string): Pick<Offers, "devices" | "adapters"> {
  const devices = new Set<string>();
  const adapters: { [name: string]: string } = {};
  let isNetwork = false;
  for (const line of help.split("\n")) {
    if (line.endsWith(":")) isNetwork = line === "Network devices:";
    const bus = /, bus ([^,]+)/.exec(line)?.[1] ?? "";
    for (const [, name = ""] of line.matchAll(/(?:^name|, alias) "([^"]+)"/g)) {
      devices.add(name);
      if (isNetwork) adapters[name] = bus;
    }
  }
  return { devices: [...devices], adapters };
}
