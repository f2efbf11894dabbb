import { appendFileSync, closeSync, openSync, readFileSync, renameSync, writeFileSync } from "node:fs";

/** The file keeps this much at least, and half as much again at most. */
const KEPT_BYTES = 200 * 1024;
const MAX_BYTES = KEPT_BYTES + KEPT_BYTES / 2;

/**
 * A node's events, a JSON document a line, the newest last. Appended at once and in order: who finds a QEMU gone
 * finds its last word here.
 */
export class EventFile {
  readonly #path: string;
  #size: number | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  /** Throws Node's errors. */
  append(time: string, event: string, data: unknown): void {
    const line = `${JSON.stringify({ time, event, data })}\n`;
    this.#size ??= this.#open();
    appendFileSync(this.#path, line, { mode: 0o600 });
    this.#size += Buffer.byteLength(line);
    if (this.#size > MAX_BYTES) this.#shorten();
  }

  /** A predecessor killed within a write leaves half a line; it must not swallow the next one. */
  #open(): number {
    closeSync(openSync(this.#path, "a", 0o600));
    const content = readFileSync(this.#path);
    if (content.length === 0 || content.at(-1) === 10) return content.length;
    appendFileSync(this.#path, "\n");
    return content.length + 1;
  }

  #shorten(): void {
    const content = readFileSync(this.#path);
    const start = content.indexOf(10, Math.max(0, content.length - KEPT_BYTES - 1)) + 1;
    const shorter = `${this.#path}.new`;
    writeFileSync(shorter, content.subarray(start), { mode: 0o600 });
    renameSync(shorter, this.#path);
    this.#size = content.length - start;
  }
}
