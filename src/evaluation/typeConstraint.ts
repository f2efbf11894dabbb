import type { Diagnostic } from "../core/diagnostics.ts";
import { errorDiagnostic } from "../core/diagnostics.ts";
import type { Checked } from "../core/lab.ts";
import type { Range } from "../core/source.ts";
import { rangeText } from "../core/source.ts";
import { suggestionText } from "../core/suggestion.ts";
import type { CallExpression, Expression, ObjectExpression } from "../core/syntax.ts";
import type { Type, Value } from "../core/values.ts";
import { BOOL, DYNAMIC, isWhollyKnown, NUMBER, STRING } from "../core/values.ts";
import { converted } from "./convert.ts";
import { evaluate } from "./evaluate.ts";
import { sortedMap } from "./order.ts";
import { constants } from "./scope.ts";
import { formatType } from "./types.ts";

/**
 * A type as it is written: `string`, `list(string)`, `object({ a = string, b = optional(number, 3) })`, `any`. All
 * mistakes in it are found, each with its range.
 */
export function parseType(expression: Expression): Checked<Type> {
  // From before there were types of elements; Terraform still takes them, as a whole type only.
  if (expression.kind === "variable" && (expression.name === "list" || expression.name === "map"))
    return { value: { kind: expression.name, element: DYNAMIC }, diagnostics: [] };
  const reader = new TypeReader();
  const type = reader.read(expression);
  return reader.diagnostics.length > 0 ? { diagnostics: reader.diagnostics } : { value: type, diagnostics: [] };
}

const words: ReadonlyMap<string, Type> = new Map([
  ["string", STRING],
  ["number", NUMBER],
  ["bool", BOOL],
  ["any", DYNAMIC],
]);

const constructors: ReadonlyMap<string, string> = new Map([
  ["list", "list(string)"],
  ["set", "set(string)"],
  ["map", "map(string)"],
  ["tuple", "tuple([string, number])"],
  ["object", "object({ name = string })"],
]);

class TypeReader {
  readonly diagnostics: Diagnostic[] = [];

  /** After an error, `any`. */
  read(expression: Expression): Type {
    switch (expression.kind) {
      case "variable":
        return this.#word(expression.name, expression.range);
      case "call":
        return this.#constructed(expression);
      case "literal":
        if (typeof expression.value === "string" && words.has(expression.value)) {
          return this.#refuse(
            "A type is written without quotes",
            `Write ${expression.value} instead of "${expression.value}".`,
            expression.range,
          );
        }
        break;
      default:
    }
    return this.#refuse(
      "This is no type",
      "A type is string, number, bool or any, or is made with list(), set(), map(), tuple() or object().",
      expression.range,
    );
  }

  #refuse(summary: string, detail: string, range: Range): Type {
    this.diagnostics.push(errorDiagnostic(summary, { detail, range }));
    return DYNAMIC;
  }

  #word(name: string, range: Range): Type {
    const type = words.get(name);
    if (type) return type;
    const example = constructors.get(name);
    if (example !== undefined) return this.#refuse(`${name} needs to say of what`, `For example ${example}.`, range);
    const names = [...words.keys(), ...constructors.keys()];
    return this.#refuse(`There is no type "${name}"`, suggestionText(name, names), range);
  }

  #constructed(call: CallExpression): Type {
    const [first, ...more] = call.arguments;
    const { name, range } = call;
    if (name === "optional") {
      return this.#refuse(
        "optional() stands only for an attribute of object()",
        "For example object({ name = optional(string) }).",
        range,
      );
    }
    const example = constructors.get(name);
    if (example === undefined) {
      if (words.has(name)) return this.#refuse(`${name} takes no arguments`, `Write ${name} alone.`, range);
      return this.#refuse(
        `There is no type "${name}()"`,
        suggestionText(name, [...constructors.keys()]),
        call.nameRange,
      );
    }
    if (!first || more.length > 0 || call.expandLast) {
      return this.#refuse(`${name}() takes one argument`, `For example ${example}.`, range);
    }
    if (name === "list" || name === "set" || name === "map") return { kind: name, element: this.read(first) };
    if (name === "tuple") {
      if (first.kind === "tuple") return { kind: "tuple", elements: first.items.map((item) => this.read(item)) };
      return this.#refuse("tuple() takes a list of types in brackets", `For example ${example}.`, first.range);
    }
    if (first.kind === "object") return this.#object(first);
    return this.#refuse("object() takes attributes and their types in braces", `For example ${example}.`, first.range);
  }

  #object({ items }: ObjectExpression): Type {
    const attributes = new Map<string, Type>();
    const optional = new Set<string>();
    const defaults = new Map<string, Value>();
    for (const { key, value } of items) {
      if (key.kind !== "literal" || typeof key.value !== "string" || rangeText(key.range).startsWith('"')) {
        this.#refuse("An attribute's name is a plain word", "It has no quotes and is no expression.", key.range);
        continue;
      }
      const name = key.value;
      if (attributes.has(name))
        this.#refuse(`The attribute "${name}" is there twice`, "Remove one of the two.", key.range);
      if (value.kind === "call" && value.name === "optional") {
        const { type, standard } = this.#optional(value);
        attributes.set(name, type);
        optional.add(name);
        if (standard) defaults.set(name, standard);
      } else attributes.set(name, this.read(value));
    }
    return {
      kind: "object",
      attributes: sortedMap(attributes),
      ...(optional.size > 0 ? { optional } : {}),
      ...(defaults.size > 0 ? { defaults } : {}),
    };
  }

  #optional(call: CallExpression): { readonly type: Type; readonly standard?: Value } {
    const [first, second, ...more] = call.arguments;
    if (!first || more.length > 0 || call.expandLast) {
      return {
        type: this.#refuse(
          "optional() takes a type and perhaps a default",
          "For example optional(number, 3).",
          call.range,
        ),
      };
    }
    const type = this.read(first);
    if (!second) return { type };
    const { value, diagnostics } = evaluate(second, constants);
    this.diagnostics.push(...diagnostics);
    if (diagnostics.length > 0 || !isWhollyKnown(value)) return { type };
    const standard = converted(value, type);
    if (typeof standard !== "string") return standard.raw === null ? { type } : { type, standard };
    const detail = `The default must be of the attribute's type, ${formatType(type)}: ${standard}.`;
    return { type: this.#refuse("The default does not fit its type", detail, second.range) };
  }
}
