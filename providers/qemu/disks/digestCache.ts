import { createHash } from "node:crypto";
import { join } from "node:path";
import type { Files, Ports } from "../../../src/core/ports.ts";
import { cacheDirectory } from "../binaryCache.ts";

/** Digests of a content, and the stamp of the file when it had that. */
export interface Known {
  readonly stamp: string;
  readonly sha256: string;
  /** Only where someone asked for it. */
  readonly md5?: string;
}

/** Beyond this many, those of images that are gone are removed. */
const MANY = 200;

/**
 * Images' digests kept between runs: one file an image beside what is kept of QEMU's executables, named by its path. It
 * is written at plan too. What cannot be read or written, or is odd, is not believed: the image is read again.
 */
export class DigestCache {
  readonly #files: Files;
  readonly #directory: string | undefined;

  constructor({ files, host }: Pick<Ports, "files" | "host">) {
    const directory = cacheDirectory(host.environment);
    this.#files = files;
    this.#directory = directory && join(directory, "images");
  }

  async read(path: string): Promise<Known | undefined> {
    if (this.#directory === undefined) return undefined;
    try {
      const { stamp, sha256, md5 } = await this.#document(this.#nameOf(path), this.#directory);
      if (typeof stamp !== "string" || !/^[0-9a-f]{64}$/.test(String(sha256))) return undefined;
      return { stamp, sha256: String(sha256), ...(/^[0-9a-f]{32}$/.test(String(md5)) ? { md5: String(md5) } : {}) };
    } catch {
      return undefined;
    }
  }

  async write(path: string, known: Known): Promise<void> {
    if (this.#directory === undefined) return;
    try {
      await this.#files.makeDirectory(this.#directory);
      const text = `${JSON.stringify({ path, ...known })}\n`;
      await this.#files.writeAtomic(`${this.#directory}/${this.#nameOf(path)}`, text, 0o600);
      await this.#tidy(this.#directory);
    } catch {
      // A full or read-only home.
    }
  }

  async #tidy(directory: string): Promise<void> {
    const names = (await this.#files.list(directory)).filter((name) => /^[0-9a-f]{16}\.json$/.test(name));
    if (names.length <= MANY) return;
    for (const name of names) {
      const { path } = await this.#document(name, directory).catch(() => ({ path: undefined }));
      const isThere = typeof path === "string" && (await this.#files.stat(path).catch(() => undefined)) !== undefined;
      if (!isThere) await this.#files.remove(`${directory}/${name}`);
    }
  }

  async #document(name: string, directory: string): Promise<{ readonly [name: string]: unknown }> {
    return JSON.parse(await this.#files.readText(`${directory}/${name}`)) as { readonly [name: string]: unknown };
  }

  #nameOf(path: string): string {
    return `${createHash("sha256").update(path).digest("hex").slice(0, 16)}.json`;
  }
}
