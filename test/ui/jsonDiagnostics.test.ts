import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { errorDiagnostic } from "../../src/core/diagnostics.ts";
import type { SourceFile } from "../../src/core/source.ts";
import { parseFile } from "../../src/language/parse.ts";
import { diagnosticDocument } from "../../src/ui/json/diagnostics.ts";

function documentOf(file: SourceFile, start: number, end: number) {
  const { range, snippet } = diagnosticDocument(errorDiagnostic("wrong", { range: { file, start, end } }));
  if (!range || !snippet) throw new Error("a diagnostic with a range has a place");
  return { range, snippet };
}

/** From the beginning of `from` to the end of `to`. */
function at(text: string, from: string, to = from): readonly [number, number] {
  return [text.indexOf(from), text.indexOf(to, text.indexOf(from)) + to.length];
}

const pieces = fc.constantFrom("a", " ", "\n", "\r\n", "\t", "é", "e\u0301", "日", "👩‍👩‍👧‍👦", "🗻", "{", '"');

describe("a diagnostic's place in JSON", () => {
  it("is in bytes of the file and of the snippet, whatever stands there", () => {
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 60 }), fc.nat(60), fc.nat(20), (parts, first, count) => {
        const text = parts.join("");
        const start = parts.slice(0, first).join("").length;
        const end = parts.slice(0, first + count).join("").length;
        const { range, snippet } = documentOf({ name: "a.lab.hcl", text }, start, end);
        const covered = text.slice(start, end);
        expect(Buffer.from(text).subarray(range.start.byte, range.end.byte).toString()).toBe(covered);
        const lines = covered.replaceAll("\r\n", "\n");
        const shown = Buffer.from(snippet.code)
          .subarray(snippet.highlight_start_offset, snippet.highlight_end_offset)
          .toString();
        // The end of the last line is not part of the snippet.
        expect([lines, lines.replace(/\n$/, "")]).toContain(shown);
        expect(snippet.start_line).toBe(range.start.line);
      }),
    );
  });

  it("is the one that Terraform tells", () => {
    // Recorded from `terraform validate -json` of version 1.11 for this text.
    const text = 'locals {\n  y = 1\n}\n\noutput "zurich" {\n  /* 👩‍👩‍👧‍👦 é */ value = upper("ü🗻") + local.z\n}\n';
    const file = { name: "a.tf", text };
    parseFile(file);
    const { range, snippet } = documentOf(file, ...at(text, "local.z"));
    expect(range).toEqual({
      filename: "a.tf",
      start: { line: 6, column: 35, byte: 101 },
      end: { line: 6, column: 42, byte: 108 },
    });
    expect(snippet).toMatchObject({
      context: 'output "zurich"',
      start_line: 6,
      highlight_start_offset: 63,
      highlight_end_offset: 70,
    });
  });

  it("names the outermost block it is in, and none outside of one", () => {
    const text = '# head\nnode   "r1" {\n  ready {\n    console = "x"\n  }\n}\n\nx = 1\n';
    const file = { name: "a.lab.hcl", text };
    parseFile(file);
    expect(documentOf(file, ...at(text, '"x"')).snippet.context).toBe('node "r1"');
    expect(documentOf(file, ...at(text, "# head")).snippet.context).toBeNull();
    expect(documentOf(file, ...at(text, "x = 1")).snippet.context).toBeNull();
    expect(documentOf(file, ...at(text, "# head", "x = 1")).snippet.context).toBeNull();
    expect(documentOf({ name: "never parsed", text }, ...at(text, '"x"')).snippet.context).toBeNull();
  });
});
