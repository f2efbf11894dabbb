import { connect, type Socket } from "node:net";
import { stripVTControlCharacters } from "node:util";

/** A plain telnet client, as any other program would be one: it answers no negotiation. */
export class TelnetClient {
  readonly #socket: Socket;
  #text = "";
  #ended = false;
  #wake: () => void = () => {};

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (chunk: Buffer) => {
      this.#text += withoutCommands(chunk).toString("latin1");
      this.#wake();
    });
    socket.on("close", () => {
      this.#ended = true;
      this.#wake();
    });
    socket.on("error", () => {});
  }

  static connect(host: string, port: number): Promise<TelnetClient> {
    return new Promise((resolve, reject) => {
      const socket = connect({ host, port });
      socket.once("error", reject);
      socket.once("connect", () => resolve(new TelnetClient(socket)));
    });
  }

  send(text: string): void {
    this.#socket.write(text);
  }

  /** Everything shown so far. */
  get text(): string {
    return stripVTControlCharacters(this.#text);
  }

  /** Resolves with all that was shown once `pattern` is in what came after `from`; throws with it after `ms`. */
  async expect(pattern: RegExp, ms = 30_000, from = 0): Promise<string> {
    const deadline = Date.now() + ms;
    for (;;) {
      if (pattern.test(this.text.slice(from))) return this.text.slice(from);
      const left = deadline - Date.now();
      if (left <= 0 || this.#ended)
        throw new Error(`${pattern} did not come${this.#ended ? " before the end" : ""}:\n${this.text.slice(from)}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  /**
   * Types a command and answers with what it shows. The marks are computed by the guest's shell, so neither the echo of
   * what was typed nor what an earlier client saw is taken for them.
   */
  async command(line: string, ms = 60_000): Promise<string> {
    const mark = Math.floor(Math.random() * 1e9);
    this.send(`echo begin-$((${mark}+1)); ${line}; echo end-$((${mark}+2))\n`);
    const text = await this.expect(new RegExp(`end-${mark + 2}`), ms);
    return text.slice(text.indexOf(`begin-${mark + 1}`), text.indexOf(`end-${mark + 2}`));
  }

  close(): void {
    this.#socket.destroy();
  }
}

/** Telnet's IAC commands of two and three bytes taken out (RFC 854); a command never comes in two chunks here. */
function withoutCommands(chunk: Buffer): Buffer {
  const kept: number[] = [];
  for (let at = 0; at < chunk.length; at++) {
    if (chunk[at] !== 255) kept.push(chunk[at] as number);
    else if (chunk[at + 1] === 255) kept.push(chunk[++at] as number);
    else at += (chunk[at + 1] ?? 0) >= 251 ? 2 : 1;
  }
  return Buffer.from(kept);
}
