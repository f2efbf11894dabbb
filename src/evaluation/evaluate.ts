import type { Diagnostic } from "../core/diagnostics.ts";
import type { Expression, LiteralExpression } from "../core/syntax.ts";
import type { Value } from "../core/values.ts";
import { boolValue, NULL, numberValue, stringValue } from "../core/values.ts";
import { evaluateCall } from "./call.ts";
import { evaluateObject, evaluateTuple } from "./collections.ts";
import { evaluateConditional } from "./conditional.ts";
import { evaluateFor } from "./forExpression.ts";
import { evaluateBinary, evaluateUnary } from "./operators.ts";
import type { Scope } from "./scope.ts";
import { evaluateSplat } from "./splat.ts";
import { evaluateTemplate } from "./template.ts";
import { evaluateTraversal } from "./traversal.ts";
import { evaluateTypeCall, typeCall } from "./typeCall.ts";

/**
 * The value of an expression, as Terraform evaluates it. Unknown values and sensitive marks go through everything.
 * Where there is an error, its part of the value is unknown, and what follows from it is not reported again.
 */
export function evaluate(
  expression: Expression,
  scope: Scope,
): { readonly value: Value; readonly diagnostics: readonly Diagnostic[] } {
  const diagnostics: Diagnostic[] = [];
  const type = typeCall(expression);
  const value = type ? evaluateTypeCall(type, scope, diagnostics) : evaluateInto(expression, scope, diagnostics);
  return { value, diagnostics };
}

/** `evaluate` for the parts of an expression: errors are added to `diagnostics`. */
export function evaluateInto(expression: Expression, scope: Scope, diagnostics: Diagnostic[]): Value {
  switch (expression.kind) {
    case "literal":
      return literal(expression.value);
    case "variable":
    case "attribute":
    case "index":
      return evaluateTraversal(expression, scope, diagnostics);
    case "parentheses":
      return evaluateInto(expression.inner, scope, diagnostics);
    case "template":
      return evaluateTemplate(expression, scope, diagnostics);
    case "tuple":
      return evaluateTuple(expression, scope, diagnostics);
    case "object":
      return evaluateObject(expression, scope, diagnostics);
    case "call":
      return evaluateCall(expression, scope, diagnostics);
    case "unary":
      return evaluateUnary(expression, scope, diagnostics);
    case "binary":
      return evaluateBinary(expression, scope, diagnostics);
    case "conditional":
      return evaluateConditional(expression, scope, diagnostics);
    case "for":
      return evaluateFor(expression, scope, diagnostics);
    case "splat":
      return evaluateSplat(expression, scope, diagnostics);
  }
}

function literal(constant: LiteralExpression["value"]): Value {
  if (typeof constant === "string") return stringValue(constant);
  if (constant === null) return NULL;
  return typeof constant === "boolean" ? boolValue(constant) : numberValue(constant);
}
