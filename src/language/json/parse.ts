import { indentationAt, lineStartAt, startsLine } from "../resume.ts";
import { JsonScanner } from "./scan.ts";
import { decodeJsonText } from "./text.ts";
import type { JsonNode, JsonProblem, JsonProperty, JsonString } from "./tree.ts";

export interface ParsedJson {
  /** What was understood; undefined when there is no value at all. */
  readonly value: JsonNode | undefined;
  /** In the order of the text; when there are none, the text is JSON as RFC 8259 defines it. */
  readonly problems: readonly JsonProblem[];
  /** Values nest too deeply, so that the rest was not read: nothing can be said about the shape of `value`. */
  readonly isCut: boolean;
}

export interface JsonOptions {
  /** Half of a pair of surrogates, `"\\ud800"`, is an error unless it is to be U+FFFD, as Go's decoder has it. */
  readonly halfPairs?: "replace" | undefined;
}

/**
 * JSON text to a tree, values nested at most `deepest` deep. Goes on after a mistake with what was most likely
 * meant, so that each mistake is told once and all are told. Never throws, and takes time linear in the text.
 */
export function parseJson(text: string, deepest: number, options: JsonOptions = {}): ParsedJson {
  const parser = new JsonParser(text, deepest, options);
  const value = parser.document();
  const problems = parser.problems.toSorted((left, right) => left.start - right.start);
  return { value, problems, isCut: parser.isCut };
}

type Opener = "{" | "[";
type Meaning = "innermost" | "outer" | "nothing";

const closers = { "{": "}", "[": "]" } as const;
const validNumber = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
const introduction = /[ \t\r\n]*[:=]/y;
const words: ReadonlyMap<string, boolean | null> = new Map([
  ["true", true],
  ["false", false],
  ["null", null],
]);

class JsonParser {
  readonly problems: JsonProblem[] = [];
  isCut = false;
  readonly #text: string;
  readonly #deepest: number;
  readonly #replacesHalves: boolean;
  readonly #scanner: JsonScanner;
  readonly #open: { readonly kind: Opener; readonly start: number }[] = [];
  /** A closing bracket that does not fit was looked at with all that follows, which is done once. */
  #hasLookedAhead = false;
  /** What the bracket was meant for that ends what is innermost without fitting it. */
  #meant: Meaning = "innermost";
  /** A closing bracket that stands left of the line its opener is in: most likely an earlier one is missing. */
  #suspect: { readonly open: number; readonly close: number } | undefined;

  constructor(text: string, deepest: number, { halfPairs }: JsonOptions) {
    this.#text = text;
    this.#replacesHalves = halfPairs === "replace";
    this.#deepest = deepest;
    this.#scanner = new JsonScanner(text, (problem) => this.problems.push(problem));
    this.#scanner.next();
  }

  document(): JsonNode | undefined {
    const scanner = this.#scanner;
    if (scanner.is("end")) {
      this.#tell("There is no JSON here", "The text is empty; a JSON file holds at least {}.", 0, 0);
      return undefined;
    }
    const value = this.#value();
    if (this.#isClosing() && !scanner.is("end")) this.#closesNothing();
    else if (!scanner.is("end"))
      this.#tellHere("Something follows the value", "JSON text is one value, and it has ended before this.");
    return value;
  }

  #tell(summary: string, detail: string, start: number, end: number, related?: JsonProblem["related"]): void {
    this.problems.push({ summary, detail, start, end, ...(related === undefined ? {} : { related }) });
  }

  /** About the current token. */
  #tellHere(summary: string, detail: string): void {
    this.#tell(summary, detail, this.#scanner.start, this.#scanner.end);
  }

  /** The current token, as a reader would name it. */
  #shown(): string {
    const { kind, start, end } = this.#scanner;
    if (kind === "end") return "the end of the text";
    return kind === "string" ? "a string" : `\`${this.#text.slice(start, end)}\``;
  }

  #value(): JsonNode | undefined {
    const scanner = this.#scanner;
    const { kind, start, end } = scanner;
    switch (kind) {
      case "{":
      case "[":
        return this.#nested(kind);
      case "string":
        return this.#string();
      case "number":
        scanner.next();
        return this.#number(start, end);
      case "word":
        scanner.next();
        return this.#word(start, end);
      default:
        // That what is open has no end is told instead.
        if (kind !== "end")
          this.#tellHere(
            "A value is missing",
            `Found ${this.#shown()}. A value is text in double quotes, a number, true, false, null, {…} or […].`,
          );
        return undefined;
    }
  }

  #nested(kind: Opener): JsonNode | undefined {
    const scanner = this.#scanner;
    if (this.#open.length >= this.#deepest) {
      this.#tellHere(
        "The value is nested too deeply",
        `labform reads ${this.#deepest} levels of values in each other, and this is one more.`,
      );
      this.isCut = true;
      scanner.giveUp();
      return undefined;
    }
    const { start } = scanner;
    this.#open.push({ kind, start });
    scanner.next();
    const content =
      kind === "{"
        ? ({ kind: "object", properties: this.#properties() } as const)
        : ({ kind: "array", items: this.#items() } as const);
    this.#close(kind, start);
    this.#open.pop();
    return { ...content, start, end: scanner.previousEnd };
  }

  #string(): JsonString {
    const scanner = this.#scanner;
    const { start, end, textEnd } = scanner;
    scanner.next();
    const value = decodeJsonText(this.#text.slice(start + 1, textEnd), start + 1, (problem, isHalf) => {
      if (!isHalf || !this.#replacesHalves) this.problems.push(problem);
    });
    return { kind: "string", value, start, end, textEnd };
  }

  #number(start: number, end: number): JsonNode | undefined {
    const text = this.#text.slice(start, end);
    if (validNumber.test(text)) return { kind: "number", text, start, end };
    const advice = /^-?0\d/.test(text)
      ? "A number of several digits does not begin with 0."
      : text.startsWith("+")
        ? "A number has no plus sign before it."
        : /^-?\./.test(text) || /\.(?!\d)/.test(text)
          ? "Digits stand on both sides of the decimal point."
          : "A number is digits, perhaps with a minus sign, a decimal point and an exponent: -1.5e3. Any other text stands in double quotes.";
    this.#tell(`\`${shortened(text)}\` is no number of JSON`, advice, start, end);
    return undefined;
  }

  #word(start: number, end: number): JsonNode | undefined {
    const text = this.#text.slice(start, end);
    const value = words.get(text);
    if (value !== undefined) return { kind: "word", value, start, end };
    const meant = words.has(text.toLowerCase()) ? text.toLowerCase() : alike.get(text.toLowerCase());
    const detail = meant ? `Write ${meant}.` : `JSON knows the words true, false and null. ${asText(text)}`;
    this.#tell(`\`${shortened(text)}\` has no meaning in JSON`, detail, start, end);
    return meant === undefined ? undefined : { kind: "word", value: words.get(meant) as boolean | null, start, end };
  }

  #properties(): readonly JsonProperty[] {
    const scanner = this.#scanner;
    const properties: JsonProperty[] = [];
    while (!this.#ends("{")) {
      const name = this.#name();
      const value = name && this.#introduced(name) ? this.#value() : undefined;
      if (name && value) properties.push({ name, value });
      else this.#skip();
      this.#separate("{", scanner.previousEnd);
    }
    return properties;
  }

  /** A property's name; what is written without quotes is reported and taken. */
  #name(): JsonString | undefined {
    const scanner = this.#scanner;
    const { kind, start, end } = scanner;
    if (kind === "string") return this.#string();
    if (kind !== "word" && kind !== "number") {
      const detail = `Found ${this.#shown()}. An object holds properties: "name": value, separated by commas.`;
      this.#tellHere("The name of a property is missing", detail);
      return undefined;
    }
    const value = this.#text.slice(start, end);
    this.#tellHere("The name of a property is written in double quotes", `Write "${shortened(value)}".`);
    scanner.next();
    return { kind: "string", value, start, end, textEnd: end };
  }

  /** Past the colon; false when no value follows. */
  #introduced(name: JsonString): boolean {
    const scanner = this.#scanner;
    const shown = JSON.stringify(shortened(name.value));
    if (scanner.is(":")) {
      scanner.next();
      return true;
    }
    if (scanner.is("=")) {
      this.#tellHere("A property has a colon, no equals sign", `Write ${shown}: and the value.`);
      scanner.next();
      return true;
    }
    if (scanner.is("end")) return false;
    const isValue = scanner.is("{") || scanner.is("[") || scanner.is("number") || scanner.is("string");
    if (isValue || scanner.is("word")) {
      this.#tell(
        "A `:` is missing",
        `It stands between a property's name and its value: ${shown}: ….`,
        name.end,
        name.end,
      );
      return true;
    }
    this.#tell(
      `The property ${shown} has no value`,
      `Write ${shown}: and the value. A list of values stands in […].`,
      name.start,
      name.end,
    );
    return false;
  }

  #items(): readonly JsonNode[] {
    const scanner = this.#scanner;
    const items: JsonNode[] = [];
    let told = false;
    while (!this.#ends("[")) {
      const value = this.#value();
      if (value) items.push(value);
      if (!value) this.#skip();
      else if (scanner.is(":") || scanner.is("=")) {
        if (!told)
          this.#tellHere(
            "A list holds values without names",
            "Names and values stand in an object: {…} instead of […].",
          );
        told = true;
        this.#skip();
      }
      this.#separate("[", scanner.previousEnd);
    }
    return items;
  }

  /** Whether the current token ends what `kind` opened, properly or not; past those that close nothing. */
  #ends(kind: Opener): boolean {
    const scanner = this.#scanner;
    while (this.#isClosing() && !scanner.is("end") && !scanner.is(closers[kind])) {
      this.#meant = this.#meaningOfOther();
      if (this.#meant !== "nothing") return true;
      this.#closesNothing();
      scanner.next();
      if (scanner.is(",")) scanner.next();
    }
    return this.#isClosing();
  }

  #closesNothing(): void {
    const detail = "Each bracket before it is closed already. Take it away, or put the missing one before it.";
    const { start, end } = this.#scanner;
    this.#tell(`A ${this.#shown()} that closes nothing`, detail, start, end, this.#suspects());
  }

  /** Whether the current token ends what is open, properly or not. */
  #isClosing(): boolean {
    const { kind } = this.#scanner;
    return kind === "end" || kind === "}" || kind === "]";
  }

  /** Past the comma between two values, or what is there instead of it. */
  #separate(kind: Opener, valueEnd: number): void {
    const scanner = this.#scanner;
    const what = kind === "{" ? "property" : "value";
    if (scanner.is(",")) {
      const { start, end } = scanner;
      scanner.next();
      if (scanner.is(closers[kind])) {
        this.#tell(`A comma after the last ${what}`, "JSON has commas between two only. Take it away.", start, end);
      }
      return;
    }
    if (this.#isClosing()) return;
    this.#tell("A `,` is missing", `It stands between one ${what} and the next.`, valueEnd, valueEnd);
    const goesOn = kind === "[" ? !scanner.is(":") && !scanner.is("=") : this.#isNamed();
    if (!goesOn) {
      this.#skip();
      if (scanner.is(",")) scanner.next();
    }
  }

  /** Whether the current token is a property's name with what introduces its value. */
  #isNamed(): boolean {
    const scanner = this.#scanner;
    introduction.lastIndex = scanner.end;
    return (scanner.is("string") || scanner.is("word")) && introduction.test(this.#text);
  }

  /** To the next comma or closing bracket that is not inside of others. */
  #skip(): void {
    const scanner = this.#scanner;
    let depth = 0;
    for (;;) {
      const { kind } = scanner;
      if (kind === "end" || (depth === 0 && (kind === "," || kind === "}" || kind === "]"))) return;
      if (kind === "{" || kind === "[") depth++;
      else if (kind === "}" || kind === "]") depth--;
      scanner.next();
    }
  }

  /** Past the bracket that closes the one at `start`, the innermost that is open. */
  #close(kind: Opener, start: number): void {
    const scanner = this.#scanner;
    const closer = closers[kind];
    if (scanner.is(closer)) {
      this.#noteSuspect(start);
      scanner.next();
      return;
    }
    const opened = { message: `\`${kind}\` opened here`, start, end: start + 1 };
    if (scanner.is("end")) {
      if (scanner.lostEnd) return;
      scanner.lostEnd = true;
      const detail = `It needs a \`${closer}\` before the text ends.`;
      this.#tell(`The \`${kind}\` is not closed`, detail, start, start + 1, this.#suspects());
      return;
    }
    if (this.#meant === "outer") {
      const detail = `It needs a \`${closer}\` before this ${this.#shown()}, which closes what is around it.`;
      this.#tell(`The \`${kind}\` is not closed`, detail, scanner.start, scanner.end, [opened]);
      return;
    }
    const detail = `Found ${this.#shown()}. What is opened with \`${kind}\` is closed with \`${closer}\`.`;
    this.#tell(`Expected \`${closer}\``, detail, scanner.start, scanner.end, [opened]);
    scanner.next();
  }

  /**
   * What a bracket was meant to close that does not fit what is innermost: that (a slip), what is around it (the innermost was
   * left open), or nothing (one too many). The brackets that follow tell, which are counted once in a text.
   */
  #meaningOfOther(): Meaning {
    const outer = this.#open[this.#open.length - 2];
    const fitsOuter = outer !== undefined && closers[outer.kind] === this.#scanner.kind;
    if (this.#hasLookedAhead) return fitsOuter ? "outer" : "innermost";
    this.#hasLookedAhead = true;
    const left = this.#closingsAhead() - (this.#open.length - 1);
    if (left > 0) return "nothing";
    return left < 0 && fitsOuter ? "outer" : "innermost";
  }

  /** How many more brackets the text after the current token closes than it opens. */
  #closingsAhead(): number {
    const ahead = new JsonScanner(this.#text.slice(this.#scanner.end), () => {});
    let count = 0;
    for (ahead.next(); ahead.kind !== "end"; ahead.next()) {
      if (ahead.kind === "}" || ahead.kind === "]") count++;
      else if (ahead.kind === "{" || ahead.kind === "[") count--;
    }
    return count;
  }

  #noteSuspect(open: number): void {
    const text = this.#text;
    const close = this.#scanner.start;
    if (this.#suspect || !startsLine(text, close)) return;
    const closeLine = lineStartAt(text, close);
    if (closeLine <= open) return;
    if (close - closeLine < indentationAt(text, lineStartAt(text, open))) this.#suspect = { open, close };
  }

  #suspects(): JsonProblem["related"] {
    const suspect = this.#suspect;
    if (!suspect) return undefined;
    const { open, close } = suspect;
    return [
      { message: "this bracket may be the one", start: open, end: open + 1 },
      { message: "what closes it stands further left than its line", start: close, end: close + 1 },
    ];
  }
}

/** Words of other languages. */
const alike: ReadonlyMap<string, string> = new Map([
  ["none", "null"],
  ["nil", "null"],
  ["undefined", "null"],
  ["yes", "true"],
  ["on", "true"],
  ["no", "false"],
  ["off", "false"],
]);

/** How to write what stands there without quotes. */
function asText(text: string): string {
  const shown = shortened(text);
  return text.includes(".") ? `An expression is written "\${${shown}}".` : `Text is written "${shown}".`;
}

function shortened(text: string): string {
  return text.length <= 40 ? text : `${text.slice(0, 39)}…`;
}
