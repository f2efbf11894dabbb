import type { Diagnostic } from "../core/diagnostics.ts";
import type { CallExpression, Expression } from "../core/syntax.ts";
import type { Value } from "../core/values.ts";
import { UNKNOWN_VALUE } from "../core/values.ts";
import { evaluateInto } from "./evaluate.ts";
import type { Scope } from "./scope.ts";
import { typeText } from "./typeText.ts";

/**
 * The call of `type()` that an expression is, parentheses and `"${…}"` around it apart. As in Terraform's console it
 * is for looking at a value: it stands alone and nothing is made of what it says.
 */
export function typeCall(expression: Expression): CallExpression | undefined {
  switch (expression.kind) {
    case "parentheses":
      return typeCall(expression.inner);
    case "template": {
      const [first] = expression.parts;
      return expression.wrap && first?.kind === "interpolation" ? typeCall(first.expression) : undefined;
    }
    case "call":
      return expression.name === "type" && expression.arguments.length === 1 && !expression.expandLast
        ? expression
        : undefined;
    default:
      return undefined;
  }
}

/** The type of the argument, as Terraform's console writes it; it says nothing that is sensitive. */
export function evaluateTypeCall(call: CallExpression, scope: Scope, diagnostics: Diagnostic[]): Value {
  const errors = diagnostics.length;
  const { type } = evaluateInto(call.arguments[0] as Expression, scope, diagnostics);
  if (diagnostics.length > errors) return UNKNOWN_VALUE;
  return typeText(type);
}
