import { IDENTIFIER } from "./characters.ts";

/**
 * Where parsing goes on after an error. Brackets and quotes cannot be trusted near a mistake; lines and indentation
 * mostly can. So the item at fault is read again, coarsely, and the next one is looked for at line starts: a line that
 * is indented no deeper and looks like an item, or the brace that closes what the item is in.
 */

const quoted = String.raw`"[^"\n]*"`;
const itemLine = new RegExp(
  String.raw`(?:${IDENTIFIER}|${quoted})(?:[ \t]+(?:${IDENTIFIER}|${quoted}))*[ \t]*(?:=(?![=>])|:(?!:)|\{)`,
  "uy",
);
/** Also one with a space, quotes or a comment too many: its lines are no items either. */
const heredoc = new RegExp(String.raw`<<-?[ \t]*["']?(${IDENTIFIER})["']?[^\n]*\n`, "uy");

/** How far the end of a skipped heredoc or string is looked for; a bound, so that many errors in a long file stay linear. */
const LINES_AHEAD = 300;

/** Offset of the first token of the next item, of the closing brace of the surrounding body, or of the text's end. */
export function findResume(text: string, itemStart: number, errorAt: number): number {
  const item = new Skimmer(text, itemStart);
  const indentation = indentationAt(text, lineStartAt(text, itemStart));
  for (;;) {
    const opensString = item.skimLine();
    if (item.at >= text.length) return text.length;
    if (opensString) item.at = stringEndsAt(text, item.at) ?? item.at;
    const lineEnd = lineEndAt(text, item.at);
    if (lineEnd < errorAt) continue;
    const column = indentationAt(text, item.at);
    const first = item.at + column;
    const isBlank = first >= lineEnd || text[first] === "\r" || text[first] === "#" || text.startsWith("//", first);
    if (isBlank) continue;
    if (text[first] === "}") {
      if (column < indentation || item.braces === 0) return first;
    } else if (column <= indentation && (item.isBalanced || looksLikeItem(text, first))) {
      return first;
    }
  }
}

/**
 * Where the line ends at which a string goes on that began on a line above, were strings to hold line ends; undefined
 * where an item or the end of a body comes first.
 */
function stringEndsAt(text: string, lineStart: number): number | undefined {
  let line = lineStart;
  for (let lines = 0; lines < LINES_AHEAD && line < text.length; lines++) {
    const first = line + indentationAt(text, line);
    if (text[first] === "}" || looksLikeItem(text, first)) return undefined;
    const end = lineEndAt(text, line);
    const quotes = text.slice(line, end).replace(/\\./g, "").split('"').length - 1;
    if (quotes % 2 === 1) return Math.min(end + 1, text.length);
    line = end + 1;
  }
  return undefined;
}

/** A name, perhaps labels, and what opens a value or a body. */
export function looksLikeItem(text: string, at: number): boolean {
  itemLine.lastIndex = at;
  return itemLine.test(text);
}

export function lineStartAt(text: string, offset: number): number {
  return text.lastIndexOf("\n", offset - 1) + 1;
}

/** Whether only spaces stand before `offset` on its line. */
export function startsLine(text: string, offset: number): boolean {
  let at = offset;
  while (text[at - 1] === " " || text[at - 1] === "\t") at--;
  return at === 0 || text[at - 1] === "\n";
}

function lineEndAt(text: string, offset: number): number {
  const end = text.indexOf("\n", offset);
  return end === -1 ? text.length : end;
}

/** How many spaces and tabs the line at `lineStart` begins with. */
export function indentationAt(text: string, lineStart: number): number {
  let at = lineStart;
  while (text[at] === " " || text[at] === "\t") at++;
  return at - lineStart;
}

/** Counts brackets line by line; a string ends with its line. */
class Skimmer {
  at: number;
  braces = 0;
  private others = 0;
  private trustsHeredocs = true;
  private readonly text: string;

  constructor(text: string, at: number) {
    this.text = text;
    this.at = at;
  }

  get isBalanced(): boolean {
    return this.braces === 0 && this.others === 0;
  }

  /** To the start of the next line that is no heredoc's and no comment's; whether it left a string open. */
  skimLine(): boolean {
    const { text } = this;
    let opensString = false;
    while (this.at < text.length) {
      const character = text[this.at];
      if (character === "\n") {
        this.at++;
        return opensString;
      }
      if (character === '"') opensString = !this.skipString();
      else if (character === "#" || text.startsWith("//", this.at)) this.at = lineEndAt(text, this.at);
      else if (text.startsWith("/*", this.at)) this.skipComment();
      else if (text.startsWith("<<", this.at) && this.skipHeredoc()) return false;
      else {
        if (character === "{") this.braces++;
        else if (character === "}") this.braces = Math.max(0, this.braces - 1);
        else if (character === "(" || character === "[") this.others++;
        else if (character === ")" || character === "]") this.others = Math.max(0, this.others - 1);
        this.at++;
      }
    }
    return opensString;
  }

  /** Whether it is closed. Where the closing quote is missing, a brace at the line's end most likely opens a block all the same. */
  private skipString(): boolean {
    const { text } = this;
    const start = this.at;
    this.at++;
    while (this.at < text.length && text[this.at] !== "\n") {
      const character = text[this.at];
      if (character === "\\" && text[this.at + 1] !== "\n") this.at += 2;
      else {
        this.at++;
        if (character === '"') return true;
      }
    }
    if (/\{[ \t\r]*$/.test(text.slice(start, this.at))) this.braces++;
    return false;
  }

  private skipComment(): void {
    const close = this.text.indexOf("*/", this.at + 2);
    this.at = close === -1 ? this.text.length : close + 2;
  }

  /** False where there is none, or none that ends: then its lines are ordinary ones. */
  private skipHeredoc(): boolean {
    if (!this.trustsHeredocs) return false;
    heredoc.lastIndex = this.at;
    const opening = heredoc.exec(this.text);
    if (!opening) return false;
    const marker = opening[1] as string;
    let line = heredoc.lastIndex;
    for (let lines = 0; lines < LINES_AHEAD && line < this.text.length; lines++) {
      const end = lineEndAt(this.text, line);
      if (end - line >= marker.length && this.text.slice(line, end).trim() === marker) {
        this.at = Math.min(end + 1, this.text.length);
        return true;
      }
      line = end + 1;
    }
    this.trustsHeredocs = false;
    return false;
  }
}
