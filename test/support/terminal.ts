import { resolve } from "node:path";
import process from "node:process";
import type { IPty } from "@lydell/node-pty";
import { spawn } from "@lydell/node-pty";
import type { Screen } from "./emulator.ts";
import { Emulator, trimmed } from "./emulator.ts";
import type { TestLab } from "./lab.ts";

/** labform on a terminal of its own, as a user at the keyboard has it. */
export class TerminalRun {
  readonly #pty: IPty;
  readonly #emulator: Emulator;
  readonly #ended: Promise<number>;
  #written: Promise<void> = Promise.resolve();
  #listeners: (() => void)[] = [];

  /** On 80 columns and 24 rows. `command`: what runs labform, whose command line follows its own words. */
  constructor(lab: TestLab, args: readonly string[], command: readonly string[] = []) {
    const { CI, CONTINUOUS_INTEGRATION, NO_COLOR, ...environment } = lab.environment();
    const [program = "", ...rest] = [...command, process.execPath, resolve("dist/labform.js"), ...args];
    this.#emulator = new Emulator(80, 24);
    this.#pty = spawn(program, rest, {
      cols: 80,
      rows: 24,
      cwd: lab.directory,
      env: { ...environment, TERM: "xterm-256color" },
    });
    this.#pty.onData((text) => {
      this.#written = this.#written.then(() => this.#emulator.write(text));
      void this.#written.then(() => {
        for (const listener of this.#listeners.splice(0)) listener();
      });
    });
    this.#ended = new Promise((done) => {
      this.#pty.onExit(({ exitCode }) => done(exitCode));
    });
  }

  get pid(): number {
    return this.#pty.pid;
  }

  type(keys: string): void {
    this.#pty.write(keys);
  }

  /** As a window does: what is on the screen is folded anew, then the program hears of it. */
  resize(columns: number, rows: number): void {
    this.#emulator.resize(columns, rows);
    this.#pty.resize(columns, rows);
  }

  screen(): Screen {
    return this.#emulator.screen();
  }

  /** The screen as soon as it shows that. */
  async shows(pattern: RegExp): Promise<Screen> {
    await this.until(() => pattern.test(this.screen().lines.join("\n")), String(pattern));
    return this.screen();
  }

  /** Looks after each change of the screen, and now and then. */
  async until(holds: () => boolean, what = "it"): Promise<void> {
    const until = Date.now() + 30_000;
    while (!holds()) {
      if (Date.now() > until) throw new Error(`${what} never came; there is:\n${trimmed(this.screen().lines)}`);
      await this.changes(100);
    }
  }

  /** Resolves at the next change, or after `timeoutMs`. */
  changes(timeoutMs = 10_000): Promise<void> {
    return new Promise((done) => {
      const timer = setTimeout(done, timeoutMs);
      this.#listeners.push(() => {
        clearTimeout(timer);
        done();
      });
    });
  }

  /** How it ended, and what then stood on the screen. */
  async end(): Promise<{ readonly exitCode: number; readonly screen: Screen }> {
    const exitCode = await this.#ended;
    await this.#written;
    return { exitCode, screen: this.#emulator.screen() };
  }

  close(): void {
    this.#pty.kill("SIGKILL");
    this.#emulator.close();
  }
}
