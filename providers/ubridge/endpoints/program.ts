import { join } from "node:path";
import { fail } from "../../../src/core/diagnostics.ts";
import type { OperationContext } from "../../../src/core/provider.ts";
import type { Instance } from "../../../src/core/state.ts";
import { endCompanion, recordedCompanions, spawnCompanion } from "../../shared/companions.ts";
import { logOf, type Tools } from "./tools.ts";

/** How long a program has until it serves; it takes some milliseconds. */
const START_MS = 10_000;
const LOOK_MS = 5;
/** What a passt says of each of its words where the host has no system log. */
const NOISE = /^Failed to send \d+ bytes to syslog/;

/** A program beside an end, as it is to be started. */
export interface Program {
  /** The end's name. */
  readonly end: string;
  /** `socat`; it is looked up on PATH. */
  readonly name: string;
  readonly arguments: readonly string[];
  /** What it is for: `the tap device tap0`. */
  readonly purpose: string;
  readonly serves: () => Promise<boolean>;
}

/** The instance that comes back knows it. Where it does not come to serve it is ended, and `said` is its last words. */
export async function startProgram(
  context: OperationContext,
  instance: Instance,
  program: Program,
  tools: Tools,
): Promise<{ readonly instance: Instance; readonly said?: readonly string[] }> {
  const { ports, host } = tools;
  const { name, end } = program;
  const command = await ports.processes.find(name);
  if (command === undefined) {
    return fail(`${name} is not on PATH`, {
      address: context.address,
      detail: `It is what joins ${program.purpose} to the lab. Install it (on Debian and Ubuntu: apt install ${name}).`,
      subject: name,
    });
  }
  const logFile = join(host.run, logOf(instance.id, end));
  await ports.files.write(logFile, "", 0o600);
  const request = { command, arguments: program.arguments, directory: host.run, logFile };
  const started = await spawnCompanion(context, instance, ports.processes, end, request);
  if (await untilServing(started, program, tools)) return { instance: started };
  const ended = await endCompanion(started, ports.processes, end, name);
  const text = await ports.files.readTail(logFile, 4096).catch(() => "");
  return { instance: ended, said: text.split("\n").filter((line) => line.trim() !== "" && !NOISE.test(line)) };
}

export function failProgram(address: string, { name, purpose }: Program, said: readonly string[], advice = ""): never {
  const words = said.length > 0 ? `It said:\n${said.map((line) => `  ${line}`).join("\n")}` : "It said nothing.";
  return fail(`${name} could not be started for ${purpose}`, {
    address,
    detail: [words, advice].filter(Boolean).join("\n"),
    subject: name,
  });
}

async function untilServing(instance: Instance, { end, serves }: Program, { ports }: Tools): Promise<boolean> {
  const { clock, processes } = ports;
  const process = recordedCompanions(instance).get(end)?.process;
  const deadline = clock.monotonic() + START_MS;
  while (process && clock.monotonic() < deadline) {
    if (processes.status(process) !== "alive") return false;
    if (await serves()) return true;
    await clock.sleep(LOOK_MS);
  }
  return false;
}
