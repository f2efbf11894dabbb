import type { Ports } from "../../../src/core/ports.ts";
import { KeeperClient, KeeperError, KeeperSilent } from "../keeper/client.ts";
import type { ServedNode } from "../keeper/protocol.ts";
import type { Served } from "./serve.ts";

/** A keeper answers in a millisecond; this and QEMU's limit together keep a read within a second. */
const ANSWER_MS = 800;

/** The keeper as one read sees it: asked once, when first needed, for everything. */
export class KeeperSight {
  readonly #ports: Pick<Ports, "sockets" | "clock">;
  readonly #run: string;
  #listed: Promise<Listed | undefined> | undefined;

  constructor(ports: Pick<Ports, "sockets" | "clock">, run: string) {
    this.#ports = ports;
    this.#run = run;
  }

  async answers(): Promise<boolean> {
    return (await this.#list()) !== undefined;
  }

  /** The ports it serves for a node, undefined when it serves none; "unknown" when it does not answer. */
  async ports(node: string): Promise<Served | undefined | "unknown"> {
    const listed = await this.#list();
    return listed ? listed.get(node) : "unknown";
  }

  /** Whether a node's guest stands still; undefined when the keeper does not know, or does not answer. */
  async paused(node: string): Promise<boolean | undefined> {
    return (await this.#list())?.get(node)?.paused ?? undefined;
  }

  #list(): Promise<Listed | undefined> {
    this.#listed ??= this.#ask();
    return this.#listed;
  }

  async #ask(): Promise<Listed | undefined> {
    let keeper: KeeperClient | undefined;
    try {
      keeper = await KeeperClient.connect(this.#ports.sockets, this.#run, ANSWER_MS);
      const { nodes } = await keeper.list();
      return new Map(nodes.map((one) => [one.node, one]));
    } catch (error) {
      if (error instanceof KeeperSilent || error instanceof KeeperError) return undefined;
      throw error;
    } finally {
      keeper?.close();
    }
  }
}

type Listed = ReadonlyMap<string, ServedNode>;
