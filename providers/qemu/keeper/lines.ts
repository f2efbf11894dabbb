/** Cuts a stream of bytes into lines of at most `limit` bytes. */
export class LineReader {
  readonly #limit: number;
  #parts: Buffer[] = [];
  #length = 0;
  #tooLong = false;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** The lines `chunk` completes, without their ends; undefined stands for one that was too long and is lost. */
  push(chunk: Uint8Array): (string | undefined)[] {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    const lines: (string | undefined)[] = [];
    let start = 0;
    for (let end = bytes.indexOf(10); end !== -1; end = bytes.indexOf(10, start)) {
      this.#take(bytes.subarray(start, end));
      lines.push(this.#tooLong ? undefined : Buffer.concat(this.#parts).toString("utf8").trimEnd());
      this.#drop();
      this.#tooLong = false;
      start = end + 1;
    }
    this.#take(bytes.subarray(start));
    return lines;
  }

  /** Whether the line under way is lost already. */
  get tooLong(): boolean {
    return this.#tooLong;
  }

  #take(part: Buffer): void {
    if (part.length === 0 || this.#tooLong) return;
    this.#length += part.length;
    if (this.#length > this.#limit) {
      this.#drop();
      this.#tooLong = true;
    } else this.#parts.push(part);
  }

  #drop(): void {
    this.#parts = [];
    this.#length = 0;
  }
}
