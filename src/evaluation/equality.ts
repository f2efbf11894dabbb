import { sameNumber } from "../core/bigfloat.ts";
import type { Num, Type, Value } from "../core/values.ts";
import { isWhollyKnown, UNKNOWN } from "../core/values.ts";
import { hasDynamic, sameType } from "./types.ts";

/**
 * As `==` has it: values of different types differ, but all nulls are equal; undefined while it hangs on something
 * unknown (cty's `Value.Equals`).
 */
export function equal(left: Value, right: Value): boolean | undefined {
  const a = left.raw;
  const b = right.raw;
  if (a === UNKNOWN || b === UNKNOWN) return mayBeEqual(left, right) ? undefined : false;
  if (a === null || b === null) return a === b;
  if (left.type.kind !== right.type.kind) return false;
  if (typeof a === "string" || typeof a === "boolean") return a === b;
  if (!Array.isArray(a) && !(a instanceof Map)) return sameNumber(a as Num, b as Num);
  if (!sameType(left.type, right.type)) return mayConform(left, right) ? undefined : false;
  if (left.type.kind === "set" && !(isWhollyKnown(left) && isWhollyKnown(right))) return undefined;
  return Array.isArray(a)
    ? equalSequences(a as readonly Value[], b as readonly Value[])
    : equalEntries(a as ReadonlyMap<string, Value>, b as ReadonlyMap<string, Value>);
}

/** With an unknown side: it may turn out null, which equals any null, or else must be of the other's type. */
function mayBeEqual(left: Value, right: Value): boolean {
  if (left.raw === null || right.raw === null) return true;
  if (left.raw === UNKNOWN && right.raw === UNKNOWN) return true;
  if (hasDynamic(left.raw === UNKNOWN ? left.type : right.type)) return true;
  return sameType(left.type, right.type);
}

/** Types that differ only where something unknown leaves them open may yet be one. */
function mayConform(left: Value, right: Value): boolean {
  return (isOpen(left) || isOpen(right)) && (conforms(left.type, right.type) || conforms(right.type, left.type));
}

/** A null of no certain type is no unknown: it differs from one of a type. */
function isOpen({ raw, type }: Value): boolean {
  if (raw === UNKNOWN) return hasDynamic(type);
  if (raw instanceof Map) return [...(raw as ReadonlyMap<string, Value>).values()].some(isOpen);
  return Array.isArray(raw) && (raw as readonly Value[]).some(isOpen);
}

function conforms(type: Type, to: Type): boolean {
  if (to.kind === "dynamic") return true;
  if (type.kind !== to.kind) return false;
  switch (type.kind) {
    case "list":
    case "set":
    case "map":
      return conforms(type.element, (to as typeof type).element);
    case "tuple": {
      const { elements } = to as typeof type;
      return (
        type.elements.length === elements.length &&
        type.elements.every((one, at) => conforms(one, elements[at] as Type))
      );
    }
    case "object": {
      const { attributes } = to as typeof type;
      if (type.attributes.size !== attributes.size) return false;
      for (const [name, one] of type.attributes) {
        const other = attributes.get(name);
        if (!other || !conforms(one, other)) return false;
      }
      return true;
    }
    default:
      return true;
  }
}

function equalSequences(left: readonly Value[], right: readonly Value[]): boolean | undefined {
  if (left.length !== right.length) return false;
  let result: boolean | undefined = true;
  for (let at = 0; at < left.length; at++) {
    const same = equal(left[at] as Value, right[at] as Value);
    if (same === false) return false;
    if (same === undefined) result = undefined;
  }
  return result;
}

function equalEntries(left: ReadonlyMap<string, Value>, right: ReadonlyMap<string, Value>): boolean | undefined {
  if (left.size !== right.size) return false;
  let result: boolean | undefined = true;
  for (const [name, item] of left) {
    const other = right.get(name);
    if (!other) return false;
    const same = equal(item, other);
    if (same === false) return false;
    if (same === undefined) result = undefined;
  }
  return result;
}
