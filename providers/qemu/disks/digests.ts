import { fail } from "../../../src/core/diagnostics.ts";
import type { Files } from "../../../src/core/ports.ts";
import { stampOf } from "./record.ts";

interface Known {
  readonly stamp: string;
  readonly sha256: string;
}

/** How often an image that changes while it is read is read again. */
const ATTEMPTS = 3;

/**
 * SHA-256 of images. An image is read once: what is known is kept for the other nodes of the run, and for later runs in
 * a file beside the nodes' directory. That file is a mere cache: it is written where it can be, at plan too, and what is
 * odd in it is not believed.
 */
export class ImageDigests {
  readonly #files: Files;
  readonly #cache: string;
  /** By path. */
  #known: Promise<Map<string, Known>> | undefined;
  readonly #underWay = new Map<string, Promise<string>>();
  #writing: Promise<void> = Promise.resolve();

  constructor(files: Files, cache: string) {
    this.#files = files;
    this.#cache = cache;
  }

  /**
   * Of the content that has that stamp; rejects with `Failure` when the image is being written to, and when `signal`
   * aborts.
   */
  async of(path: string, signal?: AbortSignal): Promise<Known> {
    this.#known ??= this.#load();
    const known = await this.#known;
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const stamp = stampOf(await this.#files.stat(path));
      const before = known.get(path);
      if (before?.stamp === stamp) return before;
      const sha256 = await this.#hash(path, stamp, signal);
      if (stampOf(await this.#files.stat(path)) !== stamp) continue;
      const now = { stamp, sha256 };
      known.set(path, now);
      await this.#save(known);
      return now;
    }
    return fail(`Image ${path} is being written to`, {
      detail: `It changed each of the ${ATTEMPTS} times it was read. Wait until what writes it is done, then apply again.`,
      subject: `image ${path}`,
    });
  }

  /** Nodes that are prepared at the same moment share one reading. */
  async #hash(path: string, stamp: string, signal?: AbortSignal): Promise<string> {
    const key = `${stamp} ${path}`;
    let hashing = this.#underWay.get(key);
    if (!hashing) {
      hashing = this.#files
        .sha256(path, signal)
        .catch((cause: unknown) => {
          if (!signal?.aborted) throw cause;
          return fail(`Reading image ${path} was interrupted`, {
            detail: "It is read whole, to tell later whether it is still the same. The next run reads it again.",
            subject: `image ${path}`,
            cause,
          });
        })
        .finally(() => this.#underWay.delete(key));
      this.#underWay.set(key, hashing);
    }
    return await hashing;
  }

  async #load(): Promise<Map<string, Known>> {
    const known = new Map<string, Known>();
    try {
      const document = JSON.parse(await this.#files.readText(this.#cache)) as { readonly [path: string]: Known };
      for (const [path, one] of Object.entries(document)) {
        if (typeof one?.stamp === "string" && /^[0-9a-f]{64}$/.test(one.sha256)) known.set(path, one);
      }
    } catch {
      // There is none yet, or it is no such document: images are read again.
    }
    return known;
  }

  /** Images that are gone are left out, so that it does not grow for ever. */
  async #save(known: ReadonlyMap<string, Known>): Promise<void> {
    this.#writing = this.#writing.then(async () => {
      try {
        const there = await Promise.all(
          [...known].map(async ([path, one]) => {
            const stat = await this.#files.stat(path).catch(() => undefined);
            return stat ? [[path, one] as const] : [];
          }),
        );
        await this.#files.writeAtomic(this.#cache, `${JSON.stringify(Object.fromEntries(there.flat()))}\n`, 0o600);
      } catch {
        // The directory cannot be written, or is not there yet: the image is read again next time.
      }
    });
    await this.#writing;
  }
}
