import type { Diagnostic } from "../core/diagnostics.ts";
import type { ConditionalExpression, Expression } from "../core/syntax.ts";
import type { Type, Value } from "../core/values.ts";
import { BOOL, DYNAMIC, UNKNOWN, UNKNOWN_VALUE, unknownValue } from "../core/values.ts";
import { converted } from "./convert.ts";
import { evaluateInto } from "./evaluate.ts";
import { marked } from "./marks.ts";
import { Problem, report } from "./problem.ts";
import type { Scope } from "./scope.ts";
import { describeType } from "./types.ts";
import { unify } from "./unify.ts";

/**
 * Both arms are evaluated, since the result's type is what they have in common; errors count only of the one that is
 * taken.
 */
export function evaluateConditional(expression: ConditionalExpression, scope: Scope, diagnostics: Diagnostic[]): Value {
  const condition = evaluateCondition(expression.condition, scope, diagnostics);
  const thenErrors: Diagnostic[] = [];
  const otherwiseErrors: Diagnostic[] = [];
  const then = evaluateInto(expression.then, scope, thenErrors);
  const otherwise = evaluateInto(expression.otherwise, scope, otherwiseErrors);
  const type = commonType(then, otherwise);
  if (!type) {
    const detail =
      `The two results of a conditional must be of one type, but after "?" stands ${describeType(then.type)} ` +
      `and after ":" ${describeType(otherwise.type)}.`;
    return report(
      new Problem("The results have different types", detail),
      expression.range,
      expression,
      scope,
      diagnostics,
    );
  }
  if (!condition) return UNKNOWN_VALUE;
  if (condition.raw === UNKNOWN) {
    return marked(unknownValue(type), condition.sensitive || then.sensitive || otherwise.sensitive);
  }
  const taken = condition.raw === true;
  diagnostics.push(...(taken ? thenErrors : otherwiseErrors));
  const result = converted(taken ? then : otherwise, type);
  if (typeof result === "string") {
    const chosen = taken ? expression.then : expression.otherwise;
    const detail = `This result does not convert to the type it has in common with the other one: ${result}.`;
    return report(new Problem("The results have different types", detail), chosen.range, chosen, scope, diagnostics);
  }
  return marked(result, condition.sensitive);
}

/** A bool, known or not; undefined after an error, which is reported. */
export function evaluateCondition(expression: Expression, scope: Scope, diagnostics: Diagnostic[]): Value | undefined {
  const errors = diagnostics.length;
  const value = evaluateInto(expression, scope, diagnostics);
  if (diagnostics.length > errors) return undefined;
  const result = value.raw === null ? "it is null" : converted(value, BOOL);
  if (typeof result !== "string") return result;
  const problem = new Problem("The condition must be true or false", `This value is neither: ${result}.`);
  report(problem, expression.range, expression, scope, diagnostics);
  return undefined;
}

function commonType(then: Value, otherwise: Value): Type | undefined {
  if (isBareNull(then)) return otherwise.type;
  if (isBareNull(otherwise)) return then.type;
  if (then.type.kind === "dynamic" || otherwise.type.kind === "dynamic") return DYNAMIC;
  return unify([then.type, otherwise.type]);
}

function isBareNull(value: Value): boolean {
  return value.raw === null && value.type.kind === "dynamic";
}
