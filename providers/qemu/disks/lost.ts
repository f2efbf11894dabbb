import type { Files } from "../../../src/core/ports.ts";
import type { Instance } from "../../../src/core/state.ts";
import { diskOverlay } from "../names.ts";
import { notesOf } from "../notes.ts";
import { lookAt } from "../there.ts";

/** What is missing of a node's disks, as the rest of a sentence; undefined when nothing is. */
export async function lostOverlay(instance: Instance, directory: string, files: Files): Promise<string | undefined> {
  for (const [label, { kind }] of Object.entries(notesOf(instance).disks ?? {})) {
    if (kind !== "overlay") continue;
    const path = diskOverlay(directory, label);
    if (!(await lookAt(files, path))) return `the overlay of disk ${label} is gone, with what the guest wrote: ${path}`;
  }
  return undefined;
}
