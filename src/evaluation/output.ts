import type { Diagnostic } from "../core/diagnostics.ts";
import { errorDiagnostic } from "../core/diagnostics.ts";
import type { Output } from "../core/lab.ts";
import type { Value } from "../core/values.ts";
import { evaluate } from "./evaluate.ts";
import { containsSensitive } from "./marks.ts";
import type { Scope } from "./scope.ts";

/** The value of an output; one that comes from something sensitive must be declared so. */
export function evaluateOutput(
  { name, expression, sensitive }: Output,
  scope: Scope,
): { readonly value: Value; readonly diagnostics: readonly Diagnostic[] } {
  const { value, diagnostics } = evaluate(expression, scope);
  if (sensitive || !containsSensitive(value)) return { value, diagnostics };
  const detail = `The value of output "${name}" comes from something sensitive. Add sensitive = true to the output if it is meant to be kept.`;
  const refusal = errorDiagnostic("Output refers to sensitive values", { detail, range: expression.range });
  return { value, diagnostics: [...diagnostics, refusal] };
}
