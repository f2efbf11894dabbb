import { compare } from "../core/bigfloat.ts";
import type { Num, Value } from "../core/values.ts";
import { UNKNOWN } from "../core/values.ts";

/**
 * By code point, which is the order of the UTF-8 bytes that Terraform sorts by. It differs from JavaScript's order
 * only where one text has a surrogate pair and the other a character from U+E000 to U+FFFF.
 */
export function compareText(left: string, right: string): number {
  if (left === right) return 0;
  const length = Math.min(left.length, right.length);
  for (let at = 0; at < length; at++) {
    const a = left.charCodeAt(at);
    const b = right.charCodeAt(at);
    if (a !== b) return a >= 0xd800 && b >= 0xd800 ? rank(a) - rank(b) : a - b;
  }
  return left.length - right.length;
}

/** Moves surrogates behind the rest of the 16-bit range. */
function rank(unit: number): number {
  return unit >= 0xe000 ? unit - 0x800 : unit + 0x2000;
}

/** The entries by name. Maps and most objects are sorted already, and then handed out as they are. */
export function sortedEntries<T>(map: ReadonlyMap<string, T>): Iterable<readonly [string, T]> {
  return isSorted(map) ? map : [...map].sort(byName);
}

export function sortedMap<T>(map: ReadonlyMap<string, T>): ReadonlyMap<string, T> {
  return isSorted(map) ? map : new Map([...map].sort(byName));
}

function byName(left: readonly [string, unknown], right: readonly [string, unknown]): number {
  return compareText(left[0], right[0]);
}

function isSorted(map: ReadonlyMap<string, unknown>): boolean {
  let last: string | undefined;
  for (const name of map.keys()) {
    if (last !== undefined && compareText(last, name) > 0) return false;
    last = name;
  }
  return true;
}

/**
 * A total order of values of one type, for sets: texts by code point, numbers by size, false before true, the rest
 * element by element; null last but for what is unknown.
 */
export function compareValues(left: Value, right: Value): number {
  const a = left.raw;
  const b = right.raw;
  if (a === b) return 0;
  if (a === UNKNOWN || (a === null && b !== UNKNOWN)) return 1;
  if (b === UNKNOWN || b === null) return -1;
  if (typeof a === "string") return compareText(a, b as string);
  if (typeof a === "boolean") return a ? 1 : -1;
  if (Array.isArray(a)) return compareSequences(a as readonly Value[], b as readonly Value[]);
  if (a instanceof Map) {
    return compareEntries(a as ReadonlyMap<string, Value>, b as ReadonlyMap<string, Value>);
  }
  return compare(a as Num, b as Num);
}

function compareSequences(left: readonly Value[], right: readonly Value[]): number {
  const length = Math.min(left.length, right.length);
  for (let at = 0; at < length; at++) {
    const order = compareValues(left[at] as Value, right[at] as Value);
    if (order !== 0) return order;
  }
  return left.length - right.length;
}

function compareEntries(left: ReadonlyMap<string, Value>, right: ReadonlyMap<string, Value>): number {
  const a = [...sortedEntries(left)];
  const b = [...sortedEntries(right)];
  for (let at = 0; at < Math.min(a.length, b.length); at++) {
    const [name, item] = a[at] as readonly [string, Value];
    const [otherName, other] = b[at] as readonly [string, Value];
    const order = compareText(name, otherName) || compareValues(item, other);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}
