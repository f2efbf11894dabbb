import { formatNumber } from "../../core/bigfloat.ts";
import type { Num, Value } from "../../core/values.ts";
import { compareText, sortedEntries } from "../order.ts";

/**
 * YAML of a wholly known value, byte for byte as Terraform's yamlencode writes it: names sorted and in quotes, texts
 * of several lines as literal blocks where YAML can hold them so, long quoted texts folded at spaces. The rules are
 * those of libyaml's emitter (in Go, zclconf/go-cty-yaml), for the few kinds of nodes that there are.
 */
export function valueToYaml(value: Value): string {
  const emitter = new Emitter();
  emitter.node(value, { inMapping: false, isRoot: true });
  return emitter.end();
}

interface Context {
  readonly inMapping: boolean;
  readonly isRoot: boolean;
}

const INDENT = 2;
const WIDTH = 80;
const longestKey = 128;

class Emitter {
  #text = "";
  #column = 0;
  #indent = -1;
  /** What was written last is a space, or as good as one. */
  #spaced = true;
  /** Nothing but indentation and indicators stands on the line. */
  #indented = true;
  /** A reader could take what follows for more of it, so that the end needs a mark. */
  #open = false;

  end(): string {
    this.#newLine();
    if (this.#open) {
      this.#indicator("...", true, false, false);
      this.#newLine();
    }
    return this.#text;
  }

  node(value: Value, context: Context): void {
    const { raw } = value;
    if (typeof raw === "string") this.#string(raw, false);
    else if (Array.isArray(raw)) this.#sequence(raw as readonly Value[], context);
    else if (raw instanceof Map) this.#mapping(raw as ReadonlyMap<string, Value>);
    else {
      this.#plain(raw === null || typeof raw === "boolean" ? String(raw) : formatNumber(raw as Num));
      if (context.isRoot) this.#open = true;
    }
  }

  #sequence(items: readonly Value[], { inMapping }: Context): void {
    if (items.length === 0) return this.#empty("[", "]");
    const outer = this.#indent;
    // Right under a name the dashes stand where the name does.
    if (outer < 0) this.#indent = 0;
    else if (!inMapping || this.#indented) this.#indent += INDENT;
    for (const item of items) {
      this.#newLine();
      this.#indicator("-", true, false, true);
      this.node(item, { inMapping: false, isRoot: false });
    }
    this.#indent = outer;
  }

  #mapping(entries: ReadonlyMap<string, Value>): void {
    if (entries.size === 0) return this.#empty("{", "}");
    const outer = this.#indent;
    this.#indent = outer < 0 ? 0 : outer + INDENT;
    for (const [name, item] of sortedEntries(entries)) {
      this.#newLine();
      if (!hasBreak(name) && Buffer.byteLength(name) <= longestKey) {
        this.#string(name, true);
        this.#indicator(":", false, false, false);
      } else {
        this.#indicator("?", true, false, true);
        this.#string(name, false);
        this.#newLine();
        this.#indicator(":", true, false, true);
      }
      this.node(item, { inMapping: true, isRoot: false });
    }
    this.#indent = outer;
  }

  #empty(opening: string, closing: string): void {
    this.#indicator(opening, true, true, false);
    this.#indicator(closing, false, false, false);
  }

  /** A key is of one line, before a colon. What has more lines stands further in than what is around it. */
  #string(text: string, isKey: boolean): void {
    const outer = this.#indent;
    this.#indent = Math.max(outer, 0) + INDENT;
    if (!isKey && text.includes("\n") && fitsBlock(text)) this.#literal(text);
    else this.#quoted(text, !isKey);
    this.#indent = outer;
  }

  #plain(text: string): void {
    if (!this.#spaced) this.#put(" ");
    this.#put(text);
    this.#spaced = false;
    this.#indented = false;
  }

  #quoted(text: string, mayFold: boolean): void {
    this.#indicator('"', true, false, false);
    const characters = [...text];
    // As the emitter has it: a mark of byte order at the beginning makes it escape everything.
    const escapesAll = characters[0] === "\uFEFF";
    let afterSpace = false;
    for (const [at, character] of characters.entries()) {
      const isSpace = character === " ";
      if (escapesAll || !isPrintable(character) || isBreak(character) || character === '"' || character === "\\") {
        this.#put(escaped(character));
        afterSpace = false;
        continue;
      }
      const isInside = at > 0 && at < characters.length - 1;
      if (isSpace && mayFold && !afterSpace && this.#column > WIDTH && isInside) {
        this.#newLine();
        if (characters[at + 1] === " ") this.#put("\\");
      } else this.#put(character);
      afterSpace = isSpace;
    }
    this.#indicator('"', false, false, false);
    this.#spaced = false;
    this.#indented = false;
  }

  #literal(text: string): void {
    this.#indicator("|", true, false, false);
    if (text.startsWith(" ") || isBreak(text[0] as string)) this.#indicator(String(INDENT), false, false, false);
    const characters = [...text];
    const last = characters.at(-1) as string;
    const before = characters.at(-2);
    if (!isBreak(last)) this.#indicator("-", false, false, false);
    else if (before === undefined || isBreak(before)) this.#indicator("+", false, false, false);
    this.#break("\n");
    this.#indented = true;
    this.#spaced = true;
    let atStart = true;
    for (const character of characters) {
      if (isBreak(character)) {
        this.#break(character);
        this.#indented = true;
        atStart = true;
        continue;
      }
      if (atStart) this.#newLine();
      this.#put(character);
      this.#indented = false;
      atStart = false;
    }
  }

  /** To the indentation, on a line with nothing else on it. */
  #newLine(): void {
    const indent = Math.max(this.#indent, 0);
    if (!this.#indented || this.#column > indent || (this.#column === indent && !this.#spaced)) this.#break("\n");
    if (this.#column < indent) this.#put(" ".repeat(indent - this.#column));
    this.#spaced = true;
    this.#indented = true;
  }

  #indicator(text: string, needsSpace: boolean, isSpace: boolean, isIndentation: boolean): void {
    if (needsSpace && !this.#spaced) this.#put(" ");
    this.#put(text);
    this.#spaced = isSpace;
    this.#indented = this.#indented && isIndentation;
    this.#open = false;
  }

  #break(character: string): void {
    this.#text += character;
    this.#column = 0;
  }

  #put(text: string): void {
    this.#text += text;
    this.#column += text.length > 1 ? [...text].length : 1;
  }
}

const breaks = /[\r\n\u0085\u2028\u2029]/;

function isBreak(character: string): boolean {
  return breaks.test(character);
}

function hasBreak(text: string): boolean {
  return breaks.test(text);
}

/** What a YAML text shows as it is; characters beyond the first 65,536 are not among them here. */
function isPrintable(character: string): boolean {
  return (
    character === "\n" ||
    (compareText(character, " ") >= 0 && compareText(character, "~") <= 0) ||
    /^[\u00a0-\ud7ff\ue000-\ufefe\uff00-\ufffd]$/.test(character)
  );
}

/** A literal block holds no space before a line's end, nor at its own, and nothing that needs an escape. */
function fitsBlock(text: string): boolean {
  if (text.endsWith(" ") || / [\r\n\u0085\u2028\u2029]/.test(text)) return false;
  return [...text].every(isPrintable);
}

const shortEscapes: { readonly [character: string]: string } = {
  "\0": "\\0",
  "\x07": "\\a",
  "\b": "\\b",
  "\t": "\\t",
  "\n": "\\n",
  "\v": "\\v",
  "\f": "\\f",
  "\r": "\\r",
  "\x1b": "\\e",
  '"': '\\"',
  "\\": "\\\\",
  "\u0085": "\\N",
  "\u00a0": "\\_",
  "\u2028": "\\L",
  "\u2029": "\\P",
};

function escaped(character: string): string {
  const short = shortEscapes[character];
  if (short !== undefined) return short;
  const point = character.codePointAt(0) as number;
  const digits = point.toString(16).toUpperCase();
  if (point <= 0xff) return `\\x${digits.padStart(2, "0")}`;
  return point <= 0xffff ? `\\u${digits.padStart(4, "0")}` : `\\U${digits.padStart(8, "0")}`;
}
