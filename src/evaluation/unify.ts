import type { Type } from "../core/values.ts";
import { DYNAMIC } from "../core/values.ts";
import { byPreference } from "./preference.ts";
import { sameType } from "./types.ts";

type ObjectType = Extract<Type, { readonly kind: "object" }>;
type TupleType = Extract<Type, { readonly kind: "tuple" }>;

/** Whether some value of `from` converts to `to`; whether this one does may hang on what it holds. */
export function convertible(from: Type, to: Type): boolean {
  if (from === to || from.kind === "dynamic" || to.kind === "dynamic") return true;
  switch (to.kind) {
    case "string":
      return from.kind === "string" || from.kind === "number" || from.kind === "bool";
    case "number":
    case "bool":
      return from.kind === to.kind || from.kind === "string";
    case "list":
    case "set":
      if (from.kind === "tuple") return elementFor(from, to) !== undefined;
      return (from.kind === "list" || from.kind === "set") && convertible(from.element, to.element);
    case "map":
      if (from.kind === "object") return elementFor(from, to) !== undefined;
      return from.kind === "map" && convertible(from.element, to.element);
    case "tuple":
      return (
        from.kind === "tuple" &&
        from.elements.length === to.elements.length &&
        from.elements.every((one, at) => convertible(one, to.elements[at] as Type))
      );
    case "object":
      return from.kind === "map" ? mapConvertible(from.element, to) : objectConvertible(from, to);
  }
}

function objectConvertible(from: Type, to: ObjectType): boolean {
  if (from.kind !== "object") return false;
  for (const [name, type] of to.attributes) {
    const given = from.attributes.get(name);
    if (given ? !convertible(given, type) : !to.optional?.has(name)) return false;
  }
  return true;
}

/** An optional attribute that the element type does not fit may be one that the map has not. */
function mapConvertible(element: Type, to: ObjectType): boolean {
  for (const [name, type] of to.attributes) {
    if (!convertible(element, type) && !to.optional?.has(name)) return false;
  }
  return true;
}

/**
 * What all elements of a tuple or object convert to on the way to a collection: the collection's element type, or, if
 * that is any, what they have in common. Undefined where there is no such type.
 */
export function elementFor(
  from: TupleType | ObjectType,
  to: Extract<Type, { readonly element: Type }>,
): Type | undefined {
  const parts = partsOf(from);
  const element = to.element.kind === "dynamic" && parts.length > 0 ? unify(parts) : to.element;
  if (!element || !parts.every((one) => convertible(one, element))) return undefined;
  // A list or set of anything holds nothing else than nulls; for a map its elements decide.
  const isOpen = to.kind !== "map" && to.element.kind === "dynamic" && element.kind === "dynamic";
  return isOpen && parts.some((one) => one.kind !== "dynamic") ? undefined : element;
}

/**
 * One type that values of all the given types convert to, as cty's `convert.UnifyUnsafe` finds it; undefined where
 * there is none. A `dynamic` among primitives has no say; beside others it leaves all open.
 */
export function unify(types: readonly Type[]): Type | undefined {
  const [first] = types;
  if (!first) return undefined;
  if (types.every((type) => sameType(type, first))) return first;
  const kinds = new Set(types.map((type) => type.kind));
  const isOpen = kinds.delete("dynamic");
  const only = (...allowed: Type["kind"][]) => [...kinds].every((kind) => allowed.includes(kind));
  for (const kind of ["map", "list", "set"] as const) {
    if (!kinds.has(kind)) continue;
    if (kinds.size === 1) return isOpen ? DYNAMIC : unifyCollections(kind, types);
    if (kind === "set" || !only(kind, kind === "map" ? "object" : "tuple")) continue;
    const common = unifyAs(kind, types);
    if (common) return common;
    break;
  }
  if (kinds.has("object") && kinds.size === 1) return isOpen ? DYNAMIC : unifyObjects(types as readonly ObjectType[]);
  if (kinds.has("tuple") && kinds.size === 1) return isOpen ? DYNAMIC : unifyTuples(types as readonly TupleType[]);
  if (kinds.has("object") && kinds.has("tuple")) return undefined;
  return byPreference(types).find((wanted) => types.every((type) => convertible(type, wanted)));
}

type CollectionKind = "map" | "list" | "set";

function unifyCollections(kind: CollectionKind, types: readonly Type[]): Type | undefined {
  const element = unify(types.flatMap(partsOf));
  return element && { kind, element };
}

/** Objects among maps as maps, tuples among lists as lists; first those among themselves. */
function unifyAs(kind: "map" | "list", types: readonly Type[]): Type | undefined {
  const structural = types.filter((type) => type.kind === "object" || type.kind === "tuple");
  const made = collectionOf(kind, structural);
  if (!made) return undefined;
  const common = unify(types.map((type) => (type.kind === "object" || type.kind === "tuple" ? made : type)));
  return common?.kind === kind ? common : undefined;
}

function collectionOf(kind: "map" | "list", types: readonly (ObjectType | TupleType)[]): Type | undefined {
  const element = unify(types.flatMap(partsOf));
  const made: Type | undefined = element && { kind, element };
  return made && types.every((type) => convertible(type, made)) ? made : undefined;
}

function partsOf(type: Type): readonly Type[] {
  if (type.kind === "object") return [...type.attributes.values()];
  if (type.kind === "tuple") return type.elements;
  return type.kind === "list" || type.kind === "set" || type.kind === "map" ? [type.element] : [];
}

/** Attribute by attribute where the names agree, else a map. */
function unifyObjects(types: readonly ObjectType[]): Type | undefined {
  const [first] = types as readonly [ObjectType, ...ObjectType[]];
  const names = [...first.attributes.keys()];
  const alike = types.every(
    ({ attributes }) => attributes.size === names.length && names.every((name) => attributes.has(name)),
  );
  if (!alike) return collectionOf("map", types);
  const attributes = new Map<string, Type>();
  for (const name of names) {
    const type = unify(types.map((one) => one.attributes.get(name) as Type));
    if (!type) return undefined;
    attributes.set(name, type);
  }
  const common: Type = { kind: "object", attributes };
  return types.every((type) => convertible(type, common)) ? common : collectionOf("map", types);
}

/** Element by element where the lengths agree, else a list. */
function unifyTuples(types: readonly TupleType[]): Type | undefined {
  const [first] = types as readonly [TupleType, ...TupleType[]];
  if (types.some((type) => type.elements.length !== first.elements.length)) return collectionOf("list", types);
  const elements: Type[] = [];
  for (let at = 0; at < first.elements.length; at++) {
    const type = unify(types.map((one) => one.elements[at] as Type));
    if (!type) return undefined;
    elements.push(type);
  }
  const common: Type = { kind: "tuple", elements };
  return types.every((type) => convertible(type, common)) ? common : collectionOf("list", types);
}
