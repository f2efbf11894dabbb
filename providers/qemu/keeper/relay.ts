import { connect, type Socket } from "node:net";
import { admit } from "./admission.ts";
import { FAREWELL_MS, refuse } from "./client-end.ts";
import type { Behind } from "./door.ts";

interface RelayOptions {
  /** QEMU's Unix socket. */
  readonly path: string;
  readonly type: "vnc" | "spice";
  /** `console of node.r1`, as it is now. */
  readonly title: () => string;
  readonly openToAll: () => boolean;
  /** What a refused client is told. */
  readonly refusal: () => string;
}

/**
 * A screen of QEMU. Each client has a connection of its own to QEMU's socket, and what it does not read is not read of
 * QEMU either: that holds a buffer of its own for each client, bounded, and lets the guest go on. So a client costs the
 * keeper two pieces of memory, whatever it does.
 */
export class Relay implements Behind {
  readonly #options: RelayOptions;
  readonly #clients = new Set<Socket>();
  #closed = false;

  constructor(options: RelayOptions) {
    this.#options = options;
  }

  readonly admit = (socket: Socket): void => {
    const { openToAll, refusal } = this.#options;
    admit(socket, {
      openToAll,
      isClosed: () => this.#closed,
      welcome: (client) => this.#welcome(client),
      refuse: (client) => this.#turnAway(client, refusal()),
    });
  };

  /** Nothing waits for QEMU here: a client comes when it is there. */
  poke(): void {}

  /** A screen's client can be told nothing once it is connected. */
  dismissAll(_reason: string): void {
    for (const client of this.#clients) client.destroy();
  }

  close(reason: string): void {
    this.#closed = true;
    this.dismissAll(reason);
  }

  #welcome(client: Socket): void {
    const machine = connect(this.#options.path);
    let isThere = false;
    this.#clients.add(client);
    machine.on("connect", () => {
      isThere = true;
      client.pipe(machine);
      machine.pipe(client);
    });
    machine.on("error", () => {});
    machine.on("close", () => {
      if (isThere) endSoon(client);
      else this.#turnAway(client, `${this.#options.title()}: the node is off`);
    });
    client.on("close", () => {
      this.#clients.delete(client);
      machine.destroy();
    });
  }

  /** In a way that its viewer can show, where the protocol has one. */
  #turnAway(client: Socket, why: string): void {
    if (!client.destroyed) refuse(client, this.#options.type === "vnc" ? failedHandshake(why) : `[${why}]\r\n`);
  }
}

/**
 * RFB 3.8 (RFC 6143, 7.1.2): a server that offers no security type says why. All of it at once, for a client that says
 * nothing gets its answer too.
 */
function failedHandshake(why: string): Buffer {
  const text = Buffer.from(why);
  const length = Buffer.alloc(5);
  length.writeUInt32BE(text.length, 1);
  return Buffer.concat([Buffer.from("RFB 003.008\n"), length, text]);
}

/** What QEMU said last is still written, to a client that reads. */
function endSoon(client: Socket): void {
  client.end();
  const timer = setTimeout(() => client.destroy(), FAREWELL_MS);
  client.on("close", () => clearTimeout(timer));
}
