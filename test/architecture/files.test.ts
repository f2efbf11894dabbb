import { homedir } from "node:os";
import { dirname } from "node:path";
import { describe, expect, test } from "vitest";
import { filesUnder, root, textOf } from "./sources.ts";

const LONGEST = 450;

const everyFile = filesUnder(".");
const sources = everyFile.filter((path) => /\.(tsx?|mjs|sh)$/.test(path));

/** Folders that say nothing about whose machine this is. */
const common = ["/", "/root", "/home", "/tmp", "/usr/src", "/src", "/app", "/opt", "/srv"];

/** Where this checkout lies, what lies beside it, and its owner's files. */
const workplaces = [
  root,
  ...[dirname(root), homedir()].filter((folder) => !common.includes(folder)).map((one) => `${one}/`),
];

function linesNaming(folders: readonly string[], text: string): readonly string[] {
  const patterns = folders.map((one) => new RegExp(`(?<![\\w.])${one}${one.endsWith("/") ? "" : "(?![\\w-])"}`));
  return text.split("\n").filter((line) => patterns.some((pattern) => pattern.test(line)));
}

describe("the project's files", () => {
  test(`have at most ${LONGEST} lines of code`, () => {
    const long = sources.map((path) => ({ path, lines: textOf(path).split("\n").length }));
    expect(long.filter(({ lines }) => lines > LONGEST)).toEqual([]);
  });

  test("name no folder of the machine they were written on", () => {
    const found = everyFile.flatMap((path) => linesNaming(workplaces, textOf(path)).map((line) => `${path}: ${line}`));
    expect(found).toEqual([]);
  });

  test("that did would be found", () => {
    const text =
      'const path = "/place/of/yard/lab";\nconst other = "/place/of/yardstick";\nconst url = "a/place/of/yard";';
    expect(linesNaming(["/place/of/yard"], text)).toEqual(['const path = "/place/of/yard/lab";']);
  });
});
