import headless from "@xterm/headless";

/** What stood on a screen. */
export interface Screen {
  /** From the first line of the scrollback on. */
  readonly lines: readonly string[];
  /** As `lines`, of what is in view. */
  readonly view: readonly string[];
  readonly cursor: { readonly column: number; readonly visible: boolean };
}

/** A terminal as users have one, without a window. */
export class Emulator {
  readonly #terminal: headless.Terminal;
  #visible = true;

  constructor(columns: number, rows: number) {
    this.#terminal = new headless.Terminal({ cols: columns, rows, scrollback: 10_000, allowProposedApi: true });
    const cursor = (visible: boolean) => (parameters: (number | number[])[]) => {
      if (parameters.includes(25)) this.#visible = visible;
      return false;
    };
    this.#terminal.parser.registerCsiHandler({ prefix: "?", final: "h" }, cursor(true));
    this.#terminal.parser.registerCsiHandler({ prefix: "?", final: "l" }, cursor(false));
  }

  /** Line ends as a terminal's driver makes them. */
  write(text: string): Promise<void> {
    return new Promise((resolve) => this.#terminal.write(text.replace(/(?<!\r)\n/g, "\r\n"), resolve));
  }

  resize(columns: number, rows: number): void {
    this.#terminal.resize(columns, rows);
  }

  screen(): Screen {
    const { active } = this.#terminal.buffer;
    const lines: string[] = [];
    for (let at = 0; at < active.length; at++) lines.push(active.getLine(at)?.translateToString(true) ?? "");
    return {
      lines,
      view: lines.slice(active.baseY),
      cursor: { column: active.cursorX, visible: this.#visible },
    };
  }

  close(): void {
    this.#terminal.dispose();
  }
}

/** Without the empty lines at its end. */
export function trimmed(lines: readonly string[]): string {
  return `${lines.join("\n").trimEnd()}\n`;
}
