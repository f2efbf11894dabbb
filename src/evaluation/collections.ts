import type { Diagnostic } from "../core/diagnostics.ts";
import type { ObjectExpression, TupleExpression } from "../core/syntax.ts";
import type { Value } from "../core/values.ts";
import { objectValue, STRING, tupleValue, UNKNOWN, UNKNOWN_VALUE } from "../core/values.ts";
import { converted } from "./convert.ts";
import { evaluateInto } from "./evaluate.ts";
import { marked } from "./marks.ts";
import { sortedMap } from "./order.ts";
import { Problem, report } from "./problem.ts";
import type { Scope } from "./scope.ts";

export function evaluateTuple(expression: TupleExpression, scope: Scope, diagnostics: Diagnostic[]): Value {
  return tupleValue(expression.items.map((item) => evaluateInto(item, scope, diagnostics)));
}

/** A key given twice has its last value, as in Terraform. One that is not known leaves the whole object unknown. */
export function evaluateObject(expression: ObjectExpression, scope: Scope, diagnostics: Diagnostic[]): Value {
  const attributes = new Map<string, Value>();
  let sensitive = false;
  let known = true;
  for (const { key, value } of expression.items) {
    const name =
      key.kind === "literal" && typeof key.value === "string" ? key.value : evaluateKey(key, scope, diagnostics);
    const item = evaluateInto(value, scope, diagnostics);
    if (typeof name === "string") {
      attributes.set(name, item);
      continue;
    }
    sensitive ||= name.sensitive;
    if (name.raw === UNKNOWN) known = false;
    else attributes.set(name.raw as string, item);
  }
  if (!known) return marked(UNKNOWN_VALUE, sensitive);
  return marked(objectValue(sortedMap(attributes)), sensitive);
}

/** A string, or unknown (after an error too, which is reported). */
export function evaluateKey(
  key: ObjectExpression["items"][number]["key"],
  scope: Scope,
  diagnostics: Diagnostic[],
): Value {
  const given = evaluateInto(key, scope, diagnostics);
  const result = given.raw === null ? "it is null" : converted(given, STRING);
  if (typeof result !== "string") return result;
  const problem = new Problem("The key must be a string", `This value cannot be a key: ${result}.`);
  return report(problem, key.range, key, scope, diagnostics);
}
