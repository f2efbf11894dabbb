import type { OperationContext } from "../../../src/core/provider.ts";
import type { Instance } from "../../../src/core/state.ts";
import { endProcess } from "../end.ts";
import { notesOf, withNotes } from "../notes.ts";
import type { PlanTools } from "../plan.ts";

/** Cuts the power: QEMU ends at SIGTERM without asking the guest. */
export async function stopNode(context: OperationContext, tools: PlanTools): Promise<Instance> {
  const { instance, address } = context;
  const { process } = notesOf(instance);
  if (process) await endProcess(tools.ports.processes, process, "QEMU", address);
  const attributes = { ...instance.attributes, pid: null };
  return withNotes({ ...instance, attributes }, { process: undefined, started: undefined });
}
