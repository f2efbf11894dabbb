import { formatNumber, numberFromText } from "../core/bigfloat.ts";
import type { Raw, Type, Value } from "../core/values.ts";
import {
  boolValue,
  DYNAMIC,
  isWhollyKnown,
  numberValue,
  stringValue,
  UNKNOWN,
  UNKNOWN_VALUE,
  unknownValue,
} from "../core/values.ts";
import { containsSensitive, unmarked } from "./marks.ts";
import { sortedMap } from "./order.ts";
import { sortedForSet } from "./setOrder.ts";
import { describeType, hasDynamic, isPrimitive, sameType } from "./types.ts";
import { convertible, elementFor, unify } from "./unify.ts";

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
    return { type: resultType(value.type, type), raw, sensitive: value.sensitive };
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
  if (kind === "set" && !isLengthKnown(items)) {
    return { ...unknownValue(resultType(value.type, type)), sensitive: value.sensitive };
  }
  const parts = new Map(items.entries());
  const element = elementType(value, type, parts);
  if (element === UNDECIDED) return { ...UNKNOWN_VALUE, sensitive: value.sensitive };
  if (element === undefined) return differing(parts, type);
  const results = convertedParts(parts, element, kind === "tuple" && type.kind === "list");
  if (typeof results === "string") return results;
  const made = [...results.items.values()];
  if (type.kind === "set") return makeSet(results.element, made, value.sensitive);
  return { type: { kind: "list", element: results.element }, raw: made, sensitive: value.sensitive };
}

/** A set that holds something unknown may turn out smaller, unless it has but one element. */
export function isLengthKnown(items: readonly Value[]): boolean {
  return items.length < 2 || items.every(isWhollyKnown);
}

/** Why not all elements convert. */
function differing(parts: Parts, type: Extract<Type, { readonly element: Type }>): string {
  const results = type.element.kind === "dynamic" ? undefined : convertedParts(parts, type.element, false);
  return typeof results === "string" ? results : "all elements must be of one type";
}

function placeOf(name: string | number): string {
  return `element ${typeof name === "number" ? name : JSON.stringify(name)}`;
}

/** Some element is of a type that may turn out any, and with it that of the whole collection. */
const UNDECIDED: unique symbol = Symbol("undecided");

type Parts = ReadonlyMap<string | number, Value>;

/** What each element converts to; undefined where there is no such type. */
function elementType(
  value: Value,
  type: Extract<Type, { readonly element: Type }>,
  parts: Parts,
): Type | undefined | typeof UNDECIDED {
  const from = value.type;
  if (from.kind !== "tuple" && from.kind !== "object") {
    return type.element.kind === "dynamic" ? elementOf(from) : type.element;
  }
  if (type.element.kind === "dynamic") {
    for (const { raw, type: part } of parts.values()) {
      if (raw === UNKNOWN && part.kind === "dynamic") return UNDECIDED;
    }
  }
  return elementFor(from, type);
}

function elementOf(type: Type): Type {
  return type.kind === "list" || type.kind === "set" || type.kind === "map" ? type.element : DYNAMIC;
}

/**
 * The elements converted, and the type they then are of: where the wanted type leaves something open
 * (`object({ a = any })`) they must still be of one, with `unifying` of what they have in common.
 */
function convertedParts(
  parts: Parts,
  wanted: Type,
  unifying: boolean,
): { readonly items: Parts; readonly element: Type } | string {
  const items = new Map<string | number, Value>();
  for (const [name, part] of parts) {
    const result = converted(part, wanted);
    if (typeof result === "string") return within(placeOf(name), result);
    items.set(name, result);
  }
  if (!hasDynamic(wanted)) return { items, element: concrete(wanted) };
  if (items.size === 0) return { items, element: concrete(wanted) };
  const types = [...items.values()].map((item) => item.type);
  if (unifying && !types.every((one) => sameType(one, types[0] as Type))) {
    const common = unify(types);
    return common && !hasDynamic(common) ? convertedParts(items, common, false) : "all elements must be of one type";
  }
  const element = types.find((one) => one.kind !== "dynamic") ?? DYNAMIC;
  for (const [name, item] of items) {
    if (item.type.kind === "dynamic") items.set(name, { ...item, type: element });
    else if (!sameType(item.type, element)) return "all elements must be of one type";
  }
  return { items, element };
}

/** Sorted and without duplicates. A set cannot tell which of its elements is sensitive, so it is as a whole. */
export function makeSet(element: Type, items: readonly Value[], sensitive = false): Value {
  const hidden = sensitive || items.some(containsSensitive);
  const sorted = sortedForSet(hidden ? items.map(unmarked) : items);
  const [first] = sorted;
  const exact = first && hasDynamic(element) ? first.type : element;
  return { type: { kind: "set", element: exact }, raw: sorted, sensitive: hidden };
}

function convertMap(value: Value, type: Extract<Type, { readonly kind: "map" }>): Value | string {
  const { kind } = value.type;
  if (kind !== "map" && kind !== "object") return mismatch(value, type);
  if (kind === "map" && (type.element.kind === "dynamic" || sameType(value.type, type))) return value;
  const parts = sortedMap(value.raw as ReadonlyMap<string, Value>);
  const element = elementType(value, type, parts);
  if (element === UNDECIDED) return { ...UNKNOWN_VALUE, sensitive: value.sensitive };
  if (element === undefined) return differing(parts, type);
  const unifying =
    element.kind === "object" || element.kind === "list" || element.kind === "set" || element.kind === "map";
  const results = convertedParts(parts, element, unifying);
  if (typeof results === "string") return results;
  const entries = results.items as ReadonlyMap<string, Value>;
  return { type: { kind: "map", element: results.element }, raw: entries, sensitive: value.sensitive };
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

/** The type of what is null or unknown: as wanted, with its own where the wanted one leaves something open. */
function resultType(from: Type, to: Type): Type {
  return hasDynamic(to) ? filled(from, concrete(to)) : concrete(to);
}

function filled(from: Type, to: Type): Type {
  if (from.kind === "dynamic") return to;
  switch (to.kind) {
    case "dynamic":
      return from;
    case "list":
    case "set":
    case "map":
      return { kind: to.kind, element: filled(commonPart(from), to.element) };
    case "tuple":
      if (from.kind !== "tuple") return to;
      return { kind: "tuple", elements: to.elements.map((one, at) => filled(from.elements[at] ?? DYNAMIC, one)) };
    case "object": {
      const part = (name: string) => (from.kind === "object" ? from.attributes.get(name) : commonPart(from));
      return {
        kind: "object",
        attributes: new Map([...to.attributes].map(([name, one]) => [name, filled(part(name) ?? DYNAMIC, one)])),
      };
    }
    default:
      return to;
  }
}

function commonPart(type: Type): Type {
  if (type.kind === "tuple") return unify(type.elements) ?? DYNAMIC;
  if (type.kind === "object") return unify([...type.attributes.values()]) ?? DYNAMIC;
  return elementOf(type);
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
