import { stripVTControlCharacters } from "node:util";
import type { Palette } from "../colour.ts";
import { countOf, cut, displayWidth, formatElapsed, padEnd, printable } from "../text.ts";
import { doing, waitingWords } from "../words.ts";
import type { Board, ShownStep } from "./board.ts";

/** A row of the live part; what turns before it is the screen's. */
export interface Row {
  readonly spins: boolean;
  readonly text: string;
  /** Cells, with the two of the spinner. */
  readonly width: number;
}

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

const MARK_CELLS = 2;

/**
 * The live part: a row for each running change, below it the last it showed where there is room, then what is still to
 * come. At most `rows - 1` rows, because the cursor stands below them, each shorter than a line, so that no terminal
 * folds it.
 */
export function frame(board: Board, size: Size, nowMs: number, colours: Palette): readonly Row[] {
  const width = size.columns - 1 - MARK_CELLS;
  const capacity = size.rows - 1;
  if (width < 1 || capacity < 1) return [];
  const running = board.running(nowMs);
  const foot = row(footParts(board, running.length, nowMs, colours), width);
  const room = capacity - 1;
  const shown = running.slice(0, running.length > room ? Math.max(0, room - 1) : room);
  const hidden = running.length - shown.length;
  const more = hidden > 0 && room > 0 ? [row([[`… and ${hidden} more`, colours.dim]], width)] : [];
  let spare = room - shown.length - more.length;

  const names = shown.map(([address]) => cut(address, Math.max(12, Math.floor(width * 0.4))));
  const times = shown.map(([, step]) => formatElapsed((step.endedMs ?? nowMs) - step.sinceMs));
  const nameCells = Math.max(0, ...names.map(displayWidth));
  const timeCells = Math.max(0, ...times.map(displayWidth));
  const rows = shown.flatMap(([, step], at): Row[] => {
    const name = padEnd(names[at] as string, nameCells);
    const time = (times[at] as string).padStart(timeCells);
    const first: Row = { ...row([[name, colours.bold], [`  ${time}  ${words(step)}`]], width), spins: true };
    const seen = lastLine(step);
    if (seen === "" || spare === 0) return [first];
    spare--;
    return [first, row([[`│ ${seen}`, colours.dim]], width)];
  });
  return [...rows, ...more, foot];
}

type Part = readonly [text: string, tone?: (text: string) => string];

/** Parts side by side, cut where the width ends. */
function row(parts: readonly Part[], width: number): Row {
  let text = "";
  let left = width;
  for (const [part, tone = (one: string) => one] of parts) {
    if (left === 0) break;
    const shown = cut(part, left);
    text += tone(shown);
    left -= displayWidth(shown);
  }
  return { spins: false, text, width: MARK_CELLS + width - left };
}

function words({ operation, waitingFor }: ShownStep): string {
  return waitingFor === undefined
    ? doing[operation]
    : `${doing[operation]}, ${waitingWords(operation, printable(waitingFor))}`;
}

/** Without the colours a guest gives its console, which would only be noise once they are harmless. */
function lastLine({ line }: ShownStep): string {
  return line === undefined ? "" : printable(stripVTControlCharacters(line)).trim();
}

/** `3 of 12 done, 2 running, 6 waiting, 1 failed (41 s): node.r3` */
function footParts(board: Board, running: number, nowMs: number, colours: Palette): readonly Part[] {
  const { total, done, skipped, failed } = board;
  const waiting = Math.max(0, total - done - skipped - failed.length - running);
  const counts = [`${done} of ${countOf(total, "change")} done`];
  if (running > 0) counts.push(`${running} running`);
  if (waiting > 0) counts.push(`${waiting} waiting`);
  if (skipped > 0) counts.push(`${skipped} skipped`);
  const elapsed = ` (${formatElapsed(nowMs - board.beganMs)})`;
  return [
    ...(board.interrupted ? [["Finishing what runs: ", colours.yellow] as const] : []),
    [counts.join(", ")],
    ...(failed.length > 0 ? [[", "] as const, [`${failed.length} failed`, colours.red] as const] : []),
    [failed.length > 0 ? `${elapsed}: ${failed.join(", ")}` : elapsed],
  ];
}
