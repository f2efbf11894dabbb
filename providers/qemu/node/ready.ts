import { Failure, fail } from "../../../src/core/diagnostics.ts";
import type { Files } from "../../../src/core/ports.ts";
import type { OperationContext } from "../../../src/core/provider.ts";
import type { Instance } from "../../../src/core/state.ts";
import { nodeAttributes } from "../attributes.ts";
import { consoleLog, nodeDirectory } from "../names.ts";
import { notesOf } from "../notes.ts";
import type { PlanTools } from "../plan.ts";
import { whyGone } from "./cause.ts";
import { lastLines } from "./log.ts";

/** How long QEMU's end, or a write that was not noticed, may go unseen. */
const LOOK_MS = 250;
/** A guest that writes without pause is not read more often than this. */
const PAUSE_MS = 20;

/**
 * Waits until the console has shown the text since this boot. Rejects with `Failure` when the time is over, when QEMU
 * ends, and when `context.signal` aborts; the node is left as it is.
 */
export async function waitUntilReady(context: OperationContext, tools: PlanTools): Promise<Instance> {
  const { instance, address, signal } = context;
  const { ready } = nodeAttributes(instance.attributes);
  if (!ready || ready.console === null) return instance;
  const { clock, files, processes } = tools.ports;
  const { process, consoleOffset = 0 } = notesOf(instance);
  const directory = nodeDirectory(tools.directories.nodes, instance.id);
  const search = new ConsoleSearch(files, consoleLog(directory), consoleOffset, ready.console);
  const deadline = clock.monotonic() + ready.timeout_s * 1000;
  for (;;) {
    // Asked before the log is read: what QEMU wrote last is still searched.
    const alive = process !== undefined && processes.status(process) === "alive";
    if (await search.advance()) return instance;
    if (!alive) await failEnded(context, tools);
    const left = deadline - clock.monotonic();
    if (left <= 0) await failLate(context, tools, ready.console, ready.timeout_s);
    try {
      await clock.sleep(Math.min(PAUSE_MS, left), signal);
      await files.waitForChange(directory, Math.max(1, Math.min(LOOK_MS, left)), signal);
    } catch (cause) {
      if (!signal.aborted) throw cause;
      throw interrupted(address, ready.console, cause);
    }
  }
}

/** Looks for a text in a file that grows, reading each byte once. */
class ConsoleSearch {
  readonly #files: Files;
  readonly #path: string;
  readonly #wanted: Buffer;
  #offset: number;
  /** The end of what was read, in which the text may have begun. */
  #carried = Buffer.alloc(0);

  constructor(files: Files, path: string, offset: number, wanted: string) {
    this.#files = files;
    this.#path = path;
    this.#offset = offset;
    this.#wanted = Buffer.from(wanted, "utf8");
  }

  /** True once the text was found in what is there by now. */
  async advance(): Promise<boolean> {
    const size = await this.#files.stat(this.#path).then(
      (stat) => stat.size,
      () => 0,
    );
    // The keeper empties a log that has grown large; QEMU goes on at its start.
    if (size < this.#offset) this.#offset = 0;
    if (size === this.#offset) return false;
    const fresh = await this.#files.readFrom(this.#path, this.#offset);
    this.#offset += fresh.length;
    const text = Buffer.concat([this.#carried, fresh]);
    if (text.includes(this.#wanted)) return true;
    this.#carried = text.subarray(Math.max(0, text.length - this.#wanted.length + 1));
    return false;
  }
}

async function failEnded(context: OperationContext, tools: PlanTools): Promise<never> {
  const { summary, evidence } = await whyGone(context.instance, tools, async () => true);
  return fail(`${context.address} ended before it was ready`, {
    address: context.address,
    detail: [
      `What is known: ${summary}.`,
      ...consoleEvidence(await consoleTail(context, tools)),
      ...(evidence ?? []),
    ].join("\n"),
  });
}

async function failLate(context: OperationContext, tools: PlanTools, text: string, seconds: number): Promise<never> {
  const lines = await consoleTail(context, tools);
  return fail(`${context.address} was not ready within ${seconds} s`, {
    address: context.address,
    detail: [
      `${JSON.stringify(text)} did not appear on its console since it was started. It runs on; the next apply waits again. Look at its console, or change ready { console, timeout_s }.`,
      ...consoleEvidence(lines),
    ].join("\n"),
  });
}

function consoleEvidence(lines: readonly string[]): readonly string[] {
  if (lines.length === 0) return ["Its console showed nothing."];
  return ["The last lines of its console:", ...lines.map((line) => `  ${line}`)];
}

async function consoleTail({ instance }: OperationContext, tools: PlanTools): Promise<readonly string[]> {
  const log = consoleLog(nodeDirectory(tools.directories.nodes, instance.id));
  return await lastLines(tools.ports.files, log, notesOf(instance).consoleOffset ?? 0);
}

function interrupted(address: string, text: string, cause: unknown): Failure {
  return new Failure(
    {
      severity: "error",
      summary: `Waiting for ${address} was interrupted`,
      address,
      detail: `${JSON.stringify(text)} had not appeared on its console yet. The node runs on; the next apply waits again.`,
    },
    { cause },
  );
}
