import type { Socket } from "node:net";
import { CONSOLE_HOST, TelnetEnd } from "../../../src/core/telnet.ts";
import { Outbox } from "./outbox.ts";

/** A client this far behind is cut. */
const MAX_WAITING_BYTES = 256 * 1024;

/** One admitted telnet client of a console or monitor. */
export class ClientEnd {
  readonly #socket: Socket;
  readonly #telnet = new TelnetEnd(CONSOLE_HOST);
  readonly #outbox: Outbox;

  /** `onInput` is given what was typed; `onClose` is called once, whatever ended it. */
  constructor(socket: Socket, onInput: (data: Uint8Array) => void, onClose: () => void) {
    this.#socket = socket;
    this.#outbox = new Outbox(socket);
    this.#write(this.#telnet.opening());
    socket.on("data", (chunk) => {
      const { data, reply } = this.#telnet.receive(chunk);
      this.#write(reply);
      if (data.length > 0) onInput(data);
    });
    socket.on("close", onClose);
  }

  send(data: Uint8Array): void {
    this.#write(this.#telnet.send(data));
  }

  /** A line of the keeper's own, apart from what the guest wrote. */
  tell(text: string): void {
    this.send(Buffer.from(`\r\n[${text}]\r\n`));
  }

  /** Nothing more is read from it for now. */
  hold(): void {
    this.#socket.pause();
  }

  release(): void {
    this.#socket.resume();
  }

  /** After a last word, which a client that reads still gets. */
  dismiss(text: string): void {
    this.tell(text);
    this.#outbox.end();
    awaitFarewell(this.#socket);
  }

  #write(wire: Uint8Array): void {
    this.#outbox.write(wire);
    if (this.#outbox.length > MAX_WAITING_BYTES) this.#socket.destroy();
  }
}

/** Sends away a client that was never admitted, with a last word. */
export function refuse(socket: Socket, word: string | Uint8Array): void {
  socket.end(word);
  awaitFarewell(socket);
}

/** How long a client that is sent away may take to read why. */
export const FAREWELL_MS = 1000;

/** Input is read on, unheeded: unread, it would reset the connection and lose the last word. */
function awaitFarewell(socket: Socket): void {
  socket.removeAllListeners("data");
  socket.on("data", () => {});
  socket.resume();
  const timer = setTimeout(() => socket.destroy(), FAREWELL_MS);
  socket.on("close", () => clearTimeout(timer));
}
