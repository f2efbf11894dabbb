import process from "node:process";
import { PassThrough, Writable } from "node:stream";
import { stripVTControlCharacters } from "node:util";
import type { Instance } from "ink";
import { render } from "ink";
import type { ReactElement } from "react";
import { displayWidth } from "../text.ts";
import type { Row } from "./frame.ts";
import { Screen } from "./screen.tsx";
import type { Terminal } from "./terminal.ts";

/** The live part on a terminal, by ink. */
export interface Painter {
  /** Tells `lines` for good, above, and shows `rows` in place of those shown before. */
  paint(lines: readonly string[], rows: readonly Row[]): void;
  /** Takes the rows away, and the cursor is back. What is painted next starts afresh, in a window of any size. */
  clear(): void;
  /** As `clear`, for good. */
  close(): void;
}

const HIDE_CURSOR = "\u001b[?25l";
const SHOW_CURSOR = "\u001b[?25h";

/**
 * ink draws, but keeps its hands off the terminal. It takes as many lines away as it wrote, which is wrong once the
 * window became narrower and the terminal folded them; so rows are taken away here, and ink begins anew. It is given no
 * keyboard: Ctrl-C stays a signal.
 */
export function openPainter(terminal: Terminal): Painter {
  let ink: Instance | undefined;
  let told: readonly string[] = [];
  let shown: readonly Row[] = [];
  let turn = 0;
  let collected = "";
  const showCursor = () => terminal.write(SHOW_CURSOR);
  // Not by ink: it would write to standard error, even where that is a file.
  process.on("exit", showCursor);

  const clear = () => {
    if (!ink) return;
    ink.unmount();
    ink = undefined;
    told = [];
    const width = terminal.folds ? Math.max(1, terminal.columns) : Number.POSITIVE_INFINITY;
    const lines = shown.reduce((sum, row) => sum + Math.max(1, Math.ceil(row.width / width)), 0);
    shown = [];
    collected = "";
    terminal.write(eraseUp(lines) + SHOW_CURSOR);
  };
  const begin = (screen: ReactElement): Instance => {
    const output = new Writable({
      decodeStrings: false,
      write: (text, _encoding, written) => {
        collected += String(text);
        written();
      },
    });
    // Not said to be a terminal: what ink would do with one is done here.
    const stdout = Object.defineProperties(output, {
      // ink fills every cell of its picture, so it is no wider than what is in it.
      columns: { get: () => Math.max(1, ...shown.map((row) => row.width)) },
      rows: { value: terminal.rows },
    });
    return render(screen, {
      stdout: stdout as unknown as NodeJS.WriteStream,
      stderr: new PassThrough() as unknown as NodeJS.WriteStream,
      stdin: new PassThrough() as unknown as NodeJS.ReadStream,
      exitOnCtrlC: false,
      patchConsole: false,
      isScreenReaderEnabled: false,
    });
  };
  return {
    paint(lines, rows) {
      if (lines.length > 0) told = [...told, ...lines];
      const { columns } = terminal;
      // As wide as they are: it is the terminal that folds them, and unfolds them when its window gets wider.
      const width = Math.max(columns, ...lines.map((line) => displayWidth(stripVTControlCharacters(line))));
      const screen = <Screen told={told} toldWidth={width} rows={rows} turn={turn++} />;
      shown = rows;
      if (ink) ink.rerender(screen);
      else {
        collected = HIDE_CURSOR;
        ink = begin(screen);
      }
      // In one piece, so that no half of a picture is seen.
      const text = collected;
      collected = "";
      if (text !== "") terminal.write(text);
    },
    clear,
    close: () => {
      clear();
      process.off("exit", showCursor);
    },
  };
}

/** Erases the cursor's line and `lines` above it (ECMA-48: CUU, ED). */
function eraseUp(lines: number): string {
  return `\r${lines > 0 ? `\u001b[${lines}A` : ""}\u001b[J`;
}
