import { stripVTControlCharacters } from "node:util";
import { characters } from "../../core/characters.ts";
import type { Palette } from "../colour.ts";
import { cut, displayWidth, formatElapsed, padEnd, printable } from "../text.ts";
import { doing } from "../words.ts";
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
/** Rows of what was told that stay in view. */
const TOLD_ROWS = 2;

/**
 * The live part: a row for each running change, below it the last line it showed where there is room, then what is still
 * to come. Never as tall as the terminal, because the cursor stands below it, and each row shorter than a line, so that
 * no terminal folds it.
 */
export function frame(board: Board, size: Size, nowMs: number, colours: Palette): readonly Row[] {
  const width = size.columns - 1 - MARK_CELLS;
  const capacity = Math.max(size.rows - 1 - TOLD_ROWS, Math.min(size.rows - 1, 1));
  if (width < 1 || capacity < 1) return [];
  const all = board.running(nowMs);
  const active = all.filter((one) => one.active);
  const foot = row(footParts(board, active.length, nowMs, colours), width);
  const room = capacity - 1;
  const listed = all.length > room ? active : all;
  const shown = listed.slice(0, listed.length > room ? Math.max(0, room - 1) : room);
  const hidden = listed.length - shown.length;
  const more = hidden > 0 && room > 0 ? [row([[`… and ${hidden} more`, colours.dim]], width)] : [];
  let spare = room - shown.length - more.length;

  const names = shown.map(({ address }) => cutMiddle(address, Math.min(width, Math.max(20, Math.floor(width * 0.4)))));
  const times = shown.map(({ step }) => formatElapsed((step.endedMs ?? nowMs) - step.sinceMs));
  const nameCells = Math.max(0, ...names.map(displayWidth));
  const timeCells = Math.max(0, ...times.map(displayWidth));
  const rows = shown.flatMap(({ step }, at): Row[] => {
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
  if (waitingFor === undefined) return doing[operation];
  const what = `waiting for ${printable(waitingFor)}`;
  return operation === "ready" ? what : `${doing[operation]}, ${what}`;
}

/** What tells addresses apart is often their end: `node.ro…ter["r12"]`. */
function cutMiddle(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  const head = cut(text, Math.ceil(width / 2));
  const all = characters(text);
  let tail = "";
  for (let at = all.length - 1; at >= 0; at--) {
    const longer = `${all[at]}${tail}`;
    if (displayWidth(head) + displayWidth(longer) > width) break;
    tail = longer;
  }
  return head + tail;
}

/** Without the colours a guest gives its console, which would only be noise once they are harmless. */
function lastLine({ line }: ShownStep): string {
  return line === undefined ? "" : printable(stripVTControlCharacters(line)).trim();
}

/** `3 of 12 done, 1 failed, 2 running, 6 waiting (41 s): node.r3` */
function footParts(board: Board, running: number, nowMs: number, colours: Palette): readonly Part[] {
  const { total, done, skipped, failed } = board;
  const waiting = Math.max(0, total - done - skipped - failed.length - running);
  const count = (number: number, what: string): readonly Part[] => (number > 0 ? [[`, ${number} ${what}`]] : []);
  return [
    ...(board.interrupted ? [["Finishing what runs: ", colours.yellow] as const] : []),
    [`${done} of ${total} done`],
    ...(failed.length > 0 ? [[", "] as const, [`${failed.length} failed`, colours.red] as const] : []),
    ...count(skipped, "skipped"),
    ...count(running, "running"),
    ...count(waiting, "waiting"),
    [` (${formatElapsed(nowMs - board.beganMs)})`],
    ...(failed.length > 0 ? [[`: ${failed.join(", ")}`] as const] : []),
  ];
}
