import type { Diagnostic } from "../../../src/core/diagnostics.ts";
import { errorDiagnostic } from "../../../src/core/diagnostics.ts";
import type { ChangeClass } from "../../../src/core/schema.ts";
import { formatPath } from "../../../src/core/values.ts";
import type { Disk } from "./disk.ts";
import { kindOf } from "./disk.ts";
import type { Image } from "./image.ts";
import type { DiskRecord } from "./record.ts";
import { formatSize, parseSize } from "./size.ts";

/** QEMU cannot grow an image of another format (7.2: block/*.c, bdrv_co_truncate). */
const GROWING_FORMATS: ReadonlySet<string> = new Set(["raw", "qcow2", "qed"]);

/** What a disk's `size` comes to. A disk never shrinks: QEMU would cut off what lies beyond, and ask nobody. */
export function checkSizes(one: {
  readonly label: string;
  readonly disk: Disk;
  readonly image: Image | null;
  /** Of a disk that stays. */
  readonly record: DiskRecord | undefined;
}): {
  readonly bytes: number;
  readonly diagnostics: readonly Diagnostic[];
  readonly classes: { readonly [path: string]: ChangeClass };
} {
  const { label, disk, image, record } = one;
  const wanted = disk.size === null ? undefined : parseSize(disk.size);
  const bytes = wanted ?? image?.bytes ?? record?.bytes ?? 0;
  const diagnostics: Diagnostic[] = [];
  if (wanted !== undefined && image && wanted < image.bytes) {
    diagnostics.push(
      errorDiagnostic(`size of disk ${label} is ${formatSize(wanted)}, less than its image has`, {
        detail: `${image.path} holds ${formatSize(image.bytes)}, and what lies beyond would be cut off. Give it at least as much, or leave size out.`,
      }),
    );
  } else if (wanted !== undefined && record && wanted < record.bytes) {
    diagnostics.push(
      errorDiagnostic(`Disk ${label} cannot shrink to ${formatSize(wanted)}`, {
        detail: `It has ${formatSize(record.bytes)}, and what lies beyond would be cut off. To begin with a smaller, empty one give it another label: then this one goes.`,
      }),
    );
  } else if (wanted !== undefined && image && wanted > image.bytes && kindOf(disk) === "image") {
    diagnostics.push(...checkGrowth(label, image));
  }
  diagnostics.push(...checkMedium(label, disk, bytes));
  // QEMU refuses block_resize of an nvme disk in use; cards and floppies have the size they had when they were put in.
  const isFixed = disk.interface === "nvme" || disk.interface === "sd" || disk.interface === "floppy";
  const waits = isFixed && record !== undefined && bytes > record.bytes;
  return { bytes, diagnostics, classes: waits ? { [formatPath(["disk", label, "size"])]: "restart" } : {} };
}

/** QEMU: hw/block/fdc.c, fd_formats; hw/sd/sd.c, sd_realize. */
const LARGEST_FLOPPY = 3840 * 1024;

function checkMedium(label: string, disk: Disk, bytes: number): Diagnostic[] {
  if (disk.interface === "floppy" && bytes > LARGEST_FLOPPY) {
    const detail =
      'No floppy holds more than 3840 KiB; size = "1440K" is the usual one. Use another image or interface.';
    return [errorDiagnostic(`Disk ${label} has ${formatSize(bytes)}, too much for a floppy`, { detail })];
  }
  if (disk.interface !== "sd" || bytes === 0 || Number.isInteger(Math.log2(bytes))) return [];
  const larger = 2 ** Math.ceil(Math.log2(bytes));
  const detail = `The size of an SD card is a power of two. Set size = "${Math.max(1, larger / 1024 ** 2)}M": the guest sees more room behind the image's content.`;
  return [errorDiagnostic(`Disk ${label} has ${formatSize(bytes)}, which no SD card has`, { detail })];
}

function checkGrowth(label: string, { path, format }: Image): Diagnostic[] {
  if (GROWING_FORMATS.has(format)) return [];
  const detail = `${path} is ${format}, which QEMU cannot grow. Leave size out, or linked_clone = false: an overlay can be larger than its image.`;
  return [errorDiagnostic(`Disk ${label} cannot grow`, { detail })];
}
