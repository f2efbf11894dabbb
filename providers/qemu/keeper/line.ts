import { connect, type Socket } from "node:net";
import { Outbox } from "./outbox.ts";

/**
 * One of QEMU's Unix sockets, from the keeper's side: connected whenever QEMU is there.
 *
 *        poke, timer            connected
 *   idle ──────────▶ connecting ─────────▶ connected
 *    ▲                   │ refused             │ closed
 *    └───────────────────┴─────────────────────┘  a timer is set, later each time
 *
 * A path that does not exist is looked for every 5 s only: whoever watches the run directory pokes the line when it
 * appears. A path that refuses (QEMU between bind and listen, or killed, its socket left behind) is tried again after
 * 20 ms, 40 ms … 5 s. What QEMU sends is read at full speed always, so that no guest ever waits for a reader.
 */
const FIRST_RETRY_MS = 20;
const LAST_RETRY_MS = 5000;
/** A connection that ends sooner counts as refused. */
const SETTLED_MS = 1000;

interface LineListener {
  connected(): void;
  data(chunk: Buffer): void;
  /** QEMU ended, or closed its end. Not called after `close`. */
  ended(): void;
  /** Everything written has been taken by QEMU, or the line has ended. */
  drained(): void;
}

export class Line {
  readonly #path: string;
  readonly #listener: LineListener;
  #socket: Socket | undefined;
  #outbox: Outbox | undefined;
  #timer: NodeJS.Timeout | undefined;
  #retryMs = FIRST_RETRY_MS;
  #pokedMeanwhile = false;
  #closed = false;

  constructor(path: string, listener: LineListener) {
    this.#path = path;
    this.#listener = listener;
  }

  get connected(): boolean {
    return this.#outbox !== undefined;
  }

  /** Bytes QEMU has not taken yet; the caller keeps this bounded. */
  get waiting(): number {
    return this.#outbox?.length ?? 0;
  }

  /** The socket may be there now. */
  poke(): void {
    if (this.#closed) return;
    if (this.#socket) {
      this.#pokedMeanwhile = true;
      return;
    }
    this.#retryMs = FIRST_RETRY_MS;
    this.#try();
  }

  /** Dropped while QEMU is not there. */
  write(data: Uint8Array): void {
    this.#outbox?.write(data);
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#socket?.destroy();
  }

  #try(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#pokedMeanwhile = false;
    const socket = connect(this.#path);
    this.#socket = socket;
    let connectedAt: number | undefined;
    let absent = false;
    socket.on("connect", () => {
      connectedAt = performance.now();
      this.#outbox = new Outbox(socket, () => this.#listener.drained());
      this.#listener.connected();
    });
    socket.on("data", (chunk) => this.#listener.data(chunk));
    socket.on("error", (error: NodeJS.ErrnoException) => {
      absent = error.code === "ENOENT";
    });
    socket.on("close", () => {
      this.#socket = undefined;
      this.#outbox = undefined;
      if (this.#closed) return;
      if (connectedAt !== undefined) {
        if (performance.now() - connectedAt > SETTLED_MS) this.#retryMs = FIRST_RETRY_MS;
        this.#listener.drained();
        this.#listener.ended();
      }
      if (this.#pokedMeanwhile) this.#retryMs = FIRST_RETRY_MS;
      this.#timer = setTimeout(() => this.#try(), absent && !this.#pokedMeanwhile ? LAST_RETRY_MS : this.#retryMs);
      this.#retryMs = Math.min(2 * this.#retryMs, LAST_RETRY_MS);
    });
  }
}
