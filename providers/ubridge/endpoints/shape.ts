import type { AttributeSchema, BlockSchema } from "../../../src/core/schema.ts";
import { suggestionText } from "../../../src/core/suggestion.ts";
import type { Json } from "../../../src/core/values.ts";

/** What is wrong with a value, and with which part of it. */
export interface Misfit {
  /** From the endpoint on: `["udp", "local_port"]`. */
  readonly path: readonly (string | number)[];
  readonly summary: string;
  readonly detail: string;
}

type Fields = { readonly [name: string]: Json };

/** What does not fit the schema; nothing where all of it does. */
export function misfits(value: Json, schema: AttributeSchema | BlockSchema, path: Misfit["path"]): readonly Misfit[] {
  if ("type" in schema) return valueMisfits(value, schema, path);
  const wrong = (summary: string, detail: string, at = path): Misfit => ({ path: at, summary, detail });
  if (!isObject(value)) return [wrong(`${nameOf(path)} is no object`, `It is ${kindOf(value)}. ${shapeOf(schema)}`)];
  const { attributes, blocks = {} } = schema;
  const known = [...Object.keys(attributes), ...Object.keys(blocks)];
  const unknown = Object.keys(value).filter((name) => !known.includes(name));
  const missing = Object.keys(attributes).filter(
    (name) => attributes[name]?.required && (value[name] ?? null) === null,
  );
  return [
    ...unknown.map((name) =>
      wrong(`${nameOf(path)} has no ${JSON.stringify(name)}`, suggestionText(name, known), [...path, name]),
    ),
    ...missing.map((name) => wrong(`${nameOf(path)} lacks ${name}`, shapeOf(schema))),
    ...Object.entries(attributes).flatMap(([name, one]) => {
      const given = value[name] ?? null;
      return given === null ? [] : valueMisfits(given, one, [...path, name]);
    }),
    ...Object.entries(blocks).flatMap(([name, block]) => {
      const list = value[name] ?? null;
      if (list === null) return [];
      if (!Array.isArray(list))
        return [wrong(`${name} is no list`, `It is ${kindOf(list)}. ${shapeOf(block)}`, [...path, name])];
      return (list as readonly Json[]).flatMap((one, at) => misfits(one, block, [...path, name, at]));
    }),
  ];
}

/** An object that fits, with the schema's defaults. */
export function filled(value: Json, { attributes }: Pick<BlockSchema, "attributes">): Fields {
  const given = value as Fields;
  return Object.fromEntries(
    Object.entries(attributes).map(([name, one]) => [name, given[name] ?? one.default ?? null] as const),
  );
}

function valueMisfits(value: Json, schema: AttributeSchema, path: Misfit["path"]): readonly Misfit[] {
  const { type, minimum = -Infinity, maximum = Infinity, whole, oneOf } = schema;
  const wrong = (detail: string): readonly Misfit[] => [{ path, summary: `${nameOf(path)} is ${told(value)}`, detail }];
  if (typeof value !== type.kind) return wrong(`It must be a ${type.kind}.`);
  if (typeof value === "number" && ((whole && !Number.isInteger(value)) || value < minimum || value > maximum)) {
    return wrong(`It must be a ${whole ? "whole number" : "number"} from ${minimum} to ${maximum}.`);
  }
  if (oneOf && !oneOf.includes(String(value))) return wrong(suggestionText(String(value), oneOf));
  return [];
}

function told(value: Json): string {
  return typeof value === "object" ? kindOf(value) : JSON.stringify(value);
}

function kindOf(value: Json): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}

/** `local_port`, and of an object in a list `forward[0]`. */
function nameOf(path: Misfit["path"]): string {
  const last = path.at(-1);
  return typeof last === "number" ? `${nameOf(path.slice(0, -1))}[${last}]` : String(last);
}

function shapeOf({ attributes, blocks = {} }: BlockSchema): string {
  const names = [
    ...Object.entries(attributes).map(([name, one]) => (one.required ? name : `${name} (optional)`)),
    ...Object.keys(blocks).map((name) => `${name} (optional)`),
  ];
  return `It is an object of ${names.join(", ")}.`;
}

function isObject(value: Json): value is Fields {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}
