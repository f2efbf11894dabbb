import { createRequire } from "node:module";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import type { Diagnostic } from "../../src/core/diagnostics.ts";
import { parseFile } from "../../src/language/parse.ts";
import { mistakes } from "./mistakeTexts.ts";

const { parseToObject } = createRequire(import.meta.url)("hcl2-parser") as {
  readonly parseToObject: (text: string) => [unknown, unknown];
};

/** Each mistake is made so often. */
const TIMES = 60;

const before = 'first = 1\nblock "first" {\n  inner = [1, 2]\n}\n';
const after = 'last = 2\nblock "last" {\n  inner = { a = 1 }\n}\n';

const isOf = (summary: string, one: Diagnostic): boolean => {
  const [bare] = summary.split(/ \(| in a for$/);
  const pattern = (bare as string).replace(/[.*+?^${}()|[\]\\]/g, "\\$&").replaceAll("…", "[^]+");
  return new RegExp(`^${pattern}$`).test(one.summary);
};

const parse = (text: string) => parseFile({ name: "generated", text });

const shown = (text: string, diagnostics: readonly Diagnostic[]): string =>
  `${text}\n${diagnostics.map((one) => `${one.range?.start}-${one.range?.end} ${one.summary}: ${one.detail}`).join("\n")}`;

const made = new Map<string, number>();
afterAll(() => void process.stdout.write([...made].map(([summary, times]) => `${times} × ${summary}\n`).join("")));

describe("a mistake between items that are right", () => {
  for (const { summary, text, ownRule, isLast } of mistakes) {
    test(`is one error: ${summary}`, () => {
      const property = fc.property(text, (mistake) => {
        made.set(summary, (made.get(summary) ?? 0) + 1);
        const { body, diagnostics } = parse(before + mistake + after);
        const count = summary === "Too many mistakes" ? 101 : 1;
        expect(diagnostics.length, shown(mistake, diagnostics)).toBe(count);
        const last = diagnostics.at(-1) as Diagnostic;
        expect(isOf(summary, last), shown(mistake, diagnostics)).toBe(true);
        expect(last.syntax === true, mistake).toBe(ownRule === undefined);
        if (isLast) return;
        const names = body.attributes.map((one) => one.name);
        expect(names, mistake).toEqual(expect.arrayContaining(["first", "last"]));
        expect(body.blocks.map((one) => one.labels[0]?.text)).toEqual(expect.arrayContaining(["first", "last"]));
      });
      fc.assert(property, { numRuns: TIMES, seed: 7 });
    });
  }
});

test("HashiCorp's parser rejects each of them too, but for our own rules", () => {
  for (const { summary, text, ownRule } of mistakes) {
    if (ownRule) continue;
    for (const mistake of new Set(fc.sample(text, { numRuns: 4, seed: 11 }))) {
      if (mistake.includes("::")) continue;
      // hcl2-parser gets the text as UTF-8, where half a character cannot be, and U+FFFD is like any other.
      if (/[\ufffd\ud800]/.test(mistake)) continue;
      expect(parseToObject(mistake)[0], `${summary}: ${mistake}`).toBeNull();
    }
  }
});

test("three mistakes are three errors, in the order of the text", () => {
  const alone = mistakes.filter((one) => !one.isLast);
  const one = fc.constantFrom(...alone).chain(({ summary, text }) => text.map((mistake) => ({ summary, mistake })));
  const property = fc.property(one, one, one, (...three) => {
    // An argument set twice would be one mistake more.
    const names = three.map(({ mistake }, at) => /^"?([^\s".[:]+)/.exec(mistake)?.[1] ?? String(at));
    fc.pre(new Set(names).size === 3);
    const text =
      three.map(({ mistake }, at) => `${before.replaceAll("first", `before${at}`)}${mistake}`).join("") + after;
    const { diagnostics } = parse(text);
    expect(diagnostics.map((each) => each.summary).length, shown(text, diagnostics)).toBe(3);
    for (const [at, { summary }] of three.entries()) {
      expect(isOf(summary, diagnostics[at] as Diagnostic), shown(text, diagnostics)).toBe(true);
    }
  });
  fc.assert(property, { numRuns: 500, seed: 13 });
});
