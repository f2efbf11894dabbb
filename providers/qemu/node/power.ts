import { fail } from "../../../src/core/diagnostics.ts";
import type { OperationContext } from "../../../src/core/provider.ts";
import { nodeAttributes } from "../attributes.ts";
import { standsStill } from "../keeper/run-states.ts";
import { nodeDirectory } from "../names.ts";
import { notesOf } from "../notes.ts";
import type { PlanTools } from "../plan.ts";
import { dropState } from "../vmState/file.ts";
import { failGone } from "./gone.ts";
import { commandQemu, runState } from "./qmp.ts";

/**
 * Has a running node stand still or go on, as `power` says. QEMU is asked what it does rather than the record: after a
 * run that was cut off, or a command on the monitor, the record may say otherwise. Rejects with `Failure` when it does
 * not come to do so.
 */
export async function setPower(context: OperationContext, tools: PlanTools): Promise<void> {
  const { instance, address, wanted } = context;
  const suspended = nodeAttributes(wanted).power === "suspended";
  const refusal = `${address} could not be ${suspended ? "suspended" : "resumed"}`;
  const { ports, directories } = tools;
  const command = suspended ? "stop" : "cont";
  const state = await commandQemu(ports, directories.run, instance, refusal, async (execute) => {
    const before = runState(await execute("query-status"));
    if (standsStill(before) === suspended) return before;
    // What was saved of it, wholly or not, is of no use once it goes on.
    if (!suspended) await dropState(ports.files, nodeDirectory(directories.nodes, instance.id));
    await execute(command);
    return runState(await execute("query-status"));
  });
  if (state === undefined) return await failGone(context, tools, `${address} ended before it could be changed`);
  if (standsStill(state) !== suspended) {
    // QEMU (softmmu/cpus.c, do_vm_stop) stops none but a guest that runs.
    const why = state === "suspended" ? "its guest sleeps, and can be suspended once it woke" : `its state is ${state}`;
    fail(refusal, { address, detail: `QEMU (pid ${notesOf(instance).process?.pid}) took ${command}, but ${why}.` });
  }
}
