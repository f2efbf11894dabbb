import type { Diagnostic } from "../core/diagnostics.ts";
import type { AttributeSchema, BlockSchema, NestedBlockSchema } from "../core/schema.ts";
import type { Range } from "../core/source.ts";
import type { Attribute, Block, Body, Expression } from "../core/syntax.ts";
import type { Path, Planned, PlannedAttributes, Value } from "../core/values.ts";
import { formatPath, isWhollyKnown, UNKNOWN } from "../core/values.ts";
import { checkAttribute } from "./attributeChecks.ts";
import { converted } from "./convert.ts";
import { evaluateInto } from "./evaluate.ts";
import { valueToPlanned } from "./plain.ts";
import { Problem, report } from "./problem.ts";
import type { Scope } from "./scope.ts";
import { describeType } from "./types.ts";

export interface Decoded {
  /**
   * All of the schema's: the default or null where nothing is written, `UNKNOWN` where not known, after an error, and
   * for what is required and missing.
   */
  readonly attributes: PlannedAttributes;
  /** What is written, evaluated and converted, by `formatPath`; not what is null or in error. */
  readonly values: ReadonlyMap<string, Value>;
  readonly sensitive: Path[];
  /** The arguments that are not wholly known. */
  readonly deferred: { readonly path: Path; readonly expression: Expression }[];
  /** By `formatPath`: where arguments and blocks are written, and each endpoint in a list of them. */
  readonly places: ReadonlyMap<string, Range>;
  readonly diagnostics: Diagnostic[];
}

/**
 * The body of a block as its schema reads it: arguments evaluated, converted and checked, nested blocks by their
 * nesting. Items the schema does not know, or that may not be set, are passed over, and missing ones are not asked for:
 * src/config reports these.
 */
export function decodeBody(body: Body, schema: BlockSchema, scope: Scope): Decoded {
  const decoder = new Decoder(scope);
  const attributes = decoder.block(body, schema, []);
  const { values, sensitive, deferred, places, diagnostics } = decoder;
  return { attributes, values, sensitive, deferred, places, diagnostics };
}

class Decoder {
  readonly values = new Map<string, Value>();
  readonly sensitive: Path[] = [];
  readonly deferred: { path: Path; expression: Expression }[] = [];
  readonly places = new Map<string, Range>();
  readonly diagnostics: Diagnostic[] = [];
  readonly #scope: Scope;

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  block(body: Body, schema: BlockSchema, path: Path): PlannedAttributes {
    const { settable, standards, nested } = layoutOf(schema);
    const attributes: { [name: string]: Planned } = { ...standards };
    const prefix = path.length === 0 ? "" : `${formatPath(path)}.`;
    for (const written of body.attributes) {
      const attribute = settable.get(written.name);
      if (attribute) attributes[written.name] = this.#argument(written, attribute, path, prefix + written.name);
    }
    for (const [name, block] of nested) {
      const at = block.attribute ?? name;
      attributes[at] = this.#nested(body.blocks, name, block, [...path, at]);
    }
    return attributes;
  }

  /** `key` is the formatted path of the argument, `path` that of its block. */
  #argument(written: Attribute, schema: AttributeSchema, path: Path, key: string): Planned {
    const { expression } = written;
    this.#place(key, written, schema);
    const errors = this.diagnostics.length;
    const given = evaluateInto(expression, this.#scope, this.diagnostics);
    if (this.diagnostics.length > errors) return UNKNOWN;
    const value = converted(given, schema.type);
    if (typeof value === "string") {
      const detail = `It takes ${describeType(schema.type)}, but this is ${describeType(given.type)}: ${value}.`;
      return this.#refuse(new Problem(`The value of "${written.name}" has the wrong type`, detail), expression);
    }
    if (value.raw === null) {
      if (!schema.required) return schema.default ?? null;
      return this.#refuse(
        new Problem(`"${written.name}" must not be null`, "It is required here and has no default."),
        expression,
      );
    }
    const problem = checkAttribute(written.name, schema, value);
    if (problem) return this.#refuse(problem, expression);
    this.values.set(key, value);
    if (!isWhollyKnown(value)) this.deferred.push({ path: [...path, written.name], expression });
    return this.#plain(value, schema, path, written.name);
  }

  #place(key: string, written: Attribute, schema: AttributeSchema): void {
    this.places.set(key, written.range);
    if (!schema.endpoints || written.expression.kind !== "tuple") return;
    for (const [at, item] of written.expression.items.entries()) this.places.set(`${key}[${at}]`, item.range);
  }

  #refuse(problem: Problem, expression: Expression): Planned {
    report(problem, expression.range, expression, this.#scope, this.diagnostics);
    return UNKNOWN;
  }

  #plain(value: Value, schema: AttributeSchema, path: Path, name: string): Planned {
    const { planned, sensitive } = valueToPlanned(value);
    if (schema.sensitive) this.sensitive.push([...path, name]);
    else for (const inner of sensitive) this.sensitive.push([...path, name, ...inner]);
    return planned;
  }

  #nested(blocks: readonly Block[], name: string, schema: NestedBlockSchema, path: Path): Planned {
    if (schema.nesting === "single") {
      const block = blocks.find((one) => one.type === name);
      return block ? this.#nestedBlock(block, schema, path) : null;
    }
    const written = blocks.filter((one) => one.type === name);
    if (schema.nesting === "list") return written.map((block, at) => this.#nestedBlock(block, schema, [...path, at]));
    const items = new Map<string, Planned>();
    for (const block of written) {
      const label = block.labels[0]?.text;
      if (label === undefined || items.has(label)) continue;
      items.set(label, this.#nestedBlock(block, schema, [...path, label]));
    }
    return Object.fromEntries(items);
  }

  #nestedBlock(block: Block, schema: NestedBlockSchema, path: Path): PlannedAttributes {
    this.places.set(formatPath(path), block.headerRange);
    return this.block(block.body, schema, path);
  }
}

interface Layout {
  readonly settable: ReadonlyMap<string, AttributeSchema>;
  /** Each attribute's value where nothing is written. */
  readonly standards: PlannedAttributes;
  readonly nested: readonly (readonly [string, NestedBlockSchema])[];
}

const layouts = new WeakMap<BlockSchema, Layout>();

function layoutOf(schema: BlockSchema): Layout {
  let layout = layouts.get(schema);
  if (!layout) {
    const attributes = Object.entries(schema.attributes);
    layout = {
      settable: new Map(attributes.filter(([, one]) => !one.computed || one.optional)),
      standards: Object.fromEntries(
        attributes.map(([name, one]) => [name, one.default ?? (one.required ? UNKNOWN : null)]),
      ),
      nested: Object.entries(schema.blocks ?? {}),
    };
    layouts.set(schema, layout);
  }
  return layout;
}
