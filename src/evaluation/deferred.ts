import type { InstanceKey } from "../core/addresses.ts";
import { parseAddress } from "../core/addresses.ts";
import type { Diagnostic } from "../core/diagnostics.ts";
import type { Captured, CapturedVariable, Deferred, Readings } from "../core/plan.ts";
import type { SourceFile } from "../core/source.ts";
import { formatRange, rangeText } from "../core/source.ts";
import type { Expression, Reference } from "../core/syntax.ts";
import type { Value } from "../core/values.ts";
import { objectValue, UNKNOWN_VALUE } from "../core/values.ts";
import { parseExpressionOf } from "../language/json/expression.ts";
import { evaluate } from "./evaluate.ts";
import { mayCallOutside } from "./functions/outside.ts";
import { valueFromJson } from "./json.ts";
import { marked } from "./marks.ts";
import { markPaths } from "./plain.ts";
import { readAhead } from "./readAhead.ts";
import { keptSurroundings, remembering } from "./readings.ts";
import { nameOf, referredIn } from "./referred.ts";
import type { Scope } from "./scope.ts";
import { shaped } from "./shaped.ts";
import { describeReferences } from "./shown.ts";
import type { Surroundings } from "./surroundings.ts";
import { typeFromJson } from "./types.ts";
import { variableValue } from "./variableValue.ts";

/**
 * An expression as a plan keeps it: its text and what it refers to, each name described once (see `Referred`). With
 * the `scope` it was evaluated in, what its functions read of the world outside is kept with it.
 */
export function capture(
  expression: Expression,
  describe: (root: string, member: string | undefined, references: readonly Reference[]) => Captured,
  scope?: Scope,
): Deferred {
  const captured = new Map<string, Captured>();
  for (const { root, member, references } of referredIn(expression)) {
    // What `self` is is one instance, whatever is asked of it.
    captured.set(root === "self" ? root : nameOf(root, member), describe(root, member, references));
  }
  const text = rangeText(expression.range);
  // In JSON a function's name can be written with escapes.
  const readings =
    scope?.surroundings && (mayCallOutside(text) || text.includes("\\u")) ? readingsOf(expression, scope) : undefined;
  return {
    text,
    at: formatRange(expression.range),
    captured: Object.fromEntries(captured),
    ...(readings ? { readings } : {}),
  };
}

/** Evaluates once more to learn what is read by this expression alone, or may be when more is known. */
function readingsOf(expression: Expression, scope: Scope): Readings {
  const { surroundings, readings } = remembering(scope.surroundings as Surroundings);
  const reading: Scope = {
    member: (root, name) => scope.member(root, name),
    lookup: (root) => scope.lookup(root),
    names: (root) => scope.names(root),
    element: (root) => scope.element?.(root),
    surroundings,
  };
  evaluate(expression, reading);
  readAhead(expression, reading);
  return readings();
}

/**
 * The value of a captured expression, now that more is known. `instance` gives an instance's value by its address,
 * `time` is the apply's in ISO 8601. Files are as they were at plan. Diagnostics
 * point at the expression's place in its lab file, though that is not opened.
 */
export function evaluateDeferred(
  deferred: Deferred,
  instance: (address: string) => Value,
  time: string,
): { readonly value: Value; readonly diagnostics: readonly Diagnostic[] } {
  const known = new Known(deferred, instance, time);
  const value = known.evaluate(deferred);
  return { value, diagnostics: known.diagnostics };
}

/** Where a captured expression stands, in a file with nothing else in it, and the values of what it refers to. */
export function placeOfDeferred(
  deferred: Deferred,
  instance: (address: string) => Value,
  time: string,
): Pick<Diagnostic, "range" | "values"> {
  const { expression } = parseExpressionOf(inPlace(deferred));
  if (!expression) return {};
  return {
    range: expression.range,
    values: describeReferences(expression, new CapturedScope(deferred, new Known(deferred, instance, time))),
  };
}

/** The text at the line and column it came from, in a file with nothing else in it. */
function inPlace({ text, at }: Deferred): SourceFile {
  const match = /^(.*):(\d+):(\d+)$/s.exec(at);
  if (!match) return { name: at, text };
  const before = "\n".repeat(Number(match[2]) - 1) + " ".repeat(Number(match[3]) - 1);
  return { name: match[1] as string, text: before + text };
}

/** What is known at apply, while one outermost expression is evaluated. */
class Known {
  readonly diagnostics: Diagnostic[] = [];
  readonly time: string;
  readonly #instance: (address: string) => Value;
  readonly #parts = new Map<string, Value>();

  constructor({ parts = {} }: Deferred, instance: (address: string) => Value, time: string) {
    this.#instance = instance;
    this.time = time;
    // Each stands after those it refers to, so however long a chain of them is, none waits for another.
    for (const [name, part] of Object.entries(parts)) this.#parts.set(name, this.resolve(part));
  }

  evaluate(deferred: Deferred): Value {
    const { expression, diagnostics } = parseExpressionOf(inPlace(deferred));
    this.diagnostics.push(...diagnostics);
    if (!expression || diagnostics.length > 0) return UNKNOWN_VALUE;
    const { value, diagnostics: found } = evaluate(expression, new CapturedScope(deferred, this));
    this.diagnostics.push(...found);
    return value;
  }

  resolve(captured: Captured): Value {
    switch (captured.kind) {
      case "value":
        return markPaths(valueFromJson(typeFromJson(captured.type), captured.value), captured.sensitive ?? []);
      case "deferred":
        return marked(this.evaluate(captured.deferred), captured.sensitive === true);
      case "part":
        return this.#parts.get(captured.name) ?? UNKNOWN_VALUE;
      case "variable":
        return this.#variable(captured);
      case "resource":
        return this.#resource(captured);
      case "module":
        return this.#module(captured);
    }
  }

  #variable(captured: CapturedVariable): Value {
    const errors = this.diagnostics.length;
    const given = this.evaluate(captured.deferred);
    if (this.diagnostics.length > errors) return UNKNOWN_VALUE;
    const result = variableValue(given, captured, (one) => this.resolve(one));
    if ("value" in result) return result.value;
    this.diagnostics.push(result.error);
    return UNKNOWN_VALUE;
  }

  #module({ shape, instances }: Extract<Captured, { readonly kind: "module" }>): Value {
    const keyed = instances.map(({ key, outputs }) => {
      const values = Object.entries(outputs).map(([name, one]) => [name, this.resolve(one)] as const);
      return [key, objectValue(new Map(values))] as const;
    });
    return shaped(shape, shape === "list" ? withoutGaps(keyed) : keyed);
  }

  #resource({ shape, instances }: Extract<Captured, { readonly kind: "resource" }>): Value {
    return shaped(
      shape,
      instances.map((address) => [parseAddress(address)?.key, this.#instance(address)]),
    );
  }
}

type Keyed = readonly [key: InstanceKey | null, value: Value];

/** Of a module's instances that nothing refers to there is nothing, but the others keep their numbers. */
function withoutGaps(instances: readonly Keyed[]): readonly Keyed[] {
  const values = new Map(instances);
  const length = Math.max(0, ...instances.map(([key]) => Number(key) + 1));
  return Array.from({ length }, (_, key) => [key, values.get(key) ?? UNKNOWN_VALUE] as const);
}

class CapturedScope implements Scope {
  readonly surroundings: Surroundings | undefined;
  readonly #captured: ReadonlyMap<string, Captured>;
  readonly #known: Known;
  readonly #values = new Map<string, Value>();

  constructor({ captured, readings }: Deferred, known: Known) {
    this.#captured = new Map(Object.entries(captured));
    this.#known = known;
    this.surroundings = readings && keptSurroundings(readings, known.time);
  }

  member(root: string, name: string): Value | undefined {
    return this.#value(nameOf(root, name));
  }

  lookup(root: string): Value | undefined {
    return this.#value(root);
  }

  names(root?: string): string[] {
    const keys = [...this.#captured.keys()];
    if (root === undefined) return [...new Set(keys.map((key) => key.split(".", 1)[0] as string))];
    return keys.filter((key) => key.startsWith(`${root}.`)).map((key) => key.slice(root.length + 1));
  }

  #value(key: string): Value | undefined {
    const known = this.#values.get(key);
    if (known) return known;
    const captured = this.#captured.get(key);
    if (!captured) return undefined;
    const value = this.#known.resolve(captured);
    this.#values.set(key, value);
    return value;
  }
}
