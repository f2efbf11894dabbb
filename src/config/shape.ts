import type { Diagnostic } from "../core/diagnostics.ts";
import { errorDiagnostic } from "../core/diagnostics.ts";
import { asDynamic } from "../core/dynamic.ts";
import type { AttributeSchema, BlockSchema, NestedBlockSchema } from "../core/schema.ts";
import { attributeSchema, nestedSchema } from "../core/schema.ts";
import type { Range } from "../core/source.ts";
import { suggestion as meantBy } from "../core/suggestion.ts";
import type { Attribute, Block, Body } from "../core/syntax.ts";
import type { Report } from "./draft.ts";
import { checkDynamic, madeBlock } from "./dynamicShape.ts";
import { didYouMean, listed } from "./names.ts";

/** What a body is of, for messages. */
export interface BodyOwner {
  /** `node "r1"`, `disk "hda"` */
  readonly title: string;
  /** Marked where something is missing. */
  readonly header: Range;
  /** Words refused with a reason of their own. */
  readonly unsupported?: ReadonlyMap<string, string> | undefined;
  /** The same of its nested blocks, by their types. */
  readonly unsupportedIn?: { readonly [type: string]: ReadonlyMap<string, string> };
  /** Those of its nested blocks that `dynamic` may make; without them there are no dynamic blocks in it. */
  readonly dynamic?: BlockSchema["blocks"] | undefined;
  /** It is a part: what is missing in it is looked for in what it becomes a part of (`checkMissing`). */
  readonly partial?: boolean | undefined;
}

/**
 * Reports what does not fit the schema: unknown arguments and blocks, values set that labform decides, wrong numbers
 * of labels, blocks that may stand once standing twice, missing arguments; nested bodies included. Values are not
 * looked at.
 */
export function checkBody(body: Body, schema: BlockSchema, owner: BodyOwner, report: Report): void {
  for (const attribute of body.attributes) checkAttribute(attribute, schema, owner, report);
  const seen = new Map<string, Block>();
  for (const block of body.blocks) checkNested(block, schema, owner, seen, report);
  if (!owner.partial) missingIn(body, schema, owner, report);
}

/** Reports the missing arguments only, of a body made of parts that were checked one by one. */
export function checkMissing(body: Body, schema: BlockSchema, owner: BodyOwner, report: Report): void {
  for (const block of body.blocks) {
    const dynamic = asDynamic(block);
    const nested = nestedSchema(schema, dynamic?.type ?? block.type);
    const inner = dynamic ? dynamic.content : block;
    const title = dynamic ? madeBlock(dynamic.type) : titleOf(block);
    if (nested && inner) checkMissing(inner.body, nested, { title, header: inner.headerRange }, report);
  }
  missingIn(body, schema, owner, report);
}

function missingIn(body: Body, schema: BlockSchema, owner: BodyOwner, report: Report): void {
  if (!report.complete) return;
  for (const [name, attribute] of requiredOf(schema)) {
    if (body.attributes.some((one) => one.name === name || isMisspelt(one, name, schema))) continue;
    report.diagnostics.push(
      errorDiagnostic(`Missing argument "${name}"`, {
        detail: `${capitalised(owner.title)} needs it: ${attribute.description}`,
        range: owner.header,
      }),
    );
  }
}

/** Then it is told as an unknown argument that `name` was meant by, and `name` is not missing too. */
function isMisspelt({ name: written }: Attribute, name: string, schema: BlockSchema): boolean {
  return !attributeSchema(schema, written) && meantBy(written, candidatesOf(schema)) === name;
}

type Named = readonly [string, AttributeSchema];

const required = new WeakMap<BlockSchema, readonly Named[]>();

/** Found once a schema: a lab may have thousands of bodies of one. */
function requiredOf(schema: BlockSchema): readonly Named[] {
  let found = required.get(schema);
  if (!found) {
    found = Object.entries(schema.attributes).filter(([, attribute]) => attribute.required);
    required.set(schema, found);
  }
  return found;
}

function checkAttribute(attribute: Attribute, schema: BlockSchema, owner: BodyOwner, report: Report): void {
  const { name, nameRange: range } = attribute;
  const known = attributeSchema(schema, name);
  if (known) {
    if (known.computed && !known.optional) {
      const detail = `labform decides this value. It can be referred to, and not set: remove the line.`;
      report.diagnostics.push(errorDiagnostic(`"${name}" cannot be set`, { detail, range }));
    }
    return;
  }
  if (refuse(name, range, schema, owner, report)) return;
  const nested = nestedSchema(schema, name);
  if (nested) {
    const detail = `Write it without the equals sign: ${blockForm(name, nested)}.`;
    report.diagnostics.push(errorDiagnostic(`"${name}" is a block, not an argument`, { detail, range }));
    return;
  }
  report.diagnostics.push(
    errorDiagnostic(`Unknown argument "${name}"`, {
      detail: `${capitalised(owner.title)} has no argument of this name.${suggestion(name, schema)}`,
      range,
    }),
  );
}

function checkNested(
  block: Block,
  schema: BlockSchema,
  owner: BodyOwner,
  seen: Map<string, Block>,
  report: Report,
): void {
  const nested = nestedSchema(schema, block.type);
  if (!nested && block.type === "dynamic" && owner.dynamic) {
    checkDynamic(block, schema, { ...owner, dynamic: owner.dynamic }, report);
    return;
  }
  if (!nested) {
    if (refuse(block.type, block.typeRange, schema, owner, report)) return;
    const argument = attributeSchema(schema, block.type);
    report.diagnostics.push(
      argument
        ? errorDiagnostic(`"${block.type}" is an argument, not a block`, {
            detail: `Write it with an equals sign: ${block.type} = ….`,
            range: block.headerRange,
          })
        : errorDiagnostic(`Unknown block "${block.type}"`, {
            detail: `${capitalised(owner.title)} has no block of this type.${suggestion(block.type, schema)}`,
            range: block.headerRange,
          }),
    );
    return;
  }
  const wanted = nested.nesting === "map" ? 1 : 0;
  const title = titleOf(block);
  if (block.labels.length === wanted) {
    const first = nested.nesting === "list" ? undefined : seen.get(title);
    if (first) {
      report.diagnostics.push(duplicate(title, `in ${owner.title}`, block.headerRange, first.headerRange));
    } else seen.set(title, block);
  } else report.diagnostics.push(wrongLabels(block, blockForm(block.type, nested), wanted));
  const inner = {
    title,
    header: block.headerRange,
    unsupported: owner.unsupportedIn?.[block.type],
    dynamic: nestedSchema({ blocks: owner.dynamic ?? {} }, block.type)?.blocks,
    partial: owner.partial,
  };
  checkBody(block.body, nested, inner, report);
}

/** `disk "hda"` */
export function titleOf(block: Block): string {
  return [block.type, ...block.labels.map((label) => JSON.stringify(label.text))].join(" ");
}

export function duplicate(title: string, where: string, second: Range, first: Range): Diagnostic {
  return errorDiagnostic(`Duplicate ${title}`, {
    detail: `It is declared more than once ${where}. Remove one of the two, or give it another name.`,
    range: second,
    related: [{ message: "first declared here", range: first }],
  });
}

/** `form` is the block as it should be written. */
export function wrongLabels(block: Block, form: string, wanted: number): Diagnostic {
  const missing = block.labels.length < wanted;
  const extra = block.labels[wanted];
  return errorDiagnostic(missing ? `Missing name of ${block.type}` : `Too many names for ${block.type}`, {
    detail: `Write it as ${form}.`,
    range: missing || !extra ? block.headerRange : extra.range,
  });
}

function blockForm(name: string, nested: NestedBlockSchema): string {
  return nested.nesting === "map" ? `${name} "name" { … }` : `${name} { … }`;
}

function refuse(name: string, range: Range, { refused }: BlockSchema, owner: BodyOwner, report: Report): boolean {
  const reason = owner.unsupported?.get(name) ?? (refused && Object.hasOwn(refused, name) ? refused[name] : undefined);
  if (reason === undefined) return false;
  report.diagnostics.push(errorDiagnostic(`"${name}" cannot be used in ${owner.title}`, { detail: reason, range }));
  return true;
}

/** What may have been meant by a name that a body does not have: ` Did you mean "ram"?`, or all there is. */
function suggestion(name: string, schema: BlockSchema): string {
  const candidates = candidatesOf(schema);
  const meant = didYouMean(name, candidates);
  if (meant !== "" || candidates.length === 0 || candidates.length > 8) return meant;
  return ` It may have ${listed(candidates)}.`;
}

function candidatesOf(schema: BlockSchema): readonly string[] {
  const settable = Object.entries(schema.attributes)
    .filter(([, attribute]) => !attribute.computed || attribute.optional)
    .map(([argument]) => argument);
  return [...settable, ...Object.keys(schema.blocks ?? {})];
}

export function capitalised(title: string): string {
  return title.charAt(0).toUpperCase() + title.slice(1);
}
