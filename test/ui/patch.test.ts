import { applyPatch } from "diff";
import fc from "fast-check";
import { expect, test } from "vitest";
import { unifiedDiff } from "../../src/ui/patch.ts";

const line = fc.constantFrom("a = 1", "a=1", "  a = 1", "b {", "b{", "}", "", "x", "y", 'c "d"', "c d", "\r");
const text = fc
  .tuple(fc.array(line, { maxLength: 40 }), fc.constantFrom("", "\n"))
  .map(([lines, end]) => lines.join("\n") + end);
const change = fc.tuple(fc.nat(40), fc.nat(2), fc.array(line, { maxLength: 2 }));
const changed = fc.tuple(text, fc.array(change, { minLength: 1, maxLength: 4 })).map(([before, changes]) => {
  const lines = before.split("\n");
  for (const [at, count, instead] of changes) lines.splice(at, count, ...instead);
  return [before, lines.join("\n")] as const;
});

test("a difference that is applied to the old text makes the new one", () => {
  const property = fc.property(fc.oneof(changed, fc.tuple(text, text)), ([before, after]) => {
    const patch = unifiedDiff("f", before, after);
    expect(applyPatch(before, patch, { autoConvertLineEndings: false }), patch).toBe(after);
  });
  fc.assert(property, { numRuns: 2000, seed: 1 });
});

test("it has three lines around what changed, counts as GNU diff does, and names the file twice", () => {
  const lines = (...all: readonly (string | number)[]) => all.map((one) => `${one}\n`).join("");
  expect(unifiedDiff("d/f", lines(1, 2, 3, 4, 5, 6, 7, 8, 9), lines(1, 2, 3, 4, "5 ", 6, 7, 8, 9))).toBe(
    "--- old/d/f\n+++ new/d/f\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+5 \n 6\n 7\n 8\n",
  );
  expect(unifiedDiff("f", "a", "a\n")).toBe(
    "--- old/f\n+++ new/f\n@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+a\n",
  );
  expect(unifiedDiff("f", "a\n", "")).toBe("--- old/f\n+++ new/f\n@@ -1 +0,0 @@\n-a\n");
  const apart = (middle: readonly number[]) => [
    unifiedDiff("f", lines("a", ...middle, "b"), lines("a ", ...middle, "b ")).match(/^@@/gm)?.length,
  ];
  expect([apart([1, 2, 3, 4, 5, 6]), apart([1, 2, 3, 4, 5, 6, 7])]).toEqual([[1], [2]]);
});

test("a large file of which every line changed is no great work", () => {
  const before = Array.from({ length: 50_000 }, (_, at) => `a${at}=1\n`).join("");
  const start = performance.now();
  expect(unifiedDiff("f", before, before.replaceAll("=", " = "))).toContain("+a49999 = 1\n");
  expect(unifiedDiff("f", before, before.replaceAll("a", "b"))).toContain("+b49999=1\n");
  expect(performance.now() - start).toBeLessThan(10_000);
});
