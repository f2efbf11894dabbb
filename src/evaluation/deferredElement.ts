import type { Captured, Deferred } from "../core/plan.ts";
import type { Expression } from "../core/syntax.ts";

/**
 * What `disk.value` of a dynamic block is once more is known, or all of `disk`: the element of its captured `for_each`
 * that has the key.
 */
export function deferredElement(
  forEach: Expression,
  collection: Deferred,
  key: Captured,
  member: string | undefined,
): Deferred {
  let name = "key";
  while (isUsed(name, collection)) name += "_";
  const whole = takesIndex(forEach) ? collection.text : `(${collection.text})`;
  const value = `${whole}[${name}]`;
  const text = member === undefined ? `{ key = ${name}, value = ${value} }` : value;
  return { ...collection, text, captured: { ...collection.captured, [name]: key } };
}

function isUsed(name: string, { captured }: Deferred): boolean {
  return Object.keys(captured).some((one) => one === name || one.startsWith(`${name}.`));
}

/** Parentheses move the text away from its place in the lab file, so they stand only where they must. */
function takesIndex({ kind }: Expression): boolean {
  return kind !== "conditional" && kind !== "binary" && kind !== "unary" && kind !== "splat" && kind !== "template";
}
