import type { Type, Value } from "../../core/values.ts";
import { Fault } from "../fault.ts";
import type { Parameter } from "../functions.ts";
import { describeType } from "../types.ts";

/** What functions of collections have in common. */

export type Items = readonly Value[];
export type Entries = ReadonlyMap<string, Value>;

export function listValue(element: Type, items: Items, sensitive = false): Value {
  return { type: { kind: "list", element }, raw: items, sensitive };
}

export function mapValue(element: Type, entries: Entries, sensitive = false): Value {
  return { type: { kind: "map", element }, raw: entries, sensitive };
}

/** `list` as a parameter of any element type. */
export function anyList(name: string): Parameter {
  return { name, type: { kind: "list", element: { kind: "dynamic" } } };
}

/** The element type of a value that was converted to `list(any)` or `set(any)`, known or not. */
export function elementOf(value: Value): Type {
  const { type } = value;
  return type.kind === "list" || type.kind === "set" || type.kind === "map" ? type.element : { kind: "dynamic" };
}

/** `a list or tuple is required, this is a string` */
export function required(what: string, type: Type, argument: number): Fault {
  return new Fault(`${what} is required, this is ${describeType(type)}`, argument);
}
