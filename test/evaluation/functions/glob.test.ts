import fc from "fast-check";
import { expect, test } from "vitest";
import { matches, type NamePattern, parsePattern } from "../../../src/evaluation/functions/glob.ts";

const piece = fc.constantFrom("*", "?", "a", "b", ".", "[ab]", "[^a]", "[a-c]", "{a,b*}", "{,a}", "\\*", "\\\\");
const name = fc.string({ unit: fc.constantFrom("a", "b", "c", ".", "*", "\\"), maxLength: 6 });

/** The same as a regular expression, where JavaScript may go back as often as it likes. */
function asRegExp(pieces: readonly string[]): RegExp {
  const translated = pieces.map((one) => {
    if (one === "*") return ".*";
    if (one === "?") return ".";
    if (one === "{a,b*}") return "(?:a|b.*)";
    if (one === "{,a}") return "(?:|a)";
    return one === "." ? "\\." : one;
  });
  return new RegExp(`^(?:${translated.join("")})$`, "s");
}

test("a pattern matches what the same regular expression does", () => {
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 7 }), name, (pieces, text) => {
      const pattern = parsePattern(pieces.join("")) as NamePattern;
      expect(matches(pattern, text)).toBe(asRegExp(pieces).test(text));
    }),
    { numRuns: 5000 },
  );
});

test("a pattern with many stars takes no longer than one with a few", () => {
  const pattern = parsePattern(`${"*a".repeat(60)}b`) as NamePattern;
  const started = performance.now();
  expect(matches(pattern, "a".repeat(255))).toBe(false);
  expect(performance.now() - started).toBeLessThan(1000);
});

test.each(["[", "[]", "[a-", "[-a]", "[a-]", "{a", "a\\", "{[,a}"])("%s is no pattern", (text) => {
  expect(parsePattern(text)).toBeTypeOf("string");
});
