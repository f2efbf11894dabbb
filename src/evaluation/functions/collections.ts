import { graphemes } from "../../core/source.ts";
import type { Value } from "../../core/values.ts";
import {
  BOOL,
  boolValue,
  DYNAMIC,
  NUMBER,
  numberValue,
  objectValue,
  STRING,
  stringValue,
  tupleValue,
  UNKNOWN,
  unknownValue,
} from "../../core/values.ts";
import { converted } from "../convert.ts";
import { equal } from "../equality.ts";
import { Fault } from "../fault.ts";
import type { FunctionDeclaration } from "../functions.ts";
import { isIterationKnown } from "../iteration.ts";
import { containsSensitive, marked } from "../marks.ts";
import { sortedEntries, sortedMap } from "../order.ts";
import { describeType, sameType } from "../types.ts";
import { unify } from "../unify.ts";

type Entries = ReadonlyMap<string, Value>;

function length(value: Value): Value | Fault {
  const { raw, type } = value;
  if (typeof raw === "string") return marked(numberValue(graphemes(raw)), value.sensitive);
  if (raw instanceof Map) return marked(numberValue(raw.size), value.sensitive);
  if (!Array.isArray(raw))
    return new Fault(`a string, list, tuple, set, map or object is required, this is ${describeType(type)}`, 0);
  return marked(isIterationKnown(value) ? numberValue(raw.length) : unknownValue(NUMBER), value.sensitive);
}

function keys(map: Value): Value | Fault {
  if (!(map.raw instanceof Map)) return new Fault(`a map or object is required, this is ${describeType(map.type)}`, 0);
  const names = [...sortedEntries(map.raw as Entries)].map(([name]) => stringValue(name));
  const result: Value =
    map.type.kind === "map"
      ? { type: { kind: "list", element: STRING }, raw: names, sensitive: false }
      : tupleValue(names);
  return marked(result, map.sensitive);
}

function values(map: Value): Value | Fault {
  if (!(map.raw instanceof Map)) return new Fault(`a map or object is required, this is ${describeType(map.type)}`, 0);
  const items = [...sortedEntries(map.raw as Entries)].map(([, item]) => item);
  const result: Value =
    map.type.kind === "map"
      ? { type: { kind: "list", element: map.type.element }, raw: items, sensitive: false }
      : tupleValue(items);
  return marked(result, map.sensitive);
}

/** The later argument wins. Of maps of one type a map, else an object; nulls are passed over. */
function merge(...maps: readonly Value[]): Value | Fault {
  const wrong = maps.findIndex((one) => !(one.raw instanceof Map) && one.raw !== null && one.raw !== UNKNOWN);
  if (wrong !== -1)
    return new Fault(`a map or object is required, this is ${describeType((maps[wrong] as Value).type)}`, wrong);
  const sensitive = maps.some((one) => one.sensitive);
  if (maps.some((one) => one.raw === UNKNOWN)) return marked(unknownValue(DYNAMIC), sensitive);
  const merged = new Map<string, Value>();
  for (const map of maps) if (map.raw !== null) for (const [name, item] of map.raw as Entries) merged.set(name, item);
  const sorted = sortedMap(merged);
  const first = maps[0]?.type;
  if (first?.kind === "map" && maps.every((one) => sameType(one.type, first)))
    return { type: first, raw: sorted, sensitive };
  return marked(objectValue(sorted), sensitive);
}

/** Of lists a list, where their elements have a type in common; else a tuple. */
function concat(...lists: readonly Value[]): Value | Fault {
  if (lists.length === 0) return new Fault("at least one list is needed");
  const wrong = lists.findIndex(({ type }) => type.kind !== "list" && type.kind !== "tuple" && type.kind !== "dynamic");
  if (wrong !== -1)
    return new Fault(`a list or tuple is required, this is ${describeType((lists[wrong] as Value).type)}`, wrong);
  const sensitive = lists.some((one) => one.sensitive);
  if (lists.some((one) => one.raw === UNKNOWN)) return marked(unknownValue(DYNAMIC), sensitive);
  const items = lists.flatMap((one) => one.raw as readonly Value[]);
  const elements = lists.map(({ type }) => (type.kind === "list" ? type.element : undefined));
  const element = elements.every((one) => one !== undefined) ? unify(elements) : undefined;
  if (!element) return marked(tupleValue(items), sensitive);
  const list = converted(tupleValue(items), { kind: "list", element });
  return marked(typeof list === "string" ? tupleValue(items) : list, sensitive);
}

function contains(list: Value, wanted: Value): Value | Fault {
  const { kind } = list.type;
  if (kind !== "list" && kind !== "tuple" && kind !== "set") {
    return new Fault(`a list, tuple or set is required, this is ${describeType(list.type)}`, 0);
  }
  const sensitive = containsSensitive(list) || containsSensitive(wanted);
  let known = true;
  for (const item of list.raw as readonly Value[]) {
    const same = equal(item, wanted);
    if (same === true) return marked(boolValue(true), sensitive);
    if (same === undefined) known = false;
  }
  return marked(known ? boolValue(false) : unknownValue(BOOL), sensitive);
}

const MAP = { name: "map", type: DYNAMIC, partial: true, marks: true };

export const collectionFunctions: readonly FunctionDeclaration[] = [
  {
    name: "length",
    parameters: [{ name: "value", type: DYNAMIC, partial: true, marks: true }],
    result: NUMBER,
    call: length,
  },
  { name: "keys", parameters: [MAP], result: DYNAMIC, call: keys },
  { name: "values", parameters: [MAP], result: DYNAMIC, call: values },
  {
    name: "merge",
    parameters: [],
    variadic: { name: "maps", type: DYNAMIC, nullable: true, unknown: true, marks: true },
    result: DYNAMIC,
    call: merge,
  },
  {
    name: "concat",
    parameters: [],
    variadic: { name: "lists", type: DYNAMIC, unknown: true, marks: true },
    result: DYNAMIC,
    call: concat,
  },
  {
    name: "contains",
    parameters: [
      { name: "list", type: DYNAMIC, partial: true, marks: true },
      { name: "value", type: DYNAMIC, nullable: true, partial: true, marks: true },
    ],
    result: BOOL,
    call: contains,
  },
];
