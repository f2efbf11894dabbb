import type { OperationContext } from "../../../src/core/provider.ts";
import { nodeAttributes } from "../attributes.ts";
import type { PlanTools } from "../plan.ts";
import { failGone } from "./gone.ts";
import { commandQemu, standsStill } from "./qmp.ts";

/**
 * Has a running node stand still or go on, as `power` says. QEMU is asked what it does rather than the record: after a
 * run that was cut off, or a command on the monitor, the record may say otherwise.
 */
export async function setPower(context: OperationContext, tools: PlanTools): Promise<void> {
  const { instance, address, wanted } = context;
  const suspended = nodeAttributes(wanted).power === "suspended";
  const refusal = `${address} could not be ${suspended ? "suspended" : "resumed"}`;
  const { ports, directories } = tools;
  const done = await commandQemu(ports, directories.run, instance, refusal, async (execute) => {
    const status = await execute("query-status");
    if (standsStill(status) === suspended) return status;
    return await execute(suspended ? "stop" : "cont");
  });
  if (done === undefined) await failGone(context, tools, `${address} ended before it could be changed`);
}
