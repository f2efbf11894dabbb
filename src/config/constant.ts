import type { Diagnostic } from "../core/diagnostics.ts";
import { errorDiagnostic } from "../core/diagnostics.ts";
import type { Checked } from "../core/lab.ts";
import type { Range } from "../core/source.ts";
import { formatRange } from "../core/source.ts";
import type { Expression } from "../core/syntax.ts";
import type { Value } from "../core/values.ts";
import { evaluate } from "../evaluation/evaluate.ts";
import { constants } from "../evaluation/scope.ts";
import { formatType } from "../evaluation/types.ts";
import type { Wanted } from "../evaluation/variableValue.ts";
import { convertFor } from "../evaluation/variableValue.ts";
import { references } from "../language/references.ts";

/** Evaluates what may refer to nothing and converts it to the variable's type. `role` begins messages. */
export function evaluateConstant(expression: Expression, wanted: Wanted, role: string): Checked<Value> {
  const [reference] = references(expression);
  if (reference) {
    const diagnostic = errorDiagnostic(`${role} must be a constant`, {
      detail: `It is read before anything else of the lab, so it cannot refer to "${reference.root}".${quotesHint(expression)}`,
      range: reference.range,
    });
    return { diagnostics: [diagnostic] };
  }
  const { value, diagnostics } = evaluate(expression, constants);
  if (diagnostics.some((one) => one.severity === "error")) return { diagnostics };
  const converted = convertFor(value, wanted);
  if ("value" in converted) return { value: converted.value, diagnostics };
  return { diagnostics: [...diagnostics, wrongType(role, wanted, converted.error, expression)] };
}

/** A message about a sensitive value must not show the line it stands in: it points at the declaration instead. */
export function concealed(diagnostic: Diagnostic, variable: Wanted & { readonly range: Range }): Diagnostic {
  if (!variable.sensitive || !diagnostic.range) return diagnostic;
  return {
    severity: diagnostic.severity,
    summary: `The value of var.${variable.name} cannot be used`,
    detail: `What is given at ${formatRange(diagnostic.range)} is not of its type, ${formatType(variable.type)}, or is no value at all. It is sensitive and is not shown.`,
    range: variable.range,
  };
}

function wrongType(role: string, wanted: Wanted, error: string, expression: Expression): Diagnostic {
  return errorDiagnostic(`Wrong type for var.${wanted.name}`, {
    detail: `${role} does not fit its type, ${formatType(wanted.type)}: ${error}.`,
    range: expression.range,
  });
}

function quotesHint(expression: Expression): string {
  if (expression.kind !== "variable") return "";
  return ` If text is meant, put it in quotes: "${expression.name}".`;
}
