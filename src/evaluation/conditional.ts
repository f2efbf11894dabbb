import type { Diagnostic } from "../core/diagnostics.ts";
import type { ConditionalExpression, Expression } from "../core/syntax.ts";
import type { Type, Value } from "../core/values.ts";
import { BOOL, DYNAMIC, UNKNOWN, UNKNOWN_VALUE } from "../core/values.ts";
import { converted } from "./convert.ts";
import { evaluateInto } from "./evaluate.ts";
import { marked } from "./marks.ts";
import { compareText } from "./order.ts";
import { Problem, report } from "./problem.ts";
import type { Scope } from "./scope.ts";
import { describeType, sameType } from "./types.ts";
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
    const detail = `The two results of a conditional must be of one type, but ${difference(then.type, otherwise.type)}.`;
    return report(
      new Problem("The results have different types", detail),
      expression.range,
      expression,
      scope,
      diagnostics,
    );
  }
  if (!condition) return UNKNOWN_VALUE;
  // Which of them was taken tells something of all three.
  const sensitive = condition.sensitive || then.sensitive || otherwise.sensitive;
  if (condition.raw === UNKNOWN) {
    const isNull = then.raw === null && otherwise.raw === null;
    return { type, raw: isNull ? null : UNKNOWN, sensitive };
  }
  const taken = condition.raw === true;
  diagnostics.push(...(taken ? thenErrors : otherwiseErrors));
  const result = converted(taken ? then : otherwise, type);
  if (typeof result === "string") {
    const chosen = taken ? expression.then : expression.otherwise;
    const detail = `This result does not convert to the type it has in common with the other one: ${result}.`;
    return report(new Problem("The results have different types", detail), chosen.range, chosen, scope, diagnostics);
  }
  return marked(result, sensitive);
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

function isBareNull({ raw, type, sensitive }: Value): boolean {
  return raw === null && type.kind === "dynamic" && !sensitive;
}

/** Where two types that have nothing in common differ first. */
function difference(then: Type, otherwise: Type): string {
  return within(then, otherwise) ?? `after "?" stands ${describeType(then)} and after ":" ${describeType(otherwise)}`;
}

/** Undefined where the types as a whole say it as well as their parts. */
function within(then: Type, otherwise: Type): string | undefined {
  if (then.kind === "object" && otherwise.kind === "object") return attributesApart(then, otherwise);
  if (then.kind === "tuple" && otherwise.kind === "tuple") {
    const count = then.elements.length;
    const other = otherwise.elements.length;
    if (count !== other)
      return `the tuple after "?" has ${elements(count)} and the one after ":" has ${elements(other)}`;
    const at = then.elements.findIndex((one, index) => !sameType(one, otherwise.elements[index] as Type));
    return at === -1 ? undefined : inPart(`element ${at}`, then.elements[at], otherwise.elements[at]);
  }
  if (then.kind === otherwise.kind && (then.kind === "list" || then.kind === "set" || then.kind === "map")) {
    return inPart("the elements", then.element, (otherwise as typeof then).element);
  }
  return undefined;
}

function elements(count: number): string {
  return count === 1 ? "one element" : `${count} elements`;
}

function attributesApart(
  then: Extract<Type, { readonly kind: "object" }>,
  otherwise: Extract<Type, { readonly kind: "object" }>,
): string | undefined {
  for (const name of [...then.attributes.keys()].sort(compareText)) {
    const one = then.attributes.get(name);
    const other = otherwise.attributes.get(name);
    if (!other) return `the object after "?" has an attribute ${JSON.stringify(name)}, which the one after ":" has not`;
    if (!sameType(one as Type, other)) return inPart(`attribute ${JSON.stringify(name)}`, one, other);
  }
  const more = [...otherwise.attributes.keys()].sort(compareText).find((name) => !then.attributes.has(name));
  if (more === undefined) return undefined;
  return `the object after ":" has an attribute ${JSON.stringify(more)}, which the one after "?" has not`;
}

function inPart(part: string, then: Type | undefined, otherwise: Type | undefined): string {
  return `in ${part}, ${difference(then as Type, otherwise as Type)}`;
}
