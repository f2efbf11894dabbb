import type { Attributes, Planned, PlannedAttributes } from "../../../src/core/values.ts";
import { UNKNOWN } from "../../../src/core/values.ts";

export const DISK_INTERFACES = ["ide", "virtio", "sata", "scsi", "nvme", "usb", "sd", "floppy", "none"] as const;
export type DiskInterface = (typeof DISK_INTERFACES)[number];

/** QEMU's names of them, which its block drivers and qemu-img share. */
export const IMAGE_FORMATS = ["qcow2", "raw", "vmdk", "vdi", "vhdx", "vpc", "qed", "qcow"] as const;

/** A disk's attributes as the schema shapes them, once everything planned is known. */
export interface Disk {
  readonly image: string | null;
  readonly interface: DiskInterface;
  readonly linked_clone: boolean;
  readonly size: string | null;
  /** Null only for an empty disk. */
  readonly format: string | null;
  readonly readonly: boolean;
  /** What the image must be, in hexadecimal; null where that is not said. */
  readonly sha256: string | null;
  readonly md5: string | null;
}

/** What a disk's content is kept in. */
export type DiskKind =
  /** a qcow2 of the node's own, over the image where there is one */
  | "overlay"
  /** the image itself, written to */
  | "image"
  /** the image itself, only read */
  | "protected";

export function kindOf(disk: Pick<Disk, "image" | "linked_clone" | "readonly">): DiskKind {
  if (disk.image === null) return "overlay";
  if (disk.readonly) return "protected";
  return disk.linked_clone ? "overlay" : "image";
}

/** A node's disks in their order; none for a record of before there were disks. */
export function disksOf(attributes: Attributes): ReadonlyMap<string, Disk> {
  return new Map(plannedDisks(attributes) as Iterable<[string, unknown]> as Iterable<[string, Disk]>);
}

/** The same while not everything is known; none while it is not even known which disks there are. */
export function plannedDisks(attributes: PlannedAttributes): readonly (readonly [string, PlannedAttributes])[] {
  const disks: Planned = attributes["disk"] ?? null;
  if (disks === null || disks === UNKNOWN || typeof disks !== "object") return [];
  return Object.entries(disks as { readonly [label: string]: PlannedAttributes }).sort(([a], [b]) => inOrder(a, b));
}

/** GNS3's four, in the order of their places. */
export const GNS3_LABELS: readonly string[] = ["hda", "hdb", "hdc", "hdd"];

/** GNS3's four first, then by name: not by their order in a file, which JSON and overrides do not keep. */
function inOrder(a: string, b: string): number {
  const rank = (label: string) => (GNS3_LABELS.includes(label) ? 0 : 1);
  return rank(a) - rank(b) || (a < b ? -1 : 1);
}
