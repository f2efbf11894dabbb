import { palette } from "./colour.ts";
import { cut, displayWidth, printable } from "./text.ts";

/** A cell's text, and what its colour says: nothing depends on colour alone. */
export type Cell = string | { readonly text: string; readonly tone: "good" | "bad" | "warning" | "dim" };

/**
 * A table with its columns aligned by the cells they take on a screen. The last column is cut where the line would
 * be longer than `width`. Ends with a line break.
 */
export function renderTable(
  header: readonly string[],
  rows: readonly (readonly Cell[])[],
  { colour, width }: { readonly colour: boolean; readonly width: number },
): string {
  const colours = palette(colour);
  const tones = { good: colours.green, bad: colours.red, warning: colours.yellow, dim: colours.dim };
  const texts = [header, ...rows].map((row) => row.map(textOf));
  const widths = header.map((_, column) => Math.max(...texts.map((row) => displayWidth(row[column] ?? ""))));

  const lines = texts.map((row, at) => {
    let used = 0;
    const cells = header.map((_, column) => {
      const last = column === header.length - 1;
      const text = row[column] ?? "";
      const shown = last ? cut(text, Math.max(10, width - used)) : text;
      used += (widths[column] as number) + 2;
      const padding = last ? "" : " ".repeat((widths[column] as number) - displayWidth(shown) + 2);
      if (at === 0) return colours.bold(shown) + padding;
      const cell = rows[at - 1]?.[column];
      return (typeof cell === "object" ? tones[cell.tone](shown) : shown) + padding;
    });
    return cells.join("").trimEnd();
  });
  return `${lines.join("\n")}\n`;
}

function textOf(cell: Cell): string {
  return printable(typeof cell === "string" ? cell : cell.text);
}
