import { characters } from "../core/characters.ts";
import type { Range } from "../core/source.ts";
import { lineOf, lineStart } from "../core/source.ts";
import type { Palette } from "./colour.ts";
import { displayWidth, printable } from "./text.ts";

/** Of a range over many lines this many are shown at each end. */
const ENDS = 2;

/** So much text on both sides of a place fills every screen. */
const NEAR = 1_000;

/**
 * The lines of a range with a gutter of line numbers, each followed by a line of carets under what the range covers.
 * A line longer than `width` cells is cut on both sides of it.
 */
export function excerpt(range: Range, width: number, mark: (text: string) => string, colours: Palette): string[] {
  const { file } = range;
  const first = lineOf(file, range.start);
  const last = lineOf(file, Math.max(range.start, range.end - 1));
  const gutter = String(last).length;
  const room = Math.max(20, width - gutter - 5);
  const lines: string[] = [];
  for (let line = first; line <= last; line++) {
    if (last - first >= ENDS * 2 + 1 && line === first + ENDS) {
      lines.push(`  ${colours.dim(`${" ".repeat(gutter)} …`)}`);
      line = last - ENDS + 1;
    }
    const { text, carets } = markLine(range, line, room);
    lines.push(`  ${colours.dim(`${String(line).padStart(gutter)} │`)} ${text}`.trimEnd());
    if (carets.trim() !== "") {
      const indent = /^ */.exec(carets)?.[0] ?? "";
      lines.push(`  ${colours.dim(`${" ".repeat(gutter)} │`)} ${indent}${mark(carets.trim())}`);
    }
  }
  return lines;
}

function markLine(range: Range, line: number, room: number): { text: string; carets: string } {
  const { offset, text } = neighbourhood(range, line);
  const from = clamp(range.start - offset, text.length);
  const to = clamp(range.end - offset, text.length);
  const indent = /^\s*/.exec(text)?.[0].length ?? 0;
  const begin = range.start < offset ? Math.min(indent, to) : from;

  const before = printable(text.slice(0, begin));
  const marked = printable(text.slice(begin, to), displayWidth(before));
  const after = printable(text.slice(to), displayWidth(before) + displayWidth(marked));
  const start = displayWidth(before);
  // An empty range marks the place where something is missing, as does one that ends the line.
  const isFirst = range.start >= offset;
  const cells = displayWidth(marked) || (isFirst && range.end <= offset + text.length + 1 ? 1 : 0);
  const carets = " ".repeat(start) + "^".repeat(cells);
  return fit(before + marked + after, carets, start, cells, room);
}

/** A window of `room` cells that shows as much of the marked cells as it can, with a third of it before them. */
function fit(text: string, carets: string, start: number, cells: number, room: number) {
  // A place behind the last character is shown too.
  const total = Math.max(displayWidth(text), start + cells);
  if (total <= room) return { text, carets };
  const context = Math.max(Math.floor((room - cells) / 3), Math.min(8, room >> 2));
  const from = Math.max(0, Math.min(start - context, total - room));
  return { text: windowOf(text, from, room), carets: caretWindow(carets, from, room) };
}

function windowOf(text: string, from: number, room: number): string {
  let shown = "";
  let at = 0;
  let cutEnd = false;
  for (const character of characters(text)) {
    const cells = displayWidth(character);
    if (at >= from && at + cells <= from + room) shown += character;
    // Half of a wide character at the left edge leaves its other cell empty.
    else if (at < from && at + cells > from) shown += " ";
    else if (at + cells > from + room) {
      cutEnd = true;
      break;
    }
    at += cells;
  }
  const list = [...characters(shown)];
  if (from > 0) replaceEdge(list, 0);
  if (cutEnd) replaceEdge(list, list.length - 1);
  return list.join("");
}

/** The character at an edge becomes `…`, over as many cells as it had. */
function replaceEdge(list: string[], at: number): void {
  const cells = displayWidth(list[at] ?? " ");
  list[at] = at === 0 ? `…${" ".repeat(Math.max(0, cells - 1))}` : "…";
}

function caretWindow(carets: string, from: number, room: number): string {
  return carets.slice(from, from + room);
}

/** The line without its end; of a very long one what stands around the range's beginning. */
function neighbourhood({ file, start }: Range, line: number): { readonly offset: number; readonly text: string } {
  const { text } = file;
  let from = lineStart(file, line);
  let to = lineStart(file, line + 1);
  if (to > from && text[to - 1] === "\n") to -= text[to - 2] === "\r" && to - 2 >= from ? 2 : 1;
  if (to - from > 2 * NEAR) {
    const middle = Math.max(from, Math.min(start, to));
    to = Math.min(to, middle + NEAR);
    from = Math.max(from, middle - NEAR);
    if (/^[\udc00-\udfff]/.test(text.slice(from, from + 1))) from++;
  }
  return { offset: from, text: text.slice(from, to) };
}

function clamp(offset: number, length: number): number {
  return Math.max(0, Math.min(offset, length));
}
