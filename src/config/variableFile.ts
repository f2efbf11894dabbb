import type { Diagnostic } from "../core/diagnostics.ts";
import { errorDiagnostic } from "../core/diagnostics.ts";
import type { Lab, Variable } from "../core/lab.ts";
import type { SourceFile } from "../core/source.ts";
import { formatRange } from "../core/source.ts";
import type { Attribute } from "../core/syntax.ts";
import { parseFile } from "../language/parse.ts";

export interface ParsedVariableFile {
  readonly attributes: readonly Attribute[];
  /** False when text could not be read: then what is not in `attributes` may stand in the file all the same. */
  readonly complete: boolean;
  readonly diagnostics: readonly Diagnostic[];
}

/** A file of values: `name = value` lines and nothing else. `variables` are those of the lab. */
export function parseVariableFile(file: SourceFile, variables: Lab["variables"]): ParsedVariableFile {
  if (file.name.endsWith(".json")) {
    const detail = "Write the values as lines name = value in a file whose name ends in .vars.hcl.";
    const summary = "Variable files in JSON are not supported by this version of labform";
    const refusal = errorDiagnostic(summary, { detail, subject: file.name });
    return { attributes: [], complete: false, diagnostics: [refusal] };
  }
  const { body, diagnostics } = parseFile(file);
  const misplaced = body.blocks.map((block) => {
    const detail =
      block.type === "variable"
        ? "This file gives values: write name = value. A variable is declared in a file *.lab.hcl."
        : "A variable file holds lines name = value only.";
    return errorDiagnostic(`Block "${block.type}" in a variable file`, { detail, range: block.headerRange });
  });
  return {
    attributes: body.attributes,
    complete: diagnostics.length === 0,
    diagnostics: [...withoutText(diagnostics, file, variables), ...misplaced],
  };
}

/** A line that cannot be read may be part of a sensitive value, so of a file that has one no line is shown. */
function withoutText(
  diagnostics: readonly Diagnostic[],
  file: SourceFile,
  variables: Lab["variables"],
): readonly Diagnostic[] {
  if (diagnostics.length === 0) return diagnostics;
  const secret = [...variables.values()].find((one) => one.sensitive && setsValue(file, one));
  if (!secret) return diagnostics;
  return diagnostics.map(({ range }) =>
    errorDiagnostic(`${file.name} cannot be read`, {
      subject: range ? formatRange(range) : file.name,
      detail: `There is a mistake in its text here. It gives a value to var.${secret.name}, which is sensitive, so no line of it is shown.`,
    }),
  );
}

function setsValue(file: SourceFile, { name }: Variable): boolean {
  return new RegExp(`^\\s*"?${name}"?\\s*[=:]`, "mu").test(file.text);
}
