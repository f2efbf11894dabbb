import { characters } from "../../core/characters.ts";
import type { Value } from "../../core/values.ts";
import { NUMBER, STRING } from "../../core/values.ts";
import { Fault } from "../fault.ts";
import type { FunctionDeclaration } from "../functions.ts";
import { textValue } from "./characters.ts";
import { wholeNumber } from "./wholeNumbers.ts";

/**
 * Case by Unicode's simple mappings, as Go's: character by character, whatever the language, and what one character
 * becomes is one character. `ß` stays, where JavaScript makes it `SS`.
 */
function mapCase(text: string, change: (character: string) => string): string {
  let result = "";
  for (const character of text) result += change(character);
  return result;
}

// The fast path is exactly the ASCII range.
const ascii = /^[\x00-\x7f]*$/;

function lower(text: string): string {
  if (ascii.test(text)) return text.toLowerCase();
  // The one letter whose small form JavaScript gives in two characters.
  return mapCase(text, (character) => (character === "\u0130" ? "i" : character.toLowerCase()));
}

function upper(text: string): string {
  return ascii.test(text) ? text.toUpperCase() : mapCase(text, upperCharacter);
}

function upperCharacter(character: string): string {
  const changed = character.toUpperCase();
  return changed.length === character.length ? changed : (iotaForm(character) ?? character);
}

/** Greek letters with an iota below have a capital of one character too, where JavaScript writes the iota beside it. */
function iotaForm(character: string): string | undefined {
  const code = character.charCodeAt(0);
  if (code >= 0x1f80 && code <= 0x1faf) return String.fromCharCode(code | 8);
  return code === 0x1fb3 || code === 0x1fc3 || code === 0x1ff3 ? String.fromCharCode(code + 9) : undefined;
}

/** The letters of which a capital at the head of a word is another than in a word of capitals. */
function titleCharacter(character: string): string {
  const code = character.codePointAt(0) as number;
  if (code >= 0x1c4 && code <= 0x1cc) return code <= 0x1c6 ? "\u01c5" : code <= 0x1c9 ? "\u01c8" : "\u01cb";
  if (code >= 0x1f1 && code <= 0x1f3) return "\u01f2";
  // Georgian has no capitals at the head of a word.
  if ((code >= 0x10d0 && code <= 0x10fa) || (code >= 0x10fd && code <= 0x10ff)) return character;
  return upperCharacter(character);
}

const withinWord = /[\p{L}\p{Nd}_]/u;
/** Of ASCII all that is neither letter nor digit nor underscore parts words, of the rest only spaces. */
const betweenWords = /[\x00-\x7f\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/;

function title(text: string): string {
  let result = "";
  let isHead = true;
  for (const character of text) {
    result += isHead ? titleCharacter(character) : character;
    isHead = !withinWord.test(character) && betweenWords.test(character);
  }
  return result;
}

/** `length` characters from `offset` on; a negative offset counts from the end, a negative length takes all. */
function substring(text: Value, offset: Value, length: Value): Value | Fault {
  const first = wholeNumber(offset, 1);
  if (first instanceof Fault) return first;
  const count = wholeNumber(length, 2);
  if (count instanceof Fault) return count;
  const all = characters(text.raw as string);
  if (first >= 0) return textValue(all.slice(first, count < 0 ? all.length : first + count).join(""));
  const start = Math.max(0, all.length + first);
  // Terraform takes all that is left where nothing is asked for from the end.
  return textValue(all.slice(start, count <= 0 ? all.length : start + count).join(""));
}

function ofText(name: string, change: (text: string) => string): FunctionDeclaration {
  return {
    name,
    parameters: [{ name: "str", type: STRING }],
    result: STRING,
    call: (text: Value) => textValue(change(text.raw as string)),
  };
}

/** Functions that look at single letters and characters. */
export const letterFunctions: readonly FunctionDeclaration[] = [
  ofText("lower", lower),
  ofText("strrev", (text) => [...characters(text)].reverse().join("")),
  {
    name: "substr",
    parameters: [
      { name: "str", type: STRING },
      { name: "offset", type: NUMBER },
      { name: "length", type: NUMBER },
    ],
    result: STRING,
    call: substring,
  },
  ofText("title", title),
  ofText("upper", upper),
];
