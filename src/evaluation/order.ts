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
