import { diskOverlay } from "../names.ts";
import type { Disk } from "./disk.ts";
import { kindOf } from "./disk.ts";
import { seatDisks } from "./seats.ts";

export interface DiskArgumentOptions {
  readonly platform: string;
  readonly machine: string | null;
  /** The node's, absolute; overlays stand there. */
  readonly directory: string;
  /** By label: a number that is the lower the earlier the firmware tries it; those without come last. */
  readonly bootIndex: ReadonlyMap<string, number>;
}

/**
 * The disks' part of QEMU's command line. Every format is said, so QEMU never guesses one from what a guest has written
 * to its disk; an overlay's header says the format of its base.
 */
export function diskArguments(disks: ReadonlyMap<string, Disk>, options: DiskArgumentOptions): readonly string[] {
  const { controllers, seats } = seatDisks(options.platform, options.machine, disks);
  const args = controllers.flatMap(({ device, properties }) => ["-device", [device, ...properties].join(",")]);
  for (const [label, disk] of disks) {
    const seat = seats.get(label);
    if (!seat) throw new Error(`disk ${label} has no place`);
    args.push(...backend(label, disk, options.directory));
    const index = options.bootIndex.get(label);
    const properties = [
      seat.device,
      `id=disk-${label}`,
      `drive=${blockNode(label)}`,
      `serial=${label}`,
      ...seat.properties,
      ...(index === undefined ? [] : [`bootindex=${index}`]),
    ];
    args.push("-device", properties.join(","));
  }
  return args;
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
