import type { PciPlace } from "../pci.ts";
import { pciRoot, storagePlace } from "../pci.ts";
import type { Disk, DiskInterface } from "./disk.ts";
import { GNS3_LABELS } from "./disk.ts";

/** Where a disk is connected: QEMU's device, and the properties that place it. */
export interface Seat {
  readonly device: string;
  readonly properties: readonly string[];
  /** A controller that must come right before it. */
  readonly on?: Seat | undefined;
  /** It has neither a serial number nor a boot index. */
  readonly isBare?: boolean;
  /** The controller's property that is its boot index. */
  readonly bootProperty?: string | undefined;
}

export interface Seating {
  /** Devices that must come before the disks, each with the first disk on it; null where that is the CD drive. */
  readonly controllers: readonly (Seat & { readonly label: string | null })[];
  /** Those with interface `none` have none. */
  readonly seats: ReadonlyMap<string, Seat>;
  /** Disks for which there is no place, with how many their interface has; 0 where the board has no such bus. */
  readonly unseated: readonly {
    readonly label: string;
    readonly interface: Exclude<DiskInterface, "none">;
    readonly places: number;
  }[];
  /** The CD drive; undefined where there is none. */
  readonly cdrom: Seat | undefined;
  /** The disk at the CD drive's place; then there is no drive. */
  readonly insteadOfCdrom: string | undefined;
}

export interface Seated {
  readonly platform: string;
  readonly machine: string | null;
  /** In their order. */
  readonly disks: ReadonlyMap<string, Pick<Disk, "interface">>;
  /** Whether there is to be something in the CD drive. */
  readonly hasCd: boolean;
}

type Board = "pc" | "q35" | "virt" | "other";
/** What disks are on; q35 has AHCI ports and no IDE bus: there, both interfaces are those ports. */
type Bus = Exclude<DiskInterface, "none">;

function boardOf(platform: string, machine: string | null): Board {
  const root = pciRoot(platform, machine);
  if (root === "pci.0") return "pc";
  if (root === undefined) return "other";
  return platform === "x86_64" || platform === "i386" ? "q35" : "virt";
}

/**
 * How many disks each bus takes: two IDE buses of two (on q35 the six ports of its chipset's AHCI), six ports on an
 * AHCI controller, the functions of a PCI slot, the targets of virtio-scsi, the ports of an xHCI controller, two drives
 * on a floppy controller. SD cards have a controller each, and share a slot with the others' controllers.
 */
function placesOf(bus: Bus, board: Board): number {
  if (bus === "ide") return board === "q35" ? 6 : board === "virt" ? 0 : 4;
  if (bus === "floppy") return board === "pc" || board === "q35" ? 2 : 0;
  return { sata: 6, scsi: 256, virtio: 8, nvme: 8, usb: 15, sd: 4 }[bus];
}

/** The CD drive's place on IDE is GNS3's hdc: the master of the second bus, on q35 the third port. */
const CDROM_NUMBER = 2;

/** Gives each disk its place, and the CD drive. */
export function seatDisks({ platform, machine, disks, hasCd }: Seated): Seating {
  const board = boardOf(platform, machine);
  const root = pciRoot(platform, machine);
  const byBus = new Map<Bus, string[]>();
  for (const [label, { interface: one }] of disks) {
    if (one === "none") continue;
    const bus = one === "sata" && board === "q35" ? "ide" : one;
    byBus.set(bus, [...(byBus.get(bus) ?? []), label]);
  }
  // IDE buses cannot be plugged into, so the drive is there before it is wanted.
  const hasIdeDrive = board === "pc" || board === "q35";
  const onScsi = hasCd && !hasIdeDrive;
  const shared = sharedControllers(byBus, onScsi, root);
  const cards = byBus.get("sd")?.length ?? 0;
  const seats = new Map<string, Seat>();
  const unseated: Seating["unseated"][number][] = [];
  let insteadOfCdrom: string | undefined;
  for (const [bus, labels] of byBus) {
    const places = placesOf(bus, board);
    const numbers = numbered(bus, labels, places, bus === "ide" && hasIdeDrive);
    for (const [at, label] of labels.entries()) {
      const number = numbers[at] as number;
      if (number >= places) {
        unseated.push({ label, interface: (disks.get(label) as { readonly interface: Bus }).interface, places });
        continue;
      }
      if (bus === "ide" && hasIdeDrive && number === CDROM_NUMBER) insteadOfCdrom = label;
      seats.set(label, seatAt(bus, number, labels.length, board, root, { before: shared.length, cards }));
    }
  }
  const controllers = shared.map(({ device, id, label, more = [] }, at) => ({
    device,
    label,
    properties: [`id=${id}`, ...more, ...controllerPlace(root, at, shared.length + cards)],
  }));
  const scsiDrive = onScsi ? { device: "scsi-cd", properties: ["bus=scsi.0", "scsi-id=0", "lun=1"] } : undefined;
  const ideDrive =
    hasIdeDrive && insteadOfCdrom === undefined
      ? { device: "ide-cd", properties: ideProperties(CDROM_NUMBER, board) }
      : undefined;
  return { controllers, seats, unseated, cdrom: ideDrive ?? scsiDrive, insteadOfCdrom };
}

/**
 * GNS3's labels keep their number whichever of them are there; others take what is free, the CD drive's place last. What
 * has no bus of its own to be placed on is numbered as it comes.
 */
function numbered(bus: Bus, labels: readonly string[], places: number, hasIdeDrive: boolean): readonly number[] {
  if (bus === "virtio" || bus === "nvme" || bus === "sd" || bus === "floppy") return [...labels.keys()];
  const taken = new Set(labels.map((label) => GNS3_LABELS.indexOf(label)));
  const all = Array.from({ length: places }, (_, at) => at);
  const order = hasIdeDrive ? [...all.filter((number) => number !== CDROM_NUMBER), CDROM_NUMBER] : all;
  const free = order.filter((number) => !taken.has(number)).values();
  return labels.map((label) => {
    const own = GNS3_LABELS.indexOf(label);
    return own === -1 ? (free.next().value ?? places) : own;
  });
}

function seatAt(
  bus: Bus,
  number: number,
  count: number,
  board: Board,
  root: string | undefined,
  slot: { readonly before: number; readonly cards: number },
): Seat {
  switch (bus) {
    case "ide":
      return { device: "ide-hd", properties: ideProperties(number, board) };
    case "sata":
      return { device: "ide-hd", properties: [`bus=sata.${number}`] };
    case "scsi":
      return { device: "scsi-hd", properties: ["bus=scsi.0", `scsi-id=${number}`] };
    case "usb":
      return { device: "usb-storage", properties: ["bus=usb.0", `port=${number + 1}`] };
    case "floppy":
      return {
        device: "floppy",
        properties: [`unit=${number}`],
        isBare: true,
        bootProperty: `isa-fdc.bootindex${"AB"[number]}`,
        // pc has one of its own.
        on: board === "q35" && number === 0 ? { device: "isa-fdc", properties: ["id=fdc"] } : undefined,
      };
    case "sd": {
      const place = controllerPlace(root, slot.before + number, slot.before + slot.cards);
      // Its bus cannot be named: a card goes to the first that is free.
      return {
        device: "sd-card",
        properties: [],
        isBare: true,
        on: { device: "sdhci-pci", properties: [`id=sd${number}`, ...place] },
      };
    }
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

function ideProperties(number: number, board: Board): readonly string[] {
  return board === "q35" ? [`bus=ide.${number}`] : [`bus=ide.${Math.floor(number / 2)}`, `unit=${number % 2}`];
}

/** Those that several disks are on. */
function sharedControllers(byBus: ReadonlyMap<Bus, readonly string[]>, onScsi: boolean, root: string | undefined) {
  const first = (bus: Bus) => byBus.get(bus)?.[0];
  const [scsi, sata, usb] = [first("scsi") ?? (onScsi ? null : undefined), first("sata"), first("usb")];
  const found: { device: string; id: string; label: string | null; more?: readonly string[] }[] = [];
  if (scsi !== undefined) {
    found.push({ device: root === undefined ? "virtio-scsi" : "virtio-scsi-pci", id: "scsi", label: scsi });
  }
  if (sata !== undefined) found.push({ device: "ich9-ahci", id: "sata", label: sata });
  if (usb !== undefined) found.push({ device: "qemu-xhci", id: "usb", label: usb, more: ["p2=15", "p3=15"] });
  return found;
}

function controllerPlace(root: string | undefined, at: number, count: number): readonly string[] {
  return root === undefined ? [] : placed(storagePlace(root, "controller", at, count));
}

function placed({ bus, address }: PciPlace): readonly string[] {
  return [`bus=${bus}`, `addr=${address}`];
}
