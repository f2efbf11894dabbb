import type { Clock, Connection, Endpoint, Random, Sockets } from "../../../src/core/ports.ts";
import type { Json } from "../../../src/core/values.ts";
import { LineReader } from "../keeper/lines.ts";

/*
 * The QEMU Guest Agent's protocol (QEMU: docs/interop/qemu-ga-ref): JSON documents, one a line each way, without a
 * greeting. Between QEMU and the guest lies a serial port, so what an earlier client asked may be answered now: each
 * client first sends `guest-sync-delimited` and passes over all that comes before a byte 0xFF and its own number.
 */

/** An answer that is no result, or none at all. */
export class AgentError extends Error {
  /** `refused`: the agent said no. `silent`: no answer in time. `closed`: QEMU ended the connection. */
  readonly reason: "refused" | "silent" | "closed";
  /** The agent's own word for what it refused: `CommandNotFound`. */
  readonly kind: string;
  constructor(reason: AgentError["reason"], message: string, kind = "") {
    super(message);
    this.name = "AgentError";
    this.reason = reason;
    this.kind = kind;
  }
}

/** Twice the 16 MiB that the agent keeps of an output, in base64, and what stands around them. */
const LONGEST_ANSWER = 48 * 1024 * 1024;
/** 0xFF, which is in no text, as it is read in one. */
const SENTINEL = "\ufffd";

interface AgentPorts {
  readonly sockets: Sockets;
  readonly clock: Clock;
  readonly random: Random;
}

/** One connection to an agent. QEMU serves one client at a time: hold it for an exchange, not for longer. */
export class AgentClient {
  readonly #connection: Connection;
  readonly #ports: AgentPorts;
  readonly #reader = new LineReader(LONGEST_ANSWER);
  #take: ((line: string) => void) | undefined;
  #end: ((error: AgentError) => void) | undefined;
  #ended: AgentError | undefined;
  /** Counts what came, so that a long answer on a slow line is told from silence. */
  #heard = 0;
  #number: number;

  private constructor(connection: Connection, ports: AgentPorts) {
    this.#connection = connection;
    this.#ports = ports;
    this.#number = 1 + ports.random.integer(1_000_000_000);
    void this.#read();
  }

  /** Rejects with the connection's error. */
  static async connect(endpoint: Endpoint, ports: AgentPorts, timeoutMs: number): Promise<AgentClient> {
    return new AgentClient(await ports.sockets.connect(endpoint, timeoutMs), ports);
  }

  /** Resolves once the agent answers. Rejects with `AgentError`; may then be tried again. */
  async sync(timeoutMs: number): Promise<void> {
    const number = this.#number++;
    // The byte has the agent drop a request that an earlier client left half written.
    const request = `\xff${JSON.stringify({ execute: "guest-sync-delimited", arguments: { id: number } })}\n`;
    await this.#ask(Buffer.from(request, "latin1"), timeoutMs, (line) => {
      const at = line.lastIndexOf(SENTINEL);
      return at !== -1 && messageOf(line.slice(at + 1))?.["return"] === number ? null : undefined;
    });
  }

  /** The command's `return`. Rejects with `AgentError`. `timeoutMs` is that of silence. */
  async execute(command: string, args: { readonly [name: string]: Json }, timeoutMs: number): Promise<Json> {
    return await this.#ask(`${JSON.stringify({ execute: command, arguments: args })}\n`, timeoutMs, (line) => {
      const message = messageOf(line);
      if (!message) return undefined;
      if (message["return"] !== undefined) return message["return"];
      const error = message["error"] as { readonly class?: Json; readonly desc?: Json } | undefined;
      if (error) throw new AgentError("refused", String(error.desc), String(error.class));
      return undefined;
    });
  }

  close(): void {
    this.#finish(new AgentError("closed", "The connection was closed"));
  }

  /** One request at a time. `settle` gives the answer, undefined where the line is none to it, and throws a refusal. */
  async #ask(
    request: string | Uint8Array,
    timeoutMs: number,
    settle: (line: string) => Json | undefined,
  ): Promise<Json> {
    if (this.#ended) throw this.#ended;
    const timer = new AbortController();
    try {
      return await new Promise<Json>((resolve, reject) => {
        this.#end = reject;
        this.#take = (line) => {
          try {
            const answer = settle(line);
            if (answer !== undefined) resolve(answer);
          } catch (error) {
            reject(error);
          }
        };
        void this.#untilSilent(timeoutMs, timer.signal).then(reject, () => undefined);
        this.#connection.write(request);
      });
    } finally {
      timer.abort();
      this.#take = undefined;
      this.#end = undefined;
    }
  }

  async #untilSilent(timeoutMs: number, signal: AbortSignal): Promise<AgentError> {
    for (let heard = -1; heard !== this.#heard; ) {
      heard = this.#heard;
      await this.#ports.clock.sleep(timeoutMs, signal);
    }
    return new AgentError("silent", `The guest agent said nothing for ${(timeoutMs / 1000).toPrecision(2)} s`);
  }

  async #read(): Promise<void> {
    try {
      for await (const chunk of this.#connection.incoming) {
        this.#heard++;
        for (const line of this.#reader.push(Buffer.from(chunk))) this.#take?.(line ?? "");
        if (this.#ended) return;
      }
      this.#finish(new AgentError("closed", "QEMU closed the guest agent's connection"));
    } catch (error) {
      this.#finish(new AgentError("closed", `The guest agent's connection failed: ${String(error)}`));
    }
  }

  #finish(error: AgentError): void {
    if (this.#ended) return;
    this.#ended = error;
    this.#connection.close();
    this.#end?.(error);
  }
}

function messageOf(line: string): { readonly [key: string]: Json } | undefined {
  try {
    const message: unknown = JSON.parse(line);
    return typeof message === "object" && message !== null ? (message as { readonly [key: string]: Json }) : undefined;
  } catch {
    return undefined;
  }
}
