import type { Diagnostic } from "../core/diagnostics.ts";
import type { Lab } from "../core/lab.ts";
import type { Value } from "../core/values.ts";
import { NUMBER, objectValue, STRING, UNKNOWN_VALUE, unknownValue } from "../core/values.ts";
import { evaluate } from "../evaluation/evaluate.ts";
import type { Scope } from "../evaluation/scope.ts";
import { labValue, pathValue } from "../evaluation/surroundings.ts";

/**
 * What is known before anything is planned: variables and locals. Nodes, links and instances, and variables that have
 * no value in `variables`, are unknown. Locals are there once `addLocal` has evaluated them.
 */
export class EarlyScope implements Scope {
  readonly #lab: Lab;
  readonly #variables: ReadonlyMap<string, Value>;
  readonly #locals = new Map<string, Value>();
  readonly #roots: ReadonlyMap<string, Value>;

  constructor(lab: Lab, variables: ReadonlyMap<string, Value>) {
    this.#lab = lab;
    this.#variables = variables;
    const each = objectValue(
      new Map([
        ["key", unknownValue(STRING)],
        ["value", UNKNOWN_VALUE],
      ]),
    );
    this.#roots = new Map([
      ["lab", labValue(lab.name)],
      ["path", pathValue(lab.directory)],
      ["each", each],
      ["count", objectValue(new Map([["index", unknownValue(NUMBER)]]))],
    ]);
  }

  /** What the local refers to is there already. */
  addLocal(name: string): readonly Diagnostic[] {
    const local = this.#lab.locals.get(name);
    if (!local) return [];
    const { value, diagnostics } = evaluate(local.expression, this);
    this.#locals.set(name, value);
    return diagnostics;
  }

  member(root: string, name: string): Value | undefined {
    const { variables, locals, resources } = this.#lab;
    if (root === "var") return this.#variables.get(name) ?? unknownOf(variables.get(name));
    if (root === "local") return this.#locals.get(name) ?? (locals.has(name) ? UNKNOWN_VALUE : undefined);
    if (resources.has(`${root}.${name}`)) return UNKNOWN_VALUE;
    const raw = this.#roots.get(root)?.raw;
    return raw instanceof Map ? (raw as ReadonlyMap<string, Value>).get(name) : undefined;
  }

  lookup(root: string): Value | undefined {
    return this.#roots.get(root);
  }

  names(root?: string): string[] {
    if (root === undefined) return ["var", "local", ...this.#roots.keys()];
    const raw = this.#roots.get(root)?.raw;
    return raw instanceof Map ? [...(raw as ReadonlyMap<string, Value>).keys()] : [];
  }
}

function unknownOf(variable: ReturnType<Lab["variables"]["get"]>): Value | undefined {
  return variable && { ...unknownValue(variable.type), sensitive: variable.sensitive };
}
