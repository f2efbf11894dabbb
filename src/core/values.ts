import type { BigFloat } from "./bigfloat.ts";

/** The types of the language, as Terraform's: `dynamic` is the type of a null or unknown nothing is known of. */
export type Type =
  | { readonly kind: "string" }
  | { readonly kind: "number" }
  | { readonly kind: "bool" }
  | { readonly kind: "dynamic" }
  | { readonly kind: "list"; readonly element: Type }
  | { readonly kind: "set"; readonly element: Type }
  | { readonly kind: "map"; readonly element: Type }
  | { readonly kind: "tuple"; readonly elements: readonly Type[] }
  | {
      readonly kind: "object";
      readonly attributes: ReadonlyMap<string, Type>;
      readonly optional?: ReadonlySet<string>;
      /** What conversion gives an optional attribute that is absent or null; already of the attribute's type. */
      readonly defaults?: ReadonlyMap<string, Value>;
    };

/** What a value holds while it is not known. */
export const UNKNOWN: unique symbol = Symbol("unknown");

export type Num = number | BigFloat;

export type Raw =
  | string
  | Num
  | boolean
  | null
  | typeof UNKNOWN
  /** list, tuple, and set (sorted, without duplicates) */
  | readonly Value[]
  /** map (keys sorted) and object */
  | ReadonlyMap<string, Value>;

/** Immutable. `sensitive` marks this value as a whole; an element may be marked inside an unmarked collection. */
export interface Value {
  readonly type: Type;
  readonly raw: Raw;
  readonly sensitive: boolean;
}

export const STRING: Type = { kind: "string" };
export const NUMBER: Type = { kind: "number" };
export const BOOL: Type = { kind: "bool" };
export const DYNAMIC: Type = { kind: "dynamic" };

export function stringValue(text: string): Value {
  return { type: STRING, raw: text, sensitive: false };
}

export function numberValue(number: Num): Value {
  return { type: NUMBER, raw: number, sensitive: false };
}

const TRUE: Value = { type: BOOL, raw: true, sensitive: false };
const FALSE: Value = { type: BOOL, raw: false, sensitive: false };

export function boolValue(bool: boolean): Value {
  return bool ? TRUE : FALSE;
}

export const NULL: Value = { type: DYNAMIC, raw: null, sensitive: false };
export const UNKNOWN_VALUE: Value = { type: DYNAMIC, raw: UNKNOWN, sensitive: false };

export function unknownValue(type: Type): Value {
  return { type, raw: UNKNOWN, sensitive: false };
}

export function tupleValue(items: readonly Value[]): Value {
  return { type: { kind: "tuple", elements: items.map((item) => item.type) }, raw: items, sensitive: false };
}

export function objectValue(attributes: ReadonlyMap<string, Value>): Value {
  const types = new Map<string, Type>();
  for (const [name, item] of attributes) types.set(name, item.type);
  return { type: { kind: "object", attributes: types }, raw: attributes, sensitive: false };
}

/** Known through and through: no unknown in any element. */
export function isWhollyKnown(one: Value): boolean {
  const { raw } = one;
  if (raw === UNKNOWN) return false;
  if (raw instanceof Map) {
    for (const item of (raw as ReadonlyMap<string, Value>).values()) if (!isWhollyKnown(item)) return false;
  } else if (Array.isArray(raw)) {
    for (const item of raw as readonly Value[]) if (!isWhollyKnown(item)) return false;
  }
  return true;
}

/**
 * The plain data that providers, state and plan work with: a resource's attributes as JSON, with `UNKNOWN` in place
 * of what the host decides. Numbers are JavaScript's: a schema's numbers are counts, ports and milliseconds.
 */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
export type Planned = Json | typeof UNKNOWN | readonly Planned[] | { readonly [key: string]: Planned };
export type Attributes = { readonly [name: string]: Json };
export type PlannedAttributes = { readonly [name: string]: Planned };

/** `["disk", "hda", "image"]` */
export type Path = readonly (string | number)[];

/** `disk["hda"].image`, as it is shown and as it keys the plan's deferred expressions. */
export function formatPath(path: Path): string {
  let text = "";
  for (const step of path) {
    if (typeof step === "number") text += `[${step}]`;
    else if (/^[A-Za-z_][\w-]*$/.test(step)) text += text === "" ? step : `.${step}`;
    else text += `[${JSON.stringify(step)}]`;
  }
  return text;
}

/** Whether what is at the path is sensitive, by itself or as a part of what is. */
export function isSensitive(sensitive: readonly Path[], path: Path): boolean {
  return sensitive.some((one) => one.length <= path.length && one.every((step, at) => step === path[at]));
}

export function isWhollyPlanned(planned: Planned): planned is Json {
  if (planned === UNKNOWN) return false;
  if (planned === null || typeof planned !== "object") return true;
  if (Array.isArray(planned)) return (planned as readonly Planned[]).every(isWhollyPlanned);
  return Object.values(planned as { readonly [key: string]: Planned }).every(isWhollyPlanned);
}

/** Deep equality of plain data; an unknown equals nothing, itself included. Key order does not count. */
export function samePlanned(left: Planned | undefined, right: Planned | undefined): boolean {
  if (left === UNKNOWN || right === UNKNOWN) return false;
  if (left === right) return true;
  if (typeof left !== "object" || typeof right !== "object" || left === null || right === null) return false;
  if (Array.isArray(left) !== Array.isArray(right)) return false;
  if (Array.isArray(left)) {
    const other = right as readonly Planned[];
    return (
      left.length === other.length && (left as readonly Planned[]).every((item, at) => samePlanned(item, other[at]))
    );
  }
  const a = left as { readonly [key: string]: Planned };
  const b = right as { readonly [key: string]: Planned };
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && samePlanned(a[key], b[key]))
  );
}
