import { formatNumber } from "../core/bigfloat.ts";
import type { Num, Type, Value } from "../core/values.ts";
import { UNKNOWN } from "../core/values.ts";
import { sortedEntries } from "./order.ts";
import { quote } from "./quote.ts";
import { isTypeText } from "./typeText.ts";

/**
 * A value as Terraform's console shows it: HCL text over several lines, with `tolist(…)`, `toset(…)`, `tomap(…)` where
 * the brackets alone would mean another type, `(known after apply)` and `(sensitive value)` for those parts. What
 * `type()` says is shown without quotes.
 */
export function formatValue(value: Value): string {
  return isTypeText(value) ? String(value.raw) : format(value, 0);
}

function format(value: Value, indent: number): string {
  if (value.sensitive) return "(sensitive value)";
  const { raw, type } = value;
  if (raw === UNKNOWN) return "(known after apply)";
  if (raw === null) return formatNull(type);
  if (typeof raw === "string") return formatText(raw, indent);
  if (typeof raw === "boolean") return String(raw);
  if (Array.isArray(raw)) return wrapped(type, formatItems(raw as readonly Value[], indent));
  if (raw instanceof Map) return wrapped(type, formatEntries(raw as ReadonlyMap<string, Value>, indent));
  return formatNumber(raw as Num);
}

function wrapped({ kind }: Type, text: string): string {
  return kind === "list" || kind === "set" || kind === "map" ? `to${kind}(${text})` : text;
}

function formatItems(items: readonly Value[], indent: number): string {
  if (items.length === 0) return "[]";
  const inner = " ".repeat(indent + 2);
  const lines = items.map((item) => `${inner}${format(item, indent + 2)},\n`);
  return `[\n${lines.join("")}${" ".repeat(indent)}]`;
}

function formatEntries(entries: ReadonlyMap<string, Value>, indent: number): string {
  if (entries.size === 0) return "{}";
  const inner = " ".repeat(indent + 2);
  const lines = [...sortedEntries(entries)].map(
    ([name, item]) => `${inner}${quote(name)} = ${format(item, indent + 2)}\n`,
  );
  return `{\n${lines.join("")}${" ".repeat(indent)}}`;
}

function formatNull(type: Type): string {
  switch (type.kind) {
    case "dynamic":
      return "null";
    case "string":
    case "number":
    case "bool":
      return `to${type.kind}(null)`;
    case "list":
    case "set":
    case "map":
      return `to${type.kind}(null) /* of ${friendlyName(type.element)} */`;
    default:
      return `null /* ${type.kind} */`;
  }
}

/** cty's names of types, which Terraform shows: `list of string`. */
function friendlyName(type: Type): string {
  return type.kind === "list" || type.kind === "set" || type.kind === "map"
    ? `${type.kind} of ${friendlyName(type.element)}`
    : type.kind;
}

/** Several lines become a heredoc; its end marker gets underscores where a line of the text is the marker itself. */
function formatText(text: string, indent: number): string {
  if (!text.includes("\n")) return quote(text);
  const lines = text.split("\n");
  let marker = "EOT";
  while (lines.some((line) => line.trim() === marker)) marker += "_";
  const padding = " ".repeat(indent);
  const body = lines.map((line) => padding + line).join("\n");
  return `<<${indent > 0 ? "-" : ""}${marker}\n${body}\n${padding}${marker}`;
}
