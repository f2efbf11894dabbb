import { fail } from "../../../src/core/diagnostics.ts";
import type { OperationContext } from "../../../src/core/provider.ts";
import { shellQuoted } from "../arguments.ts";
import { diskOverlay, nodeDirectory } from "../names.ts";
import { notesOf } from "../notes.ts";
import type { PlanTools } from "../plan.ts";
import { lookAt } from "../there.ts";

/**
 * Of a node whose QEMU ended by itself, say killed: looks whether its overlays are whole before they are used again. What
 * is merely lost room is freed; a corrupt one is left as it is, and rejected with `Failure`, which says how to repair it.
 */
export async function checkOverlays(context: OperationContext, qemu: string, tools: PlanTools): Promise<void> {
  const { instance, address } = context;
  const { process, disks = {} } = notesOf(instance);
  // What labform stopped is without this note, and closed its files.
  if (!process || tools.ports.processes.status(process) === "alive") return;
  const directory = nodeDirectory(tools.directories.nodes, instance.id);
  for (const [label, { kind }] of Object.entries(disks)) {
    const path = diskOverlay(directory, label);
    if (kind !== "overlay" || !(await lookAt(tools.ports.files, path))) continue;
    const qemuImg = await tools.disks.qemuImg(qemu);
    const found = await qemuImg.check(path);
    if (found === "corrupt") {
      fail(`The overlay of disk ${label} of ${address} is corrupt`, {
        address,
        detail: `Its QEMU ended without being stopped, and qemu-img finds errors in ${path}.\n${repairOf(qemuImg.path, path, address)}`,
        subject: `overlay of disk ${label} ${path}`,
      });
    }
    if (found === "leaks") {
      await qemuImg.freeLeaks(path);
      context.tell(`what was lost of the room of disk ${label} when QEMU ended is freed again`);
    }
  }
}

/** What helps where QEMU itself did not take an overlay for corruption, by its own words. */
export function repairs(words: readonly string[], { instance, address }: OperationContext, tools: PlanTools): string[] {
  const directory = nodeDirectory(tools.directories.nodes, instance.id);
  const { disks = {} } = notesOf(instance);
  return Object.keys(disks).flatMap((label) => {
    const isNamed = words.some((line) => /is corrupt/.test(line) && line.includes(`node-name=disk-${label},`));
    return isNamed ? [repairOf("qemu-img", diskOverlay(directory, label), address)] : [];
  });
}

function repairOf(qemuImg: string, path: string, address: string): string {
  return `To repair it: ${shellQuoted([qemuImg, "check", "-r", "all", path])} (copy it before: what the damage took stays lost). To make the node anew, without what its guest wrote: labform apply -replace='${address}'`;
}
