import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { characters, graphemes } from "../../src/core/characters.ts";
import { position } from "../../src/core/source.ts";

const whole = (text: string): string[] =>
  Array.from(new Intl.Segmenter("en", { granularity: "grapheme" }).segment(text), ({ segment }) => segment);

/** Texts whose characters are of several code points, longer than the pieces they are read in. */
const texts = fc
  .array(
    fc.constantFrom(
      "a",
      " ",
      "\r\n",
      "\r",
      "é",
      "e\u0301",
      "日",
      "👩‍👩‍👧‍👦",
      "👍🏽",
      "🇩🇪",
      "🇫",
      "क्षि",
      "\u200d",
      "\ud83d",
      "👩",
    ),
    { maxLength: 400, size: "max" },
  )
  .map((parts) => parts.join(""));

describe("the characters of a text", () => {
  test("are its grapheme clusters, wherever its pieces end", () => {
    const property = fc.property(texts, (text) => {
      expect(characters(text)).toEqual(whole(text));
      expect(graphemes(text)).toBe(whole(text).length);
    });
    fc.assert(property, { numRuns: 200, seed: 3 });
  });

  test("may be of any length", () => {
    const one = `e${"\u0301".repeat(2_000)}`;
    expect(characters(`a${one}b`)).toEqual(["a", one, "b"]);
  });

  test("are found in time linear in the length", () => {
    const cost = (length: number): number => {
      const before = process.cpuUsage();
      graphemes("日本 e\u0301".repeat(length));
      return process.cpuUsage(before).user / 1_000;
    };
    cost(1_000);
    // Were it quadratic, ten times the length would take a hundred times as long.
    expect(cost(20_000)).toBeLessThan(40 * Math.max(cost(2_000), 5));
  });
});

test("a column counts the characters before it, in a long line too, in whatever order places are asked for", () => {
  const property = fc.property(fc.array(texts, { minLength: 1, maxLength: 6 }), fc.array(fc.nat()), (parts, places) => {
    const line = parts.join(" and ").replace(/[\r\n]/g, "");
    const file = { name: "f", text: `first\n${line}` };
    for (const place of places) {
      const offset = 6 + (place % (line.length + 1));
      const { line: at, column } = position(file, offset);
      expect(at).toBe(2);
      const before = line.slice(0, offset - 6);
      if (graphemes(before) + graphemes(line.slice(offset - 6)) === graphemes(line)) {
        expect(column).toBe(graphemes(before) + 1);
      }
    }
  });
  fc.assert(property, { numRuns: 100, seed: 5 });
});
