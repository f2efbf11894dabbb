import { add, compare, divide, multiply, negate, remainder, subtract } from "../core/bigfloat.ts";
import type { Diagnostic } from "../core/diagnostics.ts";
import type { BinaryExpression, BinaryOperator, Expression, UnaryExpression } from "../core/syntax.ts";
import type { Num, Type, Value } from "../core/values.ts";
import { BOOL, boolValue, NUMBER, numberValue, UNKNOWN, UNKNOWN_VALUE, unknownValue } from "../core/values.ts";
import { converted } from "./convert.ts";
import { equal } from "./equality.ts";
import { evaluateInto } from "./evaluate.ts";
import { containsSensitive, marked } from "./marks.ts";
import { Problem, report } from "./problem.ts";
import type { Scope } from "./scope.ts";

export function evaluateUnary(expression: UnaryExpression, scope: Scope, diagnostics: Diagnostic[]): Value {
  const type = expression.operator === "-" ? NUMBER : BOOL;
  const given = evaluateInto(expression.operand, scope, diagnostics);
  const operand = checked(given, type, expression.operator, expression.operand, scope, diagnostics);
  if (!operand) return UNKNOWN_VALUE;
  const { raw, sensitive } = operand;
  if (raw === UNKNOWN) return operand;
  return marked(type === NUMBER ? numberValue(negate(raw as Num)) : boolValue(!raw), sensitive);
}

export function evaluateBinary(expression: BinaryExpression, scope: Scope, diagnostics: Diagnostic[]): Value {
  const { operator } = expression;
  const left = evaluateInto(expression.left, scope, diagnostics);
  const right = evaluateInto(expression.right, scope, diagnostics);
  if (operator === "&&" || operator === "||") return logical(expression, left, right, scope, diagnostics);
  if (operator === "==" || operator === "!=") return equality(operator, left, right);
  const a = checked(left, NUMBER, operator, expression.left, scope, diagnostics);
  const b = checked(right, NUMBER, operator, expression.right, scope, diagnostics);
  if (!a || !b) return UNKNOWN_VALUE;
  const sensitive = a.sensitive || b.sensitive;
  if ((operator === "/" || operator === "%") && b.raw === 0) {
    const problem = new Problem("Division by zero", `The right side of "${operator}" is 0.`);
    return report(problem, expression.right.range, expression, scope, diagnostics);
  }
  if (a.raw === UNKNOWN || b.raw === UNKNOWN) return marked(unknownValue(resultType(operator)), sensitive);
  return marked(calculate(operator, a.raw as Num, b.raw as Num), sensitive);
}

function resultType(operator: BinaryOperator): Type {
  return operator === "<" || operator === "<=" || operator === ">" || operator === ">=" ? BOOL : NUMBER;
}

function calculate(operator: BinaryOperator, left: Num, right: Num): Value {
  switch (operator) {
    case "+":
      return numberValue(add(left, right));
    case "-":
      return numberValue(subtract(left, right));
    case "*":
      return numberValue(multiply(left, right));
    case "/":
      return numberValue(divide(left, right));
    case "%":
      return numberValue(remainder(left, right));
    case "<":
      return boolValue(compare(left, right) < 0);
    case "<=":
      return boolValue(compare(left, right) <= 0);
    case ">":
      return boolValue(compare(left, right) > 0);
    case ">=":
      return boolValue(compare(left, right) >= 0);
    default:
      throw new Error(`${operator} is not a number's`);
  }
}

function equality(operator: "==" | "!=", left: Value, right: Value): Value {
  const same = equal(left, right);
  const result = same === undefined ? unknownValue(BOOL) : boolValue(same === (operator === "=="));
  return marked(result, containsSensitive(left) || containsSensitive(right));
}

/**
 * Both sides are evaluated and must be good, though one alone may decide the result, even where the other is unknown:
 * so Terraform has it up to 1.11.
 */
function logical(
  expression: BinaryExpression,
  left: Value,
  right: Value,
  scope: Scope,
  diagnostics: Diagnostic[],
): Value {
  const { operator } = expression;
  const a = checked(left, BOOL, operator, expression.left, scope, diagnostics);
  const b = checked(right, BOOL, operator, expression.right, scope, diagnostics);
  if (!a || !b) return UNKNOWN_VALUE;
  const sensitive = a.sensitive || b.sensitive;
  const decisive = operator === "||";
  if (a.raw === decisive || b.raw === decisive) return marked(boolValue(decisive), sensitive);
  return marked(a.raw === UNKNOWN ? a : b, sensitive);
}

/** The operand as the operator needs it; undefined after an error, which is reported. */
function checked(
  operand: Value,
  type: Type,
  operator: string,
  expression: Expression,
  scope: Scope,
  diagnostics: Diagnostic[],
): Value | undefined {
  const { raw } = operand;
  if (raw !== null && operand.type.kind === type.kind) return operand;
  const result = raw === null ? "it is null" : converted(operand, type);
  if (typeof result !== "string") return result;
  const problem = new Problem(`"${operator}" needs a ${type.kind}`, `This operand does not fit: ${result}.`);
  report(problem, expression.range, expression, scope, diagnostics);
  return undefined;
}
