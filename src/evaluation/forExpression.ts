import type { Diagnostic } from "../core/diagnostics.ts";
import type { ForExpression } from "../core/syntax.ts";
import type { Value } from "../core/values.ts";
import { objectValue, tupleValue, UNKNOWN, UNKNOWN_VALUE } from "../core/values.ts";
import { evaluateKey } from "./collections.ts";
import { evaluateCondition } from "./conditional.ts";
import { evaluateInto } from "./evaluate.ts";
import { isIterationKnown, iterate, iterationProblem } from "./iteration.ts";
import { marked } from "./marks.ts";
import { sortedMap } from "./order.ts";
import { Problem, report } from "./problem.ts";
import type { Scope } from "./scope.ts";
import { LocalScope } from "./scope.ts";

/**
 * `[for …]` makes a tuple, `{for …}` an object. One error in the body is reported once, not for every element: the
 * first element with an error ends it.
 */
export function evaluateFor(expression: ForExpression, scope: Scope, diagnostics: Diagnostic[]): Value {
  const errors = diagnostics.length;
  const collection = evaluateInto(expression.collection, scope, diagnostics);
  if (diagnostics.length > errors) return UNKNOWN_VALUE;
  const problem = iterationProblem(collection);
  if (problem) return report(problem, expression.collection.range, expression.collection, scope, diagnostics);
  const loop = new Loop(expression, scope, collection.sensitive);
  if (collection.type.kind !== "dynamic") loop.checkCondition(diagnostics);
  if (diagnostics.length > errors) return UNKNOWN_VALUE;
  if (!isIterationKnown(collection)) return loop.unknown();
  for (const [key, value] of iterate(collection)) {
    loop.add(key, value, diagnostics);
    if (diagnostics.length > errors) return UNKNOWN_VALUE;
  }
  return loop.result();
}

class Loop {
  readonly #expression: ForExpression;
  readonly #scope: LocalScope;
  readonly #items: Value[] = [];
  readonly #attributes = new Map<string, Value>();
  readonly #groups = new Map<string, Value[]>();
  #known = true;
  #sensitive: boolean;

  constructor(expression: ForExpression, scope: Scope, sensitive: boolean) {
    this.#expression = expression;
    this.#scope = new LocalScope(scope, expression.keyName, expression.valueName);
    this.#sensitive = sensitive;
  }

  /** A condition that can never be right is an error even when there is nothing to iterate over. */
  checkCondition(diagnostics: Diagnostic[]): void {
    if (!this.#expression.condition) return;
    this.#scope.bind(UNKNOWN_VALUE, UNKNOWN_VALUE);
    const wanted = evaluateCondition(this.#expression.condition, this.#scope, diagnostics);
    this.#sensitive ||= wanted?.sensitive === true;
  }

  unknown(): Value {
    return marked(UNKNOWN_VALUE, this.#sensitive);
  }

  add(key: Value, value: Value, diagnostics: Diagnostic[]): void {
    const expression = this.#expression;
    const scope = this.#scope;
    scope.bind(key, value);
    if (expression.condition && !this.#wanted(expression.condition, diagnostics)) return;
    if (!expression.key) {
      this.#items.push(evaluateInto(expression.value, scope, diagnostics));
      return;
    }
    const errors = diagnostics.length;
    const name = evaluateKey(expression.key, scope, diagnostics);
    const item = evaluateInto(expression.value, scope, diagnostics);
    this.#sensitive ||= name.sensitive;
    if (name.raw === UNKNOWN) this.#known = false;
    else if (diagnostics.length === errors) this.#put(name, item, expression.key, diagnostics);
  }

  #wanted(condition: NonNullable<ForExpression["condition"]>, diagnostics: Diagnostic[]): boolean {
    const wanted = evaluateCondition(condition, this.#scope, diagnostics);
    if (!wanted) return false;
    this.#sensitive ||= wanted.sensitive;
    if (wanted.raw === UNKNOWN) this.#known = false;
    return wanted.raw === true;
  }

  #put(key: Value, item: Value, expression: NonNullable<ForExpression["key"]>, diagnostics: Diagnostic[]): void {
    const name = key.raw as string;
    if (this.#expression.group) {
      const group = this.#groups.get(name);
      if (group) group.push(item);
      else this.#groups.set(name, [item]);
    } else if (this.#attributes.has(name)) {
      const which = this.#sensitive ? "the same key" : `the key ${JSON.stringify(name)}`;
      const detail = `Two elements give ${which}. Put "..." after the value to collect all values of a key in a list.`;
      report(new Problem("A key occurs twice", detail), expression.range, expression, this.#scope, diagnostics);
    } else {
      this.#attributes.set(name, item);
    }
  }

  result(): Value {
    if (!this.#known) return marked(UNKNOWN_VALUE, this.#sensitive);
    if (!this.#expression.key) return marked(tupleValue(this.#items), this.#sensitive);
    for (const [name, items] of this.#groups) this.#attributes.set(name, tupleValue(items));
    return marked(objectValue(sortedMap(this.#attributes)), this.#sensitive);
  }
}
