import type { Diagnostic } from "../../../src/core/diagnostics.ts";
import { errorDiagnostic } from "../../../src/core/diagnostics.ts";
import type { PlanTools } from "../plan.ts";
import type { Disk } from "./disk.ts";
import { kindOf } from "./disk.ts";
import type { DiskRecord } from "./record.ts";
import { stampOf } from "./record.ts";

/** An image as it is now. */
export interface Image {
  readonly path: string;
  readonly format: string;
  /** The size a guest sees. */
  readonly bytes: number;
  /** Of the file. */
  readonly fileBytes: number;
  readonly stamp: string;
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
  const { format, bytes } = isKnown
    ? known
    : await tools.disks.info({ path, stamp, format: disk.format, what: `image of disk ${label}` }, request.qemu);
  const diagnostics = [...tools.disks.uses.add({ address: request.address, label, kind }, path, stat)];
  if (kind === "image" && !(await isWritable(path, tools))) {
    diagnostics.push(
      errorDiagnostic(`Image of disk ${label} ${path} cannot be written`, {
        detail:
          "With linked_clone = false the guest writes to the image itself. Leave linked_clone out, or make it writable for your account.",
        subject: `image of disk ${label} ${path}`,
      }),
    );
  }
  return { path, format, bytes, fileBytes: stat.size, stamp, diagnostics };
}

async function isWritable(path: string, tools: PlanTools): Promise<boolean> {
  return await tools.ports.files.access(path, "write").then(
    () => true,
    () => false,
  );
}
