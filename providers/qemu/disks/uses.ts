import type { Diagnostic } from "../../../src/core/diagnostics.ts";
import { errorDiagnostic } from "../../../src/core/diagnostics.ts";
import type { FileStat } from "../../../src/core/ports.ts";

export interface UsedFile {
  readonly path: string;
  readonly stat: FileStat;
  /** `beneath`: an image that is read lies over it. */
  readonly how: "read" | "written" | "beneath";
}

interface Use {
  readonly address: string;
  /** `disk hda`, `kernel image`: each once in a node. */
  readonly part: string;
  readonly how: UsedFile["how"];
}

/**
 * Who uses which image in a run, as a disk or otherwise. One that a guest writes to is that disk's alone: overlays of it
 * would come to lie over something else. The same file counts as the same image by whatever name.
 */
export class ImageUses {
  readonly #byFile = new Map<string, Map<string, Use>>();

  /** Remembers what a part of a node uses; an error naming the other where two exclude each other. */
  add(address: string, part: string, files: readonly UsedFile[]): readonly Diagnostic[] {
    const key = `${address} ${part}`;
    // Planned again, perhaps with another image.
    for (const uses of this.#byFile.values()) uses.delete(key);
    return files.flatMap(({ path, stat, how }) => {
      const file = `${stat.device} ${stat.inode}`;
      const uses = this.#byFile.get(file) ?? new Map<string, Use>();
      this.#byFile.set(file, uses);
      const use: Use = { address, part, how };
      const other = [...uses.values()].find((one) => one.how === "written" || how === "written");
      uses.set(key, use);
      return other ? [refusal(path, use, other)] : [];
    });
  }
}

function refusal(path: string, use: Use, other: Use): Diagnostic {
  const both = other.how === "written" && use.how === "written";
  const writer = other.how === "written" ? other : use;
  const who = both ? "Both have" : `${writer.part.replace(/^d/, "D")} of ${writer.address} has`;
  const where = other.how === "beneath" ? "beneath that of" : other.part.startsWith("disk ") ? "that of" : "the";
  return errorDiagnostic(`Image ${path} is also ${where} ${other.part} of ${other.address}`, {
    detail: `${who} linked_clone = false and would write to the image itself, under the other's feet. Leave linked_clone out, or give each an image of its own.`,
    subject: `image ${path}`,
  });
}
