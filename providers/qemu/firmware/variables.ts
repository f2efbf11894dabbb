import type { OperationContext } from "../../../src/core/provider.ts";
import { uefiVariables } from "../names.ts";
import { notesOf } from "../notes.ts";
import type { PlanTools } from "../plan.ts";
import { lookAt } from "../there.ts";
import type { Uefi } from "./uefi.ts";
import { flashFormat } from "./uefi.ts";

/**
 * Gives the node a copy of its firmware's template to keep its variables in; one that is there stays as its guest left
 * it. A qcow2, in which QEMU can keep a machine's state: it cannot in a raw one. Resolves to what the copy was made of.
 */
export async function makeVariables(
  uefi: Uefi | undefined,
  { context, tools, directory, qemu }: { context: OperationContext; tools: PlanTools; directory: string; qemu: string },
): Promise<Uefi | undefined> {
  const { files } = tools.ports;
  const made = context.anew ? undefined : notesOf(context.instance).uefi;
  if (!uefi) return made;
  const path = uefiVariables(directory);
  if (made && (await lookAt(files, path))) {
    if (made.template === uefi.template) return uefi;
    context.tell(`its UEFI firmware is another one, ${uefi.code}: its UEFI variables begin anew`);
  }
  const qemuImg = await tools.disks.qemuImg(qemu);
  await files.remove(path);
  await qemuImg.copy(uefi.template, flashFormat(uefi.template), path);
  const file = await files.openAppend(path, 0o600);
  try {
    await file.sync();
  } finally {
    await file.close();
  }
  await files.syncDirectory(directory);
  return uefi;
}
