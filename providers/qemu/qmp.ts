import type { Clock, Connection, Endpoint, Sockets } from "../../src/core/ports.ts";
import type { Json } from "../../src/core/values.ts";
import { LineReader } from "./keeper/lines.ts";

/*
 * The QEMU Machine Protocol (QEMU: docs/interop/qmp-spec.rst): one JSON document a line each way. The server greets,
 * the client asks for `qmp_capabilities`, then commands are answered by id while events come in between.
 */

export interface QmpEvent {
  readonly event: string;
  readonly data: { readonly [key: string]: Json };
}

export interface QmpOptions {
  readonly sockets: Sockets;
  readonly clock: Clock;
  /** For connecting, greeting and capabilities together. QEMU serves one client a socket: a second waits for the first. */
  readonly timeoutMs: number;
  readonly onEvent?: (event: QmpEvent) => void;
}

/** A command that was refused, or had no answer, with both sides of it. */
export class QmpError extends Error {
  readonly command: string;
  readonly answer: string | undefined;
  /** `refused`: QEMU said no. `silent`: no answer in time. `closed`: the connection ended. `garbled`: that is no QMP. */
  readonly reason: "refused" | "silent" | "closed" | "garbled";
  constructor(reason: QmpError["reason"], command: string, message: string, answer?: string) {
    super(message);
    this.name = "QmpError";
    this.reason = reason;
    this.command = command;
    this.answer = answer;
  }
}

interface Waiting {
  readonly command: string;
  readonly resolve: (result: Json) => void;
  readonly reject: (error: QmpError) => void;
}

/** QEMU's answers are small; whoever sends a longer line is no QEMU. */
const LONGEST_LINE = 4 * 1024 * 1024;
const GREETING = "(greeting)";
/** Of what is no QMP, as many characters are told. */
const SHOWN = 200;

export class QmpClient {
  readonly #connection: Connection;
  readonly #clock: Clock;
  readonly #onEvent: ((event: QmpEvent) => void) | undefined;
  readonly #waiting = new Map<number | typeof GREETING, Waiting>();
  #nextId = 1;
  #ended: QmpError | undefined;

  private constructor(connection: Connection, options: QmpOptions) {
    this.#connection = connection;
    this.#clock = options.clock;
    this.#onEvent = options.onEvent;
  }

  /** Rejects with `QmpError`, or with the connection's error (ECONNREFUSED, ENOENT, ETIMEDOUT). */
  static async connect(endpoint: Endpoint, options: QmpOptions): Promise<QmpClient> {
    const deadline = options.clock.monotonic() + options.timeoutMs;
    const left = () => Math.max(1, deadline - options.clock.monotonic());
    const connection = await options.sockets.connect(endpoint, options.timeoutMs);
    const client = new QmpClient(connection, options);
    const greeting = client.#expect(GREETING, GREETING, left());
    void client.#read();
    try {
      await greeting;
      await client.execute("qmp_capabilities", {}, left());
    } catch (error) {
      client.close();
      throw error;
    }
    return client;
  }

  /** The command's `return`. Rejects with `QmpError`. Several may be under way; QEMU answers them in order. */
  execute(command: string, args: { readonly [key: string]: Json } = {}, timeoutMs = 5000): Promise<Json> {
    const id = this.#nextId++;
    const answer = this.#expect(id, command, timeoutMs);
    if (!this.#ended) this.#connection.write(`${JSON.stringify({ execute: command, arguments: args, id })}\n`);
    return answer;
  }

  close(): void {
    this.#end(new QmpError("closed", "", "The connection was closed"));
  }

  #expect(id: number | typeof GREETING, command: string, timeoutMs: number): Promise<Json> {
    if (this.#ended) return Promise.reject(this.#endedFor(command, this.#ended));
    const timer = new AbortController();
    const answer = new Promise<Json>((resolve, reject) => this.#waiting.set(id, { command, resolve, reject })).finally(
      () => timer.abort(),
    );
    this.#clock.sleep(timeoutMs, timer.signal).then(
      () => {
        const waiting = this.#waiting.get(id);
        this.#waiting.delete(id);
        const what = id === GREETING ? "QEMU did not greet" : `QEMU did not answer ${command}`;
        waiting?.reject(new QmpError("silent", command, `${what} within ${(timeoutMs / 1000).toPrecision(2)} s`));
      },
      () => undefined,
    );
    return answer;
  }

  async #read(): Promise<void> {
    const reader = new LineReader(LONGEST_LINE);
    try {
      for await (const chunk of this.#connection.incoming) {
        for (const line of reader.push(chunk)) this.#receive(line ?? "(too long)");
        if (reader.tooLong) throw garbled("(too long)");
        if (this.#ended) return;
      }
      this.#end(new QmpError("closed", "", "QEMU closed its control socket"));
    } catch (error) {
      this.#end(
        error instanceof QmpError
          ? error
          : new QmpError("closed", "", `QEMU's control socket failed: ${String(error)}`),
      );
    }
  }

  #receive(line: string): void {
    if (line === "") return;
    const message = parseMessage(line);
    if ("QMP" in message) return this.#settle(GREETING, message["QMP"] ?? null);
    if (typeof message["event"] === "string") {
      const data = message["data"];
      this.#onEvent?.({
        event: message["event"],
        data: data !== null && typeof data === "object" && !Array.isArray(data) ? (data as QmpEvent["data"]) : {},
      });
      return;
    }
    const id = message["id"];
    if ("return" in message && typeof id === "number") return this.#settle(id, message["return"] ?? null);
    if ("error" in message) return this.#refuse(id, message["error"] ?? null, line);
    throw garbled(line);
  }

  #settle(id: number | typeof GREETING, result: Json): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    waiting?.resolve(result);
  }

  /** An error without id is QEMU's answer to a line it could not read; the only line under way is the oldest. */
  #refuse(id: Json | undefined, error: Json, line: string): void {
    const key = typeof id === "number" ? id : this.#waiting.keys().next().value;
    const waiting = key === undefined ? undefined : this.#waiting.get(key);
    if (key === undefined || !waiting) return;
    this.#waiting.delete(key);
    const description =
      error !== null && typeof error === "object" && "desc" in error ? String(error.desc) : JSON.stringify(error);
    waiting.reject(new QmpError("refused", waiting.command, `QEMU refused ${waiting.command}: ${description}`, line));
  }

  #end(error: QmpError): void {
    if (this.#ended) return;
    this.#ended = error;
    this.#connection.close();
    for (const waiting of this.#waiting.values()) waiting.reject(this.#endedFor(waiting.command, error));
    this.#waiting.clear();
  }

  #endedFor(command: string, error: QmpError): QmpError {
    const when = command === GREETING ? "before its greeting" : `when it was asked ${command}`;
    return new QmpError(error.reason, command, `${error.message} ${when}`, error.answer);
  }
}

function parseMessage(line: string): { readonly [key: string]: Json } {
  let message: unknown;
  try {
    message = JSON.parse(line);
  } catch {
    throw garbled(line);
  }
  if (message === null || typeof message !== "object" || Array.isArray(message)) throw garbled(line);
  return message as { readonly [key: string]: Json };
}

function garbled(line: string): QmpError {
  const shown = JSON.stringify(line.slice(0, SHOWN));
  return new QmpError("garbled", "", `QEMU said what is no QMP, ${shown},`, line.slice(0, SHOWN));
}
