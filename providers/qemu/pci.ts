/**
 * Where network adapters and disks sit on the PCI bus. The place of adapter n depends on n alone, and a guest that counts
 * its buses in order finds them in order; so more adapters never move the others (tried: QEMU 7.2, pc and q35, 275
 * e1000), and disks have slots of their own, so they never move adapters.
 *
 *   slot 0, 1    the chipset
 *   slot 2       VGA
 *   slots 3-26   adapters 0 to 23
 *   slot 27      up to eight bridges, one a function, with 32 adapters each
 *   slot 28      up to eight virtio disks, one a function
 *   slot 29      up to eight nvme disks, one a function
 *   slot 30      the virtio-scsi and the SATA controller
 *   slot 31      the chipset of q35
 */
const FIRST_SLOT = 3;
const ON_ROOT = 24;
const PER_BRIDGE = 32;
const BRIDGE_SLOT = 27;
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

export function vgaPlace(root: string): PciPlace {
  return { bus: root, address: "0x2" };
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
  const slot = hexadecimal(STORAGE_SLOTS[kind]);
  if (count === 1) return { bus: root, address: slot };
  return { bus: root, address: at === 0 ? `${slot}.0,multifunction=on` : `${slot}.${at}` };
}

function bridgeName(at: number): string {
  return `bridge${at}`;
}

function hexadecimal(slot: number): string {
  return `0x${slot.toString(16)}`;
}
