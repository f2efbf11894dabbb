import { basename } from "node:path";
import { fail } from "../../../src/core/diagnostics.ts";
import type { OperationContext } from "../../../src/core/provider.ts";
import { diskOverlay, stagedDirectory } from "../names.ts";
import { notesOf } from "../notes.ts";
import type { PlanTools } from "../plan.ts";
import { lookAt } from "../there.ts";
import { kindOf } from "./disk.ts";
import type { PlannedDisk } from "./plan.ts";
import { roleOf } from "./plan.ts";
import type { ImageInfo, QemuImg } from "./qemuImg.ts";
import type { BaseRecord, DiskRecord, DiskRecords } from "./record.ts";

interface Making {
  readonly context: OperationContext;
  readonly tools: PlanTools;
  /** The node's. */
  readonly directory: string;
  readonly qemuImg: QemuImg;
}

/**
 * Makes what a node's disks need, and removes what they need no longer; what is there already is checked and kept, so it
 * can be done again after it was cut off anywhere. A node that is made anew takes what was staged for it.
 */
export async function makeDisks(
  disks: readonly PlannedDisk[],
  { context, tools, directory, qemu }: { context: OperationContext; tools: PlanTools; directory: string; qemu: string },
): Promise<DiskRecords> {
  const { files } = tools.ports;
  const staged = stagedDirectory(directory);
  const before: DiskRecords = context.anew ? {} : (notesOf(context.instance).disks ?? {});
  if (!context.anew) await files.remove(staged);
  const kept = new Set(
    disks.flatMap(({ disk, label }) => (kindOf(disk) === "overlay" ? [basename(diskOverlay(directory, label))] : [])),
  );
  // Also what an interrupted run made and did not come to record.
  const gone = (await files.list(directory)).filter((name) => name.endsWith(".qcow2") && !kept.has(name));
  for (const name of gone) await files.remove(`${directory}/${name}`);
  if (gone.length > 0) await files.syncDirectory(directory);
  if (disks.length === 0) return {};
  const making: Making = { context, tools, directory, qemuImg: await tools.disks.qemuImg(qemu) };
  const records: { [label: string]: DiskRecord } = {};
  for (const one of disks) records[one.label] = await makeDisk(one, before[one.label], making);
  await files.remove(staged);
  return records;
}

async function makeDisk(one: PlannedDisk, record: DiskRecord | undefined, making: Making): Promise<DiskRecord> {
  const { disk, image } = one;
  const kind = kindOf(disk);
  if (kind === "image" && image) {
    if (one.bytes > image.bytes) await making.qemuImg.grow(image.path, image.format, one.bytes);
    return { kind, bytes: Math.max(one.bytes, image.bytes) };
  }
  const base = await recordBase(one, making);
  if (kind === "protected") return { kind, bytes: one.bytes, ...(base ? { base } : {}) };
  const path = diskOverlay(making.directory, one.label);
  const found =
    record?.kind === "overlay" && (await lookAt(making.tools.ports.files, path))
      ? await keepOverlay(one, path, record, base, making)
      : await newOverlay(one, path, base, making);
  if (one.bytes > found) await making.qemuImg.grow(path, "qcow2", one.bytes);
  return { kind, bytes: Math.max(one.bytes, found), ...(base ? { base } : {}) };
}

/** The image as it is now, with its content's digest, so that a later plan can tell whether it is still the same. */
export async function recordBase(
  { label, disk, image }: PlannedDisk,
  making: Pick<Making, "context" | "tools">,
): Promise<BaseRecord | undefined> {
  if (!image) return undefined;
  const { context, tools } = making;
  const { path, format, bytes, fileBytes, beneath } = image;
  context.waiting(`the digest of the ${roleOf(label)}, ${path}`);
  const withMd5 = disk.md5 !== null;
  const { stamp, sha256, md5 } = await tools.disks.digests.of(path, { withMd5, signal: context.signal });
  const base: BaseRecord = { path, format, bytes, fileBytes, stamp, sha256 };
  return { ...base, ...(withMd5 ? { md5 } : {}), ...(beneath.length > 0 ? { beneath } : {}) };
}

/** An overlay in which nothing is written yet; resolves to the size its guest sees. */
async function newOverlay(
  one: PlannedDisk,
  path: string,
  base: BaseRecord | undefined,
  making: Making,
): Promise<number> {
  const { files } = making.tools.ports;
  const staged = diskOverlay(stagedDirectory(making.directory), one.label);
  if (making.context.anew && (await lookAt(files, staged))) {
    const info = await making.qemuImg.info(staged, null, "overlay");
    if (info.format === "qcow2" && liesOver(info, base)) {
      await files.rename(staged, path);
      await files.syncDirectory(making.directory);
      return info.bytes;
    }
  }
  await createOverlay(one, path, making);
  return one.bytes;
}

/** Made from nothing, and durable: what is recorded next must not come back without it after a power cut. */
export async function createOverlay(
  { image, bytes }: PlannedDisk,
  path: string,
  { qemuImg, tools }: Pick<Making, "qemuImg" | "tools">,
): Promise<void> {
  const { files } = tools.ports;
  await files.remove(path);
  await tools.disks.overlays.create(qemuImg, path, image ?? undefined, bytes);
  const file = await files.openAppend(path, 0o600);
  try {
    await file.sync();
  } finally {
    await file.close();
  }
  await files.syncDirectory(path.slice(0, path.lastIndexOf("/")));
}

/**
 * What the guest wrote stays; the overlay is told where its base is now, which the plan found to have the same content.
 * Resolves to the size its guest sees.
 */
async function keepOverlay(
  { label }: PlannedDisk,
  path: string,
  record: DiskRecord,
  base: BaseRecord | undefined,
  { context, qemuImg }: Making,
): Promise<number> {
  const { address } = context;
  const anew = `To make the node anew, without what its guest wrote: labform apply -replace='${address}'`;
  if (record.base?.sha256 !== base?.sha256) {
    return fail(`The content of the ${roleOf(label)} changed since the plan was made`, {
      address,
      detail: `Its overlay ${path} was made of another content. Make a new plan: it says what is to be done.`,
      subject: `${roleOf(label)} ${base?.path ?? ""}`,
    });
  }
  const info = await qemuImg.info(path, "qcow2", `overlay of disk ${label}`);
  if (liesOver(info, base)) return info.bytes;
  const known = info.backing?.path === record.base?.path || info.backing?.path === base?.path;
  if (!base || !known) {
    return fail(`The overlay of disk ${label} lies over another image than labform gave it`, {
      address,
      detail: `${path} lies over ${info.backing?.path ?? "nothing"}, and was made over ${record.base?.path ?? "nothing"}. Someone rebased it. Undo that with qemu-img rebase. ${anew}`,
      subject: `overlay of disk ${label} ${path}`,
    });
  }
  await qemuImg.rebase(path, base);
  return info.bytes;
}

function liesOver({ backing }: ImageInfo, base: BaseRecord | undefined): boolean {
  return backing?.path === base?.path && backing?.format === base?.format;
}
