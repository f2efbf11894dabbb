import type { Socket } from "node:net";

/**
 * What waits to be written to a socket, in one piece of memory: a serial line comes byte by byte, and a queue of
 * single bytes would take a hundred times their size.
 */
export class Outbox {
  readonly #socket: Socket;
  readonly #onEmpty: () => void;
  #waiting: Buffer = Buffer.alloc(0);
  #length = 0;
  #writing = 0;
  #ending = false;

  constructor(socket: Socket, onEmpty: () => void = () => {}) {
    this.#socket = socket;
    this.#onEmpty = onEmpty;
  }

  /** Bytes the other end has not taken, beside what the kernel holds. */
  get length(): number {
    return this.#writing + this.#length;
  }

  write(data: Uint8Array): void {
    if (data.length === 0 || this.#ending || this.#socket.destroyed) return;
    if (this.#writing === 0) this.#start(data);
    else this.#append(data);
  }

  /** Ends the socket once all is written; nothing more is taken. */
  end(): void {
    this.#ending = true;
    if (this.#writing === 0) this.#socket.end();
  }

  #start(data: Uint8Array): void {
    this.#writing = data.length;
    this.#socket.write(data, (error) => {
      this.#writing = 0;
      if (error) return;
      if (this.#length > 0) {
        const next = this.#waiting.subarray(0, this.#length);
        this.#waiting = Buffer.alloc(0);
        this.#length = 0;
        this.#start(next);
      } else {
        if (this.#ending) this.#socket.end();
        this.#onEmpty();
      }
    });
  }

  #append(data: Uint8Array): void {
    const needed = this.#length + data.length;
    if (needed > this.#waiting.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(needed, 2 * this.#waiting.length, 1024));
      this.#waiting.copy(grown, 0, 0, this.#length);
      this.#waiting = grown;
    }
    this.#waiting.set(data, this.#length);
    this.#length = needed;
  }
}
