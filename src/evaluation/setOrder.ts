import { compare } from "../core/bigfloat.ts";
import type { Num, Value } from "../core/values.ts";
import { UNKNOWN } from "../core/values.ts";
import { equal } from "./equality.ts";
import { formatDecimal } from "./functions/decimal.ts";
import { compareText, sortedEntries } from "./order.ts";
import { quote } from "./quote.ts";
import { isPrimitive } from "./types.ts";

/**
 * Values of one type in the order in which a set has them, each once. Texts are by code point, numbers by size, false
 * is before true. Collections and objects have no order of their own; cty sorts them by the text it makes of them to
 * find equal ones, and users see that order in what Terraform prints and iterates over. What is not known comes after
 * what is, and null last.
 */
export function sortedForSet(items: readonly Value[]): readonly Value[] {
  const [first] = items;
  if (!first || items.length === 1) return items;
  return isPrimitive(first.type) ? sortedPrimitives(items) : sortedByText(items);
}

function sortedPrimitives(items: readonly Value[]): readonly Value[] {
  const sorted = items.toSorted((left, right) => rank(left) - rank(right) || comparePrimitives(left, right));
  return sorted.filter((item, at) => {
    const before = sorted[at - 1];
    if (!before || item.raw === UNKNOWN || rank(before) !== rank(item)) return true;
    return comparePrimitives(before, item) !== 0;
  });
}

function rank({ raw }: Value): number {
  if (raw === null) return 2;
  return raw === UNKNOWN ? 1 : 0;
}

/** Of one type and rank. */
function comparePrimitives(left: Value, right: Value): number {
  const a = left.raw;
  const b = right.raw;
  if (a === b) return 0;
  if (typeof a === "string") return compareText(a, b as string);
  if (typeof a === "boolean") return a ? 1 : -1;
  return compare(a as Num, b as Num);
}

function sortedByText(items: readonly Value[]): readonly Value[] {
  const keyed = items.map((item) => ({ item, key: textOf(item) }));
  const sorted = keyed.toSorted(
    (left, right) => rank(left.item) - rank(right.item) || compareText(left.key, right.key),
  );
  const kept: typeof sorted = [];
  for (const one of sorted) {
    // Different numbers may have one text, so that several may stand before the one that is equal.
    let at = kept.length - 1;
    while (at >= 0 && kept[at]?.key === one.key && !isSame(kept[at]?.item as Value, one.item)) at--;
    if (at < 0 || kept[at]?.key !== one.key) kept.push(one);
  }
  return kept.map((one) => one.item);
}

function isSame(left: Value, right: Value): boolean {
  return equal(left, right) === true;
}

/** As cty's set_internals.go has it. */
function textOf(value: Value): string {
  const { raw, type } = value;
  if (raw === UNKNOWN) return "?";
  if (raw === null) return "~";
  if (typeof raw === "string") return quote(raw);
  if (typeof raw === "boolean") return raw ? "T" : "F";
  const structural = type.kind === "object" || type.kind === "tuple";
  if (Array.isArray(raw)) {
    const parts = (raw as readonly Value[]).map((item) => `${textOf(item)};`).join("");
    return structural ? `<${parts}>` : `[${parts}]`;
  }
  if (raw instanceof Map) {
    const parts = [...sortedEntries(raw as ReadonlyMap<string, Value>)].map(([name, item]) =>
      structural ? `${textOf(item)};` : `${quote(name)}:${textOf(item)};`,
    );
    return structural ? `<${parts.join("")}>` : `{${parts.join("")}}`;
  }
  return numberText(raw as Num);
}

const tenDigits = {
  text: "%.10g",
  sharp: false,
  zero: false,
  minus: false,
  plus: false,
  space: false,
  width: undefined,
  precision: 10,
  letter: "g",
};

function numberText(num: Num): string {
  return typeof num === "number" && Math.abs(num) < 1e10 ? String(num) : formatDecimal(tenDigits, num);
}
