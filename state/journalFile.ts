import type { AppendFile, Ports } from "../src/core/ports.ts";
import { guarded, type Place } from "./failure.ts";

/** The journal as a file being written: whole lines, durable when `append` resolved. One call at a time. */
export class JournalFile {
  readonly #ports: Ports;
  readonly #place: Place;
  #file: AppendFile | undefined;
  #size = 0;
  /** A failed write could not be taken back: what is in the file after `#size` is unknown. */
  #unsure = false;

  constructor(ports: Ports, path: string) {
    this.#ports = ports;
    this.#place = { role: "journal", path };
  }

  /** Bytes since the last cut. */
  get size(): number {
    return this.#size;
  }

  async append(lines: string): Promise<void> {
    await guarded("write the journal", this.#place, async () => {
      const file = await this.#open();
      if (this.#unsure) await this.#takeBack(file);
      try {
        await file.append(lines);
        await file.sync();
      } catch (error) {
        // Half a line followed by a whole one would be damage, and a record that failed must not come back.
        this.#unsure = true;
        await this.#takeBack(file).catch(() => {});
        throw error;
      }
      this.#size += Buffer.byteLength(lines);
    });
  }

  /** To be called once a checkpoint has all that is in it. */
  async cut(): Promise<void> {
    await guarded("cut the journal", this.#place, async () => {
      const file = await this.#open();
      await file.truncate(0);
      this.#size = 0;
      this.#unsure = false;
      await file.sync();
    });
  }

  async close(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.close();
  }

  async #open(): Promise<AppendFile> {
    this.#file ??= await this.#ports.files.openAppend(this.#place.path, 0o600);
    return this.#file;
  }

  async #takeBack(file: AppendFile): Promise<void> {
    await file.truncate(this.#size);
    await file.sync();
    this.#unsure = false;
  }
}
