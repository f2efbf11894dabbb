import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { formatFile } from "../../../src/language/format/format.ts";
import { readCases, writeCases } from "./cases.ts";

const directory = new URL("tables/", import.meta.url);
const tables = readdirSync(directory).map((name) => {
  const text = readFileSync(new URL(name, directory), "utf8");
  return { name, text, cases: readCases(text) };
});

const formatted = (text: string) => formatFile({ name: "case", text }).text;

for (const { name, cases } of tables) {
  describe(`files get the form that terraform fmt gives them: ${name}`, () => {
    test.each(cases)("$name", ({ input, terraform, labform }) => {
      const expected = labform?.text ?? terraform;
      expect(formatted(input)).toBe(expected);
      expect(formatted(expected), "a second time").toBe(expected);
    });
  });
}

test("the tables are as their reader understands them, and say why where labform differs", () => {
  for (const { name, text, cases } of tables) {
    expect(writeCases(cases), name).toBe(text);
    for (const one of cases) if (one.labform) expect(one.labform.text, one.name).not.toBe(one.terraform);
  }
  expect(tables.reduce((count, { cases }) => count + cases.length, 0)).toBeGreaterThan(500);
});
