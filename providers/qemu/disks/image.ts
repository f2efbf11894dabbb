import type { Diagnostic } from "../../../src/core/diagnostics.ts";
import { errorDiagnostic } from "../../../src/core/diagnostics.ts";
import type { PlanTools } from "../plan.ts";
import type { Disk } from "./disk.ts";
import { kindOf } from "./disk.ts";
import type { ImageInfo } from "./qemuImg.ts";
import type { DiskRecord } from "./record.ts";
import { stampOf } from "./record.ts";
import type { UsedFile } from "./uses.ts";

/** An image as it is now. */
export interface Image {
  readonly path: string;
  readonly format: string;
  /** The size a guest sees. */
  readonly bytes: number;
  /** Of the file. */
  readonly fileBytes: number;
  readonly stamp: string;
  /** The images that it lies over. */
  readonly beneath: readonly string[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Asks qemu-img only what the record does not say already. Rejects with `Failure` when it is no image of that format. */
export async function lookAtImage(
  label: string,
  disk: Disk,
  record: DiskRecord | undefined,
  request: { readonly address: string; readonly qemu: string | null },
  tools: PlanTools,
): Promise<Image> {
  const { files } = tools.ports;
  const path = disk.image as string;
  const kind = kindOf(disk);
  const stat = await files.stat(path);
  const stamp = stampOf(stat);
  const known = record?.base;
  const isKnown = known?.path === path && known.stamp === stamp && (disk.format ?? known.format) === known.format;
  const what = `image of disk ${label}`;
  const ask = async () => {
    const info = await tools.disks.info({ path, stamp, format: disk.format, what }, request.qemu);
    return { ...info, beneath: await imagesBeneath(info, what, request.qemu, tools) };
  };
  const { format, bytes, beneath = [] } = isKnown ? known : await ask();
  const used: UsedFile[] = [{ path, stat, how: kind === "image" ? "written" : "read" }];
  for (const base of beneath) used.push({ path: base, stat: await files.stat(base), how: "beneath" });
  const diagnostics = [...tools.disks.uses.add(request.address, `disk ${label}`, used)];
  if (kind === "image" && !(await isWritable(path, tools))) {
    diagnostics.push(
      errorDiagnostic(`Image of disk ${label} ${path} cannot be written`, {
        detail:
          "With linked_clone = false the guest writes to the image itself. Leave linked_clone out, or make it writable for your account.",
        subject: `image of disk ${label} ${path}`,
      }),
    );
  }
  return { path, format, bytes, fileBytes: stat.size, stamp, beneath, diagnostics };
}

/** The images that an image lies over, the next first. */
async function imagesBeneath(
  info: ImageInfo,
  what: string,
  qemu: string | null,
  tools: PlanTools,
): Promise<readonly string[]> {
  const found: string[] = [];
  for (let next = info.backing; next && !found.includes(next.path); ) {
    const { path, format = null } = next;
    found.push(path);
    const stamp = stampOf(await tools.ports.files.stat(path));
    next = (await tools.disks.info({ path, stamp, format, what: `what lies beneath the ${what},` }, qemu)).backing;
  }
  return found;
}

async function isWritable(path: string, tools: PlanTools): Promise<boolean> {
  return await tools.ports.files.access(path, "write").then(
    () => true,
    () => false,
  );
}
