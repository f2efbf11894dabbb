import { isWhole } from "../../core/bigfloat.ts";
import { characters, graphemes } from "../../core/characters.ts";
import type { Num, Type, Value } from "../../core/values.ts";
import { BOOL, DYNAMIC, isWhollyKnown, NUMBER, STRING, UNKNOWN, unknownValue } from "../../core/values.ts";
import { converted } from "../convert.ts";
import { Fault } from "../fault.ts";
import type { FunctionDeclaration } from "../functions.ts";
import { isIterationKnown } from "../iteration.ts";
import { quoteJson, valueToJsonText } from "../jsonText.ts";
import { shortValue } from "../shown.ts";
import { isPrimitive } from "../types.ts";
import { textValue } from "./characters.ts";
import { formatDecimal, formatInteger } from "./decimal.ts";

const STRINGS: Type = { kind: "list", element: STRING };

/** One `%…` of a format: its flags, its numbers, its letter. */
export interface Verb {
  /** As written, for messages. */
  readonly text: string;
  readonly sharp: boolean;
  readonly zero: boolean;
  readonly minus: boolean;
  readonly plus: boolean;
  readonly space: boolean;
  readonly width: number | undefined;
  readonly precision: number | undefined;
  readonly letter: string;
}

const verbs = /%(?:%|([#0+\- ]*)(\d+)?(?:\.(\d*))?(?:\[([1-9]\d*)\])?(\p{L})?)/gu;
/** Go's limit for numbers. */
const WIDEST = 1_000_000;

/** Terraform's `format`, whose verbs are those of Go's fmt, cut down (cty, stdlib/format.go). */
function format(...values: readonly Value[]): Value | Fault {
  const [template, ...given] = values as readonly [Value, ...Value[]];
  const text = template.raw as string;
  let result = "";
  let end = 0;
  let next = 1;
  let most = 0;
  for (const match of text.matchAll(verbs)) {
    result += text.slice(end, match.index);
    end = match.index + match[0].length;
    if (match[0] === "%%") {
      result += "%";
      continue;
    }
    const verb = verbOf(match);
    if (verb instanceof Fault) return verb;
    const position = match[4] === undefined ? next : Number(match[4]);
    next = position + 1;
    most = Math.max(most, position);
    const value = given[position - 1];
    if (!value)
      return new Fault(`"${verb.text}" needs argument ${position} after the format; there are ${given.length}`);
    const formatted = formatOne(verb, value);
    if (formatted instanceof Fault) return new Fault(formatted.reason, formatted.argument ?? position);
    result += formatted;
  }
  if (most < given.length) {
    const used = most === 0 ? "none of them" : most === 1 ? "only the first" : `only the first ${most}`;
    return new Fault(`the format uses ${used}`, most + 1);
  }
  return textValue(result + text.slice(end));
}

function verbOf(match: RegExpMatchArray): Verb | Fault {
  const flags = match[1] ?? "";
  const letter = match[5];
  if (letter === undefined)
    return new Fault(
      `${quoteJson(match[0])} at character ${(match.index ?? 0) + 1} has no letter that says how to format; for a percent sign write %%`,
      0,
    );
  const width = match[2] === undefined ? undefined : Number(match[2]);
  const precision = match[3] === undefined ? undefined : Number(match[3]);
  const places = "sqv".includes(letter) ? 0 : (precision ?? 0);
  if (Math.max(width ?? 0, places) > WIDEST) return new Fault(`"${match[0]}" is wider than ${WIDEST}`, 0);
  return {
    text: match[0],
    sharp: flags.includes("#"),
    zero: flags.includes("0"),
    minus: flags.includes("-"),
    plus: flags.includes("+"),
    space: flags.includes(" "),
    width,
    precision,
    letter,
  };
}

function formatOne(verb: Verb, value: Value): string | Fault {
  switch (verb.letter) {
    case "v":
      return pad(verb, asIs(verb, value));
    case "t":
      return withType(verb, value, BOOL, (one) => String(one.raw));
    case "b":
    case "d":
    case "o":
    case "x":
    case "X":
      return withType(verb, value, NUMBER, ({ raw }) =>
        isWhole(raw as Num)
          ? formatInteger(verb, raw as Num)
          : new Fault(`"${verb.text}" needs a whole number, this is ${shortValue(value)}`),
      );
    case "e":
    case "E":
    case "f":
    case "g":
    case "G":
      return withType(verb, value, NUMBER, ({ raw }) => formatDecimal(verb, raw as Num));
    case "s":
      return withType(verb, value, STRING, ({ raw }) => pad(verb, shortened(verb, raw as string)));
    case "q":
      return withType(verb, value, STRING, ({ raw }) => pad(verb, quoteJson(shortened(verb, raw as string))));
    default:
      return new Fault(`there is no "${verb.text}"; there are %s %q %d %v %t %b %o %x %X %e %E %f %g %G`, 0);
  }
}

function withType(verb: Verb, value: Value, type: Type, write: (value: Value) => string | Fault): string | Fault {
  const result = value.raw === null ? "it is null" : converted(value, type);
  return typeof result === "string" ? new Fault(`"${verb.text}" cannot format it: ${result}`) : write(result);
}

function asIs(verb: Verb, value: Value): string {
  if (!verb.sharp && typeof value.raw === "string") return value.raw;
  if (!verb.sharp && value.raw !== null && value.type.kind === "number") {
    return formatDecimal(
      { ...verb, letter: "g", precision: undefined, width: undefined, plus: false, space: false },
      value.raw as Num,
    );
  }
  return valueToJsonText(value);
}

/** A precision counts characters as a reader does; 0 is as none, in cty too. */
function shortened({ precision }: Verb, text: string): string {
  return precision ? characters(text).slice(0, precision).join("") : text;
}

function pad({ width, zero, minus }: Verb, text: string): string {
  const missing = (width ?? 0) - graphemes(text);
  if (missing <= 0) return text;
  const padding = (zero ? "0" : " ").repeat(missing);
  return minus ? text + padding : padding + text;
}

/** The length that all lists among the arguments have; undefined where there is no list. */
function commonLength(lists: readonly Value[]): number | undefined | Fault {
  let first: { readonly at: number; readonly length: number } | undefined;
  for (const [at, list] of lists.entries()) {
    const length = lengthOf(list);
    if (length === undefined) continue;
    first ??= { at, length };
    if (length !== first.length)
      return new Fault(
        `argument ${at + 1} after the format has length ${length}, but argument ${first.at + 1} has ${first.length}`,
        at + 1,
      );
  }
  return first?.length;
}

/** A tuple's is known though its elements are not. */
function lengthOf({ raw, type }: Value): number | undefined {
  if (type.kind === "tuple" && raw !== null) return type.elements.length;
  return Array.isArray(raw) ? raw.length : undefined;
}

/** `format` for each element of the lists among the arguments; what is no list is the same for all. */
function formatList(template: Value, ...given: readonly Value[]): Value | Fault {
  const length = commonLength(given);
  if (length instanceof Fault) return length;
  if (given.some(isUndecided)) return unknownValue(STRINGS);
  const results: Value[] = [];
  for (let at = 0; at < (length ?? 1); at++) {
    const values = given.map((one) => (Array.isArray(one.raw) ? ((one.raw as readonly Value[])[at] as Value) : one));
    const result = values.every(isWhollyKnown) ? format(template, ...values) : unknownValue(STRING);
    if (result instanceof Fault)
      return new Fault(length === undefined ? result.reason : `for element ${at}: ${result.reason}`, result.argument);
    results.push(result);
  }
  return { type: STRINGS, raw: results, sensitive: false };
}

/** A list whose length is not known, or what may turn out one. */
function isUndecided(value: Value): boolean {
  if (value.raw === UNKNOWN)
    return !isPrimitive(value.type) && value.type.kind !== "map" && value.type.kind !== "object";
  return value.type.kind === "set" && value.raw !== null && !isIterationKnown(value);
}

const FORMAT = { name: "format", type: STRING };

export const formatFunctions: readonly FunctionDeclaration[] = [
  {
    name: "format",
    parameters: [FORMAT],
    variadic: { name: "args", type: DYNAMIC, nullable: true },
    result: STRING,
    call: format,
  },
  {
    name: "formatlist",
    parameters: [FORMAT],
    variadic: { name: "args", type: DYNAMIC, nullable: true, unknown: true },
    result: STRINGS,
    call: formatList,
  },
];
