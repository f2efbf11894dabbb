import { diffArrays } from "diff";
import type { Planned } from "../core/values.ts";
import { samePlanned } from "../core/values.ts";
import type { Line } from "./lines.ts";
import { comment, line } from "./lines.ts";
import { countOf } from "./text.ts";
import { heredocLines } from "./value.ts";

/** One step from a list to another; positions in the old list (`from`) and in the new one (`to`). */
export type Step =
  | { readonly kind: "same"; readonly from: number; readonly to: number }
  | { readonly kind: "changed"; readonly from: number; readonly to: number }
  | { readonly kind: "removed"; readonly from: number; readonly to?: undefined }
  | { readonly kind: "added"; readonly from?: undefined; readonly to: number };

/** The shortest way from one list to another. Elements removed and added at one place are pairs that changed. */
export function compareLists(before: readonly Planned[], after: readonly Planned[]): Step[] {
  return steps(before, after, samePlanned);
}

/** Unchanged lines of a text that are shown before and after changed ones. */
const CONTEXT = 2;

/** The lines of two texts, those removed and added marked; long unchanged parts are counted. */
export function textDifference(before: string, after: string, depth: number): Line[] {
  const old = heredocLines(before);
  const fresh = heredocLines(after);
  const parts = diffArrays(old, fresh);
  const lines = parts.flatMap(({ value, added, removed }, at): Line[] => {
    if (added || removed) return value.map((text) => line(depth, added ? "+" : "-", text));
    const head = at === 0 ? 0 : CONTEXT;
    const tail = at === parts.length - 1 ? 0 : CONTEXT;
    const shown = (texts: readonly string[]) => texts.map((text) => line(depth, " ", text));
    const hidden = value.length - head - tail;
    if (hidden < 2) return shown(value);
    return [
      ...shown(value.slice(0, head)),
      comment(depth, `(${countOf(hidden, "unchanged line")} hidden)`),
      ...shown(value.slice(value.length - tail)),
    ];
  });
  // What differs may be a line break at the end alone.
  if (parts.every(({ added, removed }) => !added && !removed)) {
    lines.push(
      comment(depth, after.endsWith("\n") ? "(a line break at the end added)" : "(the last line break removed)"),
    );
  }
  return lines;
}

function steps<T>(before: readonly T[], after: readonly T[], same: (left: T, right: T) => boolean): Step[] {
  const found: Step[] = [];
  let from = 0;
  let to = 0;
  const parts = diffArrays([...before], [...after], { comparator: same });
  for (let at = 0; at < parts.length; at++) {
    const part = parts[at] as (typeof parts)[number];
    const next = parts[at + 1];
    if (part.removed && next?.added) {
      const pairs = Math.min(part.value.length, next.value.length);
      for (let count = 0; count < pairs; count++) found.push({ kind: "changed", from: from++, to: to++ });
      for (let count = pairs; count < part.value.length; count++) found.push({ kind: "removed", from: from++ });
      for (let count = pairs; count < next.value.length; count++) found.push({ kind: "added", to: to++ });
      at++;
    } else if (part.removed) for (const _ of part.value) found.push({ kind: "removed", from: from++ });
    else if (part.added) for (const _ of part.value) found.push({ kind: "added", to: to++ });
    else for (const _ of part.value) found.push({ kind: "same", from: from++, to: to++ });
  }
  return found;
}
