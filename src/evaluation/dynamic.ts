import type { Diagnostic } from "../core/diagnostics.ts";
import type { DynamicBlock } from "../core/dynamic.ts";
import { asDynamic } from "../core/dynamic.ts";
import type { BlockSchema } from "../core/schema.ts";
import { nestedSchema } from "../core/schema.ts";
import type { Range } from "../core/source.ts";
import type { Block, Body, Expression } from "../core/syntax.ts";
import type { Value } from "../core/values.ts";
import { isWhollyKnown, STRING, UNKNOWN, UNKNOWN_VALUE } from "../core/values.ts";
import { convert } from "./convert.ts";
import { evaluateInto } from "./evaluate.ts";
import { isIterationKnown, iterate } from "./iteration.ts";
import { IteratorScope } from "./iteratorScope.ts";
import { Problem, report } from "./problem.ts";
import type { Scope } from "./scope.ts";
import { describeType } from "./types.ts";

/** A nested block as it is after its dynamic blocks were expanded. */
export interface WrittenBlock {
  readonly type: string;
  readonly label: string | undefined;
  readonly body: Body;
  /** In which its body is evaluated. */
  readonly scope: Scope;
  /** What a message about the block marks. */
  readonly range: Range;
  /** The dynamic block that made it. */
  readonly dynamic?: DynamicBlock | undefined;
}

/** A dynamic block of which it is not known how many blocks it makes. */
export interface Unsettled {
  readonly dynamic: DynamicBlock;
  readonly forEach: Expression;
  readonly scope: Scope;
}

/**
 * The blocks of a body, each dynamic one replaced by those it makes: one for each element of its `for_each`, in the
 * order of its keys. Those whose elements are not known yet make none and are in `unsettled`. Source: ext/dynblock of
 * the HCL repository; a `for_each` that is sensitive or not known is refused, since a plan shows every block.
 */
export function expandBlocks(
  blocks: readonly Block[],
  schema: BlockSchema,
  scope: Scope,
  diagnostics: Diagnostic[],
): { readonly written: readonly WrittenBlock[]; readonly unsettled: readonly Unsettled[] } {
  const written: WrittenBlock[] = [];
  const unsettled: Unsettled[] = [];
  for (const block of blocks) {
    const dynamic = asDynamic(block);
    if (!dynamic) {
      const label = block.labels[0]?.text;
      written.push({ type: block.type, label, body: block.body, scope, range: block.headerRange });
      continue;
    }
    const nested = nestedSchema(schema, dynamic.type);
    const { forEach, content } = dynamic;
    // What has no such part has been reported by src/config.
    if (!nested || !forEach || !content) continue;
    const elements = elementsOf(dynamic, forEach, scope, diagnostics);
    if (elements === "unsettled") unsettled.push({ dynamic, forEach, scope });
    for (const [key, value] of elements === "unsettled" ? [] : elements) {
      const inner = new IteratorScope(scope, dynamic.iterator, { key, value, forEach, scope });
      const label = nested.nesting === "map" ? labelOf(dynamic, inner, diagnostics) : undefined;
      if (nested.nesting === "map" && label === undefined) continue;
      written.push({ type: dynamic.type, label, body: content.body, scope: inner, range: block.headerRange, dynamic });
    }
  }
  return { written, unsettled };
}

/** In which the content of a dynamic block is checked when its elements are not known. */
export function unsettledScope({ dynamic, forEach, scope }: Unsettled): Scope {
  return new IteratorScope(scope, dynamic.iterator, { key: UNKNOWN_VALUE, value: UNKNOWN_VALUE, forEach, scope });
}

type Elements = Iterable<readonly [Value, Value]>;

function elementsOf(
  { type }: DynamicBlock,
  forEach: Expression,
  scope: Scope,
  diagnostics: Diagnostic[],
): Elements | "unsettled" {
  const errors = diagnostics.length;
  const value = evaluateInto(forEach, scope, diagnostics);
  if (diagnostics.length > errors) return [];
  const problem = forEachProblem(value, type);
  if (problem) {
    report(problem, forEach.range, forEach, scope, diagnostics);
    return [];
  }
  const isSettled = isIterationKnown(value) && (value.type.kind !== "set" || isWhollyKnown(value));
  return isSettled ? iterate(value) : "unsettled";
}

function forEachProblem({ raw, type, sensitive }: Value, block: string): Problem | undefined {
  if (sensitive) {
    return new Problem(
      "for_each may not be sensitive",
      `How many ${block} blocks there are shows in the plan and so gives the value away. Where it is no secret, nonsensitive() says so.`,
    );
  }
  if (raw === null) {
    return new Problem("for_each is null", `Give a list, a set, a map or an object; an empty one makes no ${block}.`);
  }
  const { kind } = type;
  if (kind !== "string" && kind !== "number" && kind !== "bool") return undefined;
  return new Problem(
    "for_each takes a list, a set, a map or an object",
    `One ${block} is made for each of its elements; this is ${describeType(type)}.`,
  );
}

function labelOf({ labels, type }: DynamicBlock, scope: Scope, diagnostics: Diagnostic[]): string | undefined {
  const [expression] = labels;
  if (!expression) return undefined;
  const errors = diagnostics.length;
  const value = evaluateInto(expression, scope, diagnostics);
  if (diagnostics.length > errors) return undefined;
  const converted = convert(value, STRING);
  const refuse = (summary: string, detail: string) => {
    report(new Problem(summary, detail), expression.range, expression, scope, diagnostics);
    return undefined;
  };
  if ("error" in converted)
    return refuse(`The name of a ${type} must be text`, `Its label does not fit: ${converted.error}.`);
  const { raw, sensitive } = converted.value;
  if (sensitive)
    return refuse(`The name of a ${type} may not be sensitive`, "It shows in the plan. Name it by something else.");
  if (raw === null) return refuse(`The name of a ${type} is null`, "Each has a name of its own.");
  if (raw === UNKNOWN) {
    return refuse(
      `The name of a ${type} is not known at plan`,
      "It is decided only when the plan is applied, and a plan names every block. Take a value that stands in the lab files, such as the key.",
    );
  }
  return raw as string;
}
