import { formatNumber, parseNumber } from "../core/bigfloat.ts";
import { position } from "../core/source.ts";
import type { Num, Value } from "../core/values.ts";
import { boolValue, NULL, numberValue, objectValue, stringValue, tupleValue } from "../core/values.ts";
import { parseJson } from "../language/json/parse.ts";
import type { JsonNode, JsonProblem } from "../language/json/tree.ts";
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
 * twice has its last value, half of a pair of surrogates is U+FFFD, as Go's decoder has it.
 */
export function valueFromJsonText(text: string): Value | JsonFault {
  const { value, problems } = parseJson(text, deepest, { halfPairs: "replace" });
  const [problem] = problems;
  if (problem) return new JsonFault(reasonOf(problem, text));
  return value ? valueOf(value) : NULL;
}

function reasonOf({ summary, start }: JsonProblem, text: string): string {
  const { line, column } = position({ name: "", text }, start);
  // The first word of the summary, where it is a common one.
  const clause = summary.replace(/^[A-Z](?=[a-z ])/, (letter) => letter.toLowerCase());
  return `${clause}, at line ${line}, character ${column}`;
}

function valueOf(node: JsonNode): Value {
  switch (node.kind) {
    case "object": {
      const attributes = node.properties.map(
        ({ name, value }) => [name.value.normalize("NFC"), valueOf(value)] as const,
      );
      return objectValue(sortedMap(new Map(attributes)));
    }
    case "array":
      return tupleValue(node.items.map(valueOf));
    case "string":
      return stringValue(node.value.normalize("NFC"));
    case "number":
      return numberValue(parseNumber(node.text));
    case "word":
      return node.value === null ? NULL : boolValue(node.value);
  }
}
