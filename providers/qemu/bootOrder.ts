import type { NodeAttributes } from "./attributes.ts";

export interface BootIndexes {
  readonly disks: ReadonlyMap<string, number>;
  readonly adapters: ReadonlyMap<number, number>;
  /** Of the CD drive, where the firmware is to try it. */
  readonly cdrom: number | undefined;
}

/**
 * `boot_priority` as numbers on the devices, for a firmware that only knows "disk" tries the first it finds: with disks
 * on several interfaces not the one labelled first. Needless with neither a disk nor a CD to boot from; and a kernel that
 * QEMU boots itself has the first number.
 */
export function bootIndexes(node: NodeAttributes): BootIndexes {
  const disks = new Map<string, number>();
  const adapters = new Map<number, number>();
  let cdrom: number | undefined;
  const isNeedless = node.disk.size === 0 && !node.boot_priority.includes("d");
  if (isNeedless || node.kernel_image !== null) return { disks, adapters, cdrom };
  let next = 1;
  for (const letter of node.boot_priority) {
    if (letter === "c" || letter === "a") {
      for (const [label, disk] of node.disk) {
        if ((disk.interface === "floppy") === (letter === "a")) disks.set(label, next++);
      }
    }
    if (letter === "d") cdrom = next++;
    if (letter === "n") for (const at of node.adapter.keys()) adapters.set(at, next++);
  }
  return { disks, adapters, cdrom };
}
