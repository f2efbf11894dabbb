import type { Json } from "../core/values.ts";
import { palette } from "./colour.ts";
import { printable } from "./text.ts";
import { quote, quoteValue } from "./value.ts";

export interface ShownOutput {
  readonly sensitive: boolean;
  /** Terraform's JSON form of a type: `"string"`, `["list","number"]`. */
  readonly type: unknown;
  /** Absent where it is sensitive or not known yet. */
  readonly value?: unknown;
}

/**
 * The outputs as Terraform shows them, in the order of their names; "" when there are none. With `bare` the values
 * alone, for one that was asked for by name.
 */
export function renderOutputs(
  outputs: { readonly [name: string]: ShownOutput },
  { colour, bare = false }: { readonly colour: boolean; readonly bare?: boolean },
): string {
  const { bold } = palette(colour);
  const lines = Object.keys(outputs)
    .sort()
    .map((name) => `${bare ? "" : `${bold(name)} = `}${renderOutput(outputs[name] as ShownOutput)}\n`);
  return lines.join("");
}

function renderOutput({ sensitive, type, value }: ShownOutput): string {
  if (sensitive) return "<sensitive>";
  if (value === undefined) return "(not known yet)";
  return valueLines(value as Json, type, false).join("\n");
}

/** The words in which Terraform's console writes a collection, since `[` and `{` alone mean tuple and object. */
const collections: ReadonlyMap<string, string> = new Map([
  ["list", "tolist("],
  ["set", "toset("],
  ["map", "tomap("],
]);

function valueLines(value: Json, type: unknown, nested: boolean): string[] {
  if (value === null) return [nullText(type)];
  // Numbers with more digits than a double holds are recorded as strings.
  if (type === "number") return [String(value)];
  if (typeof value === "string") return value.includes("\n") ? heredoc(value, nested) : [quoteValue(value)];
  if (typeof value !== "object") return [String(value)];
  const [kind, inner] = Array.isArray(type) ? (type as [string, unknown]) : ["dynamic", undefined];
  const open = collections.get(kind) ?? "";
  const close = open === "" ? "" : ")";
  if (Array.isArray(value)) {
    const items = value as readonly Json[];
    if (items.length === 0) return [`${open}[]${close}`];
    const lines = items.flatMap((item, at) => ended(valueLines(item, elementType(kind, inner, at), true), ","));
    return [`${open}[`, ...indented(lines), `]${close}`];
  }
  const names = Object.keys(value).sort();
  if (names.length === 0) return [`${open}{}${close}`];
  const lines = names.flatMap((name) => {
    const item = (value as { readonly [name: string]: Json })[name] as Json;
    const [first, ...rest] = valueLines(item, entryType(kind, inner, name), true);
    return [`${quote(name)} = ${first}`, ...rest];
  });
  return [`${open}{`, ...indented(lines), `}${close}`];
}

function elementType(kind: string, inner: unknown, at: number): unknown {
  return kind === "tuple" ? (inner as readonly unknown[])[at] : inner;
}

function entryType(kind: string, inner: unknown, name: string): unknown {
  return kind === "object" ? (inner as { readonly [name: string]: unknown })[name] : inner;
}

/** `tostring(null)` for a null that has a type. */
function nullText(type: unknown): string {
  return type === "string" || type === "number" || type === "bool" ? `to${type}(null)` : "null";
}

/** Inside another value the text's last line break is not shown as an empty line, as in Terraform. */
function heredoc(text: string, nested: boolean): string[] {
  const lines = (nested ? text.replace(/\n$/, "") : text).split("\n").map((line) => printable(line));
  return [nested ? "<<-EOT" : "<<EOT", ...lines, "EOT"];
}

function ended(lines: string[], tail: string): string[] {
  return [...lines.slice(0, -1), `${lines[lines.length - 1] as string}${tail}`];
}

function indented(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`);
}
