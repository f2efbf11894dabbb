import type { OperationContext } from "../../../src/core/provider.ts";
import type { Instance } from "../../../src/core/state.ts";
import { kindOf } from "../disks/disk.ts";
import { createOverlay, recordBase } from "../disks/make.ts";
import { diskOverlay, nodeDirectory, stagedDirectory } from "../names.ts";
import type { PlanTools } from "../plan.ts";
import { planAgain } from "./planAgain.ts";

/**
 * Of a node that is to be made anew: makes its overlays beside those in use, so that an image that is no image, or a
 * disk that is full, costs nothing but this.
 */
export async function stageNode(context: OperationContext, tools: PlanTools): Promise<Instance> {
  const { files } = tools.ports;
  const { planned, disks } = await planAgain(context, tools);
  const staged = stagedDirectory(nodeDirectory(tools.directories.nodes, context.instance.id));
  await files.remove(staged);
  const overlays = disks.filter(({ disk }) => kindOf(disk) === "overlay");
  if (overlays.length === 0) return context.instance;
  const qemuImg = await tools.disks.qemuImg(String(planned["qemu_binary"]));
  await files.makeDirectory(staged);
  for (const one of overlays) {
    await recordBase(one, { context, tools });
    await createOverlay(one, diskOverlay(staged, one.label), { qemuImg, tools });
  }
  return context.instance;
}
