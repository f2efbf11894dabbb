import { IDENTIFIER, isDigit } from "../characters.ts";
import type { JsonProblem } from "./tree.ts";

/** `=` has no place in JSON; it is told apart because it is often written for `:`. */
export type JsonToken = "{" | "}" | "[" | "]" | "," | ":" | "=" | "string" | "number" | "word" | "end";

const brackets = new Set("{}[],");
const quotes = new Set("'`\u2018\u2019\u201c\u201d");
const word = new RegExp(`${IDENTIFIER}(?:\\.${IDENTIFIER})*`, "uy");
const numeral = /[-+.\w]+/y;
const assignment = /:=|=>|==|=/y;
const afterValue = /[ \t\r\n]*(?:[,}\]]|$)/y;

const comment = {
  summary: "JSON has no comments",
  detail: 'Take it away, or make it a property named "//" of an object that stands for a block: { "//": "text" }.',
};

/**
 * JSON text to tokens. What no JSON has is reported here and then taken for what was meant (a comment for a space,
 * single quotes for double ones), so that the parser meets no consequence of it.
 */
export class JsonScanner {
  readonly text: string;
  kind: JsonToken = "end";
  start = 0;
  end = 0;
  /** Of a string: where its text ends and its closing quote stands, if it has one. */
  textEnd = 0;
  /** Where the token before the current one ended. */
  previousEnd = 0;
  /** What was told already took the end of the text with it: that brackets are not closed there is no news. */
  lostEnd = false;
  readonly #report: (problem: JsonProblem) => void;

  constructor(text: string, report: (problem: JsonProblem) => void) {
    this.text = text;
    this.#report = report;
    if (text.charCodeAt(0) === 0xfeff) {
      this.#tell("The file begins with a byte order mark", "JSON has none. Save the file as UTF-8 without it.", 0, 1);
      this.end = 1;
    }
  }

  /** Asked of a method, since TypeScript would take a kind once seen for the one after `next`. */
  is(kind: JsonToken): boolean {
    return this.kind === kind;
  }

  next(): void {
    this.previousEnd = this.end;
    for (;;) {
      const at = this.#skipSpaces();
      if (at >= this.text.length) return this.#emit("end", at, at);
      if (this.#token(at)) return;
      this.end = Math.max(this.end, at + 1);
    }
  }

  /** To the end of the text, without a look at what is there. */
  giveUp(): void {
    this.lostEnd = true;
    this.#emit("end", this.text.length, this.text.length);
  }

  #emit(kind: JsonToken, start: number, end: number): void {
    this.kind = kind;
    this.start = start;
    this.end = end;
  }

  #tell(summary: string, detail: string, start: number, end: number): void {
    this.#report({ summary, detail, start, end });
  }

  #skipSpaces(): number {
    const { text } = this;
    let at = this.end;
    for (;;) {
      const code = text.charCodeAt(at);
      if (code === 32 || code === 10 || code === 13 || code === 9) at++;
      else if (code === 35 || (code === 47 && (text[at + 1] === "/" || text[at + 1] === "*"))) at = this.#comment(at);
      else return at;
    }
  }

  #comment(at: number): number {
    const { text } = this;
    const isLong = text[at + 1] === "*" && text[at] === "/";
    const close = isLong ? text.indexOf("*/", at + 2) : text.indexOf("\n", at);
    const end = close === -1 ? text.length : isLong ? close + 2 : close;
    if (isLong && close === -1) this.lostEnd = true;
    this.#tell(comment.summary, comment.detail, at, at + text.slice(at, end).trimEnd().length);
    return end;
  }

  /** False when what stands at `at` was reported and is to be passed over. */
  #token(at: number): boolean {
    const { text } = this;
    const code = text.charCodeAt(at);
    const character = text[at] as string;
    if (code === 0x22) this.#emit("string", at, this.#stringEnd(at));
    else if (brackets.has(character)) this.#emit(character as JsonToken, at, at + 1);
    else if (isDigit(code) || code === 0x2d || code === 0x2b || code === 0x2e) {
      this.#emit("number", at, this.#run(numeral, at));
    } else if (code === 0x3a || code === 0x3d) {
      const end = this.#run(assignment, at);
      this.#emit(end > at ? "=" : ":", at, Math.max(end, at + 1));
    } else if (code === 0x3b) {
      this.#tell("Values are separated by commas", "Write `,` instead of `;`.", at, at + 1);
      this.#emit(",", at, at + 1);
    } else if (quotes.has(character)) this.#quoted(at);
    else {
      const end = this.#run(word, at);
      if (end === at) return this.#passOver(at);
      this.#emit("word", at, end);
    }
    return true;
  }

  #passOver(at: number): false {
    const { text } = this;
    const point = text.codePointAt(at) as number;
    const end = at + (point > 0xffff ? 2 : 1);
    const code = `U+${point.toString(16).toUpperCase().padStart(4, "0")}`;
    const isVisible = /^[\p{L}\p{N}\p{P}\p{S}]$/u.test(String.fromCodePoint(point));
    const shown = isVisible ? `\`${text.slice(at, end)}\` (${code})` : code;
    const detail = isVisible ? "Text is written in double quotes." : "Between values stand spaces, tabs and line ends.";
    this.#tell(`The character ${shown} has no meaning here`, detail, at, end);
    this.end = end;
    return false;
  }

  #run(pattern: RegExp, at: number): number {
    pattern.lastIndex = at;
    return pattern.test(this.text) ? pattern.lastIndex : at;
  }

  /** Past the closing quote, or where the string most likely was to end. */
  #stringEnd(start: number): number {
    const { text } = this;
    for (let at = start + 1; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code === 0x5c && text[at + 1] !== "\n" && text[at + 1] !== "\r") at++;
      else if (code === 0x22) {
        this.textEnd = at;
        return at + 1;
      } else if (code === 0x0a || code === 0x0d) return this.#lineEnd(start, at);
    }
    return this.#unclosed(start, text.length);
  }

  /** A string that a line end interrupts: over several lines, or without its closing quote. */
  #lineEnd(start: number, at: number): number {
    const { text } = this;
    let close = at;
    while (close < text.length && text[close] !== '"') close += text[close] === "\\" ? 2 : 1;
    if (close >= text.length || this.#run(afterValue, close + 1) === close + 1) return this.#unclosed(start, at);
    const detail = "A string stands on one line in JSON: write \\n where its text has a line end.";
    this.#tell("A line end inside a string", detail, at, at);
    this.textEnd = close;
    return close + 1;
  }

  #unclosed(start: number, lineEnd: number): number {
    const written = this.text.slice(start + 1, lineEnd);
    const end = start + 1 + written.replace(/[\s,}\]]+$/, "").length;
    const detail = written.trimEnd().endsWith('\\"')
      ? 'It needs a `"` at its end: the `\\"` there is a quote of the text. For a backslash write \\\\.'
      : 'It needs a `"` at its end.';
    this.#tell("The string is not closed on its line", detail, start, end);
    this.textEnd = end;
    if (end === this.text.length) this.lostEnd = true;
    return end;
  }

  /** Text in quotes of another kind; a quote without a partner on its line goes up to the line's end. */
  #quoted(at: number): void {
    const { text } = this;
    const opening = text[at] as string;
    const closing = opening === "\u2018" ? "\u2019" : opening === "\u201c" ? "\u201d" : opening;
    const newline = text.indexOf("\n", at);
    const lineEnd = newline === -1 ? text.length : newline;
    const close = text.indexOf(closing, at + 1);
    const isClosed = close !== -1 && close < lineEnd;
    const end = isClosed ? close + 1 : at + Math.max(1, text.slice(at, lineEnd).replace(/[\s,}\]]+$/, "").length);
    this.#tell("Text is written in double quotes", 'JSON knows no other quotes. Write "…" instead.', at, end);
    this.#emit("string", at, end);
    this.textEnd = isClosed ? close : end;
  }
}
