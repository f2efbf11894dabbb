import type { Type, Value } from "../../core/values.ts";
import { STRING, stringValue } from "../../core/values.ts";
import { Fault } from "../fault.ts";
import type { FunctionDeclaration } from "../functions.ts";

const STRINGS: Type = { kind: "list", element: STRING };

/**
 * Character by character, as Go maps case: what one character becomes is one character, and `ß` stays, where
 * JavaScript makes it `SS`.
 */
function mapCase(text: string, change: (character: string) => string): string {
  // The fast path is exactly the ASCII range.
  if (/^[\x00-\x7f]*$/.test(text)) return change(text);
  let result = "";
  for (const character of text) {
    const changed = change(character);
    if ([...changed].length === 1) result += changed;
    else result += character === "\u0130" ? "i" : character;
  }
  return result;
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
  return stringValue(texts.join(separator.raw as string));
}

function split(separator: Value, text: Value): Value {
  const at = separator.raw as string;
  const whole = text.raw as string;
  const parts = at === "" ? [...whole] : whole.split(at);
  return { type: STRINGS, raw: parts.map(stringValue), sensitive: false };
}

export const textFunctions: readonly FunctionDeclaration[] = [
  {
    name: "join",
    parameters: [{ name: "separator", type: STRING }],
    variadic: { name: "lists", type: STRINGS },
    result: STRING,
    call: join,
  },
  {
    name: "split",
    parameters: [
      { name: "separator", type: STRING },
      { name: "text", type: STRING },
    ],
    result: STRINGS,
    call: split,
  },
  {
    name: "lower",
    parameters: [{ name: "text", type: STRING }],
    result: STRING,
    call: (text: Value) => stringValue(mapCase(text.raw as string, (one) => one.toLowerCase())),
  },
  {
    name: "upper",
    parameters: [{ name: "text", type: STRING }],
    result: STRING,
    call: (text: Value) => stringValue(mapCase(text.raw as string, (one) => one.toUpperCase())),
  },
];
