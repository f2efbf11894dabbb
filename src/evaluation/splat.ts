import type { Diagnostic } from "../core/diagnostics.ts";
import type { Range } from "../core/source.ts";
import type { Expression, SplatExpression, SplatStep } from "../core/syntax.ts";
import type { Value } from "../core/values.ts";
import { tupleValue, UNKNOWN, UNKNOWN_VALUE } from "../core/values.ts";
import { evaluateInto } from "./evaluate.ts";
import { marked } from "./marks.ts";
import { Problem, report } from "./problem.ts";
import type { Scope } from "./scope.ts";
import { attributeStep, index } from "./traversal.ts";
import { describeType, sameType } from "./types.ts";

/**
 * What is no list, tuple or set is taken as a list of itself, and a bare null as an empty one (HCL's spec, "Splat
 * Operators").
 */
export function evaluateSplat(expression: SplatExpression, scope: Scope, diagnostics: Diagnostic[]): Value {
  const { source, steps } = expression;
  const errors = diagnostics.length;
  const value = evaluateInto(source, scope, diagnostics);
  if (diagnostics.length > errors) return UNKNOWN_VALUE;
  return new Splat(source, scope, diagnostics).over(value, steps, source.range);
}

class Splat {
  readonly #source: Expression;
  readonly #scope: Scope;
  readonly #diagnostics: Diagnostic[];

  constructor(source: Expression, scope: Scope, diagnostics: Diagnostic[]) {
    this.#source = source;
    this.#scope = scope;
    this.#diagnostics = diagnostics;
  }

  /** `range` is that of the text before the star, or of the star. */
  over(source: Value, steps: readonly SplatStep[], range: Range): Value {
    const { kind } = source.type;
    const isSequence = kind === "list" || kind === "tuple" || kind === "set";
    if (source.raw === null) {
      if (!isSequence) return marked(tupleValue([]), source.sensitive);
      return this.#report(
        new Problem("A splat of null", `Before the star stands null where ${describeType(source.type)} is needed.`),
        range,
      );
    }
    if (source.raw === UNKNOWN && (isSequence || kind === "dynamic")) return marked(UNKNOWN_VALUE, source.sensitive);
    const items = isSequence ? (source.raw as readonly Value[]) : [source];
    const errors = this.#diagnostics.length;
    const results: Value[] = [];
    for (const item of items) {
      results.push(this.#take(marked(item, source.sensitive), steps));
      if (this.#diagnostics.length > errors) return UNKNOWN_VALUE;
    }
    return marked(collected(results, kind === "list" || kind === "set"), isSequence && source.sensitive);
  }

  #take(item: Value, steps: readonly SplatStep[]): Value {
    const errors = this.#diagnostics.length;
    let value = item;
    for (const step of steps) {
      const result = this.#step(value, step);
      if (result instanceof Problem) return this.#report(result, step.range);
      if (this.#diagnostics.length > errors) return UNKNOWN_VALUE;
      value = result;
    }
    return value;
  }

  #step(value: Value, step: SplatStep): Value | Problem {
    if (step.kind === "attribute") return attributeStep(value, step.name, step.legacyIndex);
    if (step.kind === "splat") return this.over(value, step.steps, step.range);
    const errors = this.#diagnostics.length;
    const key = evaluateInto(step.key, this.#scope, this.#diagnostics);
    return this.#diagnostics.length > errors ? UNKNOWN_VALUE : index(value, key);
  }

  #report(problem: Problem, range: Range): Value {
    return report(problem, range, this.#source, this.#scope, this.#diagnostics);
  }
}

function collected(results: readonly Value[], asList: boolean): Value {
  const tuple = tupleValue(results);
  const [first] = results;
  if (!asList || !first || !results.every((one) => sameType(one.type, first.type))) return tuple;
  return { type: { kind: "list", element: first.type }, raw: results, sensitive: false };
}
