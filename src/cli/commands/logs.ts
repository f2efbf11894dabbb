import { dirname } from "node:path";
import { errorDiagnostic, Failure, fail } from "../../core/diagnostics.ts";
import type { Ports } from "../../core/ports.ts";
import type { NodeLogs } from "../../core/provider.ts";
import { GrowingFile, lastLinesOf } from "../console/growingFile.ts";
import { HarmlessText } from "../console/harmless.ts";
import { openNode } from "../console/nodes.ts";
import { TYPES } from "../console/ways.ts";
import type { CommonOptions, Context, ExitCode } from "../context.ts";
import { parseCount } from "../flagValues.ts";
import { watchSignals } from "../signals.ts";

interface Options {
  readonly follow?: boolean;
  readonly aux?: boolean;
  readonly qemu?: boolean;
  readonly lines?: string;
}

type Log = keyof NodeLogs;

/** How long a write that was not noticed, or the node's return, may go unseen. */
const LOOK_MS = 500;
/** A guest that writes without pause is not read more often than this. */
const PAUSE_MS = 20;

/** What a node's console, or its QEMU, said. To a terminal it is made harmless; anything else gets it as it was written. */
export async function run(
  context: Context,
  common: CommonOptions,
  options: Options,
  operands: readonly string[],
): Promise<ExitCode> {
  const lines = options.lines === undefined ? Number.POSITIVE_INFINITY : parseCount(options.lines, "-lines");
  const { node } = await openNode(context, common, operands[0] ?? "");
  const log: Log = options.qemu ? "machine" : options.aux ? "aux" : "console";
  const locate = () => logFile(context, common, node.address, log);
  const file = new GrowingFile(context.ports.files, await locate());
  const past = await file.read();
  if (past === undefined && !options.follow) {
    fail(`${node.address} has no log yet`, {
      address: node.address,
      subject: `log ${file.path}`,
      detail: "It is written from the node's first start on. With -f it is waited for.",
    });
  }
  const signals = watchSignals(() => {});
  const output = new Output(context, common.colour);
  try {
    await output.write(lastLinesOf(past ?? new Uint8Array(), lines));
    if (options.follow) {
      const stop = AbortSignal.any([signals.stopping, output.gone]);
      const removed = await follow(context.ports, file, locate, (bytes) => output.write(bytes), stop);
      if (removed) context.stderr.write(`${node.address} was removed.\n`);
    }
  } finally {
    await output.end(signals.stopping.aborted);
    signals.release();
  }
  return 0;
}

/** Rejects with `Failure` when there is no such node, now, or it has no such log. */
async function logFile(context: Context, common: CommonOptions, address: string, log: Log): Promise<string> {
  const { node, provider } = await openNode(context, common, address);
  const logs = provider.logs?.(node);
  const path = logs?.[log];
  if (path) return path;
  const what = { machine: "log of its machine", console: "console log", aux: "log of an aux console" }[log];
  const argument = log === "aux" ? TYPES.aux : TYPES.console;
  const detail = logs
    ? `A log is written of a serial console, and its ${argument} is not "telnet".`
    : `The provider ${provider.name} keeps no logs.`;
  throw new Failure(errorDiagnostic(`${address} has no ${what}`, { address, detail }));
}

/** Until `stop` aborts. True when the node was removed for good. */
async function follow(
  { files, clock }: Ports,
  first: GrowingFile,
  locate: () => Promise<string>,
  write: (bytes: Uint8Array) => Promise<void>,
  stop: AbortSignal,
): Promise<boolean> {
  let file = first;
  for (;;) {
    const fresh = await file.read();
    try {
      if (fresh === undefined) {
        const path = await locate().catch((error: unknown) => {
          if (error instanceof Failure) return undefined;
          throw error;
        });
        if (path === undefined) return true;
        if (path !== file.path) file = new GrowingFile(files, path);
        await clock.sleep(LOOK_MS, stop);
        continue;
      }
      await write(fresh);
      await clock.sleep(PAUSE_MS, stop);
      await files.waitForChange(dirname(file.path), LOOK_MS, stop);
    } catch (error) {
      if (stop.aborted) return false;
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    }
  }
}

class Output {
  readonly #stdout: NodeJS.WriteStream;
  readonly #harmless: HarmlessText | undefined;
  readonly #gone = new AbortController();
  #lineEnded = true;

  constructor({ stdout }: Context, colour: boolean) {
    this.#stdout = stdout;
    this.#harmless = stdout.isTTY ? new HarmlessText(colour) : undefined;
  }

  /** Aborts when nobody reads any more. */
  get gone(): AbortSignal {
    return this.#gone.signal;
  }

  async write(bytes: Uint8Array): Promise<void> {
    const shown = this.#harmless?.pass(bytes) ?? bytes;
    if (shown.length === 0) return;
    const last = shown.at(-1);
    this.#lineEnded = last === "\n" || last === 10;
    await this.#put(shown);
  }

  /** A terminal's next line is its own again; where it was interrupted, it has shown a `^C`. */
  async end(interrupted: boolean): Promise<void> {
    if (this.#harmless) await this.#put(`${this.#harmless.end()}${this.#lineEnded && !interrupted ? "" : "\n"}`);
  }

  #put(data: string | Uint8Array): Promise<void> {
    return new Promise((resolve) => {
      this.#stdout.write(data, (error) => {
        if (error) this.#gone.abort();
        resolve();
      });
    });
  }
}
