import type { AttributeSchema, BlockSchema } from "../../core/schema.ts";
import { attributeSchema } from "../../core/schema.ts";
import type { Json } from "../../core/values.ts";
import type { Entry } from "./ledger.ts";

/** A block of a lab file to be. */
export interface Block {
  readonly type: string;
  readonly labels: readonly string[];
  /** Lines above it. */
  readonly comments: readonly string[];
  /** Each with its expression, as written. */
  readonly attributes: readonly (readonly [string, string])[];
  readonly blocks: readonly Block[];
}

/** A value as the language writes it; the formatter lays it out. */
export function written(value: Json): string {
  if (typeof value === "string") return quoted(value);
  if (Array.isArray(value)) return `[${(value as readonly Json[]).map(written).join(", ")}]`;
  if (value === null || typeof value !== "object") return String(value);
  const fields = Object.entries(value).map(([key, part]) => `${keyOf(key)} = ${written(part)}`);
  return fields.length === 0 ? "{}" : `{ ${fields.join(", ")} }`;
}

/** Text in which nothing is an escape, a template or the end of the quote by accident. */
function quoted(text: string): string {
  const inner = text
    .replace(/[\\"]/g, "\\$&")
    .replace(/\n/g, "\\n")
    .replace(/\r/g, "\\r")
    .replace(/\t/g, "\\t")
    // biome-ignore lint/suspicious/noControlCharactersInRegex: what cannot stand in a text as it is.
    .replace(/[\u0000-\u001f\u007f-\u009f]/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`)
    .replace(/[$%](?=\{)/g, "$&$&");
  return `"${inner}"`;
}

export function keyOf(key: string): string {
  return /^[A-Za-z_][A-Za-z0-9_-]*$/.test(key) ? key : quoted(key);
}

/** A block while it is made, of the arguments that a schema has. */
export class Draft {
  readonly address: string;
  readonly #type: string;
  readonly #labels: readonly string[];
  readonly #schema: BlockSchema;
  readonly #comments: string[] = [];
  readonly #attributes = new Map<string, string>();
  readonly #blocks: Draft[] = [];

  constructor(address: string, type: string, labels: readonly string[], schema: BlockSchema) {
    this.address = address;
    this.#type = type;
    this.#labels = labels;
    this.#schema = schema;
  }

  comment(text: string): void {
    this.#comments.push(...text.split(/\r?\n/).map((line) => line.trimEnd()));
  }

  /** An expression that needs no check. */
  set(name: string, expression: string): void {
    this.#attributes.set(name, expression);
  }

  has(name: string): boolean {
    return this.#attributes.has(name);
  }

  /** A block inside, of the schema's type of that name. */
  inner(type: string, label: string | undefined, schema: BlockSchema): Draft {
    const address = label === undefined ? `${this.address}.${type}` : `${this.address}.${type}["${label}"]`;
    const draft = new Draft(address, type, label === undefined ? [] : [label], schema);
    this.#blocks.push(draft);
    return draft;
  }

  /** Takes a property over as the argument `name` where the schema allows that value, and accounts for it. */
  take(entry: Entry, key: string, name: string, value: Json, why?: string): void {
    const schema = attributeSchema(this.#schema, name);
    if (schema === undefined) return entry.lost(key, `labform has no ${name} here.`);
    const refusal = refusalOf(schema, name, value);
    if (refusal !== undefined) return entry.lost(key, refusal);
    if (schema.default === value || (schema.default === undefined && value === null)) {
      return entry.leftOut(key, `It is labform's default${why === undefined ? "" : `: ${why}`}.`);
    }
    this.set(name, written(value));
    entry.taken(key, `${this.address}.${name}`, why);
  }

  isEmpty(): boolean {
    return this.#attributes.size === 0 && this.#blocks.length === 0;
  }

  /** What all blocks have first, then arguments in the order of the schema; inner blocks that say something. */
  finish(): Block {
    const names = Object.keys(this.#schema.attributes);
    const rank = (name: string) => names.indexOf(name);
    const attributes = [...this.#attributes].sort(([one], [other]) => rank(one) - rank(other));
    const blocks = this.#blocks.filter((one) => !one.isEmpty()).map((one) => one.finish());
    return { type: this.#type, labels: this.#labels, comments: this.#comments, attributes, blocks };
  }
}

/** Why the schema does not take the value. */
function refusalOf(schema: AttributeSchema, name: string, value: Json): string | undefined {
  if (typeof value === "string") {
    const { gone, oneOf } = schema;
    if (gone && Object.hasOwn(gone, value)) return gone[value];
    if (oneOf && !oneOf.includes(value)) return `labform's ${name} is one of ${oneOf.join(", ")}.`;
  }
  if (typeof value === "number") {
    const { minimum = -Infinity, maximum = Infinity, whole } = schema;
    if (value < minimum || value > maximum) {
      const most = maximum === Infinity ? "up" : `to ${maximum}`;
      return `labform's ${name} is from ${minimum} ${most}.`;
    }
    if (whole && !Number.isInteger(value)) return `labform's ${name} is a whole number.`;
  }
  const { kind } = schema.type;
  const wanted = { string: "string", number: "number", bool: "boolean" }[kind as "string"] as string | undefined;
  return wanted !== undefined && typeof value !== wanted ? `It is no ${kind}.` : undefined;
}
