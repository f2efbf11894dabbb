import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parseFile } from "../../src/language/parse.ts";
import { printErrors } from "./printErrors.ts";
import { printBody } from "./printTree.ts";

/**
 * Each file of cases/ holds cases of this form, the expectation rewritten with UPDATE_GOLDEN=1:
 *
 *     # what the case shows
 *     the text of a lab file
 *     ==> tree
 *     how it is understood
 *
 * or `==> errors`, or both. In the text, `␍` stands for a carriage return and `␄` for the end of a file without a
 * line end.
 */
interface Case {
  readonly name: string;
  readonly input: string;
  readonly expected: string;
}

const directory = new URL("cases/", import.meta.url);
for (const name of readdirSync(directory)) {
  const path = new URL(name, directory);
  const cases = readCases(readFileSync(path, "utf8"));
  if (process.env["UPDATE_GOLDEN"]) {
    writeFileSync(path, cases.map((one) => `# ${one.name}\n${one.input}${actual(one)}\n`).join(""));
  }
  describe(name, () => {
    test("has cases", () => expect(cases.length).toBeGreaterThan(0));
    for (const one of cases) test(one.name, () => expect(actual(one)).toBe(one.expected));
  });
}

function readCases(text: string): Case[] {
  const cases: Case[] = [];
  for (const [, name, input, expected] of text.matchAll(/^# (.*)\n([^]*?)^(==> [^]*?)\n*(?=^# |$(?![^]))/gm)) {
    cases.push({ name: name as string, input: input as string, expected: `${expected}\n` });
  }
  return cases;
}

function actual({ input }: Case): string {
  const text = input.replaceAll("␍", "\r").replace(/␄\n$/, "");
  const { body, diagnostics } = parseFile({ name: "case", text });
  const tree = printBody(body);
  const parts = [];
  if (tree !== "" || diagnostics.length === 0) parts.push(`==> tree\n${tree}`);
  if (diagnostics.length > 0) parts.push(`==> errors\n${printErrors(diagnostics)}`);
  return parts.join("");
}
