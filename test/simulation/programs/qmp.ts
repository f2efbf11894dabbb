import { LineReader } from "../../../providers/qemu/keeper/lines.ts";
import type { Json } from "../../../src/core/values.ts";
import type { End } from "../host/network.ts";

type Reply = { readonly return: Json } | { readonly error: { readonly class: string; readonly desc: string } };
type Execute = (command: string, args: { readonly [name: string]: Json }) => Reply;

/** QEMU's side of a QMP socket: one client is greeted at a time, the others wait in the kernel's queue. */
export class QmpServer {
  readonly #execute: Execute;
  readonly #queue: End[] = [];
  #client: End | undefined;
  #negotiated = false;

  constructor(execute: Execute) {
    this.#execute = execute;
  }

  accept(end: End): void {
    end.onClose = () => this.#leave(end);
    this.#queue.push(end);
    this.#next();
  }

  event(event: string, data: { readonly [name: string]: Json }, nowMs: number): void {
    const timestamp = { seconds: Math.floor(nowMs / 1000), microseconds: Math.floor((nowMs % 1000) * 1000) };
    if (this.#negotiated) this.#client?.send(`${JSON.stringify({ timestamp, event, data })}\r\n`);
  }

  #next(): void {
    if (this.#client) return;
    const client = this.#queue.shift();
    if (!client) return;
    this.#client = client;
    this.#negotiated = false;
    const reader = new LineReader(1024 * 1024);
    client.onData = (bytes) => {
      for (const line of reader.push(bytes)) if (line) client.send(`${JSON.stringify(this.#answer(line))}\r\n`);
    };
    client.send(
      `${JSON.stringify({ QMP: { version: { qemu: { major: 7, minor: 2, micro: 22 } }, capabilities: [] } })}\r\n`,
    );
  }

  #answer(line: string): object {
    const {
      execute,
      arguments: args = {},
      id,
    } = JSON.parse(line) as {
      execute: string;
      arguments?: { readonly [name: string]: Json };
      id?: Json;
    };
    const echoed = id === undefined ? {} : { id };
    if (execute === "qmp_capabilities") {
      this.#negotiated = true;
      return { return: {}, ...echoed };
    }
    if (this.#negotiated) return { ...this.#execute(execute, args), ...echoed };
    return { error: { class: "CommandNotFound", desc: "Expecting capabilities negotiation" }, ...echoed };
  }

  #leave(end: End): void {
    const waiting = this.#queue.indexOf(end);
    if (waiting !== -1) this.#queue.splice(waiting, 1);
    if (this.#client !== end) return;
    this.#client = undefined;
    this.#next();
  }
}
