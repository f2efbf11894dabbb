import type { Type } from "../core/values.ts";
import { isPrimitive } from "./types.ts";

/**
 * The types, each after those that are more general, else in the order given: which to try first as the one that all
 * others convert to. As cty's `convert.sortTypes` has it, a walk in breadth from those that nothing precedes.
 */
export function byPreference(types: readonly Type[]): readonly Type[] {
  const followers: number[][] = types.map(() => []);
  const waiting: number[] = types.map(() => 0);
  for (const [at, type] of types.entries()) {
    for (let next = at + 1; next < types.length; next++) {
      const order = compareGenerality(type, types[next] as Type);
      if (order === 0) continue;
      const [before, after] = order < 0 ? [at, next] : [next, at];
      (followers[before] as number[]).push(after);
      waiting[after] = (waiting[after] as number) + 1;
    }
  }
  const order = [...types.keys()].filter((at) => waiting[at] === 0);
  for (const at of order) {
    for (const after of followers[at] as number[]) {
      waiting[after] = (waiting[after] as number) - 1;
      if (waiting[after] === 0) order.push(after);
    }
  }
  return order.map((at) => types[at] as Type);
}

/** Negative where `left` is the more general one, 0 where neither is said to be. */
function compareGenerality(left: Type, right: Type): number {
  if (left.kind === right.kind) return compareOneKind(left, right);
  if (left.kind === "dynamic") return 1;
  if (right.kind === "dynamic") return -1;
  if (isPrimitive(left) && isPrimitive(right)) return left.kind === "string" ? -1 : right.kind === "string" ? 1 : 0;
  if (isMoreGeneralKind(left, right)) return -1;
  return isMoreGeneralKind(right, left) ? 1 : 0;
}

const lessGeneral: { readonly [kind: string]: readonly Type["kind"][] } = {
  list: ["tuple", "set"],
  tuple: ["set"],
  map: ["object"],
};

function isMoreGeneralKind(left: Type, right: Type): boolean {
  return lessGeneral[left.kind]?.includes(right.kind) === true;
}

function compareOneKind(left: Type, right: Type): number {
  switch (left.kind) {
    case "list":
    case "set":
    case "map":
      return compareGenerality(left.element, (right as typeof left).element);
    case "tuple": {
      const { elements } = right as typeof left;
      if (elements.length !== left.elements.length) return 0;
      return together(left.elements.map((one, at) => compareGenerality(one, elements[at] as Type)));
    }
    case "object": {
      const { attributes } = right as typeof left;
      const names = [...left.attributes.keys()];
      if (attributes.size !== names.length || !names.every((name) => attributes.has(name))) return 0;
      return together(
        names.map((name) => compareGenerality(left.attributes.get(name) as Type, attributes.get(name) as Type)),
      );
    }
    default:
      return 0;
  }
}

/** Where some parts are more general on one side and some on the other, neither side is. */
function together(orders: readonly number[]): number {
  const left = orders.some((one) => one < 0);
  const right = orders.some((one) => one > 0);
  if (left === right) return 0;
  return left ? -1 : 1;
}
