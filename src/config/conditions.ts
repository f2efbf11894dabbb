import { errorDiagnostic } from "../core/diagnostics.ts";
import type { Conditions, Rule } from "../core/lab.ts";
import type { Block, Body } from "../core/syntax.ts";
import type { Draft } from "./draft.ts";
import { declaredName } from "./labels.ts";
import { lifecycleOf } from "./lifecycle.ts";
import { attributeOf } from "./literals.ts";
import { checkSchema } from "./schemas.ts";
import { checkBody } from "./shape.ts";
import { unsupportedInCheck } from "./unsupported.ts";

/** The rules of one type in a body; those that lack a part, which is reported with the body's shape, are left out. */
export function readRules(body: Body, type: string): readonly Rule[] {
  const found: Rule[] = [];
  for (const block of body.blocks) {
    if (block.type !== type) continue;
    const condition = attributeOf(block.body, "condition")?.expression;
    const errorMessage = attributeOf(block.body, "error_message")?.expression;
    if (condition && errorMessage) found.push({ condition, errorMessage });
  }
  return found;
}

/** What the `lifecycle` block of a node, link or template says; undefined where it holds no conditions. */
export function readConditions(body: Body): Conditions | undefined {
  const lifecycle = lifecycleOf(body);
  if (!lifecycle) return undefined;
  const preconditions = readRules(lifecycle, "precondition");
  const postconditions = readRules(lifecycle, "postcondition");
  return preconditions.length + postconditions.length > 0 ? { preconditions, postconditions } : undefined;
}

/** What is left for the provider. */
export function withoutLifecycle(body: Body): Body {
  const blocks = body.blocks.filter(({ type }) => type !== "lifecycle");
  return blocks.length === body.blocks.length ? body : { ...body, blocks };
}

export function readCheck(block: Block, draft: Draft): void {
  const name = declaredName(block, draft, draft.checks, 'check "name" { … }');
  if (name === undefined) return;
  const { body, headerRange: range } = block;
  const title = `check "${name}"`;
  checkBody(body, checkSchema, { title, header: range, unsupported: unsupportedInCheck }, draft);
  if (draft.complete && !body.blocks.some(({ type }) => type === "assert")) {
    const detail = "It says what is to hold in blocks assert { condition = … error_message = … }, one at least.";
    draft.diagnostics.push(errorDiagnostic(`Check "${name}" checks nothing`, { detail, range }));
  }
  draft.checks.set(name, { name, assertions: readRules(body, "assert"), range });
}
