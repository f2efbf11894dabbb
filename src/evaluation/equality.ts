import { sameNumber } from "../core/bigfloat.ts";
import type { Num, Value } from "../core/values.ts";
import { UNKNOWN } from "../core/values.ts";
import { sameType } from "./types.ts";

/** As `==` has it: values of different types differ; undefined while it hangs on something unknown. */
export function equal(left: Value, right: Value): boolean | undefined {
  const a = left.raw;
  const b = right.raw;
  if (a === UNKNOWN || b === UNKNOWN) return undefined;
  if (a === null || b === null) return a === b;
  if (left.type.kind !== right.type.kind) return false;
  if (typeof a === "string" || typeof a === "boolean") return a === b;
  if (Array.isArray(a)) {
    if (left.type.kind !== "tuple" && !sameElementType(left, right)) return false;
    return equalSequences(a as readonly Value[], b as readonly Value[]);
  }
  if (a instanceof Map) {
    if (left.type.kind === "map" && !sameElementType(left, right)) return false;
    return equalEntries(a as ReadonlyMap<string, Value>, b as ReadonlyMap<string, Value>);
  }
  return sameNumber(a as Num, b as Num);
}

function sameElementType(left: Value, right: Value): boolean {
  return sameType(left.type, right.type);
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
