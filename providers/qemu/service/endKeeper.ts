import type { OperationContext } from "../../../src/core/provider.ts";
import { endProcess } from "../../shared/end.ts";
import { notesOf } from "../notes.ts";
import type { PlanTools } from "../plan.ts";
import { keeperLog } from "./read.ts";

/** Ends the keeper by SIGTERM, which frees its ports as its `stop` does and also reaches one that does not answer. */
export async function endKeeper(context: OperationContext, tools: PlanTools): Promise<null> {
  const { process } = notesOf(context.instance);
  if (process) await endProcess(tools.ports.processes, process, "The keeper", context.address);
  const { run } = tools.directories;
  await tools.ports.files.remove(`${run}/keeper.sock`);
  await tools.ports.files.remove(keeperLog(run));
  return null;
}
