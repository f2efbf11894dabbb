import type { Diagnostic } from "../core/diagnostics.ts";
import type { Json } from "../core/values.ts";
import { diagnosticDocument } from "./json/diagnostics.ts";
import type { ValidationDocument } from "./json/types.ts";
import { FORMAT_VERSION } from "./json/types.ts";

/** What a command that changes the record alone says with -json. */
export function recordedDocument(facts: { readonly [name: string]: Json }): Json {
  return { format_version: FORMAT_VERSION, ...facts };
}

/** `validate -json`, with OpenTofu's names ("validate" in its documentation). */
export function validationDocument(diagnostics: readonly Diagnostic[]): ValidationDocument {
  const errors = diagnostics.filter((one) => one.severity === "error").length;
  return {
    format_version: FORMAT_VERSION,
    valid: errors === 0,
    error_count: errors,
    warning_count: diagnostics.length - errors,
    diagnostics: diagnostics.map(diagnosticDocument),
  };
}

/** A file that `fmt` looked at. */
export interface FormattedFile {
  readonly name: string;
  readonly changed: boolean;
  /** Where a difference was asked for. */
  readonly diff?: string | undefined;
  /** Where it goes nowhere else: of standard input. */
  readonly text?: string | undefined;
}

/** `fmt -json`. */
export function formatDocument(files: readonly FormattedFile[], diagnostics: readonly Diagnostic[]): object {
  return { format_version: FORMAT_VERSION, files, diagnostics: diagnostics.map(diagnosticDocument) };
}
