import type { Type, Value } from "../../core/values.ts";
import {
  BOOL,
  boolValue,
  DYNAMIC,
  isWhollyKnown,
  NUMBER,
  numberValue,
  STRING,
  UNKNOWN,
  unknownValue,
} from "../../core/values.ts";
import { converted } from "../convert.ts";
import { equal } from "../equality.ts";
import { Fault } from "../fault.ts";
import type { FunctionDeclaration, Parameter } from "../functions.ts";
import { compareText } from "../order.ts";
import { describeType } from "../types.ts";
import { unify } from "../unify.ts";
import type { Items } from "./making.ts";
import { anyList, elementOf, listValue, required } from "./making.ts";

const STRINGS: Type = { kind: "list", element: STRING };
const BOOLS: Type = { kind: "list", element: BOOL };

function isSequence({ kind }: Type): boolean {
  return kind === "list" || kind === "tuple" || kind === "set";
}

function contains(list: Value, wanted: Value): Value | Fault {
  if (!isSequence(list.type)) return required("a list, tuple or set", list.type, 0);
  let known = true;
  for (const item of list.raw as Items) {
    const same = equal(wanted, item);
    if (same === true) return boolValue(true);
    if (same === undefined) known = false;
  }
  return known ? boolValue(false) : unknownValue(BOOL);
}

/** Where the value first stands. What is unknown before it may be it. */
function index(list: Value, wanted: Value): Value | Fault {
  if (list.type.kind !== "list" && list.type.kind !== "tuple") return required("a list or tuple", list.type, 0);
  const items = list.raw as Items;
  if (items.length === 0) return new Fault("it is empty, so nothing can be found in it", 0);
  for (const [at, item] of items.entries()) {
    const same = equal(item, wanted);
    if (same === undefined) return unknownValue(NUMBER);
    if (same) return numberValue(at);
  }
  return new Fault("it is not in the list; contains() tells whether it is", 1);
}

/** Each value where it first stands. */
function distinct(list: Value): Value {
  const kept: Value[] = [];
  const seen = new Set<unknown>();
  for (const item of list.raw as Items) {
    const { raw } = item;
    if (typeof raw === "string" || typeof raw === "number" || typeof raw === "boolean" || raw === null) {
      if (seen.has(raw)) continue;
      seen.add(raw);
    } else if (kept.some((one) => equal(one, item) === true)) continue;
    kept.push(item);
  }
  return listValue(elementOf(list), kept);
}

function compact(list: Value): Value {
  const items = (list.raw as Items).filter((item) => item.raw !== null && item.raw !== "");
  return listValue(STRING, items);
}

/** By code point. However it turns out, there will be as many. */
function sort(list: Value): Value | Fault {
  const items = list.raw as Items;
  if (!isWhollyKnown(list))
    return listValue(
      STRING,
      items.map(() => unknownValue(STRING)),
    );
  const nothing = items.findIndex((item) => item.raw === null);
  if (nothing !== -1) return new Fault(`element ${nothing} is null, which has no place among texts`, 0);
  return listValue(
    STRING,
    items.toSorted((left, right) => compareText(left.raw as string, right.raw as string)),
  );
}

/** A null counts as false. What follows something unknown is not looked at. */
function alltrue(list: Value): Value {
  for (const { raw } of list.raw as Items) {
    if (raw === UNKNOWN) return unknownValue(BOOL);
    if (raw !== true) return boolValue(false);
  }
  return boolValue(true);
}

function anytrue(list: Value): Value {
  const items = list.raw as Items;
  if (items.some((item) => item.raw === true)) return boolValue(true);
  return items.some((item) => item.raw === UNKNOWN) ? unknownValue(BOOL) : boolValue(false);
}

/** Those values whose keys, at the same place, are among `searchset`. */
function matchkeys(values: Value, keys: Value, searchset: Value): Value | Fault {
  const type = unify([keys.type, searchset.type]);
  if (!type) {
    const [one, other] = [keys, searchset].map((list) => describeType(list.type));
    return new Fault(`it is ${other}, but the keys it is compared with are ${one}`, 2);
  }
  const items = values.raw as Items;
  const names = keys.raw as Items;
  if (items.length !== names.length)
    return new Fault(`the numbers of keys and values differ, ${names.length} and ${items.length}`, 1);
  const sought = converted(searchset, type);
  const given = converted(keys, type);
  if (typeof sought === "string") return new Fault(sought, 2);
  if (typeof given === "string") return new Fault(given, 1);
  if ((sought.raw as Items).length === 0) return listValue(elementOf(values), []);
  if (![values, given, sought].every(isWhollyKnown)) return unknownValue(values.type);
  const matching = (given.raw as Items).map((key) => (sought.raw as Items).some((one) => equal(key, one) === true));
  return listValue(
    elementOf(values),
    items.filter((_, at) => matching[at]),
  );
}

const LIST: Parameter = { name: "list", type: DYNAMIC, partial: true };
const VALUE: Parameter = { name: "value", type: DYNAMIC, partial: true };

/** Of one list, with a result of its type. */
function filtering(
  name: string,
  parameter: Parameter,
  call: (list: Value) => Value | Fault,
  result = parameter.type,
): FunctionDeclaration {
  return { name, parameters: [parameter], result, unknownResult: (list) => list.type, call };
}

export const searchFunctions: readonly FunctionDeclaration[] = [
  { name: "contains", parameters: [LIST, VALUE], result: BOOL, call: contains },
  { name: "index", parameters: [LIST, VALUE], result: NUMBER, call: index },
  filtering("distinct", anyList("list"), distinct),
  filtering("compact", { name: "list", type: STRINGS }, compact),
  filtering("sort", { name: "list", type: STRINGS, partial: true }, sort),
  { name: "alltrue", parameters: [{ name: "list", type: BOOLS, partial: true }], result: BOOL, call: alltrue },
  { name: "anytrue", parameters: [{ name: "list", type: BOOLS, partial: true }], result: BOOL, call: anytrue },
  {
    name: "matchkeys",
    parameters: ["values", "keys", "searchset"].map((name) => ({ ...anyList(name), partial: true })),
    result: { kind: "list", element: DYNAMIC },
    unknownResult: (values) => values.type,
    call: matchkeys,
  },
];
