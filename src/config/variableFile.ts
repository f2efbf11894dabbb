import type { Diagnostic } from "../core/diagnostics.ts";
import { errorDiagnostic } from "../core/diagnostics.ts";
import type { SourceFile } from "../core/source.ts";
import type { Attribute } from "../core/syntax.ts";
import { parseFile } from "../language/parse.ts";

export interface ParsedVariableFile {
  readonly attributes: readonly Attribute[];
  readonly diagnostics: readonly Diagnostic[];
}

/** A file of values: `name = value` lines and nothing else. */
export function parseVariableFile(file: SourceFile): ParsedVariableFile {
  if (file.name.endsWith(".json")) {
    const detail = "Write the values as lines name = value in a file whose name ends in .vars.hcl.";
    const summary = "Variable files in JSON are not supported by this version of labform";
    return { attributes: [], diagnostics: [errorDiagnostic(summary, { detail, subject: file.name })] };
  }
  const { body, diagnostics } = parseFile(file);
  const misplaced = body.blocks.map((block) => {
    const detail =
      block.type === "variable"
        ? "This file gives values: write name = value. A variable is declared in a file *.lab.hcl."
        : "A variable file holds lines name = value only.";
    return errorDiagnostic(`Block "${block.type}" in a variable file`, { detail, range: block.headerRange });
  });
  return { attributes: body.attributes, diagnostics: [...diagnostics, ...misplaced] };
}
