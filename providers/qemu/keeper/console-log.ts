import { constants } from "node:fs";
import { open } from "node:fs/promises";

/** A log that grew past this is emptied. */
const MAX_LOG_BYTES = 16 * 1024 * 1024;
/** Looked at after this much output, since only the guest's output makes it grow. */
const CHECK_BYTES = 256 * 1024;

/**
 * Bounds the console's log, which QEMU writes itself (`logfile=`, `logappend=on`): it is emptied in place, since QEMU
 * would go on writing to a renamed file.
 */
export class ConsoleLog {
  readonly #path: string;
  readonly #report: (fault: string) => void;
  #unchecked = 0;

  constructor(path: string, report: (fault: string) => void) {
    this.#path = path;
    this.#report = report;
    void this.#check();
  }

  grew(bytes: number): void {
    this.#unchecked += bytes;
    if (this.#unchecked < CHECK_BYTES) return;
    this.#unchecked = 0;
    void this.#check();
  }

  /** Its last `bytes` bytes at most; nothing while there is no log. */
  async tail(bytes: number): Promise<Buffer> {
    try {
      const file = await open(this.#path, constants.O_RDONLY | constants.O_NOFOLLOW);
      try {
        const { size } = await file.stat();
        const buffer = Buffer.alloc(Math.min(bytes, size));
        const { bytesRead } = await file.read(buffer, 0, buffer.length, size - buffer.length);
        return buffer.subarray(0, bytesRead);
      } finally {
        await file.close();
      }
    } catch {
      return Buffer.alloc(0);
    }
  }

  async #check(): Promise<void> {
    try {
      const file = await open(this.#path, constants.O_WRONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
      try {
        const stat = await file.stat();
        if (stat.isFile() && stat.size > MAX_LOG_BYTES) await file.truncate(0);
      } finally {
        await file.close();
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") {
        this.#report(`the console log ${this.#path} cannot be bounded: ${(error as Error).message}`);
      }
    }
  }
}
