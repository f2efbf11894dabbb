/**
 * Where network adapters and disks sit on the PCI bus. The place of adapter n depends on n alone, and a guest that counts
 * its buses in order finds them in order; so more adapters never move the others (tried: QEMU 7.2, pc and q35, 275
 * e1000), and disks have slots of their own, so they never move adapters.
 *
 *   slot 0, 1    the chipset; the guest agent's port, where it moves nobody
 *   slot 2       VGA, and what goes with consoles
 *   slots 3-26   adapters 0 to 23
 *   slot 27      up to eight bridges, one a function, with 32 adapters each
 *   slot 28      up to eight virtio disks, one a function
 *   slot 29      up to eight nvme disks, one a function
 *   slot 30      the controllers of scsi, sata, usb and up to four SD cards, one a function
 *   slot 31      the chipset of q35; the disks with texts of the lab files, there from function 5 on
 */
const FIRST_SLOT = 3;
const ON_ROOT = 24;
const PER_BRIDGE = 32;
const BRIDGE_SLOT = 27;
const VGA_SLOT = 2;
const SEED_SLOT = 31;
const STORAGE_SLOTS = { virtio: 28, nvme: 29, controller: 30 };

export interface PciPlace {
  readonly bus: string;
  /** `0x3`, or with a function `0x1b.2` */
  readonly address: string;
}

/** The root bus of a board whose layout is known; on others QEMU places devices itself, in the order given. */
export function pciRoot(platform: string, machine: string | null): string | undefined {
  if (platform === "x86_64" || platform === "i386") {
    if (machine === null || /^pc(-i440fx-.*)?$/.test(machine)) return "pci.0";
    if (/^(q35|pc-q35-.*)$/.test(machine)) return "pcie.0";
    return undefined;
  }
  return (platform === "aarch64" || platform === "arm") && /^virt(-.*)?$/.test(machine ?? "") ? "pcie.0" : undefined;
}

/** The place of the `at`th of `count` devices of consoles; the VGA adapter is the first, where there is one. */
export function besideVga(root: string, at: number, count: number): PciPlace {
  return functionPlace(root, VGA_SLOT, at, count);
}

export function adapterPlace(root: string, adapter: number): PciPlace {
  if (adapter < ON_ROOT) return { bus: root, address: hexadecimal(FIRST_SLOT + adapter) };
  const beyond = adapter - ON_ROOT;
  return { bus: bridgeName(Math.floor(beyond / PER_BRIDGE)), address: hexadecimal(beyond % PER_BRIDGE) };
}

/** The bridges that so many adapters need, in order. */
export function bridges(root: string, adapters: number): readonly (PciPlace & { readonly name: string })[] {
  const count = Math.max(0, Math.ceil((adapters - ON_ROOT) / PER_BRIDGE));
  return Array.from({ length: count }, (_, at) => ({
    name: bridgeName(at),
    bus: root,
    address: `${hexadecimal(BRIDGE_SLOT)}.${at}`,
  }));
}

/**
 * The place of the `at`th of `count` such devices. Function 0 must be there for a guest to look at the others (PCI Local
 * Bus 3.0, 3.2.2.3.4), so they stand close together.
 */
export function storagePlace(root: string, kind: keyof typeof STORAGE_SLOTS, at: number, count: number): PciPlace {
  return functionPlace(root, STORAGE_SLOTS[kind], at, count);
}

/**
 * Of the `at`th of `count` disks with texts of the lab files: behind all others. q35's chipset has functions 0 to 3 of
 * the last slot.
 */
export function seedPlace(root: string, x86: boolean, at: number, count: number): PciPlace {
  if (x86 && root === "pcie.0") return { bus: root, address: `${hexadecimal(SEED_SLOT)}.${5 + at}` };
  return functionPlace(root, SEED_SLOT, at, count);
}

/** Of the guest agent's port: a function that the chipset leaves free, of a slot that is always there. */
export function agentPlace(root: string, x86: boolean): PciPlace {
  return { bus: root, address: !x86 ? "0x1" : root === "pcie.0" ? "0x1f.4" : "0x1.7" };
}

function functionPlace(root: string, number: number, at: number, count: number): PciPlace {
  const slot = hexadecimal(number);
  if (count === 1) return { bus: root, address: slot };
  return { bus: root, address: at === 0 ? `${slot}.0,multifunction=on` : `${slot}.${at}` };
}

function bridgeName(at: number): string {
  return `bridge${at}`;
}

function hexadecimal(slot: number): string {
  return `0x${slot.toString(16)}`;
}
