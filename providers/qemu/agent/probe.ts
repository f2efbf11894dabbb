import type { Ports } from "../../../src/core/ports.ts";
import { agentSocket } from "../names.ts";
import { AgentClient, AgentError } from "./client.ts";

/** A request that the guest lost, because it was reset say, is repeated. */
const REPEAT_MS = 2000;
const CONNECT_MS = 500;

/**
 * Whether the guest agent answers. One connection for as long as it is looked at: what is asked waits there until the
 * guest listens.
 */
export class AgentProbe {
  readonly #ports: Ports;
  readonly #path: string;
  #client: AgentClient | undefined;
  #asking = false;
  #answered = false;
  #seen = "it was not asked yet";

  constructor(ports: Ports, run: string, node: string) {
    this.#ports = ports;
    this.#path = `${run}/${agentSocket(node)}`;
  }

  /** What became of the last question, as the end of a sentence. */
  get seen(): string {
    return this.#seen;
  }

  /** True once it answered. Waits for no answer. */
  look(): boolean {
    if (!this.#answered && !this.#asking) {
      this.#asking = true;
      void this.#ask();
    }
    return this.#answered;
  }

  close(): void {
    this.#answered = true;
    this.#hangUp();
  }

  #hangUp(): void {
    this.#client?.close();
    this.#client = undefined;
  }

  async #ask(): Promise<void> {
    try {
      this.#client ??= await AgentClient.connect({ path: this.#path }, this.#ports, CONNECT_MS);
      await this.#client.sync(REPEAT_MS);
      this.#answered = true;
    } catch (error) {
      this.#seen = error instanceof Error ? error.message : String(error);
      // A silent agent may yet answer; a connection that ended does not.
      if (!(error instanceof AgentError && error.reason === "silent")) this.#hangUp();
    }
    this.#asking = false;
  }
}
