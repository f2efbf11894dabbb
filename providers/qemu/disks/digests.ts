import { fail } from "../../../src/core/diagnostics.ts";
import type { Ports } from "../../../src/core/ports.ts";
import type { Known } from "./digestCache.ts";
import { DigestCache } from "./digestCache.ts";
import { stampOf } from "./record.ts";

/** How often an image that changes while it is read is read again. */
const ATTEMPTS = 3;

type Algorithm = "sha256" | "md5";

/**
 * Digests of images. An image is read once: what is known is kept for the other nodes of the run, and in a cache for
 * later runs and other labs.
 */
export class ImageDigests {
  readonly #files: Ports["files"];
  readonly #cache: DigestCache;
  /** By path. */
  readonly #known = new Map<string, Known>();
  readonly #underWay = new Map<string, Promise<string>>();

  constructor(ports: Pick<Ports, "files" | "host">) {
    this.#files = ports.files;
    this.#cache = new DigestCache(ports);
  }

  /** Of the content that has that stamp, where it was read before. */
  async known(path: string, stamp: string): Promise<Known | undefined> {
    const before = this.#known.get(path) ?? (await this.#cache.read(path));
    if (before) this.#known.set(path, before);
    return before?.stamp === stamp ? before : undefined;
  }

  /**
   * SHA-256, and with `withMd5` the MD5 too, of the content that has that stamp; rejects with `Failure` when the image
   * is being written to, and when `signal` aborts.
   */
  async of(path: string, options: { readonly withMd5?: boolean; readonly signal?: AbortSignal | undefined } = {}) {
    const { withMd5 = false, signal } = options;
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const stamp = stampOf(await this.#files.stat(path));
      const before = await this.known(path, stamp);
      if (before && (!withMd5 || before.md5 !== undefined)) return before;
      const sha256 = before?.sha256 ?? (await this.#read(path, stamp, "sha256", signal));
      const md5 = withMd5 ? await this.#read(path, stamp, "md5", signal) : undefined;
      if (stampOf(await this.#files.stat(path)) !== stamp) continue;
      const now: Known = { stamp, sha256, ...(md5 === undefined ? {} : { md5 }) };
      this.#known.set(path, now);
      await this.#cache.write(path, now);
      return now;
    }
    return fail(`Image ${path} is being written to`, {
      detail: `It changed each of the ${ATTEMPTS} times it was read. Wait until what writes it is done, then apply again.`,
      subject: `image ${path}`,
    });
  }

  /** Nodes that are prepared at the same moment share one reading. */
  async #read(path: string, stamp: string, algorithm: Algorithm, signal?: AbortSignal): Promise<string> {
    const key = `${algorithm} ${stamp} ${path}`;
    let reading = this.#underWay.get(key);
    if (!reading) {
      reading = this.#files
        .digest(path, algorithm, signal)
        .catch((cause: unknown) => {
          if (!signal?.aborted) throw cause;
          return fail(`Reading image ${path} was interrupted`, {
            detail: "It is read whole, to tell later whether it is still the same. The next run reads it again.",
            subject: `image ${path}`,
            cause,
          });
        })
        .finally(() => this.#underWay.delete(key));
      this.#underWay.set(key, reading);
    }
    return await reading;
  }
}
