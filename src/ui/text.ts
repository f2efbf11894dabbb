import { characters } from "../core/characters.ts";

/** Text as it stands on a screen: cells, not characters. */

/**
 * Ranges of code points that take two cells: East Asian Wide and Fullwidth (Unicode Standard Annex 11), in whole
 * blocks, and the emoji blocks.
 */
const wide: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x231a, 0x231b],
  [0x23e9, 0x23ec],
  [0x2e80, 0x303e],
  [0x3041, 0x33ff],
  [0x3400, 0x4dbf],
  [0x4e00, 0x9fff],
  [0xa000, 0xa4cf],
  [0xa960, 0xa97f],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x1f300, 0x1f64f],
  [0x1f680, 0x1f6ff],
  [0x1f900, 0x1f9ff],
  [0x1fa70, 0x1faff],
  [0x20000, 0x3fffd],
];

/** How many cells `text` takes; it must hold no control characters (see `printable`). */
export function displayWidth(text: string): number {
  if (isPlain(text)) return text.length;
  let width = 0;
  for (const character of characters(text)) width += characterWidth(character);
  return width;
}

function characterWidth(character: string): number {
  const point = character.codePointAt(0) as number;
  if (/^\p{Mark}/u.test(character) || point === 0x200b) return 0;
  if (character.includes("\ufe0f")) return 2;
  return wide.some(([first, last]) => point >= first && point <= last) ? 2 : 1;
}

function isPlain(text: string): boolean {
  return /^[\x20-\x7e]*$/.test(text);
}

/**
 * Text from outside (a guest's console, a lab file, a program's output) made harmless to a terminal: control
 * characters show as `\u{1b}`, tabs go to the next of every four cells, as counted from `column`.
 */
export function printable(text: string, column = 0): string {
  if (isPlain(text)) return text;
  let shown = "";
  let at = column;
  for (const character of characters(text)) {
    let part = character;
    if (character === "\t") part = " ".repeat(4 - (at % 4));
    else if (/^\p{Cc}/u.test(character)) part = escapeControl(character);
    else if (/[\u202a-\u202e\u2066-\u2069]/.test(character)) part = escapeControl(character);
    shown += part;
    at += displayWidth(part);
  }
  return shown;
}

function escapeControl(character: string): string {
  return Array.from(character, (one) => `\\u{${(one.codePointAt(0) as number).toString(16)}}`).join("");
}

export function padEnd(text: string, width: number): string {
  return text + " ".repeat(Math.max(0, width - displayWidth(text)));
}

/** Cut to `width` cells, the last of them `…` when something is missing. */
export function cut(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  let shown = "";
  let used = 0;
  for (const character of characters(text)) {
    const cells = displayWidth(character);
    if (used + cells > width - 1) break;
    shown += character;
    used += cells;
  }
  return `${shown}…`;
}

/** Words to lines of `width` cells at most; a longer word has a line of its own. Line breaks stay. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const paragraph of text.split("\n")) {
    let line = "";
    for (const word of paragraph.split(" ")) {
      if (line !== "" && displayWidth(line) + 1 + displayWidth(word) > width) {
        lines.push(line);
        line = word;
      } else line = line === "" ? word : `${line} ${word}`;
    }
    lines.push(line);
  }
  return lines;
}

/** `0.3 s`, `12 s`, `3 min 5 s` */
export function formatElapsed(ms: number): string {
  if (ms < 10_000) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const rest = seconds % 60;
  return `${Math.floor(seconds / 60)} min${rest === 0 ? "" : ` ${rest} s`}`;
}

export function countOf(count: number, singular: string, plural = `${singular}s`): string {
  return `${count} ${count === 1 ? singular : plural}`;
}
