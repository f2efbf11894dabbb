import type { Files } from "../../../src/core/ports.ts";
import type { Instance } from "../../../src/core/state.ts";
import { nodeAttributes } from "../attributes.ts";
import { kindOf } from "../disks/disk.ts";
import { stampOf } from "../disks/record.ts";
import { diskOverlay, nodeDirectory, vmStateFile } from "../names.ts";
import { notesOf } from "../notes.ts";
import type { PlanTools } from "../plan.ts";
import { lookAt } from "../there.ts";
import type { SavedState } from "./record.ts";

/*
 * A guest must not go on twice from one state. So the file is removed, durably, before a guest that was loaded from it
 * is let run, and also where it is to stand still, since a command on the monitor may let it run at any time:
 *
 *   saved ── loaded into a QEMU that waits ── removed ── cont
 *
 * Until it is removed it may be loaded again. A QEMU that waits and has the only copy, left so by a run that was killed
 * or to stand still, is not ended because it waits: it is let run when it is to, and saved again when it is stopped.
 */

type Where = Pick<PlanTools, "ports" | "directories">;

/** Nothing to remove is a success. */
export async function dropState(files: Files, directory: string): Promise<void> {
  const path = vmStateFile(directory);
  if (!(await lookAt(files, path))) return;
  await files.remove(path);
  await files.syncDirectory(directory);
}

/** Of a QEMU that waits before its first instruction: whether it holds what was saved, which is nowhere else any more. */
export async function holdsState(instance: Instance, { ports, directories }: Where): Promise<boolean> {
  if (!notesOf(instance).saved) return false;
  return !(await lookAt(ports.files, vmStateFile(nodeDirectory(directories.nodes, instance.id))));
}

/** The disks that its guest may write, as they are now. */
export async function stampDisks(instance: Instance, { ports, directories }: Where): Promise<SavedState["disks"]> {
  const directory = nodeDirectory(directories.nodes, instance.id);
  const stamps: { [label: string]: string } = {};
  for (const [label, disk] of nodeAttributes(instance.attributes).disk) {
    const kind = kindOf(disk);
    if (kind === "protected") continue;
    const stat = await lookAt(ports.files, kind === "image" ? (disk.image as string) : diskOverlay(directory, label));
    stamps[label] = stat ? stampOf(stat) : "";
  }
  return stamps;
}

/** Why what was saved of a node cannot be used, as a sentence; undefined when it can, as far as its files tell. */
export async function whySpoilt(saved: SavedState, instance: Instance, where: Where): Promise<string | undefined> {
  const path = vmStateFile(nodeDirectory(where.directories.nodes, instance.id));
  if (!(await lookAt(where.ports.files, path))) {
    const { process, started = "" } = notesOf(instance);
    if (!process || started < saved.at) return `its saved machine state is gone: ${path}`;
    return `its saved machine state was loaded into QEMU (pid ${process.pid}), which ended with it`;
  }
  const now = await stampDisks(instance, where);
  const written = Object.keys(saved.disks).find((label) => now[label] !== saved.disks[label]);
  return written === undefined ? undefined : `disk ${written} was written to since its machine state was saved`;
}
