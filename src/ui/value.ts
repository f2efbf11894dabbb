import type { Path, Planned } from "../core/values.ts";
import { UNKNOWN } from "../core/values.ts";
import { displayWidth, padEnd, printable } from "./text.ts";

/** What stands for a value that is not shown. */
export interface Words {
  readonly unknown: string;
  readonly sensitive: string;
}

export const WORDS: Words = { unknown: "(known after apply)", sensitive: "(sensitive value)" };

/** Paths, relative to a value, that must not be shown. */
export interface Concealed {
  readonly paths: readonly Path[];
}

export const SHOWN: Concealed = { paths: [] };

/** Whether the value itself is concealed. */
export function isConcealed({ paths }: Concealed): boolean {
  return paths.some((path) => path.length === 0);
}

/** What is concealed inside the element at `step`. */
export function inside({ paths }: Concealed, step: string | number): Concealed {
  if (paths.length === 0) return SHOWN;
  return { paths: paths.filter((path) => path[0] === step).map((path) => path.slice(1)) };
}

/**
 * Plain data as HCL text, one entry a line; the first line is what follows an equals sign, the others are indented
 * as they stand beneath it, by `step` spaces a level. Lines of a heredoc hold the text as it is, not the indent.
 */
export function formatPlanned(
  value: Planned,
  options: { readonly concealed?: Concealed; readonly words?: Words; readonly step?: number } = {},
): string[] {
  const { concealed = SHOWN, words = WORDS, step = 4 } = options;
  if (isConcealed(concealed)) return [words.sensitive];
  if (value === UNKNOWN) return [words.unknown];
  if (typeof value === "string") return value.includes("\n") ? heredoc(value, step) : [quote(value)];
  if (value === null || typeof value !== "object") return [String(value)];
  const indent = " ".repeat(step);
  const nested = (item: Planned, at: string | number) =>
    formatPlanned(item, { concealed: inside(concealed, at), words, step });

  if (Array.isArray(value)) {
    const items = value as readonly Planned[];
    if (items.length === 0) return ["[]"];
    const lines = items.flatMap((item, at) => {
      const [first, ...rest] = nested(item, at) as [string, ...string[]];
      const all = [first, ...rest].map((line) => indent + line);
      all[all.length - 1] += ",";
      return all;
    });
    return ["[", ...lines, "]"];
  }
  const entries = Object.entries(value as { readonly [key: string]: Planned }).sort(([left], [right]) =>
    left < right ? -1 : 1,
  );
  if (entries.length === 0) return ["{}"];
  const names = entries.map(([name]) => keyText(name));
  const width = Math.max(...names.map(displayWidth));
  const lines = entries.flatMap(([name, item], at) => {
    const [first, ...rest] = nested(item, name) as [string, ...string[]];
    return [`${indent}${padEnd(names[at] as string, width)} = ${first}`, ...rest.map((line) => indent + line)];
  });
  return ["{", ...lines, "}"];
}

/** An object's key, in quotes where it is no identifier. */
export function keyText(name: string): string {
  if (/^[A-Za-z_][\w-]*$/.test(name)) return name;
  return /^[\p{ID_Start}_][\p{ID_Continue}-]*$/u.test(name) ? name : quote(name);
}

/** Most texts: a quoted one is the same, in a template too. */
function isHarmless(text: string): boolean {
  return /^[ !#&-[\]-~]*$/.test(text);
}

/** A quoted template without interpolation, as HCL reads it. */
export function quote(text: string): string {
  if (isHarmless(text)) return `"${text}"`;
  return quoteValue(text.replace(/[$%](?=\{)/g, "$&$&"));
}

/** As Terraform shows a value: what would begin a template is left as it is. Control characters are escaped. */
export function quoteValue(text: string): string {
  if (isHarmless(text)) return `"${text}"`;
  const escaped = text
    .replace(/[\\"]/g, "\\$&")
    .replaceAll("\n", "\\n")
    .replaceAll("\r", "\\r")
    .replaceAll("\t", "\\t")
    .replace(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, (character) => {
      return `\\u${(character.codePointAt(0) as number).toString(16).padStart(4, "0")}`;
    });
  return `"${escaped}"`;
}

/** The lines of a text for a heredoc, harmless to a terminal. */
export function heredocLines(text: string): string[] {
  const lines = text.split("\n");
  if (lines[lines.length - 1] === "") lines.pop();
  return lines.map((line) => printable(line));
}

function heredoc(text: string, step: number): string[] {
  const indent = " ".repeat(step);
  return ["<<-EOT", ...heredocLines(text).map((line) => indent + line), "EOT"];
}
