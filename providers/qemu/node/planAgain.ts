import { Failure, hasErrors } from "../../../src/core/diagnostics.ts";
import type { OperationContext } from "../../../src/core/provider.ts";
import { nodeAttributes } from "../attributes.ts";
import { plannedListeners } from "../consoles/listeners.ts";
import type { NodePlan, PlanTools } from "../plan.ts";
import { planNode } from "../plan.ts";
import { qemuSettings } from "../settings.ts";

/**
 * The node's plan once more, at apply: by now everything is known, and what was there at plan (an image, the binary) may
 * be gone. Rejects with `Failure` when it is.
 */
export async function planAgain(context: OperationContext, tools: PlanTools): Promise<NodePlan> {
  const { address, instance, settings, wanted, prior, signal } = context;
  const { tunnel } = nodeAttributes(wanted);
  const { id } = instance;
  const { sensitive } = instance;
  const request = { address, id, seed: "", settings, config: wanted, sensitive, prior, tunnel, offline: false };
  const answer = await planNode(request, tools, signal);
  if (hasErrors(answer.diagnostics)) {
    const errors = answer.diagnostics.filter((one) => one.severity === "error");
    throw new Failure(errors.map((one) => ({ ...one, address })));
  }
  // Of ports the plan has told which they are.
  return { ...answer, planned: { ...answer.planned, ...plannedListeners(wanted, qemuSettings(settings)) } };
}
