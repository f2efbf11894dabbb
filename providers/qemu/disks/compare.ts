import type { Demand } from "../../../src/core/provider.ts";
import type { ChangeClass } from "../../../src/core/schema.ts";
import { formatPath } from "../../../src/core/values.ts";
import type { ImageDigests } from "./digests.ts";
import type { Disk } from "./disk.ts";
import { kindOf } from "./disk.ts";
import type { Image } from "./image.ts";
import type { BaseRecord, DiskRecord } from "./record.ts";
import { formatSize } from "./size.ts";

interface Comparison {
  readonly classes: { readonly [path: string]: ChangeClass };
  readonly demands: readonly Demand[];
  /** Its overlay is of another content and cannot be kept. */
  readonly isAnew: boolean;
}

/**
 * What became of the image that a disk was made of. Compared by size, times and inode first; the content is read only
 * where these differ.
 *
 * | content | path | what it takes |
 * |---|---|---|
 * | same | same | nothing |
 * | same | other | restart: the overlay is told of the new path |
 * | other | same | replace: an overlay over another content is garbage |
 * | other | other | replace, as the schema says |
 *
 * Where there is no overlay to lose, a restart does.
 */
export async function compareWithRecord(
  one: {
    readonly label: string;
    readonly disk: Disk;
    readonly image: Image | null;
    readonly record: DiskRecord | undefined;
    /** Its attributes as recorded. */
    readonly before: Disk | undefined;
  },
  digests: ImageDigests,
): Promise<Comparison> {
  const { label, disk, image, record, before } = one;
  const pathOf = (name: keyof Disk) => formatPath(["disk", label, name]);
  const restart = (...names: (keyof Disk)[]) =>
    Object.fromEntries(names.map((name) => [pathOf(name), "restart" as const]));
  // Left half-made: nothing was written to it yet.
  if (before && !record) return { classes: restart("image", "format", "linked_clone"), demands: [], isAnew: false };
  const known = record?.base;
  if (!record || !known || !image || kindOf(disk) === "image") return { classes: {}, demands: [], isAnew: false };
  const mayLose = record.kind === "overlay" && kindOf(disk) === "overlay";
  const keepsPath = before?.image === image.path;
  if (await hasSameContent(known, image, digests)) {
    if (known.path === image.path) return { classes: {}, demands: [], isAnew: false };
    const summary = `the image of disk ${label} is the same, moved: ${known.path} is now ${image.path}`;
    return {
      classes: restart("image"),
      demands: [{ change: "restart", cause: { kind: "host", summary } }],
      isAnew: false,
    };
  }
  if (!keepsPath) return { classes: mayLose ? {} : restart("image", "format"), demands: [], isAnew: true };
  return { classes: {}, demands: [contentChanged(label, known, image, mayLose)], isAnew: true };
}

async function hasSameContent(known: BaseRecord, image: Image, digests: ImageDigests): Promise<boolean> {
  if (known.stamp === image.stamp) return true;
  if (known.fileBytes !== image.fileBytes) return false;
  return known.sha256 === (await digests.of(image.path)).sha256;
}

function contentChanged(label: string, known: BaseRecord, image: Image, mayLose: boolean): Demand {
  const summary = mayLose
    ? `the content of image ${image.path} changed, and disk ${label} was made of the old one`
    : `the content of image ${image.path} changed, which disk ${label} reads`;
  const evidence =
    known.fileBytes === image.fileBytes
      ? `same size, ${formatSize(image.fileBytes)}, another content`
      : `it had ${formatSize(known.fileBytes)} and has ${formatSize(image.fileBytes)}`;
  return { change: mayLose ? "replace" : "restart", cause: { kind: "host", summary, evidence: [evidence] } };
}
