import type { Type, Value } from "../../core/values.ts";
import { BOOL, boolValue, NUMBER, STRING, stringValue, UNKNOWN, unknownValue } from "../../core/values.ts";
import { Fault } from "../fault.ts";
import type { FunctionDeclaration, Parameter } from "../functions.ts";
import { shortValue } from "../shown.ts";
import { textValue } from "./characters.ts";
import { isBetweenSlashes, replaceMatches } from "./regex.ts";
import { wholeNumber } from "./wholeNumbers.ts";

const STRINGS: Type = { kind: "list", element: STRING };
const STR: Parameter = { name: "str", type: STRING };

function named(name: string): Parameter {
  return { name, type: STRING };
}

function ofText(name: string, change: (text: string) => string): FunctionDeclaration {
  return { name, parameters: [STR], result: STRING, call: (text: Value) => textValue(change(text.raw as string)) };
}

function ofTwoTexts(
  name: string,
  second: string,
  change: (text: string, second: string) => string,
): FunctionDeclaration {
  return {
    name,
    parameters: [STR, named(second)],
    result: STRING,
    call: (text: Value, other: Value) => textValue(change(text.raw as string, other.raw as string)),
  };
}

function question(name: string, second: string, ask: (text: string, part: string) => boolean): FunctionDeclaration {
  return {
    name,
    parameters: [STR, named(second)],
    result: BOOL,
    call: (text: Value, part: Value) => boolValue(ask(text.raw as string, part.raw as string)),
  };
}

/** Any text starts with the empty one, also one that is not known yet. */
function startsWith(text: Value, prefix: Value): Value {
  if (prefix.raw === UNKNOWN || (text.raw === UNKNOWN && prefix.raw !== "")) return unknownValue(BOOL);
  return boolValue(prefix.raw === "" || (text.raw as string).startsWith(prefix.raw as string));
}

function join(separator: Value, ...lists: readonly Value[]): Value | Fault {
  if (lists.length === 0) return new Fault("at least one list is needed");
  const texts: string[] = [];
  for (const [at, list] of lists.entries()) {
    for (const [position, item] of (list.raw as readonly Value[]).entries()) {
      if (item.raw === null) return new Fault(`element ${position} is null`, at + 1);
      texts.push(item.raw as string);
    }
  }
  return textValue(texts.join(separator.raw as string));
}

function split(separator: Value, text: Value): Value {
  const at = separator.raw as string;
  const whole = text.raw as string;
  const parts = at === "" ? [...whole] : whole.split(at);
  return { type: STRINGS, raw: parts.map(textValue), sensitive: false };
}

const widestIndent = 1_000_000;

function indent(spaces: Value, text: Value): Value | Fault {
  const width = wholeNumber(spaces, 0);
  if (width instanceof Fault) return width;
  if (width < 0 || width > widestIndent)
    return new Fault(`it must be from 0 to ${widestIndent}, this is ${shortValue(spaces)}`, 0);
  return stringValue((text.raw as string).replaceAll("\n", `\n${" ".repeat(width)}`));
}

function replace(text: Value, wanted: Value, replacement: Value): Value | Fault {
  const whole = text.raw as string;
  const part = wanted.raw as string;
  const by = replacement.raw as string;
  if (isBetweenSlashes(part)) return replaceMatches(whole, part.slice(1, -1), by);
  if (part !== "") return textValue(whole.replaceAll(part, () => by));
  // Before, between and after characters; JavaScript would also part those that take two of its units.
  return textValue(whole === "" ? by : ["", ...whole, ""].join(by));
}

/** One by one, as many of the characters as stand at either end. */
function trim(text: string, characters: string): string {
  const set = new Set(characters);
  const all = [...text];
  let start = 0;
  let end = all.length;
  while (start < end && set.has(all[start] as string)) start++;
  while (end > start && set.has(all[end - 1] as string)) end--;
  return all.slice(start, end).join("");
}

/** What Unicode calls white space: not the byte order mark, which JavaScript counts too. */
const space = "[\\t-\\r \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]";
const leadingSpace = new RegExp(`^${space}+`);
const isSpace = new RegExp(space);

function trimSpace(text: string): string {
  const rest = text.replace(leadingSpace, "");
  let end = rest.length;
  while (end > 0 && isSpace.test(rest[end - 1] as string)) end--;
  return rest.slice(0, end);
}

/** All line ends at its end. */
function chomp(text: string): string {
  let end = text.length;
  while (end > 0 && (text[end - 1] === "\n" || text[end - 1] === "\r")) end--;
  return text.slice(0, end);
}

function withoutSuffix(text: string, suffix: string): string {
  return text.endsWith(suffix) ? text.slice(0, text.length - suffix.length) : text;
}

export const textFunctions: readonly FunctionDeclaration[] = [
  ofText("chomp", chomp),
  question("endswith", "suffix", (text, part) => text.endsWith(part)),
  { name: "indent", parameters: [{ name: "spaces", type: NUMBER }, STR], result: STRING, call: indent },
  {
    name: "join",
    parameters: [named("separator")],
    variadic: { name: "lists", type: STRINGS },
    result: STRING,
    call: join,
  },
  { name: "replace", parameters: [STR, named("substr"), named("replace")], result: STRING, call: replace },
  { name: "split", parameters: [named("separator"), STR], result: STRINGS, call: split },
  { name: "startswith", parameters: [{ ...STR, unknown: true }, named("prefix")], result: BOOL, call: startsWith },
  question("strcontains", "substr", (text, part) => text.includes(part)),
  ofTwoTexts("trim", "cutset", trim),
  ofTwoTexts("trimprefix", "prefix", (text, prefix) => (text.startsWith(prefix) ? text.slice(prefix.length) : text)),
  ofText("trimspace", trimSpace),
  ofTwoTexts("trimsuffix", "suffix", withoutSuffix),
];
