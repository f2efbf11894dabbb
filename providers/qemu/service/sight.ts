import type { Ports } from "../../../src/core/ports.ts";
import { KeeperClient, KeeperError, KeeperSilent } from "../keeper/client.ts";
import type { ServedNode } from "../keeper/protocol.ts";
import { PROTOCOL } from "../keeper/protocol.ts";
import type { Served } from "./serve.ts";

/** A keeper answers in a millisecond; this and QEMU's limit together keep a read within a second. */
const ANSWER_MS = 800;

/** The keeper as one read sees it: asked once, when first needed, for everything. */
export class KeeperSight {
  readonly #ports: Pick<Ports, "sockets" | "clock">;
  readonly #run: string;
  #seen: Promise<Seen> | undefined;

  constructor(ports: Pick<Ports, "sockets" | "clock">, run: string) {
    this.#ports = ports;
    this.#run = run;
  }

  /** `gone`: nobody listens on its socket. `other`: one of another version of labform, which is not asked anything. */
  async state(): Promise<"answers" | "silent" | "gone" | "other"> {
    const seen = await this.#see();
    return typeof seen === "string" ? seen : "answers";
  }

  /** The ports it serves for a node, undefined when it serves none; "unknown" when it does not answer. */
  async ports(node: string): Promise<Served | undefined | "unknown"> {
    const seen = await this.#see();
    return typeof seen === "string" ? "unknown" : seen.get(node);
  }

  /** Whether a node's guest stands still; undefined when the keeper does not know, or does not answer. */
  async paused(node: string): Promise<boolean | undefined> {
    const seen = await this.#see();
    return typeof seen === "string" ? undefined : (seen.get(node)?.paused ?? undefined);
  }

  #see(): Promise<Seen> {
    this.#seen ??= this.#ask();
    return this.#seen;
  }

  async #ask(): Promise<Seen> {
    let keeper: KeeperClient | undefined;
    try {
      keeper = await KeeperClient.connect(this.#ports.sockets, this.#run, ANSWER_MS);
      const { protocol, nodes } = await keeper.list();
      return protocol === PROTOCOL ? new Map(nodes.map((one) => [one.node, one])) : "other";
    } catch (error) {
      if (error instanceof KeeperSilent) return error.isGone ? "gone" : "silent";
      if (error instanceof KeeperError) return "silent";
      throw error;
    } finally {
      keeper?.close();
    }
  }
}

type Seen = ReadonlyMap<string, ServedNode> | "silent" | "gone" | "other";
