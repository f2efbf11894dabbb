import { formatNumber } from "../core/bigfloat.ts";
import { rangeText } from "../core/source.ts";
import type { Expression, Reference } from "../core/syntax.ts";
import type { Num, Value } from "../core/values.ts";
import { UNKNOWN } from "../core/values.ts";
import { references } from "../language/references.ts";
import { sortedEntries } from "./order.ts";
import type { Scope } from "./scope.ts";

const mostReferences = 8;
const longestText = 60;

/** The references in an expression with their values, each once, short and safe to show. */
export function describeReferences(
  expression: Expression,
  scope: Scope,
): readonly { readonly expression: string; readonly value: string }[] {
  const found = new Map<string, string>();
  for (const reference of references(expression)) {
    if (found.size >= mostReferences) break;
    const text = rangeText(reference.range);
    if (found.has(text) || text.includes("\n")) continue;
    const value = resolve(reference, scope);
    if (value) found.set(text, shortValue(value));
  }
  return [...found].map(([text, value]) => ({ expression: text, value }));
}

/** The value at the constant part of a reference; undefined where there is none, which its own error says. */
function resolve(reference: Reference, scope: Scope): Value | undefined {
  const [first, ...rest] = reference.path;
  const member = typeof first === "string" ? scope.member(reference.root, first) : undefined;
  let value = member ?? scope.lookup(reference.root);
  for (const step of member ? rest : reference.path) {
    if (!value || value.sensitive) return value;
    const { raw } = value;
    if (raw instanceof Map) value = (raw as ReadonlyMap<string, Value>).get(String(step));
    else if (Array.isArray(raw)) value = (raw as readonly Value[])[Number(step)];
    else return raw === UNKNOWN ? value : undefined;
  }
  return value;
}

/** One line of at most about 60 characters: `"debian.qcow2"`, `object with 3 attributes`, `(sensitive value)`. */
export function shortValue(value: Value): string {
  if (value.sensitive) return "(sensitive value)";
  const { raw, type } = value;
  if (raw === UNKNOWN) return "(known after apply)";
  if (raw === null) return "null";
  if (typeof raw === "string") return shortText(raw);
  if (typeof raw === "boolean") return String(raw);
  if (Array.isArray(raw)) {
    const items = raw as readonly Value[];
    const whole = `[${items.map(shortValue).join(", ")}]`;
    return whole.length <= longestText ? whole : `${type.kind} with ${counted(items.length, "element")}`;
  }
  if (raw instanceof Map) {
    const entries = raw as ReadonlyMap<string, Value>;
    if (entries.size > 8) return `${type.kind} with ${counted(entries.size, partName(value))}`;
    const parts = [...sortedEntries(entries)].map(([name, item]) => `${name} = ${shortValue(item)}`);
    const whole = parts.length === 0 ? "{}" : `{ ${parts.join(", ")} }`;
    return whole.length <= longestText ? whole : `${type.kind} with ${counted(entries.size, partName(value))}`;
  }
  const text = formatNumber(raw as Num);
  return text.length <= longestText ? text : `${text.slice(0, longestText)}…`;
}

/** `"debian.qcow2"`, cut where it is long. */
export function shortText(text: string): string {
  return JSON.stringify(text.length <= longestText ? text : `${text.slice(0, longestText - 1)}…`);
}

function partName(value: Value): string {
  return value.type.kind === "object" ? "attribute" : "element";
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
