import type { Palette } from "./colour.ts";

/** What stands before a line of a plan; a space where the line itself is no change. */
export type Mark = " " | "+" | "-" | "~" | "-/+" | "↻" | "…" | ".";

/** A line of a plan. Its mark stands in a column of its own, four cells further right with each depth. */
export interface Line {
  readonly depth: number;
  readonly mark: Mark;
  readonly text: string;
  /** Said beside the text, after a `#`. */
  readonly note?: string | undefined;
}

export function line(depth: number, mark: Mark, text: string, note?: string): Line {
  return { depth, mark, text, note };
}

export function comment(depth: number, text: string): Line {
  return { depth, mark: " ", text: "", note: text };
}

export function renderLine({ depth, mark, text, note }: Line, colours: Palette): string {
  const indent = indentOf(4 + depth * 4 - mark.length - 1);
  const remark = note === undefined ? "" : colours.dim(`${text === "" ? "" : " "}# ${note}`);
  return `${indent}${colouredMark(mark, colours)} ${text}${remark}`.trimEnd();
}

const indents: string[] = [];

function indentOf(cells: number): string {
  return (indents[cells] ??= " ".repeat(cells));
}

export function colouredMark(mark: Mark, colours: Palette): string {
  if (mark === "+") return colours.green(mark);
  if (mark === "-") return colours.red(mark);
  if (mark === "-/+") return `${colours.red("-")}/${colours.green("+")}`;
  return mark === " " ? mark : colours.yellow(mark);
}
