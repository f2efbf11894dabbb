import type { Json, Type } from "../core/values.ts";
import { BOOL, DYNAMIC, NUMBER, STRING } from "../core/values.ts";
import { compareText } from "./order.ts";

export { convert } from "./convert.ts";

export function sameType(left: Type, right: Type): boolean {
  if (left === right) return true;
  if (left.kind !== right.kind) return false;
  switch (left.kind) {
    case "list":
    case "set":
    case "map":
      return sameType(left.element, (right as typeof left).element);
    case "tuple": {
      const { elements } = right as typeof left;
      return (
        left.elements.length === elements.length &&
        left.elements.every((one, at) => sameType(one, elements[at] as Type))
      );
    }
    case "object":
      return sameAttributes(left, right as typeof left);
    default:
      return true;
  }
}

type ObjectType = Extract<Type, { readonly kind: "object" }>;

function sameAttributes(left: ObjectType, right: ObjectType): boolean {
  if (left.attributes.size !== right.attributes.size || left.optional?.size !== right.optional?.size) return false;
  for (const [name, type] of left.attributes) {
    const other = right.attributes.get(name);
    if (!other || !sameType(type, other) || left.optional?.has(name) !== right.optional?.has(name)) return false;
  }
  return true;
}

export function isPrimitive(type: Type): boolean {
  return type.kind === "string" || type.kind === "number" || type.kind === "bool";
}

/** True where something of the type is not known yet. */
export function hasDynamic(type: Type): boolean {
  switch (type.kind) {
    case "dynamic":
      return true;
    case "list":
    case "set":
    case "map":
      return hasDynamic(type.element);
    case "tuple":
      return type.elements.some(hasDynamic);
    case "object":
      for (const one of type.attributes.values()) if (hasDynamic(one)) return true;
      return false;
    default:
      return false;
  }
}

/** As it is written in a type constraint: `object({ a = string, b = optional(number) })`. */
export function formatType(type: Type): string {
  switch (type.kind) {
    case "dynamic":
      return "any";
    case "list":
    case "set":
    case "map":
      return `${type.kind}(${formatType(type.element)})`;
    case "tuple":
      return `tuple([${type.elements.map(formatType).join(", ")}])`;
    case "object": {
      if (type.attributes.size === 0) return "object({})";
      const attributes = [...type.attributes].map(([name, one]) => {
        const text = formatType(one);
        return `${name} = ${type.optional?.has(name) ? `optional(${text})` : text}`;
      });
      return `object({ ${attributes.join(", ")} })`;
    }
    default:
      return type.kind;
  }
}

/** With an article, for messages: `a string`, `an object`, `a list of strings`. */
export function describeType(type: Type): string {
  switch (type.kind) {
    case "dynamic":
      return "a value of unknown type";
    case "list":
    case "set":
    case "map":
      return `a ${type.kind}${plural(type.element)}`;
    case "object":
      return "an object";
    default:
      return `a ${type.kind}`;
  }
}

function plural(element: Type): string {
  return element.kind === "dynamic" ? "" : ` of ${element.kind}s`;
}

/** Terraform's JSON form of a type: `"string"`, `["list","string"]`, `["object",{"a":"string"}]`. */
export function typeToJson(type: Type): Json {
  switch (type.kind) {
    case "list":
    case "set":
    case "map":
      return [type.kind, typeToJson(type.element)];
    case "tuple":
      return ["tuple", type.elements.map(typeToJson)];
    case "object": {
      const attributes = [...type.attributes].sort(([left], [right]) => compareText(left, right));
      const json = Object.fromEntries(attributes.map(([name, one]) => [name, typeToJson(one)]));
      return type.optional?.size ? ["object", json, [...type.optional].sort(compareText)] : ["object", json];
    }
    default:
      return type.kind;
  }
}

/** The reverse of `typeToJson`. Throws for what is no type: it reads only what labform wrote. */
export function typeFromJson(json: Json): Type {
  if (json === "string") return STRING;
  if (json === "number") return NUMBER;
  if (json === "bool") return BOOL;
  if (json === "dynamic") return DYNAMIC;
  if (Array.isArray(json)) {
    const [kind, inner, optional] = json as readonly Json[];
    if (kind === "list" || kind === "set" || kind === "map") return { kind, element: typeFromJson(inner as Json) };
    if (kind === "tuple") return { kind, elements: (inner as readonly Json[]).map(typeFromJson) };
    if (kind === "object") {
      const entries = Object.entries(inner as { readonly [name: string]: Json });
      const attributes = new Map(entries.map(([name, one]) => [name, typeFromJson(one)]));
      return optional === undefined
        ? { kind, attributes }
        : { kind, attributes, optional: new Set(optional as string[]) };
    }
  }
  throw new TypeError(`not a type: ${JSON.stringify(json)}`);
}
