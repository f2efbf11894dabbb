import { formatNumber, numberFromText } from "../core/bigfloat.ts";
import type { Num, Value } from "../core/values.ts";
import { boolValue, NULL, numberValue, objectValue, stringValue, tupleValue } from "../core/values.ts";
import { sortedEntries, sortedMap } from "./order.ts";

/**
 * JSON text of a wholly known value, as Terraform's jsonencode writes it: names sorted, numbers with all their
 * digits, `<`, `>`, `&` and the line separators escaped (Go's encoding/json).
 */
export function valueToJsonText(value: Value): string {
  const { raw } = value;
  if (raw === null || typeof raw === "boolean") return String(raw);
  if (typeof raw === "string") return quoteJson(raw);
  if (Array.isArray(raw)) return `[${(raw as readonly Value[]).map(valueToJsonText).join(",")}]`;
  if (raw instanceof Map) {
    const entries = [...sortedEntries(raw as ReadonlyMap<string, Value>)];
    return `{${entries.map(([name, item]) => `${quoteJson(name)}:${valueToJsonText(item)}`).join(",")}}`;
  }
  return formatNumber(raw as Num);
}

const escaped: { readonly [character: string]: string } = {
  "<": "\\u003c",
  ">": "\\u003e",
  "&": "\\u0026",
  "\u2028": "\\u2028",
  "\u2029": "\\u2029",
};

export function quoteJson(text: string): string {
  return JSON.stringify(text).replace(/[<>&\u2028\u2029]/g, (character) => escaped[character] as string);
}

/** Compact JSON text over several lines, by two spaces a level, as Go's json.MarshalIndent. Numbers keep their digits. */
export function indentJsonText(text: string): string {
  let depth = 0;
  const line = () => `\n${"  ".repeat(depth)}`;
  return text.replace(/"(?:[^"\\]|\\.)*"|\{\}|\[\]|[{}[\],:]/g, (token) => {
    if (token === "{" || token === "[") {
      depth++;
      return token + line();
    }
    if (token === "}" || token === "]") {
      depth--;
      return line() + token;
    }
    if (token === ",") return token + line();
    return token === ":" ? ": " : token;
  });
}

/** Where JSON text is wrong and how: a clause without full stop. */
export class JsonFault {
  readonly reason: string;
  constructor(reason: string) {
    this.reason = reason;
  }
}

const deepest = 1000;

/**
 * The value of JSON text: objects and tuples, numbers exact (JSON.parse would round them to doubles). A name given
 * twice has its last value.
 */
export function valueFromJsonText(text: string): Value | JsonFault {
  const reader = new Reader(text);
  try {
    return reader.document();
  } catch (error) {
    if (error instanceof Unreadable) return new JsonFault(error.message);
    throw error;
  }
}

class Unreadable extends Error {}

class Reader {
  readonly #text: string;
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): Value {
    const value = this.#value();
    this.#skipSpace();
    if (this.#at < this.#text.length) this.#fail("something follows the value");
    return value;
  }

  #fail(what: string): never {
    const before = this.#text.slice(0, this.#at);
    const line = before.split("\n").length;
    throw new Unreadable(`${what} at line ${line}, character ${this.#at - before.lastIndexOf("\n")}`);
  }

  #skipSpace(): void {
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
      this.#at++;
    }
  }

  #value(): Value {
    this.#skipSpace();
    const character = this.#text[this.#at];
    if (character === undefined) this.#fail("the text ends where a value is expected");
    if (character === "{") return this.#nested(() => this.#object());
    if (character === "[") return this.#nested(() => this.#array());
    if (character === '"') return stringValue(this.#string());
    for (const [word, value] of words) {
      if (!this.#text.startsWith(word, this.#at)) continue;
      this.#at += word.length;
      return value;
    }
    return this.#number();
  }

  #nested(read: () => Value): Value {
    if (++this.#depth > deepest) this.#fail("values are nested too deeply");
    this.#at++;
    const value = read();
    this.#depth--;
    return value;
  }

  #object(): Value {
    const attributes = new Map<string, Value>();
    this.#skipSpace();
    if (this.#takes("}")) return objectValue(attributes);
    do {
      this.#skipSpace();
      if (this.#text[this.#at] !== '"') this.#fail("a name in double quotes is expected");
      const name = this.#string();
      this.#skipSpace();
      if (!this.#takes(":")) this.#fail('":" is expected');
      attributes.set(name, this.#value());
      this.#skipSpace();
    } while (this.#takes(","));
    if (!this.#takes("}")) this.#fail('"," or "}" is expected');
    return objectValue(sortedMap(attributes));
  }

  #array(): Value {
    const items: Value[] = [];
    this.#skipSpace();
    if (this.#takes("]")) return tupleValue(items);
    do {
      items.push(this.#value());
      this.#skipSpace();
    } while (this.#takes(","));
    if (!this.#takes("]")) this.#fail('"," or "]" is expected');
    return tupleValue(items);
  }

  #takes(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at++;
    return true;
  }

  #string(): string {
    const start = this.#at;
    for (let at = start + 1; at < this.#text.length; at++) {
      const code = this.#text.charCodeAt(at);
      if (code === 0x5c) at++;
      else if (code === 0x22) {
        this.#at = at + 1;
        return this.#unescaped(this.#text.slice(start, at + 1), start);
      }
    }
    return this.#fail("a string has no end");
  }

  #unescaped(quoted: string, start: number): string {
    try {
      return (JSON.parse(quoted) as string).normalize("NFC");
    } catch {
      this.#at = start;
      return this.#fail("a string with a wrong escape or a control character");
    }
  }

  #number(): Value {
    const match = jsonNumber.exec(this.#text.slice(this.#at, this.#at + 1000));
    const number = match ? numberFromText(match[0]) : undefined;
    if (!match || number === undefined) this.#fail("a value is expected");
    this.#at += match[0].length;
    return numberValue(number);
  }
}

const jsonNumber = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/;

const words: readonly (readonly [string, Value])[] = [
  ["true", boolValue(true)],
  ["false", boolValue(false)],
  ["null", NULL],
];
