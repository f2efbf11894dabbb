import { fail } from "../../../src/core/diagnostics.ts";
import type { OperationContext } from "../../../src/core/provider.ts";
import type { PlanTools } from "../plan.ts";
import { whyGone } from "./cause.ts";

/** QEMU ended in the middle of an operation: rejects with what is known of it, and `more` lines. */
export async function failGone(
  context: OperationContext,
  tools: PlanTools,
  summary: string,
  more: readonly string[] = [],
): Promise<never> {
  const why = await whyGone(context.instance, tools, async () => true);
  return fail(summary, {
    address: context.address,
    detail: [`What is known: ${why.summary}.`, ...more, ...(why.evidence ?? [])].join("\n"),
  });
}
