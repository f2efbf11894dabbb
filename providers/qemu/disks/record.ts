import type { FileStat } from "../../../src/core/ports.ts";
import type { Attributes, Json } from "../../../src/core/values.ts";
import type { DiskKind } from "./disk.ts";

/** What the provider remembers of a disk it made, in the node's notes by label. */
export interface DiskRecord {
  readonly kind: DiskKind;
  /** The guest's disk size. */
  readonly bytes: number;
  /** The image an overlay was made of, or a guest reads; absent for an empty disk and an image that is written to. */
  readonly base?: BaseRecord | undefined;
}

export type DiskRecords = { readonly [label: string]: DiskRecord };

export interface BaseRecord {
  readonly path: string;
  readonly format: string;
  /** The size a guest sees. */
  readonly bytes: number;
  /** Of the file. */
  readonly fileBytes: number;
  /** While it is the same, so is the content. */
  readonly stamp: string;
  readonly sha256: string;
  /** The images that it lies over itself; absent where there are none. */
  readonly beneath?: readonly string[] | undefined;
  /** Where a disk block says what it must be. */
  readonly md5?: string | undefined;
}

/** Device, inode, size and times of a file, in one word. */
export function stampOf(stat: FileStat): string {
  return [stat.device, stat.inode, stat.size, stat.modifiedMs, stat.changedMs].join("-");
}

/** The attribute `digests` of what was made; null where no disk has an image that stays as it is. */
export function recordedDigests(records: DiskRecords): Attributes | null {
  const found: { [label: string]: Json } = {};
  for (const [label, { base }] of Object.entries(records)) {
    if (base) found[label] = { sha256: base.sha256, md5: base.md5 ?? null };
  }
  return Object.keys(found).length > 0 ? found : null;
}
