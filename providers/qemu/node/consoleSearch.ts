import { createRequire } from "node:module";
import type * as re2js from "re2js";
import type { Files } from "../../../src/core/ports.ts";
import { printable } from "./log.ts";

/** A guest that never ends its lines must not make each look longer than the one before. */
const LONGEST_LINE = 4096;

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

const load = createRequire(import.meta.url);

/**
 * RE2's, as the language's own: it takes time in proportion to the text, whatever the expression. A string says what is
 * wrong with it, without quoting it. Few labs have one, so the package is loaded by the first.
 */
export function consoleExpression(text: string): re2js.RE2JS | string {
  const { RE2JS, RE2JSSyntaxException } = load("re2js") as typeof re2js;
  try {
    return RE2JS.compile(text);
  } catch (error) {
    if (error instanceof RE2JSSyntaxException) return error.error;
    throw error;
  }
}

/** Line by line, without the sequences that colour and move; the last line also while it is being written. */
export class ExpressionSearch implements ConsoleSearch {
  readonly #expression: re2js.RE2JS;
  readonly #decoder = new TextDecoder();
  #line = "";

  /** Throws for what `consoleExpression` refuses. */
  constructor(text: string) {
    const expression = consoleExpression(text);
    if (typeof expression === "string") throw new Error(`console_match is no regular expression: ${expression}`);
    this.#expression = expression;
  }

  async take(piece: Buffer): Promise<boolean> {
    const lines = (this.#line + this.#decoder.decode(piece, { stream: true })).split(/\r\n|\n|\r(?!$)/);
    this.#line = (lines.at(-1) ?? "").slice(0, LONGEST_LINE);
    return lines.some((line) => this.#expression.matcher(printable(line.slice(0, LONGEST_LINE))).find());
  }
}
