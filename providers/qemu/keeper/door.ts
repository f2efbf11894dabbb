import type { Socket } from "node:net";
import { type Listener, listen } from "./listen.ts";
import type { PortRequest, ServedPort } from "./protocol.ts";

/** What clients who come through a door are led to. */
export interface Behind {
  /** Takes a fresh, unread connection; it is let in once its account is known. */
  readonly admit: (socket: Socket) => void;
  /** QEMU's socket may be there now. */
  poke(): void;
  /** Sends everyone away, with a reason. */
  dismissAll(reason: string): void;
  close(reason: string): void;
}

/** A kind of such, and how one is made. */
interface Wanted {
  readonly type: string;
  readonly make: () => Behind;
}

/** A change of a door that has its port already, and is made or given up without a chance to fail. */
interface PreparedDoor {
  commit(): void;
  rollback(): void;
}

/**
 * A TCP port and what is behind it. It may be moved to another port while clients are connected; they stay, unless
 * it moves to another address, which may mean to be rid of some.
 */
export class Door {
  #type: string | undefined;
  #behind: Behind | undefined;
  #listener: Listener | undefined;

  leadsTo(type: string): boolean {
    return this.#type === type;
  }

  /** QEMU's socket may be there now. */
  poke(): void {
    this.#behind?.poke();
  }

  dismissAll(reason: string): void {
    this.#behind?.dismissAll(reason);
  }

  get served(): ServedPort | null {
    return this.#listener ? { host: this.#listener.host, port: this.#listener.port } : null;
  }

  /** Throws `KeeperError`, and then nothing has changed. */
  async prepare(request: PortRequest | null, own: ReadonlyMap<number, string>, wanted: Wanted): Promise<PreparedDoor> {
    if (request === null) return { commit: () => this.close("no longer served"), rollback: () => {} };
    if (this.#listener && satisfies(this.#listener, request)) {
      return { commit: () => this.#lead(wanted), rollback: () => {} };
    }
    const listener = await listen(request, own, (socket) => {
      if (this.#behind) this.#behind.admit(socket);
      else socket.destroy();
    });
    return {
      commit: () => {
        const previous = this.#listener;
        this.#listener = listener;
        this.#lead(wanted);
        previous?.server.close();
        if (previous && previous.host !== listener.host) {
          this.#behind?.dismissAll(`moved to ${listener.host} port ${listener.port}`);
        }
      },
      rollback: () => listener.server.close(),
    };
  }

  close(reason: string): void {
    this.#listener?.server.close();
    this.#behind?.close(reason);
    this.#listener = undefined;
    this.#behind = undefined;
    this.#type = undefined;
  }

  #lead({ type, make }: Wanted): void {
    if (this.#behind && this.#type === type) return;
    this.#behind?.close("this console has become another");
    this.#behind = make();
    this.#type = type;
    this.#behind.poke();
  }
}

function satisfies(listener: Listener, { host, port, range }: PortRequest): boolean {
  if (listener.host !== host) return false;
  return port === null ? listener.port >= range[0] && listener.port <= range[1] : listener.port === port;
}
