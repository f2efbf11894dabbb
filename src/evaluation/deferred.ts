import { parseAddress } from "../core/addresses.ts";
import type { Diagnostic } from "../core/diagnostics.ts";
import type { Captured, Deferred } from "../core/plan.ts";
import type { SourceFile } from "../core/source.ts";
import { formatRange, rangeText } from "../core/source.ts";
import type { Expression } from "../core/syntax.ts";
import type { Value } from "../core/values.ts";
import { objectValue, tupleValue, UNKNOWN_VALUE } from "../core/values.ts";
import { parseExpression } from "../language/parse.ts";
import { references } from "../language/references.ts";
import { evaluate } from "./evaluate.ts";
import { valueFromJson } from "./json.ts";
import { sortedMap } from "./order.ts";
import { markPaths } from "./plain.ts";
import type { Scope } from "./scope.ts";
import { typeFromJson } from "./types.ts";

/**
 * An expression as a plan keeps it: its text and what it refers to, each reference described once. `member` is the
 * name after the root (`var.image`, `node["r1"]`), undefined where the root is taken as a whole or with an index
 * that is no constant name.
 */
export function capture(
  expression: Expression,
  describe: (root: string, member: string | undefined) => Captured,
): Deferred {
  const captured = new Map<string, Captured>();
  for (const { root, path } of references(expression)) {
    const [member] = path;
    const name = typeof member === "string" ? member : undefined;
    const key = keyOf(root, name);
    if (!captured.has(key)) captured.set(key, describe(root, name));
  }
  return {
    text: rangeText(expression.range),
    at: formatRange(expression.range),
    captured: Object.fromEntries(captured),
  };
}

function keyOf(root: string, member: string | undefined): string {
  return member === undefined ? root : `${root}.${member}`;
}

/**
 * The value of a captured expression, now that more is known. `instance` gives an instance's value by its address.
 * Diagnostics point at the expression's place in its lab file, though that is not opened.
 */
export function evaluateDeferred(
  deferred: Deferred,
  instance: (address: string) => Value,
): { readonly value: Value; readonly diagnostics: readonly Diagnostic[] } {
  const { expression, diagnostics } = parseExpression(inPlace(deferred));
  if (!expression || diagnostics.length > 0) return { value: UNKNOWN_VALUE, diagnostics };
  const scope = new CapturedScope(deferred, instance);
  const { value, diagnostics: found } = evaluate(expression, scope);
  return { value, diagnostics: [...scope.diagnostics, ...found] };
}

/** The text at the line and column it came from, in a file with nothing else in it. */
function inPlace({ text, at }: Deferred): SourceFile {
  const match = /^(.*):(\d+):(\d+)$/s.exec(at);
  if (!match) return { name: at, text };
  const before = "\n".repeat(Number(match[2]) - 1) + " ".repeat(Number(match[3]) - 1);
  return { name: match[1] as string, text: before + text };
}

class CapturedScope implements Scope {
  readonly diagnostics: Diagnostic[] = [];
  readonly #captured: ReadonlyMap<string, Captured>;
  readonly #instance: (address: string) => Value;
  readonly #values = new Map<string, Value>();

  constructor(deferred: Deferred, instance: (address: string) => Value) {
    this.#captured = new Map(Object.entries(deferred.captured));
    this.#instance = instance;
  }

  member(root: string, name: string): Value | undefined {
    return this.#value(keyOf(root, name));
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
    const value = this.#resolve(captured);
    this.#values.set(key, value);
    return value;
  }

  #resolve(captured: Captured): Value {
    switch (captured.kind) {
      case "value":
        return markPaths(valueFromJson(typeFromJson(captured.type), captured.value), captured.sensitive ?? []);
      case "deferred": {
        const { value, diagnostics } = evaluateDeferred(captured.deferred, this.#instance);
        this.diagnostics.push(...diagnostics);
        return value;
      }
      case "resource":
        return this.#resource(captured);
    }
  }

  #resource({ shape, instances }: Extract<Captured, { readonly kind: "resource" }>): Value {
    if (shape === "single") {
      const [address] = instances;
      return address === undefined ? UNKNOWN_VALUE : this.#instance(address);
    }
    const keyed = instances.map((address) => ({ key: parseAddress(address)?.key, value: this.#instance(address) }));
    if (shape === "map") {
      return objectValue(sortedMap(new Map(keyed.map(({ key, value }) => [String(key), value]))));
    }
    return tupleValue(keyed.sort((left, right) => Number(left.key) - Number(right.key)).map((one) => one.value));
  }
}
