import { formatNumber, numberFromText } from "../core/bigfloat.ts";
import type { Raw, Type, Value } from "../core/values.ts";
import { boolValue, numberValue, stringValue, UNKNOWN, UNKNOWN_VALUE } from "../core/values.ts";
import { containsSensitive, unmarked } from "./marks.ts";
import { compareValues, sortedEntries } from "./order.ts";
import { describeType, hasDynamic, isPrimitive, sameType } from "./types.ts";
import { convertible, unify } from "./unify.ts";

/**
 * The value as one of `type`, by cty's rules, marks and unknowns kept. The error is a clause without full stop,
 * `attribute "ram": a number is required, this is a tuple`; it never shows a sensitive value.
 */
export function convert(value: Value, type: Type): { readonly value: Value } | { readonly error: string } {
  const result = converted(value, type);
  return typeof result === "string" ? { error: result } : { value: result };
}

/** `convert` without a wrapper: a string is the error. */
export function converted(value: Value, type: Type): Value | string {
  if (type.kind === "dynamic") return value;
  const { raw } = value;
  if (raw === UNKNOWN || raw === null) {
    if (!convertible(value.type, type)) return mismatch(value, type);
    return { type: concrete(type), raw, sensitive: value.sensitive };
  }
  if (value.type.kind === type.kind && isPrimitive(type)) return value;
  const result = convertKnown(value, type);
  // What an element holds is as secret as the collection it is in.
  if (typeof result === "string" && value.sensitive && !isPrimitive(type)) return `${describeType(type)} is required`;
  return result;
}

function convertKnown(value: Value, type: Exclude<Type, { readonly kind: "dynamic" }>): Value | string {
  switch (type.kind) {
    case "list":
    case "set":
      return convertSequence(value, type);
    case "map":
      return convertMap(value, type);
    case "object":
      return convertObject(value, type);
    case "tuple":
      return convertTuple(value, type);
    default:
      return convertPrimitive(value, type);
  }
}

function mismatch(value: Value, type: Type): string {
  return `${describeType(type)} is required, this is ${describeType(value.type)}`;
}

function convertPrimitive(value: Value, type: Type): Value | string {
  const result = primitiveOf(value.raw, type);
  if (result) return value.sensitive ? { ...result, sensitive: true } : result;
  if (typeof value.raw !== "string") return mismatch(value, type);
  const hint = type.kind === "bool" ? ` (only "true" and "false" are)` : "";
  return value.sensitive ? `a ${type.kind} is required` : `${quoteShort(value.raw)} is no ${type.kind}${hint}`;
}

function quoteShort(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 39)}…` : text);
}

function primitiveOf(raw: Raw, type: Type): Value | undefined {
  if (typeof raw === "string") {
    if (type.kind === "number") {
      const number = numberFromText(raw);
      return number === undefined ? undefined : numberValue(number);
    }
    if (raw === "true" || raw === "1") return boolValue(true);
    return raw === "false" || raw === "0" ? boolValue(false) : undefined;
  }
  if (type.kind !== "string") return undefined;
  if (typeof raw === "boolean") return stringValue(raw ? "true" : "false");
  if (typeof raw === "number" || isNumber(raw)) return stringValue(formatNumber(raw));
  return undefined;
}

function isNumber(
  raw: Raw,
): raw is Exclude<Raw, string | boolean | null | symbol | readonly Value[] | ReadonlyMap<string, Value>> {
  return typeof raw === "object" && raw !== null && !Array.isArray(raw) && !(raw instanceof Map);
}

type SequenceType = Extract<Type, { readonly kind: "list" | "set" }>;

function convertSequence(value: Value, type: SequenceType): Value | string {
  const { kind } = value.type;
  if (kind !== "list" && kind !== "set" && kind !== "tuple") return mismatch(value, type);
  if (kind === type.kind && (type.element.kind === "dynamic" || sameType(value.type, type))) return value;
  const items = value.raw as readonly Value[];
  if (type.element.kind === "dynamic" && items.some(isUndecided)) {
    return { ...UNKNOWN_VALUE, sensitive: value.sensitive };
  }
  const element = elementType(items, value.type, type.element);
  if (element === undefined) return "all elements must be of one type";
  const results: Value[] = [];
  for (const [at, item] of items.entries()) {
    const result = converted(item, element);
    if (typeof result === "string") return within(`element ${at}`, result);
    results.push(result);
  }
  const made = concrete(element);
  if (type.kind === "set") return makeSet(made, results, value.sensitive);
  return { type: { kind: "list", element: exactElement(made, results) }, raw: results, sensitive: value.sensitive };
}

/** Its type may turn out any, and with it that of the whole collection. */
function isUndecided(item: Value): boolean {
  return item.raw === UNKNOWN && item.type.kind === "dynamic";
}

/** `wanted` where it says something, else what the elements have in common. */
function elementType(items: readonly Value[], from: Type, wanted: Type): Type | undefined {
  if (wanted.kind !== "dynamic") return wanted;
  if (from.kind === "list" || from.kind === "set" || from.kind === "map") return from.element;
  if (items.length === 0) return wanted;
  // A bare null fits any type, and so has no say.
  const types = items.filter((item) => item.raw !== null || item.type.kind !== "dynamic").map((item) => item.type);
  return types.length === 0 ? wanted : unify(types);
}

/** Where the element type leaves something open (`object({ a = any })`), the elements' own. */
function exactElement(type: Type, items: readonly Value[]): Type {
  const [first] = items;
  return first && hasDynamic(type) ? first.type : type;
}

/** Sorted and without duplicates. A set cannot tell which of its elements is sensitive, so it is as a whole. */
export function makeSet(element: Type, items: readonly Value[], sensitive = false): Value {
  const hidden = sensitive || items.some(containsSensitive);
  const sorted = (hidden ? items.map(unmarked) : [...items]).sort(compareValues);
  const distinct = sorted.filter((item, at) => {
    const before = sorted[at - 1];
    return before === undefined || item.raw === UNKNOWN || compareValues(before, item) !== 0;
  });
  return { type: { kind: "set", element: exactElement(element, distinct) }, raw: distinct, sensitive: hidden };
}

function convertMap(value: Value, type: Extract<Type, { readonly kind: "map" }>): Value | string {
  const { kind } = value.type;
  if (kind !== "map" && kind !== "object") return mismatch(value, type);
  if (kind === "map" && (type.element.kind === "dynamic" || sameType(value.type, type))) return value;
  const entries = value.raw as ReadonlyMap<string, Value>;
  const items = [...entries.values()];
  if (type.element.kind === "dynamic" && items.some(isUndecided)) {
    return { ...UNKNOWN_VALUE, sensitive: value.sensitive };
  }
  const element = elementType(items, value.type, type.element);
  if (element === undefined) return "all elements must be of one type";
  const results = new Map<string, Value>();
  for (const [name, item] of sortedEntries(entries)) {
    const result = converted(item, element);
    if (typeof result === "string") return within(`element ${JSON.stringify(name)}`, result);
    results.set(name, result);
  }
  const made = exactElement(concrete(element), [...results.values()]);
  return { type: { kind: "map", element: made }, raw: results, sensitive: value.sensitive };
}

type ObjectType = Extract<Type, { readonly kind: "object" }>;

function convertObject(value: Value, type: ObjectType): Value | string {
  const { kind } = value.type;
  if (kind !== "object" && kind !== "map") return mismatch(value, type);
  if (kind === "object" && !type.defaults && !type.optional && sameType(value.type, type)) return value;
  const entries = value.raw as ReadonlyMap<string, Value>;
  const results = new Map<string, Value>();
  for (const [name, attribute] of type.attributes) {
    const result = convertAttribute(entries.get(name), name, attribute, type);
    if (typeof result === "string") return result;
    results.set(name, result);
  }
  return { type: objectTypeOf(type, results), raw: results, sensitive: value.sensitive };
}

function convertAttribute(given: Value | undefined, name: string, attribute: Type, type: ObjectType): Value | string {
  if (given === undefined || given.raw === null) {
    const standard = type.defaults?.get(name);
    if (standard) return standard;
    if (given === undefined) {
      if (!type.optional?.has(name)) return `attribute ${JSON.stringify(name)} is required`;
      return { type: concrete(attribute), raw: null, sensitive: false };
    }
  }
  const result = converted(given, attribute);
  return typeof result === "string" ? within(`attribute ${JSON.stringify(name)}`, result) : result;
}

function within(place: string, error: string): string {
  return /^(element|attribute) .*: /.test(error) ? `${place}, ${error}` : `${place}: ${error}`;
}

function objectTypeOf(type: ObjectType, attributes: ReadonlyMap<string, Value>): Type {
  if (!hasDynamic(type)) return concrete(type);
  return { kind: "object", attributes: new Map([...attributes].map(([name, item]) => [name, item.type])) };
}

function convertTuple(value: Value, type: Extract<Type, { readonly kind: "tuple" }>): Value | string {
  if (value.type.kind !== "tuple") return mismatch(value, type);
  const items = value.raw as readonly Value[];
  const { length } = type.elements;
  if (items.length !== length) return `a tuple of ${length} elements is required, this one has ${items.length}`;
  const results: Value[] = [];
  for (const [at, item] of items.entries()) {
    const result = converted(item, type.elements[at] as Type);
    if (typeof result === "string") return within(`element ${at}`, result);
    results.push(result);
  }
  return {
    type: { kind: "tuple", elements: results.map((item) => item.type) },
    raw: results,
    sensitive: value.sensitive,
  };
}

const concreteTypes = new WeakMap<Type, Type>();

/** What a value of the constraint has as its type: without optional attributes and defaults. */
export function concrete(type: Type): Type {
  if (type.kind === "string" || type.kind === "number" || type.kind === "bool" || type.kind === "dynamic") return type;
  let made = concreteTypes.get(type);
  if (!made) {
    made = stripped(type);
    concreteTypes.set(type, made);
  }
  return made;
}

function stripped(type: Type): Type {
  switch (type.kind) {
    case "list":
    case "set":
    case "map": {
      const element = concrete(type.element);
      return element === type.element ? type : { kind: type.kind, element };
    }
    case "tuple":
      return { kind: "tuple", elements: type.elements.map(concrete) };
    case "object": {
      const attributes = new Map([...type.attributes].map(([name, one]) => [name, concrete(one)]));
      return { kind: "object", attributes };
    }
    default:
      return type;
  }
}
