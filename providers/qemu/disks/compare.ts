import type { Demand } from "../../../src/core/provider.ts";
import type { ChangeClass } from "../../../src/core/schema.ts";
import { formatPath } from "../../../src/core/values.ts";
import type { ImageDigests } from "./digests.ts";
import type { Disk } from "./disk.ts";
import { kindOf } from "./disk.ts";
import type { Image } from "./image.ts";
import type { BaseRecord, DiskRecord } from "./record.ts";
import { formatSize } from "./size.ts";

/** What became of an image that a disk was made of. */
interface Finding {
  readonly known: BaseRecord;
  readonly image: Image;
  readonly change: ChangeClass;
  /** Only its path is another. */
  readonly isSame: boolean;
}

interface Comparison {
  readonly classes: { readonly [path: string]: ChangeClass };
  readonly finding?: Finding | undefined;
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
  signal?: AbortSignal,
): Promise<Comparison> {
  const { label, disk, image, record, before } = one;
  const pathOf = (name: keyof Disk) => formatPath(["disk", label, name]);
  const restart = (...names: (keyof Disk)[]) =>
    Object.fromEntries(names.map((name) => [pathOf(name), "restart" as const]));
  // Left half-made: nothing was written to it yet.
  if (before && !record) return { classes: restart("image", "format", "linked_clone"), isAnew: false };
  const known = record?.base;
  if (!record || !known || !image || kindOf(disk) === "image") return { classes: {}, isAnew: false };
  const mayLose = record.kind === "overlay" && kindOf(disk) === "overlay";
  const keepsPath = before?.image === image.path;
  if (await hasSameContent(known, image, digests, signal)) {
    if (known.path === image.path) return { classes: {}, isAnew: false };
    return { classes: restart("image"), finding: { known, image, change: "restart", isSame: true }, isAnew: false };
  }
  if (!keepsPath) return { classes: mayLose ? {} : restart("image", "format"), isAnew: true };
  return {
    classes: {},
    finding: { known, image, change: mayLose ? "replace" : "restart", isSame: false },
    isAnew: true,
  };
}

async function hasSameContent(
  known: BaseRecord,
  image: Image,
  digests: ImageDigests,
  signal?: AbortSignal,
): Promise<boolean> {
  if (known.stamp === image.stamp) return true;
  if (known.fileBytes !== image.fileBytes) return false;
  return known.sha256 === (await digests.of(image.path, { signal })).sha256;
}

/** What is to be done of all that was found, each image once, however many disks were made of it. */
export function demandsOf(findings: readonly (Finding & { readonly label: string })[]): readonly Demand[] {
  const groups = new Map<string, (Finding & { readonly label: string })[]>();
  for (const one of findings) {
    const key = JSON.stringify([one.known.path, one.image.path, one.change, one.isSame]);
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return [...groups.values()].map((group) =>
    demandOf(
      group[0] as Finding,
      group.map(({ label }) => label),
    ),
  );
}

function demandOf({ known, image, change, isSame }: Finding, labels: readonly string[]): Demand {
  const many = labels.length > 1;
  const disks = `${many ? "disks" : "disk"} ${listed(labels)}`;
  if (isSame) {
    const summary = `the image of ${disks} is the same, moved: ${known.path} is now ${image.path}`;
    return { change, cause: { kind: "host", summary } };
  }
  const made =
    change === "replace"
      ? `and ${disks} ${many ? "were" : "was"} made of the old one`
      : `which ${disks} ${many ? "read" : "reads"}`;
  const evidence =
    known.fileBytes === image.fileBytes
      ? `same size, ${formatSize(image.fileBytes)}, another content`
      : `it had ${formatSize(known.fileBytes)} and has ${formatSize(image.fileBytes)}`;
  return {
    change,
    cause: { kind: "host", summary: `the content of image ${image.path} changed, ${made}`, evidence: [evidence] },
  };
}

/** `a`, `a and b`, `a, b and c` */
function listed(words: readonly string[]): string {
  const last = words.at(-1) as string;
  return words.length === 1 ? last : `${words.slice(0, -1).join(", ")} and ${last}`;
}
