import { toBigInt } from "../../core/bigfloat.ts";
import type { Num, Type, Value } from "../../core/values.ts";
import { DYNAMIC, NUMBER, tupleValue, UNKNOWN, UNKNOWN_VALUE, unknownValue } from "../../core/values.ts";
import { converted } from "../convert.ts";
import { Fault } from "../fault.ts";
import type { FunctionDeclaration, Parameter } from "../functions.ts";
import { isIterationKnown } from "../iteration.ts";
import { marked } from "../marks.ts";
import { unify } from "../unify.ts";
import type { Items } from "./making.ts";
import { anyList, elementOf, listValue, required } from "./making.ts";
import { wholeNumber } from "./wholeNumbers.ts";

/** Where the first is a list, all are, and their elements have a type in common, a list; else a tuple. */
function concatType(...lists: Items): Type | Fault {
  if (lists.length === 0) return new Fault("at least one list is needed");
  const wrong = lists.findIndex(({ type }) => type.kind !== "list" && type.kind !== "tuple");
  if (wrong !== -1) return required("a list or tuple", (lists[wrong] as Value).type, wrong);
  const common = lists.every(({ type }) => type.kind === "list") ? unify(lists.map(({ type }) => type)) : undefined;
  if (common) return common;
  const elements: Type[] = [];
  for (const { type, raw } of lists) {
    if (type.kind === "tuple") elements.push(...type.elements);
    else if (type.kind === "list") {
      if (raw === UNKNOWN) return DYNAMIC;
      for (let at = 0; at < (raw as Items).length; at++) elements.push(type.element);
    }
  }
  return { kind: "tuple", elements };
}

function concat(...lists: Items): Value | Fault {
  const type = concatType(...lists);
  if (type instanceof Fault) return type;
  const sensitive = lists.some((one) => one.sensitive);
  if (type.kind !== "list") return marked(tupleValue(lists.flatMap((one) => one.raw as Items)), sensitive);
  const items: Value[] = [];
  for (const [at, list] of lists.entries()) {
    const result = converted(list, type);
    if (typeof result === "string") return new Fault(result, at);
    items.push(...(result.raw as Items));
  }
  return listValue(type.element, items, sensitive);
}

/** The position of an element counted round: past the end from the start again, below 0 from the end. */
function around(index: Value, count: number): number | Fault {
  const checked = wholeNumber(index, 1);
  if (checked instanceof Fault) return checked;
  if (count === 0) return new Fault("the list is empty", 0);
  const rest = Number(toBigInt(index.raw as Num) % BigInt(count));
  return rest < 0 ? rest + count : rest;
}

function elementType(list: Value, index: Value): Type | Fault {
  const { type } = list;
  if (type.kind === "list") return type.element;
  if (type.kind !== "tuple") return required("a list or tuple", type, 0);
  if (index.raw === UNKNOWN) return DYNAMIC;
  const position = around(index, type.elements.length);
  return position instanceof Fault ? position : (type.elements[position] as Type);
}

function element(list: Value, index: Value): Value | Fault {
  const type = elementType(list, index);
  if (type instanceof Fault) return type;
  const items = list.raw as Items;
  const position = around(index, items.length);
  return position instanceof Fault ? position : marked(items[position] as Value, list.sensitive);
}

interface Bounds {
  readonly start: number | undefined;
  readonly end: number | undefined;
}

/** Both are checked as far as they are known. */
function boundsOf(list: Value, startIndex: Value, endIndex: Value): Bounds | Fault {
  const count = list.type.kind === "tuple" ? list.type.elements.length : (list.raw as Items).length;
  const length = list.raw === UNKNOWN && list.type.kind !== "tuple" ? undefined : count;
  const start = bound(startIndex, 1, length);
  if (start instanceof Fault) return start;
  const end = bound(endIndex, 2, length);
  if (end instanceof Fault) return end;
  if (start !== undefined && end !== undefined && start > end)
    return new Fault(`${shownIndex(startIndex, "it")} is greater than ${shownIndex(endIndex, "the end index")}`, 1);
  return { start, end };
}

function shownIndex({ raw, sensitive }: Value, otherwise: string): string {
  return sensitive ? otherwise : String(raw);
}

function bound(index: Value, argument: number, length: number | undefined): number | undefined | Fault {
  if (index.raw === UNKNOWN) return undefined;
  const position = wholeNumber(index, argument);
  if (position instanceof Fault) return position;
  const shown = shownIndex(index, "it");
  if (position < 0) return new Fault(`${shown} is negative`, argument);
  if (length !== undefined && position > length)
    return new Fault(`${shown} is past the end of a list of ${length}`, argument);
  return position;
}

function sliceType(list: Value, startIndex: Value, endIndex: Value): Type | Fault {
  const { type } = list;
  if (type.kind === "set") return new Fault("the elements of a set have no index; use tolist() on it first", 0);
  if (type.kind !== "list" && type.kind !== "tuple") return required("a list or tuple", type, 0);
  const bounds = boundsOf(list, startIndex, endIndex);
  if (bounds instanceof Fault) return bounds;
  if (type.kind === "list") return type;
  if (bounds.start === undefined || bounds.end === undefined) return DYNAMIC;
  return { kind: "tuple", elements: type.elements.slice(bounds.start, bounds.end) };
}

/** From `start_index` up to but not including `end_index`. */
function slice(list: Value, startIndex: Value, endIndex: Value): Value | Fault {
  const type = sliceType(list, startIndex, endIndex);
  if (type instanceof Fault) return type;
  const { start, end } = boundsOf(list, startIndex, endIndex) as Bounds;
  const items = (list.raw as Items).slice(start, end);
  return type.kind === "list"
    ? listValue(type.element, items, list.sensitive)
    : marked(tupleValue(items), list.sensitive);
}

function reverseType({ type }: Value): Type | Fault {
  if (type.kind === "tuple") return { kind: "tuple", elements: type.elements.toReversed() };
  if (type.kind === "list" || type.kind === "set") return { kind: "list", element: type.element };
  return required("a list, tuple or set", type, 0);
}

function reverse(list: Value): Value | Fault {
  const type = reverseType(list);
  if (type instanceof Fault) return type;
  if (!isIterationKnown(list)) return marked(unknownValue(type), list.sensitive);
  const items = (list.raw as Items).toReversed();
  return type.kind === "list"
    ? listValue(type.element, items, list.sensitive)
    : marked(tupleValue(items), list.sensitive);
}

/** A size of 0 gives one chunk of all. */
function chunklist(list: Value, size: Value): Value | Fault {
  const items = list.raw as Items;
  const length = wholeNumber(size, 1);
  if (length instanceof Fault) return length;
  if (length < 0) return new Fault(`${shownIndex(size, "it")} is negative`, 1);
  const step = length === 0 ? items.length : length;
  const part = elementOf(list);
  const chunks: Value[] = [];
  for (let at = 0; at < items.length; at += step) chunks.push(listValue(part, items.slice(at, at + step)));
  return listValue({ kind: "list", element: part }, chunks, list.sensitive || size.sensitive);
}

/** Gathers what is in lists within lists. Nothing is known of the result where one of them is not known. */
class Flattening {
  readonly items: Value[] = [];
  known = true;
  sensitive = false;

  add(list: Value): void {
    this.sensitive ||= list.sensitive;
    if (list.raw === UNKNOWN || !isIterationKnown(list)) {
      this.known = false;
      return;
    }
    for (const item of list.raw as Items) {
      const { kind } = item.type;
      if (item.raw === UNKNOWN && kind === "dynamic") this.known = false;
      if (item.raw !== null && (kind === "list" || kind === "set" || kind === "tuple")) this.add(item);
      else this.items.push(item);
    }
  }
}

function flatten(list: Value): Value | Fault {
  const { kind } = list.type;
  if (kind !== "list" && kind !== "set" && kind !== "tuple") return required("a list, tuple or set", list.type, 0);
  const found = new Flattening();
  found.add(list);
  return marked(found.known ? tupleValue(found.items) : UNKNOWN_VALUE, found.sensitive);
}

function oneType({ type }: Value): Type | Fault {
  if (type.kind === "list" || type.kind === "set") return type.element;
  if (type.kind !== "tuple") return required("a list, tuple or set", type, 0);
  return type.elements.length > 1 ? tooMany(type.elements.length) : (type.elements[0] ?? DYNAMIC);
}

function tooMany(count: number): Fault {
  return new Fault(`at most one element is allowed, there are ${count}`, 0);
}

/** The only element; null where there is none. */
function only(list: Value): Value | Fault {
  const type = oneType(list);
  if (type instanceof Fault) return type;
  if (!isIterationKnown(list)) return unknownValue(type);
  const items = list.raw as Items;
  if (items.length > 1) return tooMany(items.length);
  return items[0] ?? { type, raw: null, sensitive: false };
}

const LIST: Parameter = { name: "list", type: DYNAMIC, partial: true, marks: true };

export const sequenceFunctions: readonly FunctionDeclaration[] = [
  {
    name: "concat",
    parameters: [],
    variadic: { name: "seqs", type: DYNAMIC, partial: true, marks: true },
    result: DYNAMIC,
    unknownResult: concatType,
    call: concat,
  },
  {
    name: "element",
    parameters: [LIST, { name: "index", type: NUMBER }],
    result: DYNAMIC,
    unknownResult: elementType,
    call: element,
  },
  {
    name: "slice",
    parameters: [LIST, { name: "start_index", type: NUMBER }, { name: "end_index", type: NUMBER }],
    result: DYNAMIC,
    unknownResult: sliceType,
    call: slice,
  },
  { name: "reverse", parameters: [LIST], result: DYNAMIC, unknownResult: reverseType, call: reverse },
  {
    name: "chunklist",
    parameters: [
      { ...anyList("list"), partial: true, marks: true },
      { name: "size", type: NUMBER, marks: true },
    ],
    result: DYNAMIC,
    unknownResult: (list) => ({ kind: "list", element: list.type }),
    call: chunklist,
  },
  { name: "flatten", parameters: [LIST], result: DYNAMIC, call: flatten },
  {
    name: "one",
    parameters: [{ name: "list", type: DYNAMIC, partial: true }],
    result: DYNAMIC,
    unknownResult: oneType,
    call: only,
  },
];
