import { dirname } from "node:path";
import type { Diagnostic } from "../../../src/core/diagnostics.ts";
import { warningDiagnostic } from "../../../src/core/diagnostics.ts";
import type { Files } from "../../../src/core/ports.ts";
import { formatSize } from "./size.ts";

const ENOUGH = 1024 ** 3;
const USUAL_SHARE = 0.1;

/**
 * The room that a run's new overlays may come to need. Guests seldom write all of their disk, so the warning, given
 * once, comes when less is free than a tenth of what they may grow to, or than 1 GiB.
 */
export class DiskAccount {
  readonly #files: Files;
  readonly #nodes: string;
  /** By node id, so that planning a node again counts it once. */
  readonly #asked = new Map<string, number>();
  #free: Promise<{ readonly directory: string; readonly bytes: number } | undefined> | undefined;
  #warned = false;

  constructor(files: Files, nodes: string) {
    this.#files = files;
    this.#nodes = nodes;
  }

  /** `bytes`: what the node's new overlays may grow to. */
  async check(id: string, bytes: number): Promise<readonly Diagnostic[]> {
    this.#asked.set(id, bytes);
    if (this.#warned || bytes === 0) return [];
    this.#free ??= this.#measure(this.#nodes);
    const free = await this.#free;
    const all = [...this.#asked.values()].reduce((sum, one) => sum + one, 0);
    if (!free || free.bytes >= Math.min(all, Math.max(ENOUGH, all * USUAL_SHARE))) return [];
    this.#warned = true;
    return [
      warningDiagnostic("The disks to be made may need more room than is free", {
        detail: `Up to this node they may grow to ${formatSize(all)}, and ${formatSize(free.bytes)} are free in ${free.directory}. When there is no room left, QEMU pauses the guest.`,
      }),
    ];
  }

  /** Of the directory, or the nearest that is there already. */
  async #measure(directory: string): Promise<{ readonly directory: string; readonly bytes: number } | undefined> {
    try {
      return { directory, bytes: await this.#files.freeBytes(directory) };
    } catch (error) {
      const missing = (error as NodeJS.ErrnoException).code === "ENOENT";
      return missing && directory !== "/" ? await this.#measure(dirname(directory)) : undefined;
    }
  }
}
