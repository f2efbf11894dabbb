import type { Diagnostic } from "../../../src/core/diagnostics.ts";
import { errorDiagnostic } from "../../../src/core/diagnostics.ts";
import type { FileStat } from "../../../src/core/ports.ts";
import type { DiskKind } from "./disk.ts";

interface Use {
  readonly address: string;
  readonly label: string;
  readonly kind: DiskKind;
}

/**
 * Who uses which image in a run. One that a guest writes to is that disk's alone: overlays of it would come to lie over
 * something else. The same file counts as the same image by whatever name.
 */
export class ImageUses {
  readonly #byFile = new Map<string, Map<string, Use>>();

  /** Remembers the use; an error naming the other where the two exclude each other. */
  add(use: Use, path: string, stat: FileStat): readonly Diagnostic[] {
    const key = `${use.address} ${use.label}`;
    // Planned again, perhaps with another image.
    for (const uses of this.#byFile.values()) uses.delete(key);
    const file = `${stat.device} ${stat.inode}`;
    const uses = this.#byFile.get(file) ?? new Map<string, Use>();
    this.#byFile.set(file, uses);
    const other = [...uses.values()].find((one) => one.kind === "image" || use.kind === "image");
    uses.set(key, use);
    if (!other) return [];
    const writer = other.kind === "image" ? other : use;
    const both = other.kind === "image" && use.kind === "image";
    return [
      errorDiagnostic(`Image ${path} is also that of disk ${other.label} of ${other.address}`, {
        detail: `${both ? "Both have" : `Disk ${writer.label} of ${writer.address} has`} linked_clone = false and would write to the image itself, under the other's feet. Leave linked_clone out, or give each an image of its own.`,
        subject: `image ${path}`,
      }),
    ];
  }
}
