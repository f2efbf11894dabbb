import { errorDiagnostic } from "../core/diagnostics.ts";
import { iteratorName } from "../core/dynamic.ts";
import type { BlockSchema, NestedBlockSchema } from "../core/schema.ts";
import { attributeSchema, nestedSchema } from "../core/schema.ts";
import type { Attribute, Block } from "../core/syntax.ts";
import { DYNAMIC } from "../core/values.ts";
import { isJsonFile } from "../language/json/expression.ts";
import type { Report } from "./draft.ts";
import { attributeOf } from "./literals.ts";
import { didYouMean } from "./names.ts";
import type { BodyOwner } from "./shape.ts";
import { capitalised, checkBody, duplicate, titleOf, wrongLabels } from "./shape.ts";

type Owner = BodyOwner & { readonly dynamic: NonNullable<BlockSchema["blocks"]> };

const wholeForm = 'dynamic "type" { for_each = …, content { … } }';

const dynamicSchema: BlockSchema = {
  attributes: {
    for_each: {
      type: DYNAMIC,
      description: "One block for each element of a list, set, map or object.",
      required: true,
    },
    iterator: { type: DYNAMIC, description: "The name of the element; the type of the blocks unless set." },
    labels: { type: DYNAMIC, description: "The name of each block, in brackets." },
  },
  // Its own schema is that of the block it is made for.
  blocks: { content: { nesting: "single", description: "What each block holds.", attributes: {} } },
};

/**
 * Reports what is wrong with a `dynamic` block before anything is evaluated, as `checkBody` does of the blocks it makes.
 * `schema` is that of the body it stands in. Source of what it holds: ext/dynblock of the HCL repository.
 */
export function checkDynamic(block: Block, schema: BlockSchema, owner: Owner, report: Report): void {
  const [label] = block.labels;
  if (!label || block.labels.length > 1) {
    report.diagnostics.push(wrongLabels(block, wholeForm, 1));
    return;
  }
  const made = nestedSchema({ blocks: owner.dynamic }, label.text);
  if (!made) {
    report.diagnostics.push(noSuchBlock(label, schema, owner));
    return;
  }
  const title = titleOf(block);
  const contents = block.body.blocks.filter(({ type }) => type === "content");
  const ownBody = { ...block.body, blocks: block.body.blocks.filter(({ type }) => type !== "content") };
  checkBody(ownBody, dynamicSchema, { title, header: block.headerRange }, report);
  checkIterator(attributeOf(block.body, "iterator"), report);
  checkLabels(block, label.text, made, report);

  const [content, ...others] = contents;
  if (!content && report.complete) {
    const detail = `${capitalised(title)} needs it: it says what each of its blocks holds.`;
    report.diagnostics.push(errorDiagnostic('Missing block "content"', { detail, range: block.headerRange }));
  }
  for (const other of others) {
    report.diagnostics.push(duplicate("content", `in ${title}`, other.headerRange, (content as Block).headerRange));
  }
  for (const one of contents) {
    if (one.labels.length > 0) report.diagnostics.push(wrongLabels(one, "content { … }", 0));
    const inner = {
      title: madeBlock(label.text),
      header: one.headerRange,
      dynamic: made.blocks ?? {},
      partial: owner.partial,
    };
    checkBody(one.body, made, inner, report);
  }
}

/** How the blocks of a dynamic one are called in messages: they have no place of their own. */
export function madeBlock(type: string): string {
  return `a ${type} block`;
}

function noSuchBlock({ text, range }: Block["labels"][number], schema: BlockSchema, owner: Owner) {
  const { title } = owner;
  if (nestedSchema(schema, text)) {
    const detail = `${text} blocks are read before anything is evaluated. Write each of them out.`;
    return errorDiagnostic(`"${text}" blocks cannot be made by dynamic`, { detail, range });
  }
  const argument = attributeSchema(schema, text);
  if (argument) {
    const isMany = argument.type.kind === "list" || argument.type.kind === "map";
    const how = isMany ? `a for expression: ${text} = [for one in … : …]` : `an equals sign: ${text} = …`;
    const detail = `dynamic makes blocks. Write the argument with ${how}.`;
    return errorDiagnostic(`"${text}" is an argument, not a block`, { detail, range });
  }
  const types = Object.keys(owner.dynamic);
  const meant = didYouMean(text, types) || (types.length === 0 ? " It has no blocks that dynamic could make." : "");
  const detail = `${capitalised(title)} has no block of this type.${meant}`;
  return errorDiagnostic(`Unknown block "${text}"`, { detail, range });
}

function checkIterator(iterator: Attribute | undefined, report: Report): void {
  if (!iterator || iteratorName(iterator.expression) !== undefined) return;
  const form = isJsonFile(iterator.expression.range.file)
    ? 'Write it as "iterator": "element"'
    : "Write it without quotes: iterator = element";
  const detail = `It names the element in labels and content. ${form}, then element.value.`;
  report.diagnostics.push(
    errorDiagnostic('"iterator" must be a single name', { detail, range: iterator.expression.range }),
  );
}

function checkLabels(block: Block, type: string, { nesting }: NestedBlockSchema, report: Report): void {
  const labels = attributeOf(block.body, "labels");
  const named = nesting === "map";
  if (!labels) {
    if (!named || !report.complete) return;
    const detail = `Each ${type} block has a name of its own. Say what it is: labels = [${type}.key].`;
    report.diagnostics.push(errorDiagnostic('Missing argument "labels"', { detail, range: block.headerRange }));
    return;
  }
  const { expression, nameRange } = labels;
  if (!named) {
    const detail = `A ${type} block has no name: remove the argument.`;
    report.diagnostics.push(errorDiagnostic(`Too many names for ${type}`, { detail, range: nameRange }));
  } else if (expression.kind !== "tuple" || expression.items.length !== 1) {
    const detail = `A ${type} block has one name. Write it in brackets: labels = [${type}.key].`;
    report.diagnostics.push(errorDiagnostic('"labels" must be a list of one', { detail, range: expression.range }));
  }
}
