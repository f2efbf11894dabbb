import type { Diagnostic } from "../../../src/core/diagnostics.ts";
import { errorDiagnostic } from "../../../src/core/diagnostics.ts";
import type { PlannedAttributes } from "../../../src/core/values.ts";
import { plannedDisks } from "../disks/disk.ts";

/** QEMU saves no machine that has one of these open, not even below an overlay or only to read (block/*.c, migrate_add_blocker). */
const UNSAVED_FORMATS: ReadonlySet<unknown> = new Set(["vmdk", "vdi", "vhdx", "vpc", "qcow"]);

/** What on_stop = "save_vm_state" cannot be had with. */
export function checkVmState(planned: PlannedAttributes): readonly Diagnostic[] {
  if (planned["on_stop"] !== "save_vm_state") return [];
  return plannedDisks(planned).flatMap(([label, disk]) => {
    const { interface: one, format, image } = disk;
    const found: Diagnostic[] = [];
    if (one === "nvme") {
      const detail = `QEMU saves no NVMe controller. Give the disk interface = "virtio", "scsi" or "sata", or the node another on_stop.`;
      found.push(errorDiagnostic(`on_stop = "save_vm_state" cannot be had with disk ${label} on nvme`, { detail }));
    }
    if (UNSAVED_FORMATS.has(format)) {
      const detail = `QEMU saves no machine with a ${String(format)} image: ${String(image)}. Convert it, as in qemu-img convert -O qcow2 OLD NEW, or give the node another on_stop.`;
      const subject = `image of disk ${label} ${String(image)}`;
      const summary = `on_stop = "save_vm_state" cannot be had with the image of disk ${label}, a ${String(format)}`;
      found.push(errorDiagnostic(summary, { detail, subject }));
    }
    return found;
  });
}
