/** The last bytes of a stream. It holds at most twice `size`, so that each byte is moved once at most. */
export class Ring {
  readonly #size: number;
  readonly #bytes: Buffer;
  #length = 0;
  #cut = false;

  constructor(size: number) {
    this.#size = size;
    this.#bytes = Buffer.alloc(2 * size);
  }

  push(chunk: Uint8Array): void {
    const kept = chunk.length > this.#size ? chunk.subarray(chunk.length - this.#size) : chunk;
    if (kept.length < chunk.length) {
      this.#length = 0;
      this.#cut = true;
    }
    if (this.#length + kept.length > this.#bytes.length) {
      this.#bytes.copyWithin(0, this.#length - this.#size, this.#length);
      this.#length = this.#size;
      this.#cut = true;
    }
    this.#bytes.set(kept, this.#length);
    this.#length += kept.length;
  }

  /**
   * What a client that comes late is shown: from the first whole line on. What a terminal would answer to (reports of
   * status, identity and cursor; ECMA-48 DSR and DA, xterm's variants, ENQ) is left out: an answer to a question of
   * ten minutes ago would be typed into the guest.
   */
  replay(): Buffer {
    const start = Math.max(0, this.#length - this.#size);
    let bytes = this.#bytes.subarray(start, this.#length);
    if (this.#cut || start > 0) bytes = bytes.subarray(bytes.indexOf(10) + 1);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: terminal commands are made of control characters
    return Buffer.from(bytes.toString("latin1").replace(/\x1b\[[?>=]?[\d;]*[nc]|\x1bZ|\x05/g, ""), "latin1");
  }
}
