import type { Diagnostic } from "../core/diagnostics.ts";
import { errorDiagnostic } from "../core/diagnostics.ts";
import type { Lab, Variable } from "../core/lab.ts";
import type { SourceFile } from "../core/source.ts";
import { formatRange } from "../core/source.ts";
import type { Attribute } from "../core/syntax.ts";
import { isJsonFile } from "../language/json/expression.ts";
import { parseFile } from "../language/parse.ts";
import { parseJsonValues } from "./jsonBody.ts";

export interface ParsedVariableFile {
  readonly attributes: readonly Attribute[];
  /** False when text could not be read: then what is not in `attributes` may stand in the file all the same. */
  readonly complete: boolean;
  readonly diagnostics: readonly Diagnostic[];
}

/** A file of values: `name = value` lines and nothing else, or an object in JSON. `variables` are those of the lab. */
export function parseVariableFile(file: SourceFile, variables: Lab["variables"]): ParsedVariableFile {
  // An undeclared name may be a sensitive variable's, misspelt.
  const isSecret = (name: string) => variables.get(name)?.sensitive !== false;
  const { body, diagnostics } = isJsonFile(file) ? parseJsonValues(file, isSecret) : parseFile(file);
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
  const before = isJsonFile(file) ? "" : "^\\s*";
  return new RegExp(`${before}"?${name}"?\\s*[=:]`, "mu").test(file.text);
}
