import type { OperationContext } from "../../../src/core/provider.ts";
import type { Instance } from "../../../src/core/state.ts";
import { consoleLog, nodeDirectory } from "../names.ts";
import { withNotes } from "../notes.ts";
import type { PlanTools } from "../plan.ts";
import { failGone } from "./gone.ts";
import { sizeOf } from "./log.ts";
import { commandQemu } from "./qmp.ts";

/** Resets the guest, as its reset button would: QEMU goes on, and a new boot begins. */
export async function reloadNode(context: OperationContext, tools: PlanTools): Promise<Instance> {
  const { instance, address } = context;
  const { ports, directories } = tools;
  const done = await commandQemu(ports, directories.run, instance, `${address} could not be reset`, async (execute) => {
    await execute("system_reset");
    // QEMU resets once it is back in its main loop, which it is when it answers the next command.
    return await execute("query-status");
  });
  if (done === undefined) return await failGone(context, tools, `${address} ended before it could be reset`);
  const consoleOffset = await sizeOf(ports.files, consoleLog(nodeDirectory(directories.nodes, instance.id)));
  return withNotes(instance, { consoleOffset });
}
