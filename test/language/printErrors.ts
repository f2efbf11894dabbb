import type { Diagnostic } from "../../src/core/diagnostics.ts";
import { position, type Range } from "../../src/core/source.ts";

/** `1:5-1:7 summary`, then the detail and the related places, indented. */
export function printErrors(diagnostics: readonly Diagnostic[]): string {
  return diagnostics
    .map((one) => {
      const lines = [`${place(one.range)} ${one.summary}`];
      if (one.detail) lines.push(`  ${one.detail}`);
      for (const related of one.related ?? []) lines.push(`  ${place(related.range)} ${related.message}`);
      return `${lines.join("\n")}\n`;
    })
    .join("");
}

function place(range: Range | undefined): string {
  if (!range) return "nowhere";
  const start = position(range.file, range.start);
  const end = position(range.file, range.end);
  return `${start.line}:${start.column}-${end.line}:${end.column}`;
}
