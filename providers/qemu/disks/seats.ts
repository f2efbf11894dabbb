import type { PciPlace } from "../pci.ts";
import { pciRoot, storagePlace } from "../pci.ts";
import type { Disk, DiskInterface } from "./disk.ts";
import { GNS3_LABELS } from "./disk.ts";

/** Where a disk is connected: QEMU's device, and the properties that place it. */
export interface Seat {
  readonly device: string;
  readonly properties: readonly string[];
}

export interface Seating {
  /** Devices that must come before the disks, each with the first disk on it. */
  readonly controllers: readonly (Seat & { readonly label: string })[];
  readonly seats: ReadonlyMap<string, Seat>;
  /** Disks for which there is no place, with how many their interface has; 0 where the board has no such bus. */
  readonly unseated: readonly { readonly label: string; readonly interface: DiskInterface; readonly places: number }[];
}

type Board = "pc" | "q35" | "virt" | "other";

function boardOf(platform: string, machine: string | null): Board {
  const root = pciRoot(platform, machine);
  if (root === "pci.0") return "pc";
  if (root === undefined) return "other";
  return platform === "x86_64" || platform === "i386" ? "q35" : "virt";
}

/**
 * How many disks each interface takes: two IDE buses of two (on q35 the six ports of its chipset's AHCI), six ports on
 * an AHCI controller, the functions of a PCI slot, the targets of virtio-scsi.
 */
function placesOf(one: DiskInterface, board: Board): number {
  if (one === "ide") return board === "q35" ? 6 : board === "virt" ? 0 : 4;
  return { sata: 6, scsi: 256, virtio: 8, nvme: 8 }[one];
}

/** Gives each disk its place; `disks` in their order. */
export function seatDisks(
  platform: string,
  machine: string | null,
  disks: ReadonlyMap<string, Pick<Disk, "interface">>,
): Seating {
  const board = boardOf(platform, machine);
  const root = pciRoot(platform, machine);
  // q35 has AHCI ports and no IDE bus: there, both interfaces are those ports.
  const busOf = (one: DiskInterface): DiskInterface => (one === "sata" && board === "q35" ? "ide" : one);
  const byBus = new Map<DiskInterface, string[]>();
  for (const [label, { interface: one }] of disks) {
    const bus = busOf(one);
    byBus.set(bus, [...(byBus.get(bus) ?? []), label]);
  }
  const seats = new Map<string, Seat>();
  const unseated: { label: string; interface: DiskInterface; places: number }[] = [];
  for (const [bus, labels] of byBus) {
    const places = placesOf(bus, board);
    const numbers = bus === "virtio" || bus === "nvme" ? [...labels.keys()] : numbered(labels);
    for (const [at, label] of labels.entries()) {
      const number = numbers[at] as number;
      if (number < places) seats.set(label, seatAt(bus, number, labels.length, board, root));
      else unseated.push({ label, interface: (disks.get(label) as Disk).interface, places });
    }
  }
  return { controllers: controllers(byBus, root), seats, unseated };
}

/** GNS3's labels keep their number whichever of them are there; others take what is free. */
function numbered(labels: readonly string[]): readonly number[] {
  const taken = new Set(labels.map((label) => GNS3_LABELS.indexOf(label)).filter((number) => number !== -1));
  let next = 0;
  return labels.map((label) => {
    const own = GNS3_LABELS.indexOf(label);
    if (own !== -1) return own;
    while (taken.has(next)) next++;
    return next++;
  });
}

function seatAt(bus: DiskInterface, number: number, count: number, board: Board, root: string | undefined): Seat {
  switch (bus) {
    case "ide":
      if (board === "q35") return { device: "ide-hd", properties: [`bus=ide.${number}`] };
      return { device: "ide-hd", properties: [`bus=ide.${Math.floor(number / 2)}`, `unit=${number % 2}`] };
    case "sata":
      return { device: "ide-hd", properties: [`bus=sata.${number}`] };
    case "scsi":
      return { device: "scsi-hd", properties: ["bus=scsi.0", `scsi-id=${number}`] };
    case "virtio":
      // Elsewhere the alias stands for what the board has: virtio-blk-ccw on s390x.
      if (root === undefined) return { device: "virtio-blk", properties: [] };
      return { device: "virtio-blk-pci", properties: placed(storagePlace(root, "virtio", number, count)) };
    case "nvme":
      return {
        device: "nvme",
        properties: root === undefined ? [] : placed(storagePlace(root, "nvme", number, count)),
      };
  }
}

function controllers(
  byBus: ReadonlyMap<DiskInterface, readonly string[]>,
  root: string | undefined,
): Seating["controllers"] {
  const scsi = byBus.get("scsi")?.[0];
  const sata = byBus.get("sata")?.[0];
  const needed = [
    ...(scsi === undefined
      ? []
      : [{ device: root === undefined ? "virtio-scsi" : "virtio-scsi-pci", id: "scsi", label: scsi }]),
    ...(sata === undefined ? [] : [{ device: "ich9-ahci", id: "sata", label: sata }]),
  ];
  return needed.map(({ device, id, label }, at) => ({
    device,
    label,
    properties: [
      `id=${id}`,
      ...(root === undefined ? [] : placed(storagePlace(root, "controller", at, needed.length))),
    ],
  }));
}

function placed({ bus, address }: PciPlace): readonly string[] {
  return [`bus=${bus}`, `addr=${address}`];
}
