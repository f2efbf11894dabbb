import { lastScreen } from "./lastScreen.ts";
import { ScreenModes } from "./screenModes.ts";
import type { Screen } from "./terminal.ts";

/** What comes within this of the first byte is what was there before: of that a terminal is shown the last screen. */
const PAST_MS = 80;
/** Rows of that screen left to the line which says how to leave. */
const HINT_ROWS = 2;

/** A console on a terminal: the last screen of what was said before, then everything as it comes. */
export class ConsoleScreen {
  readonly #output: Screen;
  readonly #modes = new ScreenModes();
  /** What is not shown yet; undefined once the past is over. */
  #past: Uint8Array[] | undefined = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(output: Screen) {
    this.#output = output;
  }

  /** Answers as a stream's `write` does. */
  show(data: Uint8Array): boolean {
    if (!this.#past) return this.#write(data);
    this.#timer ??= setTimeout(() => this.#showPast(), PAST_MS);
    this.#past.push(data);
    return true;
  }

  /** Shows what is still held back; what comes later is not shown. Answers with what puts the screen back. */
  end(): string {
    clearTimeout(this.#timer);
    this.#showPast();
    return this.#modes.undo();
  }

  #showPast(): void {
    if (!this.#past) return;
    const past = Buffer.concat(this.#past);
    this.#past = undefined;
    if (past.length === 0) return;
    // A terminal that was never told its size says 0.
    const [rows, columns] = [this.#output.rows || 24, this.#output.columns || 80];
    this.#write(lastScreen(past, Math.max(1, rows - HINT_ROWS), columns));
  }

  #write(data: Uint8Array): boolean {
    this.#modes.see(data);
    return this.#output.write(data);
  }
}
