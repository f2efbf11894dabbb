import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

interface Entry {
  readonly row: number;
  readonly file: string;
  readonly title: string;
}

/** The table of parity.md. */
function entries(): readonly Entry[] {
  const lines = readFileSync(join(import.meta.dirname, "parity.md"), "utf8").split("\n");
  return lines
    .filter((line) => /^\| \d+ \|/.test(line))
    .map((line) => line.slice(2, -2).split(" | "))
    .map(([row, , file, title]) => ({ row: Number(row), file: file as string, title: title as string }));
}

describe("the table of GNS3's behaviours", () => {
  it("has a test for each of the 31", () => {
    const rows = new Set(entries().map(({ row }) => row));
    expect(Array.from({ length: 31 }, (_, at) => at + 1).filter((row) => !rows.has(row))).toEqual([]);
  });

  it.each(entries())("$row: $title", ({ file, title }) => {
    const text = readFileSync(join(import.meta.dirname, file), "utf8");
    expect(text.includes(`${JSON.stringify(title)},`), `${file} has a test of that title`).toBe(true);
  });
});
