import { diffArrays } from "diff";

/** Lines around what changed. */
const CONTEXT = 3;
/** More lines that have nothing to do with each other are not looked through: that takes the square of their number. */
const MOST_EDITS = 1_000;

interface Line {
  readonly mark: " " | "-" | "+";
  /** With its line end, where it has one. */
  readonly text: string;
}

/**
 * How a file was formatted, as `diff -u` shows it and `patch` takes it. Lines are taken for each other that differ in
 * spaces and quotes only, so that a large file of which every line changed is no more work than any other.
 */
export function unifiedDiff(name: string, before: string, after: string): string {
  const lines = markedLines(linesOf(before), linesOf(after));
  return `--- old/${name}\n+++ new/${name}\n${hunks(lines).join("")}`;
}

function linesOf(text: string): readonly string[] {
  return text.match(/[^\n]*\n|[^\n]+/g) ?? [];
}

const essence = (line: string): string => line.replace(/[\s"\ufeff]/g, "");

function markedLines(before: readonly string[], after: readonly string[]): readonly Line[] {
  const parts = diffArrays(before.map(essence), after.map(essence), { maxEditLength: MOST_EDITS }) ?? [
    { removed: true, added: false, count: before.length },
    { removed: false, added: true, count: after.length },
  ];
  const result: Line[] = [];
  let gone: Line[] = [];
  let come: Line[] = [];
  const endChange = (): void => {
    for (const line of [...gone, ...come]) result.push(line);
    gone = [];
    come = [];
  };
  let old = 0;
  let now = 0;
  for (const { removed, added, count } of parts) {
    for (let left = count; left > 0; left--) {
      const oldLine = added ? undefined : before[old++];
      const newLine = removed ? undefined : after[now++];
      if (oldLine !== undefined && oldLine === newLine) {
        endChange();
        result.push({ mark: " ", text: oldLine });
      } else {
        if (oldLine !== undefined) gone.push({ mark: "-", text: oldLine });
        if (newLine !== undefined) come.push({ mark: "+", text: newLine });
      }
    }
  }
  endChange();
  return result;
}

function hunks(lines: readonly Line[]): readonly string[] {
  const result: string[] = [];
  let old = 1;
  let now = 1;
  let at = 0;
  while (at < lines.length) {
    const end = hunkEnd(lines, at);
    const first = lines[at] as Line;
    if (end === at) {
      if (first.mark !== "+") old++;
      if (first.mark !== "-") now++;
      at++;
      continue;
    }
    const hunk = lines.slice(at, end);
    const oldCount = hunk.filter((line) => line.mark !== "+").length;
    const newCount = hunk.filter((line) => line.mark !== "-").length;
    result.push(`@@ -${range(old, oldCount)} +${range(now, newCount)} @@\n${hunk.map(shown).join("")}`);
    old += oldCount;
    now += newCount;
    at = end;
  }
  return result;
}

/** Where the hunk ends that begins at `start`; `start` itself where none does: what changes next is further away. */
function hunkEnd(lines: readonly Line[], start: number): number {
  let end = start;
  let unchanged = 0;
  for (let at = start; at < lines.length; at++) {
    if (lines[at]?.mark === " ") unchanged++;
    else {
      unchanged = 0;
      end = at + 1;
    }
    if (unchanged > (end === start ? CONTEXT : 2 * CONTEXT)) break;
  }
  return end === start ? start : Math.min(end + CONTEXT, lines.length);
}

/** As GNU diff counts. */
function range(start: number, count: number): string {
  if (count === 1) return String(start);
  return count === 0 ? `${start - 1},0` : `${start},${count}`;
}

function shown({ mark, text }: Line): string {
  return text.endsWith("\n") ? mark + text : `${mark}${text}\n\\ No newline at end of file\n`;
}
