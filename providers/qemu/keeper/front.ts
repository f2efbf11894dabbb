import type { Socket } from "node:net";
import { admit } from "./admission.ts";
import { ClientEnd, refuse } from "./client-end.ts";
import type { Behind } from "./door.ts";
import { Line } from "./line.ts";
import { Ring } from "./ring.ts";

/** What a client that comes late is shown. */
export const REPLAY_BYTES = 16 * 1024;
/** What may wait for a QEMU that does not read; then its clients wait. */
const MAX_INPUT_BYTES = 64 * 1024;

interface FrontOptions {
  /** QEMU's Unix socket. */
  readonly path: string;
  /** `console of node.r1`, as it is now. */
  readonly title: () => string;
  /** Whether a peer's account need not be looked up, as it is now. */
  readonly openToAll: () => boolean;
  /** What a refused client is told. */
  readonly refusal: () => string;
  readonly onOutput?: ((bytes: number) => void) | undefined;
}

/**
 * A serial line of QEMU, shared: what QEMU writes goes to every client, what any client types goes to QEMU. Clients
 * stay while the node is off, and across ports: they belong to the line, not to the listener they came through.
 */
export class Front implements Behind {
  readonly #options: FrontOptions;
  readonly #line: Line;
  readonly #ring = new Ring(REPLAY_BYTES);
  readonly #clients = new Set<ClientEnd>();
  readonly #held = new Set<ClientEnd>();
  #closed = false;

  constructor(options: FrontOptions) {
    this.#options = options;
    this.#line = new Line(options.path, {
      connected: () => this.#tellAll(`${options.title()}: the node runs`),
      ended: () => this.#tellAll(this.#off()),
      data: (chunk) => this.#output(chunk),
      drained: () => this.#releaseHeld(),
    });
  }

  poke(): void {
    this.#line.poke();
  }

  /** Shows later clients what was written before the keeper was there. */
  remember(text: Uint8Array): void {
    this.#ring.push(text);
  }

  readonly admit = (socket: Socket): void => {
    const { openToAll, refusal } = this.#options;
    admit(socket, {
      openToAll,
      isClosed: () => this.#closed,
      welcome: (client) => this.#welcome(client),
      refuse: (client) => refuse(client, `[${refusal()}]\r\n`),
    });
  };

  /** Sends everyone away, with a reason. */
  dismissAll(reason: string): void {
    for (const client of this.#clients) client.dismiss(reason);
    this.#clients.clear();
    this.#releaseHeld();
  }

  close(reason: string): void {
    this.#closed = true;
    this.#line.close();
    this.dismissAll(reason);
  }

  #welcome(socket: Socket): void {
    const client = new ClientEnd(
      socket,
      (data) => this.#input(client, data),
      () => {
        this.#clients.delete(client);
        this.#held.delete(client);
      },
    );
    this.#clients.add(client);
    client.send(this.#ring.replay());
    if (!this.#line.connected) client.tell(this.#off());
    socket.resume();
  }

  #input(client: ClientEnd, data: Uint8Array): void {
    this.#line.write(data);
    if (this.#line.waiting > MAX_INPUT_BYTES) {
      client.hold();
      this.#held.add(client);
    }
  }

  #output(chunk: Buffer): void {
    this.#ring.push(chunk);
    for (const client of this.#clients) client.send(chunk);
    this.#options.onOutput?.(chunk.length);
  }

  #releaseHeld(): void {
    for (const client of this.#held) client.release();
    this.#held.clear();
  }

  #off(): string {
    return `${this.#options.title()}: the node is off; this connection stays and goes on when it starts`;
  }

  #tellAll(text: string): void {
    for (const client of this.#clients) client.tell(text);
  }
}
