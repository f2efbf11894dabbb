import type { Diagnostic } from "../core/diagnostics.ts";
import { formatRange } from "../core/source.ts";
import type { Palette } from "./colour.ts";
import { palette } from "./colour.ts";
import { excerpt } from "./excerpt.ts";
import { cut, padEnd, printable, wrap } from "./text.ts";

export interface DiagnosticOptions {
  readonly colour: boolean;
  /** Cells of a line. */
  readonly width: number;
}

/** A diagnostic as its reader wants it: what, where, with what values, what else, why and what to do. Ends with a line break. */
export function renderDiagnostic(diagnostic: Diagnostic, { colour, width }: DiagnosticOptions): string {
  const colours = palette(colour);
  const mark = diagnostic.severity === "error" ? colours.red : colours.yellow;
  const paragraphs = [
    headline(diagnostic, colours, mark),
    about(diagnostic),
    place(diagnostic, width, mark, colours),
    ...(diagnostic.related ?? []).map(({ message, range }) => [
      `  ${printable(formatRange(range))}: ${printable(message)}`,
      ...excerpt(range, width - 2, colours.cyan, colours),
    ]),
    diagnostic.detail === undefined ? [] : detailLines(diagnostic.detail, width),
  ];
  const shown = paragraphs.filter((lines) => lines.length > 0);
  return `${shown.map((lines) => lines.join("\n")).join("\n\n")}\n`;
}

function headline({ severity, summary }: Diagnostic, colours: Palette, mark: (text: string) => string): string[] {
  return [`${colours.bold(mark(severity === "error" ? "Error:" : "Warning:"))} ${colours.bold(printable(summary))}`];
}

function about({ address, subject }: Diagnostic): string[] {
  const parts = [address, subject].filter((part) => part !== undefined);
  return parts.length === 0 ? [] : [`  ${printable(parts.join(": "))}`];
}

function place(
  { range, values }: Diagnostic,
  width: number,
  mark: (text: string) => string,
  colours: Palette,
): string[] {
  if (!range) return valueLines(values ?? [], width);
  return [
    `  ${printable(formatRange(range))}`,
    ...excerpt(range, width - 2, mark, colours),
    ...valueLines(values ?? [], width),
  ];
}

function valueLines(values: NonNullable<Diagnostic["values"]>, width: number): string[] {
  const names = values.map(({ expression }) => printable(expression));
  const longest = Math.min(40, Math.max(0, ...names.map((name) => name.length)));
  return values.map(({ value }, at) => {
    const begin = `    ${at === 0 ? "with" : "    "} ${padEnd(names[at] as string, longest)} = `;
    return cut(begin + printable(value.replaceAll("\n", "⏎")), Math.max(width, begin.length + 10));
  });
}

/** Indented by two. Lines that are indented already (a program's output, a list) are not folded into each other. */
export function detailLines(detail: string, width: number): string[] {
  return detail
    .replace(/\n+$/, "")
    .split("\n")
    .flatMap((line) => {
      const indent = /^ */.exec(line)?.[0] ?? "";
      const text = printable(line.slice(indent.length));
      return wrap(text, Math.max(30, width - 2 - indent.length)).map((part) => `  ${indent}${part}`.trimEnd());
    });
}
