import type { Files } from "../../../src/core/ports.ts";
import type { QemuImg } from "./qemuImg.ts";

/** An overlay of a huge disk has large tables; beyond this it is made anew each time rather than kept. */
const KEPT_BYTES = 1 << 20;

/**
 * Overlays in which nothing is written yet. qemu-img makes the first over an image; the others over it are copies of
 * that file, for qemu-img makes the same bytes of the same arguments and a process costs a hundred times as much.
 */
export class EmptyOverlays {
  readonly #files: Pick<Files, "read" | "write" | "stat">;
  readonly #made = new Map<string, Promise<Uint8Array | undefined>>();

  constructor(files: Pick<Files, "read" | "write" | "stat">) {
    this.#files = files;
  }

  /** At `path`, where nothing is; not synced. Rejects with `Failure`. */
  async create(
    qemuImg: QemuImg,
    path: string,
    base: { readonly path: string; readonly format: string } | undefined,
    bytes: number,
  ): Promise<void> {
    const key = JSON.stringify([qemuImg.path, base?.path, base?.format, bytes]);
    const made = this.#made.get(key);
    if (!made) {
      const first = this.#first(qemuImg, path, base, bytes);
      // What keeps the first from being made is told by each who tries it himself.
      this.#made.set(
        key,
        first.catch(() => undefined),
      );
      await first;
      return;
    }
    const content = await made;
    const copied = content !== undefined && (await this.#copied(content, path));
    if (!copied) await qemuImg.create(path, base, bytes);
  }

  async #first(...[qemuImg, path, base, bytes]: Parameters<EmptyOverlays["create"]>): Promise<Uint8Array | undefined> {
    await qemuImg.create(path, base, bytes);
    return (await this.#files.stat(path)).size <= KEPT_BYTES ? await this.#files.read(path) : undefined;
  }

  /** False when it could not be written: qemu-img then says why. */
  async #copied(content: Uint8Array, path: string): Promise<boolean> {
    try {
      await this.#files.write(path, content, 0o600);
      return true;
    } catch {
      return false;
    }
  }
}
