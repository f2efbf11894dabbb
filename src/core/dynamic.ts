import type { Block, Body, Expression } from "./syntax.ts";

/**
 * The parts of a `dynamic "disk" { … }` block, as far as they are written; src/config/dynamicShape.ts says what is wrong
 * with them. Source: ext/dynblock of the HCL repository.
 */
export interface DynamicBlock {
  /** Of the blocks it makes. */
  readonly type: string;
  readonly forEach: Expression | undefined;
  /** The name that stands for the element, in labels and content: the blocks' type unless set. */
  readonly iterator: string;
  readonly labels: readonly Expression[];
  /** What each block holds. */
  readonly content: Block | undefined;
  readonly block: Block;
}

/** Undefined for any other block, and for a dynamic one that does not say what it makes. */
export function asDynamic(block: Block): DynamicBlock | undefined {
  const [label] = block.labels;
  if (block.type !== "dynamic" || !label) return undefined;
  const argument = (name: string) => block.body.attributes.find((one) => one.name === name)?.expression;
  const labels = argument("labels");
  const iterator = argument("iterator");
  return {
    type: label.text,
    forEach: argument("for_each"),
    iterator: (iterator && iteratorName(iterator)) ?? label.text,
    labels: labels?.kind === "tuple" ? labels.items : [],
    content: block.body.blocks.find((one) => one.type === "content"),
    block,
  };
}

/** The name in `iterator = name`; undefined where something else is written. */
export function iteratorName(expression: Expression): string | undefined {
  return expression.kind === "variable" ? expression.name : undefined;
}

/** An expression of a body, and the names that dynamic blocks around it introduce: these are no references. */
export interface BodyExpression {
  readonly expression: Expression;
  readonly bound: ReadonlySet<string>;
}

const nothing: ReadonlySet<string> = new Set();

/** All expressions of a body and of the blocks in it, dynamic ones included, in the order of the text. */
export function expressionsOf(body: Body, bound: ReadonlySet<string> = nothing): readonly BodyExpression[] {
  const found: BodyExpression[] = body.attributes.map(({ expression }) => ({ expression, bound }));
  for (const block of body.blocks) {
    const dynamic = asDynamic(block);
    if (!dynamic) {
      found.push(...expressionsOf(block.body, bound));
      continue;
    }
    const inner = new Set(bound).add(dynamic.iterator);
    if (dynamic.forEach) found.push({ expression: dynamic.forEach, bound });
    for (const label of dynamic.labels) found.push({ expression: label, bound: inner });
    if (dynamic.content) found.push(...expressionsOf(dynamic.content.body, inner));
  }
  return found;
}
