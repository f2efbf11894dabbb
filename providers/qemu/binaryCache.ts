import { createHash } from "node:crypto";
import { isAbsolute, join } from "node:path";
import type { Ports } from "../../src/core/ports.ts";
import type { Offers } from "./offers/ask.ts";

/** What an executable said of itself, as long as it is the same file. */
export interface Answers {
  readonly identity: string;
  readonly version: string;
  readonly sandbox: boolean;
  /** What it can emulate; absent until someone asked for it. */
  readonly offers?: Offers;
}

/**
 * What QEMU executables said of themselves, kept between runs: one file an executable under
 * `$XDG_CACHE_HOME/labform/qemu` (`~/.cache`), named by its path. To ask costs three starts of QEMU. What cannot be read
 * or written is asked again, and nothing is said of it: it is only a cache.
 */
export class BinaryCache {
  readonly #files: Ports["files"];
  readonly #directory: string | undefined;

  constructor({ files, host }: Pick<Ports, "files" | "host">) {
    this.#files = files;
    this.#directory = cacheDirectory(host.environment);
  }

  async read(path: string, identity: string): Promise<Answers | undefined> {
    if (this.#directory === undefined) return undefined;
    try {
      const answers = JSON.parse(await this.#files.readText(this.#fileOf(this.#directory, path))) as Answers;
      const whole =
        answers.identity === identity &&
        typeof answers.version === "string" &&
        typeof answers.sandbox === "boolean" &&
        (answers.offers === undefined || Array.isArray(answers.offers.devices));
      return whole ? answers : undefined;
    } catch {
      return undefined;
    }
  }

  async write(path: string, answers: Answers): Promise<void> {
    if (this.#directory === undefined) return;
    try {
      await this.#files.makeDirectory(this.#directory);
      await this.#files.writeAtomic(this.#fileOf(this.#directory, path), `${JSON.stringify(answers)}\n`, 0o600);
    } catch {
      // A full or read-only home costs the next run three starts of QEMU.
    }
  }

  #fileOf(directory: string, path: string): string {
    return join(directory, `${createHash("sha256").update(path).digest("hex").slice(0, 16)}.json`);
  }
}

/** Where a user's runs keep what they found out of programs and images; undefined where there is no such place. */
export function cacheDirectory({
  XDG_CACHE_HOME,
  HOME,
}: {
  readonly [name: string]: string | undefined;
}): string | undefined {
  if (XDG_CACHE_HOME !== undefined && isAbsolute(XDG_CACHE_HOME)) return join(XDG_CACHE_HOME, "labform/qemu");
  return HOME !== undefined && isAbsolute(HOME) ? join(HOME, ".cache/labform/qemu") : undefined;
}
