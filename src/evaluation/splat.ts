import type { Diagnostic } from "../core/diagnostics.ts";
import type { Range } from "../core/source.ts";
import type { Expression, SplatExpression, SplatStep } from "../core/syntax.ts";
import type { Type, Value } from "../core/values.ts";
import { tupleValue, UNKNOWN, UNKNOWN_VALUE, unknownValue } from "../core/values.ts";
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
    if (kind === "dynamic") return marked(UNKNOWN_VALUE, source.sensitive);
    if (source.raw === UNKNOWN) return this.#unknown(source, steps);
    const items = isSequence ? (source.raw as readonly Value[]) : [source];
    const errors = this.#diagnostics.length;
    const results: Value[] = [];
    for (const item of items) {
      results.push(this.#take(marked(item, source.sensitive), steps));
      if (this.#diagnostics.length > errors) return UNKNOWN_VALUE;
    }
    const sensitive = isSequence && source.sensitive;
    if (source.type.kind !== "list" && source.type.kind !== "set") return marked(tupleValue(results), sensitive);
    const element = results[0]?.type ?? this.#take(unknownValue(source.type.element), steps).type;
    if (!results.every((one) => sameType(one.type, element))) return marked(tupleValue(results), sensitive);
    return { type: { kind: "list", element }, raw: results, sensitive };
  }

  /** Its type shows what is wrong with the steps all the same; what is no sequence may turn out null. */
  #unknown(source: Value, steps: readonly SplatStep[]): Value {
    const { type, sensitive } = source;
    const results = (type.kind === "tuple" ? type.elements : [sequenceElement(type)]).map(
      (one) => this.#take(unknownValue(one), steps).type,
    );
    if (type.kind === "tuple") return marked(unknownValue({ kind: "tuple", elements: results }), sensitive);
    const [element] = results;
    const isList = element && (type.kind === "list" || type.kind === "set");
    return marked(isList ? unknownValue({ kind: "list", element }) : UNKNOWN_VALUE, sensitive);
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

function sequenceElement(type: Type): Type {
  return type.kind === "list" || type.kind === "set" ? type.element : type;
}
