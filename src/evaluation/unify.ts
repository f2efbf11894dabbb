import type { Type } from "../core/values.ts";
import { DYNAMIC } from "../core/values.ts";
import { isPrimitive, sameType } from "./types.ts";

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
      if (from.kind === "tuple") return from.elements.every((one) => convertible(one, to.element));
      return (from.kind === "list" || from.kind === "set") && convertible(from.element, to.element);
    case "map":
      if (from.kind === "object") return [...from.attributes.values()].every((one) => convertible(one, to.element));
      return from.kind === "map" && convertible(from.element, to.element);
    case "tuple":
      return (
        from.kind === "tuple" &&
        from.elements.length === to.elements.length &&
        from.elements.every((one, at) => convertible(one, to.elements[at] as Type))
      );
    case "object":
      if (from.kind === "map") return [...to.attributes.values()].every((one) => convertible(from.element, one));
      return from.kind === "object" && objectConvertible(from, to);
  }
}

type ObjectType = Extract<Type, { readonly kind: "object" }>;
type TupleType = Extract<Type, { readonly kind: "tuple" }>;

function objectConvertible(from: ObjectType, to: ObjectType): boolean {
  for (const [name, type] of to.attributes) {
    const given = from.attributes.get(name);
    if (given ? !convertible(given, type) : !to.optional?.has(name)) return false;
  }
  return true;
}

/**
 * One type that values of all the given types convert to, found as cty's `convert.UnifyUnsafe` finds it; undefined
 * where there is none. A `dynamic` among primitives has no say; beside others it leaves all open.
 */
export function unify(types: readonly Type[]): Type | undefined {
  const [first] = types;
  if (!first) return undefined;
  if (types.every((type) => sameType(type, first))) return first;
  const decided = types.filter((type) => type.kind !== "dynamic");
  if (decided.length < types.length) return decided.every(isPrimitive) ? unify(decided) : DYNAMIC;
  const kinds = new Set(types.map((type) => type.kind));
  const only = (...allowed: Type["kind"][]) => [...kinds].every((kind) => allowed.includes(kind));
  if (only("object")) return unifyObjects(types as readonly ObjectType[]);
  if (only("tuple")) return unifyTuples(types as readonly TupleType[]);
  for (const kind of ["map", "list", "set"] as const) {
    if (!kinds.has(kind) || !only(kind, kind === "map" ? "object" : "tuple")) continue;
    const element = unifyParts(types);
    if (element) return { kind, element };
  }
  return preferred(types);
}

/** Of all elements and attributes of all the types. */
function unifyParts(types: readonly Type[]): Type | undefined {
  return unify(types.flatMap(partsOf));
}

function partsOf(type: Type): readonly Type[] {
  if (type.kind === "object") return [...type.attributes.values()];
  if (type.kind === "tuple") return type.elements;
  return type.kind === "list" || type.kind === "set" || type.kind === "map" ? [type.element] : [];
}

/** Attribute by attribute where the names agree and that works, else a map. */
function unifyObjects(types: readonly ObjectType[]): Type | undefined {
  const [first] = types as readonly [ObjectType, ...ObjectType[]];
  const names = [...first.attributes.keys()];
  const alike = types.every(
    ({ attributes }) => attributes.size === names.length && names.every((name) => attributes.has(name)),
  );
  if (alike) {
    const attributes = new Map<string, Type>();
    for (const name of names) {
      const type = unify(types.map((one) => one.attributes.get(name) as Type));
      if (type) attributes.set(name, type);
    }
    if (attributes.size === names.length) return { kind: "object", attributes };
  }
  const element = unifyParts(types);
  return element && { kind: "map", element };
}

/** Element by element where the lengths agree and that works, else a list. */
function unifyTuples(types: readonly TupleType[]): Type | undefined {
  const [first] = types as readonly [TupleType, ...TupleType[]];
  const { length } = first.elements;
  if (types.every((type) => type.elements.length === length)) {
    const elements: Type[] = [];
    for (let at = 0; at < length; at++) {
      const type = unify(types.map((one) => one.elements[at] as Type));
      if (type) elements.push(type);
    }
    if (elements.length === length) return { kind: "tuple", elements };
  }
  const element = unifyParts(types);
  return element && { kind: "list", element };
}

/** The one of the types that all others convert to; a string before other primitives, a list before a set. */
function preferred(types: readonly Type[]): Type | undefined {
  const rank = (type: Type) => (type.kind === "string" || type.kind === "list" ? 0 : 1);
  const candidates = [...types].sort((left, right) => rank(left) - rank(right));
  return candidates.find((candidate) => types.every((type) => convertible(type, candidate)));
}
