import type { Diagnostic } from "../core/diagnostics.ts";
import type { ModulePlace, Variable } from "../core/lab.ts";
import { rootOf } from "../core/lab.ts";
import type { Value } from "../core/values.ts";
import { NUMBER, objectValue, STRING, UNKNOWN_VALUE, unknownValue } from "../core/values.ts";
import { evaluate } from "../evaluation/evaluate.ts";
import { marked } from "../evaluation/marks.ts";
import type { Scope } from "../evaluation/scope.ts";
import type { Surroundings } from "../evaluation/surroundings.ts";
import { labValue, pathValue } from "../evaluation/surroundings.ts";
import { convertFor } from "../evaluation/variableValue.ts";
import { isLab } from "./places.ts";

/**
 * What is known before anything is planned: variables and locals, and what modules make of these. Nodes, links and
 * instances, and variables that have no value, are unknown. Locals, arguments of modules and their outputs are there
 * once they have been evaluated, each after what it refers to.
 */
export class EarlyScope implements Scope {
  readonly surroundings: Surroundings | undefined;
  readonly #place: ModulePlace;
  readonly #variables: Map<string, Value>;
  readonly #locals = new Map<string, Value>();
  /** Of modules without count and for_each, by `pod.address`. */
  readonly #outputs = new Map<string, Value>();
  readonly #roots: ReadonlyMap<string, Value>;

  constructor(place: ModulePlace, variables: ReadonlyMap<string, Value>, surroundings: Surroundings | undefined) {
    this.surroundings = surroundings;
    this.#place = place;
    this.#variables = new Map(variables);
    const root = rootOf(place);
    const each = objectValue(
      new Map([
        ["key", unknownValue(STRING)],
        ["value", UNKNOWN_VALUE],
      ]),
    );
    this.#roots = new Map([
      ["lab", labValue(isLab(root.module) ? root.module : { name: "", workspace: "" })],
      ["path", pathValue(root.module.directory, place.module.path)],
      ["each", each],
      ["count", objectValue(new Map([["index", unknownValue(NUMBER)]]))],
      ["self", UNKNOWN_VALUE],
    ]);
  }

  addLocal(name: string): readonly Diagnostic[] {
    const local = this.#place.module.locals.get(name);
    if (!local) return [];
    const { value, diagnostics } = evaluate(local.expression, this);
    this.#locals.set(name, value);
    return diagnostics;
  }

  /** Of a module's scope: what `outer`, the scope of its call, gives for a variable, or its default. */
  addArgument(variable: Variable, outer: Scope): readonly Diagnostic[] {
    const expression = this.#place.call?.arguments.get(variable.name) ?? variable.default;
    if (!expression) return [];
    const { value, diagnostics } = evaluate(expression, outer);
    const converted = convertFor(value, variable);
    const isUsable = "value" in converted && (converted.value.raw !== null || variable.nullable);
    if (isUsable) this.#variables.set(variable.name, converted.value);
    return diagnostics;
  }

  /** Of the scope of a module's call: an output, as `inner`, the module's own scope, gives it. */
  addOutput(place: ModulePlace, name: string, inner: Scope): readonly Diagnostic[] {
    const output = place.module.outputs.get(name);
    if (!output || !place.call) return [];
    const { value, diagnostics } = evaluate(output.expression, inner);
    if (!place.call.count && !place.call.forEach) {
      this.#outputs.set(`${place.call.name}.${name}`, marked(value, output.sensitive));
    }
    return diagnostics;
  }

  member(root: string, name: string): Value | undefined {
    const { variables, locals, resources, calls } = this.#place.module;
    if (root === "var") return this.#variables.get(name) ?? unknownOf(variables.get(name));
    if (root === "local") return this.#locals.get(name) ?? (locals.has(name) ? UNKNOWN_VALUE : undefined);
    if (root === "module" && calls.has(name)) return this.#callValue(name);
    if (resources.has(`${root}.${name}`)) return UNKNOWN_VALUE;
    const raw = this.#roots.get(root)?.raw;
    return raw instanceof Map ? (raw as ReadonlyMap<string, Value>).get(name) : undefined;
  }

  #callValue(name: string): Value {
    const call = this.#place.module.calls.get(name);
    if (!call || call.count || call.forEach || call.enabled) return UNKNOWN_VALUE;
    const names = [...call.module.outputs.keys()];
    return objectValue(new Map(names.map((one) => [one, this.#outputs.get(`${name}.${one}`) ?? UNKNOWN_VALUE])));
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

function unknownOf(variable: Variable | undefined): Value | undefined {
  return variable && { ...unknownValue(variable.type), sensitive: variable.sensitive };
}
