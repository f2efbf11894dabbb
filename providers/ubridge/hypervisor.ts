import type { Clock, Connection } from "../../src/core/ports.ts";

/** A command that gets no answer in this time gets none: the bridge hangs. */
export const ANSWER_MS = 2000;

/** No reply line of uBridge is near this long; more is no uBridge. */
const LINE_LIMIT = 64 * 1024;

/** Blanks are read with the next request's line; after so many without one, waiting is no matter. */
const BLANKS_MOST = 1000;

export interface Reply {
  readonly command: string;
  /** 100 is success; uBridge's hypervisor.h has the others. */
  readonly code: number;
  readonly text: string;
  /** The data lines before it, without their codes. */
  readonly lines: readonly string[];
}

/** No answer in time: the bridge hangs. */
export class HypervisorSilent extends Error {
  readonly command: string;
  constructor(command: string) {
    super(`no answer to "${command}" in ${ANSWER_MS / 1000} s`);
    this.name = "HypervisorSilent";
    this.command = command;
  }
}

/** The conversation ended before the answer, or what came is no answer. */
export class HypervisorLost extends Error {
  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = "HypervisorLost";
  }
}

interface Waiting {
  readonly command: string;
  readonly sentMs: number;
  readonly lines: string[];
  resolve(reply: Reply): void;
  reject(error: Error): void;
}

/**
 * One conversation in uBridge's hypervisor protocol: a request is a line of words, its reply any number of data lines
 * (`101 text`) and a last one (`NNN-text`). There is no greeting; requests may be sent before earlier ones are answered.
 *
 * Over TCP uBridge's kernel holds each next line back until the one before is acknowledged, which a client that only
 * listens does after 40 ms. Who says something acknowledges at once: a blank, which is a part of no word.
 */
export class Hypervisor {
  private readonly connection: Connection;
  private readonly clock: Clock;
  private readonly acknowledges: boolean;
  /** Since the last request. */
  private blanks = 0;
  private readonly waiting: Waiting[] = [];
  private readonly idle = new AbortController();
  private lastHeardMs = 0;
  private watching = false;
  private ended: Error | undefined;

  constructor(connection: Connection, clock: Clock, transport: "unix" | "tcp") {
    this.connection = connection;
    this.clock = clock;
    this.acknowledges = transport === "tcp";
    void this.listen();
  }

  /**
   * Rejects with HypervisorSilent or HypervisorLost; every code is an answer. Replies and errors call the command
   * `shown`, where what is in it must not be shown.
   */
  request(words: readonly string[], shown: readonly string[] = words): Promise<Reply> {
    const line = formatCommand(words);
    const command = formatCommand(shown);
    if (this.ended) return Promise.reject(this.ended);
    const answer = new Promise<Reply>((resolve, reject) => {
      this.waiting.push({ command, sentMs: this.clock.monotonic(), lines: [], resolve, reject });
    });
    // Of many requests under way the caller may be looking at the first when all of them fail.
    answer.catch(() => {});
    this.connection.write(`${line}\n`);
    this.blanks = 0;
    if (!this.watching) void this.watchForSilence();
    return answer;
  }

  /**
   * Takes leave. uBridge 0.9 keeps a descriptor for good for each client that just vanishes.
   */
  async close(): Promise<void> {
    if (!this.ended) await this.request(["hypervisor", "close"]).catch(() => {});
    this.end(new HypervisorLost("the conversation was closed"));
  }

  private async listen(): Promise<void> {
    const decoder = new TextDecoder("utf-8");
    let rest = "";
    try {
      for await (const chunk of this.connection.incoming) {
        this.lastHeardMs = this.clock.monotonic();
        const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
        rest = lines.pop() ?? "";
        for (const line of lines) this.hear(line.endsWith("\r") ? line.slice(0, -1) : line);
        if (rest.length > LINE_LIMIT) throw new HypervisorLost("what it sends is no answer of a uBridge");
        if (this.ended) return;
        this.acknowledge();
      }
      this.end(new HypervisorLost("it ended the conversation"));
    } catch (error) {
      const lost = error instanceof HypervisorLost;
      this.end(lost ? error : new HypervisorLost(`the conversation broke off: ${messageOf(error)}`, { cause: error }));
    }
  }

  private acknowledge(): void {
    if (!this.acknowledges || this.waiting.length === 0 || this.blanks === BLANKS_MOST) return;
    this.blanks++;
    this.connection.write(" ");
  }

  private hear(line: string): void {
    const match = /^(\d{3})([ -])(.*)$/s.exec(line);
    const first = this.waiting[0];
    if (!match || !first) throw new HypervisorLost(`it sent what is no answer: ${JSON.stringify(line.slice(0, 80))}`);
    const text = match[3] as string;
    if (match[2] === " ") {
      first.lines.push(text);
      return;
    }
    this.waiting.shift();
    first.resolve({ command: first.command, code: Number(match[1]), text, lines: first.lines });
  }

  private async watchForSilence(): Promise<void> {
    this.watching = true;
    try {
      for (let first = this.waiting[0]; first && !this.ended; first = this.waiting[0]) {
        const deadline = Math.max(first.sentMs, this.lastHeardMs) + ANSWER_MS;
        const left = deadline - this.clock.monotonic();
        if (left <= 0) return this.end(new HypervisorSilent(first.command));
        await this.clock.sleep(left, this.idle.signal);
      }
    } catch {
      // The conversation ended; there is nothing to watch.
    } finally {
      this.watching = false;
    }
  }

  private end(error: Error): void {
    if (this.ended) return;
    this.ended = error;
    this.idle.abort();
    for (const one of this.waiting.splice(0)) one.reject(error);
    this.connection.close();
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/**
 * Words as a line. uBridge has no escapes, takes `#` and `!` outside of quotes for comments and drops empty words, so
 * what cannot be said is refused here: it would be another command.
 */
function formatCommand(words: readonly string[]): string {
  return words
    .map((word) => {
      if (/^[\w./:@%+=,-]+$/.test(word)) return word;
      // Line ends and zeros must not pass.
      if (word === "" || /["\r\n\x00]/.test(word)) {
        throw new Error(`${JSON.stringify(word)} cannot be an argument of a uBridge command`);
      }
      return `"${word}"`;
    })
    .join(" ");
}
