import type { Diagnostic } from "../core/diagnostics.ts";
import { hasErrors } from "../core/diagnostics.ts";
import type { Checked } from "../core/lab.ts";
import type { Expression } from "../core/syntax.ts";
import type { Value } from "../core/values.ts";
import { evaluate } from "../evaluation/evaluate.ts";
import type { PlanInput } from "./plan.ts";
import { walkLab } from "./plan.ts";

/**
 * The value of an expression as if it stood in the root of the lab: with what is recorded where it stays as it is, and
 * unknown where the lab files want something else.
 */
export async function evaluateInLab(input: PlanInput, expression: Expression): Promise<Checked<Value>> {
  const { value: walked, diagnostics } = await walkLab(input);
  const found: Diagnostic[] = [...diagnostics, ...(walked?.walked.diagnostics ?? [])];
  if (!walked || hasErrors(found)) return { diagnostics: found };
  const result = evaluate(expression, walked.walked.root);
  found.push(...result.diagnostics);
  return hasErrors(result.diagnostics) ? { diagnostics: found } : { value: result.value, diagnostics: found };
}
