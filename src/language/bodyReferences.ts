import { expressionsOf } from "../core/dynamic.ts";
import type { Body, Reference } from "../core/syntax.ts";
import { references } from "./references.ts";

/** What a body refers to, as `references` finds it. */
export function bodyReferences(body: Body): Reference[] {
  const found: Reference[] = [];
  for (const { expression, bound } of expressionsOf(body)) {
    const here = references(expression, bound);
    found.push(...(bound.size === 0 ? here : here.map((one) => ({ ...one, elements: bound }))));
  }
  return found;
}
