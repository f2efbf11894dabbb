import { setImmediate } from "node:timers/promises";
import { KeptNode } from "./node.ts";
import {
  checkNode,
  checkServe,
  KeeperError,
  type ListResult,
  type PingResult,
  PROTOCOL,
  type ServeRequest,
  type ServeResult,
} from "./protocol.ts";
import { watchNames } from "./watch.ts";

/** The nodes a keeper serves, and what it does when asked. Commands that change something run one after another. */
export class Keeper {
  readonly #directory: string;
  readonly #version: string;
  readonly #report: (fault: string) => void;
  readonly #nodes = new Map<string, KeptNode>();
  readonly #unwatch: () => void;
  #last: Promise<unknown> = Promise.resolve();

  /** `directory`: the run directory; `report`: told of faults of the host. */
  constructor(directory: string, version: string, report: (fault: string) => void) {
    this.#directory = directory;
    this.#version = version;
    this.#report = report;
    this.#unwatch = watchNames(directory, (name) => this.#poke(name), report);
  }

  /** Throws `KeeperError`. `stop` is the caller's. */
  async perform(command: string, fields: unknown): Promise<unknown> {
    switch (command) {
      case "ping":
        return { version: this.#version, pid: process.pid, nodes: this.#nodes.size } satisfies PingResult;
      case "list":
        // What QEMUs have said by now is heard first: sockets are read before an immediate's turn.
        await setImmediate();
        return {
          protocol: PROTOCOL,
          nodes: [...this.#nodes.values()].map((node) => node.status),
        } satisfies ListResult;
      case "serve": {
        const request = checkServe(fields);
        return await this.#inTurn(() => this.#serve(request));
      }
      case "release": {
        const node = checkNode(fields);
        return await this.#inTurn(() => this.#release(node));
      }
      default:
        throw new KeeperError("unknown-command", `unknown command ${JSON.stringify(command.slice(0, 64))}`);
    }
  }

  close(): void {
    this.#unwatch();
    for (const node of this.#nodes.values()) node.close("the keeper of this lab ends");
  }

  async #serve(request: ServeRequest): Promise<ServeResult> {
    const node = this.#nodes.get(request.node) ?? new KeptNode(this.#directory, request, this.#report);
    const own = new Map([...this.#nodes.values()].flatMap((one) => one.ports));
    const result = await node.serve(request, own);
    this.#nodes.set(request.node, node);
    return result;
  }

  async #release(name: string): Promise<Record<string, never>> {
    this.#nodes.get(name)?.close("the node is removed from the lab");
    this.#nodes.delete(name);
    return {};
  }

  #inTurn<T>(action: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(action);
    this.#last = turn.catch(() => {});
    return turn;
  }

  /** `name`: an entry of the run directory that changed; undefined when any may have. */
  #poke(name: string | undefined): void {
    if (name === undefined) for (const node of this.#nodes.values()) node.poke();
    else this.#nodes.get(name.slice(0, name.indexOf(".")))?.poke();
  }
}
