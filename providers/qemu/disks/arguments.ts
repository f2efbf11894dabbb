import type { BootIndexes } from "../bootOrder.ts";
import { diskOverlay } from "../names.ts";
import type { Disk } from "./disk.ts";
import { kindOf } from "./disk.ts";
import type { Seat } from "./seats.ts";
import { seatDisks } from "./seats.ts";

export interface DiskArgumentOptions {
  readonly platform: string;
  readonly machine: string | null;
  readonly cdrom_image: string | null;
  /** The node's, absolute; overlays stand there. */
  readonly directory: string;
  /** Numbers that are the lower the earlier the firmware tries it; those without come last. */
  readonly boot: Pick<BootIndexes, "disks" | "cdrom">;
}

/**
 * The disks' part of QEMU's command line. Every format is said, so QEMU never guesses one from what a guest has written
 * to its disk; an overlay's header says the format of its base.
 */
export function diskArguments(disks: ReadonlyMap<string, Disk>, options: DiskArgumentOptions): readonly string[] {
  const hasCd = options.cdrom_image !== null;
  const { controllers, seats, cdrom } = seatDisks({ ...options, disks, hasCd });
  const args = controllers.flatMap((controller) => device(controller));
  for (const [label, disk] of disks) {
    args.push(...backend(label, disk, options.directory));
    if (disk.interface === "none") continue;
    const seat = seats.get(label);
    if (!seat) throw new Error(`disk ${label} has no place`);
    if (seat.on) args.push(...device(seat.on));
    const index = options.boot.disks.get(label);
    if (index !== undefined && seat.bootProperty) args.push("-global", `${seat.bootProperty}=${index}`);
    const own = [`id=disk-${label}`, `drive=${blockNode(label)}`, ...(seat.isBare ? [] : [`serial=${label}`])];
    args.push(...device(seat, own, seat.isBare ? undefined : index));
  }
  if (cdrom) args.push(...cdromArguments(cdrom, options));
  return args;
}

function device({ device: name, properties }: Seat, own: readonly string[] = [], bootIndex?: number): string[] {
  const boot = bootIndex === undefined ? [] : [`bootindex=${bootIndex}`];
  return ["-device", [name, ...own, ...properties, ...boot].join(",")];
}

/** The CD drive as `blockdev-change-medium` takes it; and what is in it at the start, by the names of its nodes. */
export const CDROM = "cdrom";
export const CDROM_NODES = { image: "cdrom-image", file: "cdrom-file" };

function cdromArguments(
  seat: Seat,
  { cdrom_image: path, boot }: Pick<DiskArgumentOptions, "cdrom_image" | "boot">,
): readonly string[] {
  if (path === null) return device(seat, [`id=${CDROM}`], boot.cdrom);
  const { image, file } = CDROM_NODES;
  return [
    "-blockdev",
    `driver=file,node-name=${file},filename=${path.replaceAll(",", ",,")},read-only=on`,
    "-blockdev",
    `driver=raw,node-name=${image},file=${file},read-only=on`,
    ...device(seat, [`id=${CDROM}`, `drive=${image}`], boot.cdrom),
  ];
}

/** The disk's content inside QEMU, as `block_resize` takes it. */
export function blockNode(label: string): string {
  return `disk-${label}`;
}

function backend(label: string, disk: Disk, directory: string): readonly string[] {
  const kind = kindOf(disk);
  const file = kind === "overlay" ? diskOverlay(directory, label) : (disk.image as string);
  const format = kind === "overlay" ? "qcow2" : (disk.format as string);
  const access = kind === "protected" ? ",read-only=on" : "";
  return [
    "-blockdev",
    `driver=file,node-name=file-${label},filename=${file.replaceAll(",", ",,")}${access}`,
    "-blockdev",
    `driver=${format},node-name=${blockNode(label)},file=file-${label}${access}`,
  ];
}
