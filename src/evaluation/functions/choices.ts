import { suggestion } from "../../core/suggestion.ts";
import type { Type, Value } from "../../core/values.ts";
import { DYNAMIC, STRING, UNKNOWN, unknownValue } from "../../core/values.ts";
import { converted } from "../convert.ts";
import { Fault } from "../fault.ts";
import type { FunctionDeclaration } from "../functions.ts";
import { marked } from "../marks.ts";
import { shortText } from "../shown.ts";
import { describeType, sameType } from "../types.ts";
import { unify } from "../unify.ts";
import type { Entries, Items } from "./making.ts";
import { required } from "./making.ts";

/** The first that is neither null nor an empty text, as one of the type they have in common. */
function coalesce(...given: Items): Value | Fault {
  if (given.length === 0) return new Fault("at least one value is needed");
  const type = unify(given.map((one) => one.type));
  if (!type) return new Fault(`the values must be of one type, they are ${listed(given)}`);
  for (const [at, one] of given.entries()) {
    const value = converted(one, type);
    if (typeof value === "string") return new Fault(value, at);
    if (value.raw === UNKNOWN) return unknownValue(type);
    if (value.raw !== null && value.raw !== "") return value;
  }
  return new Fault("all values are null or empty texts");
}

function listed(given: Items): string {
  const types = [...new Set(given.map(({ type }) => describeType(type)))];
  const last = types.pop() as string;
  return types.length === 0 ? last : `${types.join(", ")} and ${last}`;
}

/** The first list that has elements; of whatever type it is where they differ. */
function coalescelist(...given: Items): Value | Fault {
  const type = coalescelistType(given);
  if (type instanceof Fault) return type;
  for (const one of given) {
    if (one.raw === UNKNOWN) return unknownValue(type);
    if (one.raw !== null && (one.raw as Items).length > 0) return one;
  }
  return new Fault("all lists are null or empty");
}

function coalescelistType(given: Items): Type | Fault {
  const [first] = given;
  if (!first) return new Fault("at least one list is needed");
  for (const [at, { raw, type }] of given.entries()) {
    if (raw === UNKNOWN) return DYNAMIC;
    if (type.kind === "list" || type.kind === "tuple") continue;
    return raw === null ? new Fault("it is null", at) : required("a list or tuple", type, at);
  }
  return given.every((one) => sameType(one.type, first.type)) ? first.type : DYNAMIC;
}

/** Its type, as far as it is known before the value is. */
function lookupType(map: Value, key: Value, standard: Value | undefined): Type | Fault {
  const { type } = map;
  if (type.kind === "map") return type.element;
  if (type.kind !== "object") return required("a map or object", type, 0);
  if (key.raw === UNKNOWN) return DYNAMIC;
  return type.attributes.get(key.raw as string) ?? standard?.type ?? notFound(map, key, [...type.attributes.keys()]);
}

function notFound(map: Value, key: Value, names: readonly string[]): Fault {
  if (key.sensitive) return new Fault("the key, which is sensitive, is not there, and no default is given", 1);
  const name = key.raw as string;
  const meant = map.sensitive ? undefined : suggestion(name, names);
  const hint = meant === undefined ? "" : ` (did you mean ${JSON.stringify(meant)}?)`;
  return new Fault(`there is no ${shortText(name)} in the ${map.type.kind}${hint}, and no default is given`, 1);
}

/** `lookup(map, key)` or, for when the key is not there, `lookup(map, key, default)`. */
function lookup(...given: Items): Value | Fault {
  const [map, key, fallback] = given as readonly [Value, Value, Value | undefined];
  if (given.length > 3) return new Fault(`it takes two or three arguments, ${given.length} are given`);
  if (map.type.kind === "dynamic") return marked(unknownValue(DYNAMIC), map.sensitive || key.sensitive);
  const type = lookupType(map, key, fallback);
  if (type instanceof Fault) return type;
  // A default is of the type of a map's elements, whether it is needed or not.
  const standard = fallback && (map.type.kind === "map" ? converted(fallback, type) : fallback);
  if (typeof standard === "string") return new Fault(`it is returned in place of an element: ${standard}`, 2);
  const sensitive = map.sensitive || key.sensitive;
  if (map.raw === UNKNOWN || key.raw === UNKNOWN) return marked(unknownValue(type), sensitive);
  const entries = map.raw as Entries;
  const found = entries.get(key.raw as string) ?? standard;
  return found ? marked(found, sensitive) : notFound(map, key, [...entries.keys()]);
}

const SOME = { name: "vals", type: DYNAMIC, nullable: true, unknown: true };

export const choiceFunctions: readonly FunctionDeclaration[] = [
  { name: "coalesce", parameters: [], variadic: SOME, result: DYNAMIC, call: coalesce },
  { name: "coalescelist", parameters: [], variadic: SOME, result: DYNAMIC, call: coalescelist },
  {
    name: "lookup",
    parameters: [
      { name: "inputMap", type: DYNAMIC, unknown: true, marks: true },
      { name: "key", type: STRING, unknown: true, marks: true },
    ],
    variadic: { name: "default", type: DYNAMIC, nullable: true, unknown: true, marks: true },
    result: DYNAMIC,
    call: lookup,
  },
];
