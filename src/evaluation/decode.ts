import type { Diagnostic } from "../core/diagnostics.ts";
import { errorDiagnostic } from "../core/diagnostics.ts";
import type { AttributeSchema, BlockSchema, NestedBlockSchema } from "../core/schema.ts";
import { nestedSchema } from "../core/schema.ts";
import type { Range } from "../core/source.ts";
import type { Attribute, Body, Expression } from "../core/syntax.ts";
import type { Path, Planned, PlannedAttributes, Value } from "../core/values.ts";
import { formatPath, isWhollyKnown, UNKNOWN } from "../core/values.ts";
import { checkAttribute } from "./attributeChecks.ts";
import { converted } from "./convert.ts";
import type { Unsettled, WrittenBlock } from "./dynamic.ts";
import { expandBlocks, unsettledScope } from "./dynamic.ts";
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
  /** The arguments that are not wholly known, each with the scope it is to be captured from. */
  readonly deferred: { readonly path: Path; readonly expression: Expression; readonly scope: Scope }[];
  /** Dynamic blocks of which it is not known what they make; what stands in them has been looked at all the same. */
  readonly unsettled: Unsettled[];
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
  const decoder = new Decoder();
  const attributes = decoder.block(body, schema, [], scope);
  const { values, sensitive, deferred, unsettled, places, diagnostics } = decoder;
  return { attributes, values, sensitive, deferred, unsettled, places, diagnostics };
}

class Decoder {
  readonly values = new Map<string, Value>();
  readonly sensitive: Path[] = [];
  readonly deferred: { path: Path; expression: Expression; scope: Scope }[] = [];
  readonly unsettled: Unsettled[] = [];
  readonly places = new Map<string, Range>();
  readonly diagnostics: Diagnostic[] = [];

  block(body: Body, schema: BlockSchema, path: Path, scope: Scope): PlannedAttributes {
    const { settable, standards, nested } = layoutOf(schema);
    const attributes: { [name: string]: Planned } = { ...standards };
    const here = { path, prefix: path.length === 0 ? "" : `${formatPath(path)}.`, scope };
    for (const written of body.attributes) {
      const attribute = settable.get(written.name);
      if (attribute) attributes[written.name] = this.#argument(written, attribute, here);
    }
    if (nested.length === 0) return attributes;
    const { written, unsettled } = expandBlocks(body.blocks, schema, scope, this.diagnostics);
    for (const one of unsettled) this.#unsettled(one, schema);
    for (const [name, block] of nested) {
      const at = block.attribute ?? name;
      const ofType = written.filter(({ type }) => type === name);
      attributes[at] = this.#nested(ofType, block, [...path, at]);
    }
    return attributes;
  }

  #argument(written: Attribute, schema: AttributeSchema, { path, prefix, scope }: Here): Planned {
    const { expression, name } = written;
    const key = prefix + name;
    this.#place(key, written, schema);
    const refuse = (summary: string, detail: string) => this.#refuse(new Problem(summary, detail), expression, scope);
    const errors = this.diagnostics.length;
    const given = evaluateInto(expression, scope, this.diagnostics);
    if (this.diagnostics.length > errors) return UNKNOWN;
    const value = converted(given, schema.type);
    if (typeof value === "string") {
      const detail = `It takes ${describeType(schema.type)}, but this is ${describeType(given.type)}: ${value}.`;
      return refuse(`The value of "${name}" has the wrong type`, detail);
    }
    if (value.raw === null) {
      if (!schema.required) return schema.default ?? null;
      return refuse(`"${name}" must not be null`, "It is required here and has no default.");
    }
    const problem = checkAttribute(name, schema, value);
    if (problem) return this.#refuse(problem, expression, scope);
    this.values.set(key, value);
    if (!isWhollyKnown(value)) this.deferred.push({ path: [...path, name], expression, scope });
    return this.#plain(value, schema, path, name);
  }

  #place(key: string, written: Attribute, schema: AttributeSchema): void {
    this.places.set(key, written.range);
    if (!schema.endpoints || written.expression.kind !== "tuple") return;
    for (const [at, item] of written.expression.items.entries()) this.places.set(`${key}[${at}]`, item.range);
  }

  #refuse(problem: Problem, expression: Expression, scope: Scope): Planned {
    report(problem, expression.range, expression, scope, this.diagnostics);
    return UNKNOWN;
  }

  #plain(value: Value, schema: AttributeSchema, path: Path, name: string): Planned {
    const { planned, sensitive } = valueToPlanned(value);
    if (schema.sensitive) this.sensitive.push([...path, name]);
    else for (const inner of sensitive) this.sensitive.push([...path, name, ...inner]);
    return planned;
  }

  /** `blocks` are all of one type. */
  #nested(blocks: readonly WrittenBlock[], schema: NestedBlockSchema, path: Path): Planned {
    if (schema.nesting === "list") return blocks.map((block, at) => this.#nestedBlock(block, schema, [...path, at]));
    if (schema.nesting === "single") {
      const [block, second] = blocks;
      if (block && second) this.#refuseSecond(block, second);
      return block ? this.#nestedBlock(block, schema, path) : null;
    }
    const items = new Map<string, { readonly block: WrittenBlock; readonly planned: Planned }>();
    for (const block of blocks) {
      const { label } = block;
      if (label === undefined) continue;
      const first = items.get(label);
      if (first) this.#refuseSecond(first.block, block);
      else items.set(label, { block, planned: this.#nestedBlock(block, schema, [...path, label]) });
    }
    return Object.fromEntries([...items].map(([label, { planned }]) => [label, planned]));
  }

  #nestedBlock(block: WrittenBlock, schema: NestedBlockSchema, path: Path): PlannedAttributes {
    this.places.set(formatPath(path), block.range);
    return this.block(block.body, schema, path, block.scope);
  }

  /** Of two that stand in the file src/config has told. */
  #refuseSecond(first: WrittenBlock, second: WrittenBlock): void {
    const { dynamic = first.dynamic } = second;
    if (!dynamic) return;
    const { type, label } = second;
    const what = label === undefined ? type : `${type} ${JSON.stringify(label)}`;
    const isSame = first.dynamic === second.dynamic;
    const detail =
      label === undefined
        ? `There may be one ${type} here, and ${isSame ? "for_each has more than one element" : "there is another beside it"}.`
        : `Each ${type} has a name of its own${isSame ? ", and two elements of for_each give the same one" : ""}.`;
    this.diagnostics.push(
      errorDiagnostic(`Duplicate ${what}`, {
        detail,
        range: dynamic.block.headerRange,
        related: isSame ? [] : [{ message: "the other is here", range: (second.dynamic ? first : second).range }],
      }),
    );
  }

  /** What is wrong with its content whatever its elements will be. */
  #unsettled(unsettled: Unsettled, schema: BlockSchema): void {
    this.unsettled.push(unsettled);
    const { type, content } = unsettled.dynamic;
    const nested = nestedSchema(schema, type);
    if (!nested || !content) return;
    const decoder = new Decoder();
    decoder.block(content.body, nested, [], unsettledScope(unsettled));
    this.diagnostics.push(...decoder.diagnostics);
  }
}

/** The block that is being read. */
interface Here {
  readonly path: Path;
  /** The formatted path with a dot, ready for a name. */
  readonly prefix: string;
  readonly scope: Scope;
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
