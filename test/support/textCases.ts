import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";

interface TextCase {
  readonly name: string;
  readonly input: string;
  readonly expected: string;
}

/**
 * Makes a test of each case in the files of a directory. A case has this form:
 *
 *     # what the case shows
 *     the input, any number of lines
 *     ==> what comes of it
 *     the expectation, which may have several such parts
 *
 * `actual` gives the parts of an input, from the first `==>` to a line end. With UPDATE_GOLDEN=1 they are written into
 * the files. Returns how many cases there are.
 */
export function testCasesOf(directory: URL, actual: (input: string) => string): number {
  let count = 0;
  for (const name of readdirSync(directory).sort()) {
    const path = new URL(name, directory);
    const cases = readCases(readFileSync(path, "utf8"));
    count += cases.length;
    if (process.env["UPDATE_GOLDEN"]) {
      writeFileSync(path, cases.map((one) => `# ${one.name}\n${one.input}${actual(one.input)}`).join("\n"));
    }
    describe(name, () => {
      test("has cases", () => expect(cases.length).toBeGreaterThan(0));
      for (const one of cases) test(one.name, () => expect(actual(one.input)).toBe(one.expected));
    });
  }
  return count;
}

function readCases(text: string): readonly TextCase[] {
  const cases: TextCase[] = [];
  for (const [, name, input, expected] of text.matchAll(/^# (.*)\n([^]*?)^(==>[^]*?)\n*(?=^# |$(?![^]))/gm)) {
    cases.push({ name: name as string, input: input as string, expected: `${expected}\n` });
  }
  return cases;
}
