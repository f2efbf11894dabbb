import type { Screen } from "./terminal.ts";

const HIDE_CURSOR = "\x1b[?25l";
const SHOW_CURSOR = "\x1b[?25h";
const CUT_LINES = "\x1b[?7l";
const WRAP_LINES = "\x1b[?7h";
const CLEAR_REST_OF_LINE = "\x1b[K";
const CLEAR_BELOW = "\x1b[J";

/**
 * Lines that are drawn again and again in one place of a terminal. Between two drawings the (hidden) cursor stands on
 * the first of them: that is what a terminal keeps in place when its size changes and it wraps or drops lines.
 */
export class Redraw {
  readonly #screen: Screen;
  #last: readonly string[] = [];

  constructor(screen: Screen) {
    this.#screen = screen;
  }

  /** No more lines than the screen has; what is wider than it is cut by the terminal. */
  draw(lines: readonly string[]): void {
    this.#last = lines;
    const up = lines.length > 1 ? `\x1b[${lines.length - 1}A` : "";
    this.#screen.write(`${HIDE_CURSOR}${body(lines)}${up}\r`);
  }

  /** What leaves the last drawing on the screen, with the cursor below it. */
  end(): string {
    return this.#last.length === 0 ? SHOW_CURSOR : `${body(this.#last)}\r\n${SHOW_CURSOR}`;
  }
}

function body(lines: readonly string[]): string {
  return `\r${CUT_LINES}${lines.map((line) => `${line}${CLEAR_REST_OF_LINE}`).join("\r\n")}${CLEAR_BELOW}${WRAP_LINES}`;
}
