import { formatNumber, fromJavaScript, parseNumber, sameNumber, toJavaScript } from "../core/bigfloat.ts";
import type { Json, Num, Type, Value } from "../core/values.ts";
import {
  boolValue,
  DYNAMIC,
  NULL,
  numberValue,
  objectValue,
  stringValue,
  tupleValue,
  UNKNOWN,
} from "../core/values.ts";
import { concrete, makeSet } from "./convert.ts";
import { sortedEntries, sortedMap } from "./order.ts";
import { hasDynamic } from "./types.ts";

/**
 * A wholly known value as JSON, without its marks. With its type (`typeToJson`) `valueFromJson` makes the same value
 * again: a number that a double would change is a string of all its digits. Throws for an unknown value.
 */
export function valueToJson(value: Value): Json {
  const { raw } = value;
  if (raw === UNKNOWN) throw new TypeError("an unknown value has no JSON form");
  if (raw === null || typeof raw === "string" || typeof raw === "boolean") return raw;
  if (Array.isArray(raw)) return (raw as readonly Value[]).map(valueToJson);
  if (raw instanceof Map) {
    const items = [...sortedEntries(raw as ReadonlyMap<string, Value>)];
    return Object.fromEntries(items.map(([name, item]) => [name, valueToJson(item)]));
  }
  return numberToJson(raw as Num);
}

function numberToJson(num: Num): Json {
  if (typeof num === "number") return num;
  const double = toJavaScript(num);
  return Number.isFinite(double) && sameNumber(fromJavaScript(double), num) ? double : formatNumber(num);
}

/** The value of a type. Where the type says `dynamic`, JSON's own: objects and tuples. Throws where they disagree. */
export function valueFromJson(type: Type, json: Json): Value {
  if (type.kind === "dynamic") return impliedValue(json);
  if (json === null) return { type: concrete(type), raw: null, sensitive: false };
  switch (type.kind) {
    case "string":
      if (typeof json === "string") return stringValue(json);
      break;
    case "number":
      if (typeof json === "number") return numberValue(fromJavaScript(json));
      if (typeof json === "string") return numberValue(parseNumber(json));
      break;
    case "bool":
      if (typeof json === "boolean") return boolValue(json);
      break;
    case "list":
    case "set":
      if (Array.isArray(json)) return sequence(type, json as readonly Json[]);
      break;
    case "tuple":
      if (Array.isArray(json) && json.length === type.elements.length) {
        const items = (json as readonly Json[]).map((item, at) => valueFromJson(type.elements[at] as Type, item));
        return tupleValue(items);
      }
      break;
    case "map":
    case "object":
      if (typeof json === "object" && !Array.isArray(json))
        return entries(type, json as { readonly [name: string]: Json });
  }
  throw new TypeError(`JSON ${JSON.stringify(json)} is not of type ${type.kind}`);
}

function sequence(type: Extract<Type, { readonly kind: "list" | "set" }>, json: readonly Json[]): Value {
  const items = json.map((item) => valueFromJson(type.element, item));
  if (type.kind === "set") return makeSet(concrete(type.element), items);
  return { type: { kind: "list", element: elementType(type.element, items) }, raw: items, sensitive: false };
}

function entries(
  type: Extract<Type, { readonly kind: "map" | "object" }>,
  json: { readonly [name: string]: Json },
): Value {
  if (type.kind === "map") {
    const items = new Map(Object.entries(json).map(([name, item]) => [name, valueFromJson(type.element, item)]));
    const element = elementType(type.element, [...items.values()]);
    return { type: { kind: "map", element }, raw: sortedMap(items), sensitive: false };
  }
  const attributes = new Map<string, Value>();
  for (const [name, attribute] of type.attributes) {
    attributes.set(name, valueFromJson(attribute, Object.hasOwn(json, name) ? (json[name] as Json) : null));
  }
  return hasDynamic(type) ? objectValue(attributes) : { type: concrete(type), raw: attributes, sensitive: false };
}

function elementType(type: Type, items: readonly Value[]): Type {
  return hasDynamic(type) ? (items[0]?.type ?? DYNAMIC) : concrete(type);
}

function impliedValue(json: Json): Value {
  if (json === null) return NULL;
  if (typeof json === "string") return stringValue(json);
  if (typeof json === "number") return numberValue(fromJavaScript(json));
  if (typeof json === "boolean") return boolValue(json);
  if (Array.isArray(json)) return tupleValue((json as readonly Json[]).map(impliedValue));
  return objectValue(sortedMap(new Map(Object.entries(json).map(([name, item]) => [name, impliedValue(item)]))));
}
