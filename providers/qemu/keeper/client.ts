import type { Connection, Sockets } from "../../../src/core/ports.ts";
import { LineReader } from "./lines.ts";
import {
  CONTROL_SOCKET,
  KeeperError,
  type KeeperErrorCode,
  type ListResult,
  MAX_LINE_BYTES,
  type PingResult,
  type ServeRequest,
  type ServeResult,
} from "./protocol.ts";

export {
  KeeperError,
  type ListResult,
  type PingResult,
  type ServeRequest,
  type ServeResult,
} from "./protocol.ts";

/**
 * The keeper counts as dead: nobody listens, it did not answer in time, it hung up, or what it said is no answer. Its
 * process may be alive all the same; it is to be killed and replaced.
 */
export class KeeperSilent extends Error {
  readonly command: string;
  /** Nobody listens on its socket. */
  get isGone(): boolean {
    const { code } = (this.cause ?? {}) as NodeJS.ErrnoException;
    return this.command === "connect" && (code === "ENOENT" || code === "ECONNREFUSED");
  }

  constructor(command: string, why: string, options?: ErrorOptions) {
    super(`the keeper ${why}`, options);
    this.name = "KeeperSilent";
    this.command = command;
  }
}

interface Waiting {
  readonly command: string;
  readonly settle: (answer: Answer | KeeperSilent) => void;
}

interface Answer {
  readonly id?: unknown;
  readonly result?: unknown;
  readonly error?: { readonly code: KeeperErrorCode; readonly message: string };
}

/**
 * labform's end of the keeper's control socket. Any number of requests may be made at the same time; they are
 * answered in order, so the time allowed starts anew with each answer.
 */
export class KeeperClient {
  readonly #connection: Connection;
  readonly #timeoutMs: number;
  readonly #waiting = new Map<number, Waiting>();
  #lastId = 0;
  #timer: NodeJS.Timeout | undefined;
  #lost: string | undefined;

  /** `timeoutMs` holds for the connection, and for each answer. Rejects with `KeeperSilent`. */
  static async connect(sockets: Sockets, run: string, timeoutMs = 1000): Promise<KeeperClient> {
    try {
      return new KeeperClient(await sockets.connect({ path: `${run}/${CONTROL_SOCKET}` }, timeoutMs), timeoutMs);
    } catch (cause) {
      const code = (cause as NodeJS.ErrnoException).code ?? String(cause);
      throw new KeeperSilent("connect", `does not listen on its socket (${code})`, { cause });
    }
  }

  private constructor(connection: Connection, timeoutMs: number) {
    this.#connection = connection;
    this.#timeoutMs = timeoutMs;
    void this.#read();
  }

  async ping(): Promise<PingResult> {
    return (await this.#request("ping", {})) as PingResult;
  }

  /** Rejects with `KeeperError` (`port-taken` and the like) when it cannot; then nothing has changed. */
  async serve(request: ServeRequest): Promise<ServeResult> {
    return (await this.#request("serve", request)) as ServeResult;
  }

  /** A node that is not served is a success. */
  async release(node: string): Promise<void> {
    await this.#request("release", { node });
  }

  async list(): Promise<ListResult> {
    return (await this.#request("list", {})) as ListResult;
  }

  /** Resolves when it has promised to exit. */
  async stop(): Promise<void> {
    await this.#request("stop", {});
  }

  close(): void {
    this.#lose("was not waited for");
    this.#connection.close();
  }

  async #request(command: string, fields: unknown): Promise<unknown> {
    if (this.#lost !== undefined) throw new KeeperSilent(command, this.#lost);
    const id = ++this.#lastId;
    const answer = await new Promise<Answer | KeeperSilent>((settle) => {
      this.#waiting.set(id, { command, settle });
      this.#timer ??= setTimeout(() => this.#giveUp(), this.#timeoutMs);
      this.#connection.write(`${JSON.stringify({ id, command, arguments: fields })}\n`);
    });
    if (answer instanceof KeeperSilent) throw answer;
    if (answer.error) throw new KeeperError(answer.error.code, answer.error.message);
    return answer.result;
  }

  async #read(): Promise<void> {
    const reader = new LineReader(MAX_LINE_BYTES);
    try {
      for await (const chunk of this.#connection.incoming) {
        for (const line of reader.push(chunk)) this.#take(line);
      }
      this.#lose("hung up");
    } catch (error) {
      this.#lose(`was lost: ${(error as Error).message}`);
    }
  }

  /** An answer nobody waits for any more is dropped. */
  #take(line: string | undefined): void {
    let answer: Answer | null;
    try {
      answer = JSON.parse(line ?? "") as Answer | null;
    } catch {
      this.#lose("said something that is no answer");
      return;
    }
    if (typeof answer?.id !== "number") return;
    this.#waiting.get(answer.id)?.settle(answer);
    this.#waiting.delete(answer.id);
    if (this.#waiting.size > 0) this.#timer?.refresh();
    else this.#stopTimer();
  }

  #giveUp(): void {
    this.#settleAll((command) => `did not answer "${command}" in ${this.#timeoutMs} ms`);
  }

  #lose(why: string): void {
    this.#lost ??= why;
    this.#settleAll(() => why);
  }

  #settleAll(why: (command: string) => string): void {
    this.#stopTimer();
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { command, settle } of waiting) settle(new KeeperSilent(command, why(command)));
  }

  #stopTimer(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
