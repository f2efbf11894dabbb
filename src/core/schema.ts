import type { ResourceKind } from "./addresses.ts";
import type { Json, Type } from "./values.ts";
import { BOOL } from "./values.ts";

/**
 * A schema says once what a block may hold. Validation, decoding, plans, documentation and editor help are read off
 * it; nothing else in labform lists a resource's arguments.
 */
export interface BlockSchema {
  readonly attributes: { readonly [name: string]: AttributeSchema };
  readonly blocks?: { readonly [name: string]: NestedBlockSchema };
  /** Names that others have for what is in it, or that it no longer has: each with what to write instead. */
  readonly refused?: { readonly [name: string]: string };
}

/** The attribute of a name that anyone may have written: `constructor` is in every object, and in no schema. */
export function attributeSchema(schema: BlockSchema, name: string): AttributeSchema | undefined {
  return Object.hasOwn(schema.attributes, name) ? schema.attributes[name] : undefined;
}

/** The nested block of a type that anyone may have written. */
export function nestedSchema({ blocks }: Pick<BlockSchema, "blocks">, type: string): NestedBlockSchema | undefined {
  return blocks && Object.hasOwn(blocks, type) ? blocks[type] : undefined;
}

export interface AttributeSchema {
  readonly type: Type;
  /** One or two sentences for the reference and the editor. */
  readonly description: string;
  readonly required?: boolean;
  /** Taken when the argument is absent or null. An optional argument without default is null. */
  readonly default?: Json;
  /** What it takes to change it on something that exists. Absent on arguments that only labform reads: `live`. */
  readonly change?: ChangeClass;
  /**
   * Set by the provider: `plan`, known at plan; `create`, decided on the host when the object is made and kept from
   * then on; `start`, new at every start of its process. With `optional: true` the lab file may set it too.
   */
  readonly computed?: "plan" | "create" | "start";
  readonly optional?: boolean;
  readonly sensitive?: boolean;
  /** The allowed values of a string. */
  readonly oneOf?: readonly string[];
  /** Values that others allow, each with why it is not. */
  readonly gone?: { readonly [value: string]: string };
  /** Bounds of a number, both allowed. `whole` refuses fractions. */
  readonly minimum?: number;
  readonly maximum?: number;
  readonly whole?: boolean;
  /**
   * The attribute names what a link or network connects; the planner resolves it to endpoints. Beside it stands the
   * attribute `carrier` (below), which the planner fills.
   */
  readonly endpoints?: boolean;
  /** What may stand there beside adapters, by the word that says it: `{ tap = "tap0" }`. */
  readonly kinds?: { readonly [word: string]: EndpointKind };
}

/** An end of a link that is outside of the lab's nodes. The provider checks and makes it. */
export interface EndpointKind {
  readonly description: string;
  /** Of what stands behind the word: a value, or an object of these attributes. */
  readonly value: AttributeSchema | BlockSchema;
  /** What only one end in a lab may have: "" is the value itself, else one of its attributes; null is nothing. */
  readonly exclusive: string | null;
}

/** Of what has endpoints, in their order; the same whoever provides it. */
export const CARRIER: AttributeSchema = {
  type: { kind: "list", element: BOOL },
  description: "Whether the guest at each end sees a carrier: not while the link is suspended or the other end is off.",
  computed: "plan",
  change: "live",
};

export interface NestedBlockSchema extends BlockSchema {
  readonly description: string;
  /**
   * `single`: at most one, its value is an object or null. `list`: any number. `map`: one label each, unique, its
   * value is a map by label.
   */
  readonly nesting: "single" | "list" | "map";
  /** The attribute that holds it, where another one has the block's name. */
  readonly attribute?: string;
  /** The class of all changes in it, unless an argument names its own. */
  readonly change?: ChangeClass;
}

/** What a change does to a running object: nothing it notices, a stop and start, or a new one in its place. */
export type ChangeClass = "live" | "restart" | "replace";

export interface ResourceSchema extends BlockSchema {
  readonly kind: ResourceKind;
  /** Of the recorded attributes; raised when their shape changes, together with the provider's `upgrade`. */
  readonly version: number;
  readonly description: string;
}

export interface ProviderSchema {
  readonly name: string;
  readonly description: string;
  /** The `provider "name"` block. */
  readonly settings: BlockSchema;
  /** By kind; a service's is by its name too: `service.bridge`. */
  readonly resources: { readonly [kind: string]: ResourceSchema };
}
