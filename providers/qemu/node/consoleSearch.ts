import type { Context } from "node:vm";
import { fail } from "../../../src/core/diagnostics.ts";
import type { Files } from "../../../src/core/ports.ts";
import { printable } from "./log.ts";

/** A guest that never ends its lines must not make each look longer than the one before. */
const LONGEST_LINE = 4096;
/** What an expression may take on what was written since the last look; ordinary ones take microseconds. */
const MATCH_MS = 1000;

/** Looks for something in what a console shows, piece by piece. */
export interface ConsoleSearch {
  /** True once it was found in the pieces so far. */
  take(piece: Buffer): Promise<boolean>;
}

/** What a console has shown since a place in its log, each byte once. */
export class ConsoleFeed {
  readonly #files: Files;
  readonly #path: string;
  #offset: number;

  constructor(files: Files, path: string, offset: number) {
    this.#files = files;
    this.#path = path;
    this.#offset = offset;
  }

  /** What was written since the last call. */
  async read(): Promise<Buffer> {
    const size = await this.#files.stat(this.#path).then(
      (stat) => stat.size,
      () => 0,
    );
    // The keeper empties a log that has grown large; QEMU goes on at its start.
    if (size < this.#offset) this.#offset = 0;
    if (size === this.#offset) return Buffer.alloc(0);
    const fresh = await this.#files.readFrom(this.#path, this.#offset);
    this.#offset += fresh.length;
    return Buffer.from(fresh);
  }
}

export class TextSearch implements ConsoleSearch {
  readonly #wanted: Buffer;
  /** The end of what was read, in which the text may have begun. */
  #carried = Buffer.alloc(0);

  constructor(wanted: string) {
    this.#wanted = Buffer.from(wanted, "utf8");
  }

  async take(piece: Buffer): Promise<boolean> {
    const text = Buffer.concat([this.#carried, piece]);
    if (text.includes(this.#wanted)) return true;
    this.#carried = text.subarray(Math.max(0, text.length - this.#wanted.length + 1));
    return false;
  }
}

/** Throws what RegExp throws. With `u`, what has no meaning is refused instead of taken for something. */
export function consoleExpression(text: string): RegExp {
  return new RegExp(text, "u");
}

/** Line by line, without the sequences that colour and move; the last line also while it is being written. */
export class ExpressionSearch implements ConsoleSearch {
  readonly #expression: RegExp;
  readonly #shown: string;
  readonly #decoder = new TextDecoder();
  #context: Context | undefined;
  #line = "";

  /** `shown`: what stands for it in messages. */
  constructor(text: string, shown: string) {
    this.#expression = consoleExpression(text);
    this.#shown = shown;
  }

  /** Rejects with `Failure` when the expression takes too long. */
  async take(piece: Buffer): Promise<boolean> {
    const lines = (this.#line + this.#decoder.decode(piece, { stream: true })).split(/\r\n|\n|\r(?!$)/);
    this.#line = (lines.at(-1) ?? "").slice(0, LONGEST_LINE);
    return await this.#matchesOne(lines.map((line) => printable(line.slice(0, LONGEST_LINE))));
  }

  /** An expression such as `(a+)+b` takes exponential time where it fails, and V8 ends one only from within node:vm. */
  async #matchesOne(lines: readonly string[]): Promise<boolean> {
    const { createContext, runInContext } = await import("node:vm");
    this.#context ??= createContext({ expression: this.#expression });
    this.#context["lines"] = lines;
    try {
      return runInContext("lines.some((line) => expression.test(line))", this.#context, { timeout: MATCH_MS }) === true;
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== "ERR_SCRIPT_EXECUTION_TIMEOUT") throw cause;
      return fail(`ready.console_match takes too long: ${this.#shown}`, {
        detail: `It was not done with what the console had shown within ${MATCH_MS / 1000} s. Usually it repeats a repetition, as in (a+)+: write it without.`,
        cause,
      });
    }
  }
}
