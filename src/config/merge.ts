import type { BlockSchema, NestedBlockSchema } from "../core/schema.ts";
import { nestedSchema } from "../core/schema.ts";
import type { Attribute, Block, Body } from "../core/syntax.ts";

/**
 * One body over another, for override files and templates alike. An argument of `upper` replaces the one of its name.
 * Of the nested blocks, those that are told apart (by a label, or because there is one at most) merge in the same way
 * with the one they meet; of all other types `upper`'s blocks replace all of `lower`'s, and so they do where either
 * side makes them by `dynamic`, since their labels are not known here. What neither schema nor rule knows is kept:
 * mistakes are reported where bodies are checked.
 *
 * Terraform replaces blocks by type, whatever their labels; its nested blocks have none.
 */
export function mergeBodies(lower: Body, upper: Body, schema: BlockSchema): Body {
  return {
    ...upper,
    attributes: mergeAttributes(lower.attributes, upper.attributes),
    blocks: mergeBlocks(lower.blocks, upper.blocks, schema),
  };
}

function mergeAttributes(lower: readonly Attribute[], upper: readonly Attribute[]): readonly Attribute[] {
  if (upper.length === 0) return lower;
  const names = new Set(upper.map(({ name }) => name));
  return [...lower.filter(({ name }) => !names.has(name)), ...upper];
}

function mergeBlocks(lower: readonly Block[], upper: readonly Block[], schema: BlockSchema): readonly Block[] {
  if (upper.length === 0) return lower;
  const replaced = new Set<string>();
  for (const block of upper) if (isReplacing(typeOf(block), lower, upper, schema)) replaced.add(typeOf(block));
  const merged = lower.filter((block) => !replaced.has(typeOf(block)));
  for (const block of upper) {
    const nested = nestedSchema(schema, block.type);
    const at = nested && !replaced.has(block.type) ? merged.findIndex((one) => isSame(one, block, lower)) : -1;
    const met = merged[at];
    if (!met || !nested) merged.push(block);
    else merged[at] = mergeBlock(met, block, nested);
  }
  return merged;
}

function mergeBlock(lower: Block, upper: Block, schema: NestedBlockSchema): Block {
  return { ...upper, body: mergeBodies(lower.body, upper.body, schema) };
}

function isReplacing(type: string, lower: readonly Block[], upper: readonly Block[], schema: BlockSchema): boolean {
  const nested = nestedSchema(schema, type);
  if (!nested) return false;
  const isDynamic = (block: Block) => block.type === "dynamic" && typeOf(block) === type;
  return nested.nesting === "list" || upper.some(isDynamic) || lower.some(isDynamic);
}

/** Only `lower`'s own blocks are met: a second one of `upper` is a duplicate, and stays one. */
function isSame(one: Block, other: Block, lower: readonly Block[]): boolean {
  return (
    one.type === other.type &&
    one.labels.length === other.labels.length &&
    one.labels.every(({ text }, at) => text === other.labels[at]?.text) &&
    lower.includes(one)
  );
}

/** Of a dynamic block, the type it makes. */
function typeOf(block: Block): string {
  return block.type === "dynamic" ? (block.labels[0]?.text ?? block.type) : block.type;
}
