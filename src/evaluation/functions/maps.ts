import { graphemes } from "../../core/characters.ts";
import type { Type, Value } from "../../core/values.ts";
import {
  DYNAMIC,
  isWhollyKnown,
  NUMBER,
  numberValue,
  objectValue,
  STRING,
  stringValue,
  tupleValue,
  UNKNOWN,
  unknownValue,
} from "../../core/values.ts";
import { Fault } from "../fault.ts";
import type { FunctionDeclaration, Parameter } from "../functions.ts";
import { isIterationKnown } from "../iteration.ts";
import { marked } from "../marks.ts";
import { compareText, sortedEntries, sortedMap } from "../order.ts";
import { sameType } from "../types.ts";
import type { Entries, Items } from "./making.ts";
import { listValue, mapValue, required } from "./making.ts";

const STRINGS: Type = { kind: "list", element: STRING };
const NO_ATTRIBUTES: Type = { kind: "object", attributes: new Map() };

function length(value: Value): Value | Fault {
  const { raw, type } = value;
  switch (type.kind) {
    case "tuple":
      return marked(numberValue(type.elements.length), value.sensitive);
    case "object":
      return marked(numberValue(type.attributes.size), value.sensitive);
    case "number":
    case "bool":
      return required("a string, list, tuple, set, map or object", type, 0);
    default:
  }
  if (raw === UNKNOWN) return marked(unknownValue(NUMBER), value.sensitive);
  if (typeof raw === "string") return marked(numberValue(graphemes(raw)), value.sensitive);
  if (raw instanceof Map) return marked(numberValue(raw.size), value.sensitive);
  const known = isIterationKnown(value);
  return marked(known ? numberValue((raw as Items).length) : unknownValue(NUMBER), value.sensitive);
}

function sortedNames(attributes: ReadonlyMap<string, unknown>): readonly string[] {
  return [...attributes.keys()].sort(compareText);
}

/** Of an object they are known from its type. */
function keys(map: Value): Value | Fault {
  const { type, raw, sensitive } = map;
  if (type.kind === "object") return marked(tupleValue(sortedNames(type.attributes).map(stringValue)), sensitive);
  if (type.kind === "dynamic") return marked(unknownValue(DYNAMIC), sensitive);
  if (type.kind !== "map") return required("a map or object", type, 0);
  if (raw === UNKNOWN) return marked(unknownValue(STRINGS), sensitive);
  const names = [...sortedEntries(raw as Entries)].map(([name]) => stringValue(name));
  return listValue(STRING, names, sensitive);
}

function valuesType({ type }: Value): Type | Fault {
  if (type.kind === "map") return { kind: "list", element: type.element };
  if (type.kind !== "object") return required("a map or object", type, 0);
  return { kind: "tuple", elements: sortedNames(type.attributes).map((name) => type.attributes.get(name) as Type) };
}

function values(map: Value): Value | Fault {
  const type = valuesType(map);
  if (type instanceof Fault) return type;
  const items = [...sortedEntries(map.raw as Entries)].map(([, item]) => item);
  return type.kind === "list"
    ? listValue(type.element, items, map.sensitive)
    : marked(tupleValue(items), map.sensitive);
}

/** Of maps of one type it is that type, else an object. A null whose type is not known leaves it open. */
function mergeType(...maps: Items): Type | Fault {
  const wrong = maps.findIndex(({ type }) => type.kind !== "map" && type.kind !== "object" && type.kind !== "dynamic");
  if (wrong !== -1) return required("a map or object", (maps[wrong] as Value).type, wrong);
  const [first] = maps;
  if (!first) return NO_ATTRIBUTES;
  if (maps.some((one) => one.type.kind === "dynamic")) return DYNAMIC;
  if (maps.every((one) => sameType(one.type, first.type))) return first.type;
  const attributes = new Map<string, Type>();
  for (const { type, raw } of maps) {
    if (raw === null) continue;
    if (type.kind === "object") for (const [name, one] of type.attributes) attributes.set(name, one);
    if (type.kind !== "map") continue;
    if (raw === UNKNOWN) return DYNAMIC;
    for (const name of (raw as Entries).keys()) attributes.set(name, type.element);
  }
  return { kind: "object", attributes: sortedMap(attributes) };
}

/** The later argument wins; nulls are passed over. */
function merge(...maps: Items): Value | Fault {
  const type = mergeType(...maps);
  if (type instanceof Fault) return type;
  const sensitive = maps.some((one) => one.raw !== null && one.sensitive);
  const merged = new Map<string, Value>();
  for (const { raw } of maps) {
    if (raw !== null) for (const [name, item] of raw as Entries) merged.set(name, item);
  }
  const sorted = sortedMap(merged);
  return type.kind === "map" ? mapValue(type.element, sorted, sensitive) : marked(objectValue(sorted), sensitive);
}

function zipmapType(keyList: Value, valueList: Value): Type | Fault {
  const { type } = valueList;
  if (type.kind === "list") return { kind: "map", element: type.element };
  if (type.kind !== "tuple") return required("a list or tuple", type, 1);
  if (!isWhollyKnown(keyList)) return DYNAMIC;
  const names = keyList.raw as Items;
  const wrong = pairing(names, type.elements.length);
  if (wrong) return wrong;
  const attributes = new Map(names.map((name, at) => [name.raw as string, type.elements[at] as Type]));
  return { kind: "object", attributes: sortedMap(attributes) };
}

function pairing(names: Items, count: number): Fault | undefined {
  if (names.length !== count) {
    return new Fault(`the numbers of keys and values differ, ${names.length} and ${count}`, 1);
  }
  const nothing = names.findIndex((name) => name.raw === null);
  return nothing === -1 ? undefined : new Fault(`element ${nothing} is null, which is no key`, 0);
}

/** Keys cannot be marked one by one, so that a marked one marks all. */
function zipmap(keyList: Value, valueList: Value): Value | Fault {
  const type = zipmapType(keyList, valueList);
  if (type instanceof Fault) return type;
  const names = keyList.raw as Items;
  const items = valueList.raw as Items;
  const sensitive = keyList.sensitive || valueList.sensitive || names.some((name) => name.sensitive);
  if (!isWhollyKnown(keyList)) return marked(unknownValue(type), sensitive);
  const wrong = pairing(names, items.length);
  if (wrong) return wrong;
  const entries = sortedMap(new Map(names.map((name, at) => [name.raw as string, items[at] as Value])));
  return type.kind === "map" ? mapValue(type.element, entries, sensitive) : marked(objectValue(entries), sensitive);
}

function transpose(map: Value): Value | Fault {
  const turned = new Map<string, string[]>();
  for (const [name, list] of map.raw as Entries) {
    const place = `element ${JSON.stringify(name)}`;
    if (list.raw === null) return new Fault(`${place} is null`, 0);
    for (const item of list.raw as Items) {
      if (item.raw === null) return new Fault(`${place} has a null in it`, 0);
      const key = item.raw as string;
      const found = turned.get(key);
      if (found) found.push(name);
      else turned.set(key, [name]);
    }
  }
  const entries = [...turned].map(
    ([key, names]) => [key, listValue(STRING, names.sort(compareText).map(stringValue))] as const,
  );
  return mapValue(STRINGS, sortedMap(new Map(entries)));
}

const MAPPING: Parameter = { name: "mapping", type: DYNAMIC, partial: true, marks: true };

export const mapFunctions: readonly FunctionDeclaration[] = [
  {
    name: "length",
    parameters: [{ name: "value", type: DYNAMIC, unknown: true, marks: true }],
    result: NUMBER,
    call: length,
  },
  {
    name: "keys",
    parameters: [{ name: "inputMap", type: DYNAMIC, unknown: true, marks: true }],
    result: DYNAMIC,
    call: keys,
  },
  { name: "values", parameters: [MAPPING], result: DYNAMIC, unknownResult: valuesType, call: values },
  {
    name: "merge",
    parameters: [],
    variadic: { name: "maps", type: DYNAMIC, nullable: true, partial: true, marks: true },
    result: DYNAMIC,
    unknownResult: mergeType,
    call: merge,
  },
  {
    name: "zipmap",
    parameters: [
      { name: "keys", type: STRINGS, partial: true, marks: true },
      { name: "values", type: DYNAMIC, partial: true, marks: true },
    ],
    result: DYNAMIC,
    unknownResult: zipmapType,
    call: zipmap,
  },
  {
    name: "transpose",
    parameters: [{ name: "values", type: { kind: "map", element: STRINGS } }],
    result: { kind: "map", element: STRINGS },
    call: transpose,
  },
];
