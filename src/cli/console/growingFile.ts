import type { Files } from "../../core/ports.ts";

/** A log grows past 16 MiB only while nobody bounds it; of such a one the last part is read. */
const LARGEST = 32 * 1024 * 1024;
const LF = 10;

/** Reads a log that others write, empty (it has grown too large) and make anew. */
export class GrowingFile {
  readonly #files: Files;
  readonly path: string;
  #inode: number | undefined;
  #offset = 0;

  constructor(files: Files, path: string) {
    this.#files = files;
    this.path = path;
  }

  /** What was written since the last call, at the first call everything; undefined while there is no such file. */
  async read(): Promise<Uint8Array | undefined> {
    try {
      const { size, inode } = await this.#files.stat(this.path);
      if (size < this.#offset || inode !== this.#inode) this.#offset = 0;
      this.#inode = inode;
      if (size === this.#offset) return new Uint8Array();
      const fresh = await this.#files.readFrom(this.path, Math.max(this.#offset, size - LARGEST));
      this.#offset = Math.max(this.#offset, size - LARGEST) + fresh.length;
      return fresh;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
      this.#inode = undefined;
      return undefined;
    }
  }
}

/** The last lines of a text; one that is not ended yet counts. */
export function lastLinesOf(bytes: Uint8Array, lines: number): Uint8Array {
  let start = bytes.length;
  for (let left = lines; left > 0 && start > 0; left--) {
    const before = start >= 2 ? bytes.lastIndexOf(LF, start - 2) : -1;
    start = before + 1;
  }
  return bytes.subarray(start);
}
