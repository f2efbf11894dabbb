import type { NodeAttributes } from "./attributes.ts";

export interface BootIndexes {
  readonly disks: ReadonlyMap<string, number>;
  readonly adapters: ReadonlyMap<number, number>;
}

/**
 * `boot_priority` as numbers on the devices, for a firmware that only knows "disk" tries the first it finds: with disks
 * on several interfaces not the one labelled first. Needless without disks; and a kernel that QEMU boots itself has the
 * first number.
 */
export function bootIndexes(node: NodeAttributes): BootIndexes {
  const disks = new Map<string, number>();
  const adapters = new Map<number, number>();
  if (node.disk.size === 0 || node.kernel_image !== null) return { disks, adapters };
  let next = 1;
  for (const letter of node.boot_priority) {
    if (letter === "c") for (const label of node.disk.keys()) disks.set(label, next++);
    if (letter === "n") for (const at of node.adapter.keys()) adapters.set(at, next++);
  }
  return { disks, adapters };
}
