import type { Diagnostic } from "../../core/diagnostics.ts";
import type { Range } from "../../core/source.ts";
import { enclosingBlock, lineStart, lineText, position } from "../../core/source.ts";
import type { DiagnosticDocument, PositionDocument, RangeDocument, SnippetDocument } from "./types.ts";

/** As OpenTofu's, with `address`, `subject` and `related` added. */
export function diagnosticDocument(diagnostic: Diagnostic): DiagnosticDocument {
  const { severity, summary, detail, range, related, values, address, subject } = diagnostic;
  return {
    severity,
    summary,
    detail: detail ?? "",
    ...(address === undefined ? {} : { address }),
    ...(subject === undefined ? {} : { subject }),
    ...(range ? { range: rangeDocument(range), snippet: snippet(range, values ?? []) } : {}),
    ...(related ? { related: related.map((one) => ({ message: one.message, range: rangeDocument(one.range) })) } : {}),
  };
}

function rangeDocument(range: Range): RangeDocument {
  return {
    filename: range.file.name,
    start: positionDocument(range, range.start),
    end: positionDocument(range, range.end),
  };
}

function positionDocument({ file }: Range, offset: number): PositionDocument {
  return { ...position(file, offset), byte: Buffer.byteLength(file.text.slice(0, offset)) };
}

/** The whole lines of the range. */
function snippet(range: Range, values: NonNullable<Diagnostic["values"]>): SnippetDocument {
  const { file } = range;
  const first = position(file, range.start).line;
  const last = position(file, Math.max(range.start, range.end - 1)).line;
  const lines: string[] = [];
  for (let line = first; line <= last; line++) lines.push(lineText(file, line));
  const code = lines.join("\n");
  const from = lineStart(file, first);
  // What stands between lines, a carriage return say, is one byte in `code`.
  const offset = (to: number) => {
    const text = file.text.slice(from, to).replaceAll("\r\n", "\n");
    return Math.min(Buffer.byteLength(text), Buffer.byteLength(code));
  };
  return {
    context: enclosingBlock(range) ?? null,
    code,
    start_line: first,
    highlight_start_offset: offset(range.start),
    highlight_end_offset: offset(range.end),
    values: values.map(({ expression, value }) => ({ traversal: expression, statement: `is ${value}` })),
  };
}
