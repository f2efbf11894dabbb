import type { ResourceKind } from "../core/addresses.ts";
import type { BlockSchema, ResourceSchema } from "../core/schema.ts";
import type { Reading } from "../language/json/expression.ts";
import { withMetaArguments } from "./resource.ts";
import type { Schemas } from "./schemas.ts";
import { labSchema, outputSchema, variableSchema } from "./schemas.ts";

/**
 * What the properties of an object mean that stands for a body. JSON does not say which of them are blocks and how many
 * labels these have, nor whether a string is a template, a plain text or a reference: the schemas do.
 */
export interface BodyShape {
  /** Undefined when the property is an argument. */
  readonly block: (type: string) => BlockShape | undefined;
  readonly reading: (argument: string) => Reading;
}

export interface BlockShape {
  readonly labels: 0 | 1;
  /** By the label, if it has one. */
  readonly body: (label: string | undefined) => BodyShape;
}

/** A lab file as a whole; undefined are the types of blocks that no version of the language has. */
export function labFileShape({ schemas, resourceSchemas }: Schemas): BodyShape {
  const block = (type: string): BlockShape | undefined => {
    if (type === "provider") return labelled((name) => ofSchema(schemas.find((one) => one.name === name)?.settings));
    const resource = resourceSchemas.get(type === "template" ? "node" : (type as ResourceKind));
    if (resource) return labelled(() => resourceShape(resource));
    return own.get(type);
  };
  return { block, reading: () => "literal" };
}

const NOTHING: BlockSchema = { attributes: {} };

/** Of a body whose schema is not known, which is reported elsewhere: nothing is said about its strings. */
const unknownBody: BodyShape = { block: () => undefined, reading: () => "literal" };

function labelled(body: BlockShape["body"]): BlockShape {
  return { labels: 1, body };
}

function plain(body: BodyShape): BlockShape {
  return { labels: 0, body: () => body };
}

interface Extras {
  /** Of arguments whose strings are no templates. */
  readonly readings?: { readonly [argument: string]: Reading };
  readonly blocks?: { readonly [type: string]: BlockShape };
  /** There may be `dynamic` blocks for its nested blocks. */
  readonly dynamic?: boolean;
  /** Its arguments may have any name. */
  readonly open?: boolean;
}

function ofSchema(schema: BlockSchema | undefined, extras: Extras = {}): BodyShape {
  if (!schema) return unknownBody;
  const { readings = {}, blocks = {}, dynamic = false, open = false } = extras;
  const block = (type: string): BlockShape | undefined => {
    const argument = ownOf(schema.attributes, type);
    if (argument && (!argument.computed || argument.optional)) return undefined;
    const special = ownOf(blocks, type);
    if (special) return special;
    const nested = ownOf(schema.blocks ?? {}, type);
    if (nested) {
      const body = ofSchema(nested, { dynamic });
      return nested.nesting === "map" ? labelled(() => body) : plain(body);
    }
    const made = schema.blocks;
    if (type === "dynamic" && dynamic && made) return labelled((label) => dynamicShape(ownOf(made, label ?? "")));
    return undefined;
  };
  const reading = (argument: string) =>
    ownOf(readings, argument) ?? (open || ownOf(schema.attributes, argument) ? "template" : "literal");
  return { block, reading };
}

/** Undefined for the names that every object inherits. */
function ownOf<T>(table: { readonly [name: string]: T }, name: string): T | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

function dynamicShape(made: BlockSchema | undefined): BodyShape {
  const content = plain(ofSchema(made, { dynamic: true }));
  return ofSchema(NOTHING, { readings: { iterator: "expression" }, blocks: { content }, open: true });
}

function resourceShape(schema: ResourceSchema): BodyShape {
  const readings: Extras["readings"] = { depends_on: "expression", template: "expression" };
  return ofSchema(withMetaArguments(schema), { readings, blocks: { lifecycle: plain(lifecycle) }, dynamic: true });
}

/** Conditions and messages: all of it is evaluated. */
const rule = plain(ofSchema(NOTHING, { open: true }));

const lifecycle = ofSchema(NOTHING, {
  readings: { ignore_changes: "expression", replace_triggered_by: "expression" },
  blocks: { precondition: rule, postcondition: rule },
  open: true,
});

const moving = plain(
  ofSchema(NOTHING, { readings: { from: "expression", to: "expression" }, blocks: { lifecycle: plain(lifecycle) } }),
);

/** The blocks of the language that belong to no provider. */
const own: ReadonlyMap<string, BlockShape> = new Map([
  [
    "lab",
    labelled(() =>
      ofSchema(labSchema, {
        readings: { required_version: "literal" },
        blocks: { backend: labelled(() => ofSchema(NOTHING, { open: true })) },
      }),
    ),
  ],
  [
    "variable",
    labelled(() =>
      ofSchema(variableSchema, {
        readings: {
          type: "expression",
          default: "literal",
          description: "literal",
          sensitive: "literal",
          nullable: "literal",
        },
      }),
    ),
  ],
  ["locals", plain(ofSchema(NOTHING, { open: true }))],
  [
    "output",
    labelled(() =>
      ofSchema(outputSchema, {
        readings: { description: "literal", sensitive: "literal", depends_on: "expression" },
        blocks: { precondition: rule },
      }),
    ),
  ],
  [
    "module",
    labelled(() =>
      ofSchema(NOTHING, {
        readings: { source: "literal", version: "literal", depends_on: "expression" },
        blocks: { lifecycle: plain(lifecycle) },
        open: true,
      }),
    ),
  ],
  ["check", labelled(() => ofSchema(NOTHING, { blocks: { assert: rule } }))],
  ["moved", moving],
  ["removed", moving],
]);
