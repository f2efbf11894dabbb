import type {
  AttributeSchema,
  BlockSchema,
  ChangeClass,
  EndpointKind,
  NestedBlockSchema,
} from "../../src/core/schema.ts";
import { formatType } from "../../src/evaluation/types.ts";
import { code, table } from "./tables.ts";

/** More than these stand better in a sentence than in a column. */
const MOST_IN_COLUMN = 6;

const known: { readonly [when in NonNullable<AttributeSchema["computed"]>]: string } = {
  plan: "in the plan",
  create: "once it is made",
  start: "new at each start",
};

interface Options {
  /** Whether a change of these arguments means something to what exists. */
  readonly changes: boolean;
  /** Of the headings of nested blocks. */
  readonly level: number;
}

/** What a link may end at beside adapters: each word, then the tables of what stands behind it. */
export function endpointKinds(kinds: { readonly [word: string]: EndpointKind }): string {
  const isValue = (value: EndpointKind["value"]): value is AttributeSchema => "type" in value;
  const rows = Object.entries(kinds).map(([word, { value, description: text }]) => {
    const shape = isValue(value) ? `{ ${word} = "…" }` : `{ ${word} = { … } }`;
    return [code(shape), isValue(value) ? `${text} ${value.description}` : text];
  });
  const inner = Object.entries(kinds).flatMap(([word, { value }]) =>
    isValue(value)
      ? []
      : [...paragraphs(value, "live", { changes: false, level: 5 }, word)].map((one, at) =>
          at === 0 && Object.keys(value.attributes).length > 0 ? `##### Of \`${word}\`\n\n${one}` : one,
        ),
  );
  return [table(["endpoint", "what it is"], rows), ...inner].join("\n\n");
}

/** What may be written in a block, then what can be read of it, then its nested blocks under headings of their own. */
export function blockReference(schema: BlockSchema, { changes, level }: Options): string {
  return [...paragraphs(schema, "live", { changes, level }, "")].join("\n\n");
}

function* paragraphs(schema: BlockSchema, inherited: ChangeClass, options: Options, parent: string): Generator<string> {
  const attributes = Object.entries(schema.attributes);
  const settable = attributes.filter(([, one]) => !one.computed || one.optional);
  const readable = attributes.filter(([, one]) => one.computed && !one.optional);
  if (settable.length > 0) yield argumentTable(settable, inherited, options.changes);
  if (readable.length > 0) {
    yield "To be referred to, and set by labform alone:";
    yield table(
      ["attribute", "type", "known", "what it is"],
      readable.map(([name, one]) => [code(name), typeOf(one), known[one.computed ?? "plan"], one.description]),
    );
  }
  for (const [name, block] of Object.entries(schema.blocks ?? {})) {
    const path = parent === "" ? name : `${parent} ${name}`;
    yield `${"#".repeat(options.level)} ${block.nesting === "list" && options.level > 4 ? "Objects in" : "Block"} ${code(path)}`;
    yield `${block.description} ${howMany(name, block)}`;
    yield* paragraphs(block, block.change ?? inherited, options, path);
  }
}

function argumentTable(
  settable: readonly (readonly [string, AttributeSchema])[],
  inherited: ChangeClass,
  changes: boolean,
): string {
  return table(
    ["argument", "type", "default", ...(changes ? ["a change"] : []), "what it is"],
    settable.map(([name, one]) => [
      code(name),
      typeOf(one),
      defaultOf(one),
      ...(changes ? [one.change ?? inherited] : []),
      description(one),
    ]),
  );
}

function typeOf({ type, oneOf, minimum, maximum, whole, endpoints }: AttributeSchema): string {
  if (endpoints) return "list of two ends";
  if (type.kind === "dynamic") return "expression";
  if (oneOf && oneOf.length <= MOST_IN_COLUMN) return oneOf.map(quoted).join(", ");
  const name = whole ? "whole number" : formatType(type);
  if (minimum !== undefined && maximum !== undefined) return `${name}, ${minimum} to ${maximum}`;
  if (minimum !== undefined) return `${name}, at least ${minimum}`;
  return maximum === undefined ? name : `${name}, at most ${maximum}`;
}

function defaultOf({ default: fallback, required, computed }: AttributeSchema): string {
  if (required) return "required";
  if (fallback !== undefined) return code(JSON.stringify(fallback).replaceAll(",", ", "));
  return computed ? "decided" : "–";
}

function description({ description: text, oneOf }: AttributeSchema): string {
  if (!oneOf || oneOf.length <= MOST_IN_COLUMN) return text;
  return `${text} One of ${oneOf.map(quoted).join(", ")}.`;
}

function howMany(name: string, { nesting, attribute }: NestedBlockSchema): string {
  const referred = attribute === undefined ? "" : ` Referred to as ${code(attribute)}.`;
  if (nesting === "single") return `At most one.${referred}`;
  if (nesting === "list") return `Any number.${referred}`;
  return `Any number, each with a label of its own: ${code(`${name} "label" { … }`)}.${referred}`;
}

function quoted(text: string): string {
  return code(JSON.stringify(text));
}
