import type { Front } from "./front.ts";
import { type Listener, listen } from "./listen.ts";
import type { PortRequest, ServedPort } from "./protocol.ts";

/** A change of a door that has its port already, and is made or given up without a chance to fail. */
interface PreparedDoor {
  commit(): void;
  rollback(): void;
}

/**
 * A TCP port and the line behind it. It may be moved to another port while clients are connected; they stay, unless
 * it moves to another address, which may mean to be rid of some.
 */
export class Door {
  readonly #makeFront: () => Front;
  #front: Front | undefined;
  #listener: Listener | undefined;

  constructor(makeFront: () => Front) {
    this.#makeFront = makeFront;
  }

  get front(): Front | undefined {
    return this.#front;
  }

  get served(): ServedPort | null {
    return this.#listener ? { host: this.#listener.host, port: this.#listener.port } : null;
  }

  /** Throws `KeeperError`, and then nothing has changed. */
  async prepare(request: PortRequest | null, own: ReadonlyMap<number, string>): Promise<PreparedDoor> {
    if (request === null) return { commit: () => this.close("no longer served"), rollback: () => {} };
    if (this.#listener && satisfies(this.#listener, request)) return { commit: () => {}, rollback: () => {} };
    const listener = await listen(request, own, (socket) => {
      if (this.#front) this.#front.admit(socket);
      else socket.destroy();
    });
    return {
      commit: () => {
        const previous = this.#listener;
        this.#listener = listener;
        this.#front ??= this.#makeFront();
        previous?.server.close();
        if (previous && previous.host !== listener.host) {
          this.#front.dismissAll(`moved to ${listener.host} port ${listener.port}`);
        }
        this.#front.poke();
      },
      rollback: () => listener.server.close(),
    };
  }

  close(reason: string): void {
    this.#listener?.server.close();
    this.#front?.close(reason);
    this.#listener = undefined;
    this.#front = undefined;
  }
}

function satisfies(listener: Listener, { host, port, range }: PortRequest): boolean {
  if (listener.host !== host) return false;
  return port === null ? listener.port >= range[0] && listener.port <= range[1] : listener.port === port;
}
