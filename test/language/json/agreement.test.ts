import process from "node:process";
import fc from "fast-check";
import { expect, test } from "vitest";
import { parseJson } from "../../../src/language/json/parse.ts";
import type { JsonNode } from "../../../src/language/json/tree.ts";

const DEEPEST = 250;

/** The last of several properties of one name counts, as for JSON.parse. */
function plain(node: JsonNode): unknown {
  switch (node.kind) {
    case "object":
      return Object.fromEntries(node.properties.map(({ name, value }) => [name.value, plain(value)]));
    case "array":
      return node.items.map(plain);
    case "number":
      return Number(node.text);
    default:
      return node.value;
  }
}

function theirs(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

const spaced = fc.json({ maxDepth: 4 }).chain((text) =>
  fc.constantFrom(undefined, 1, "\t", "\r\n").map((indent) => {
    const value = JSON.parse(text);
    return JSON.stringify(value, null, indent === "\r\n" ? 2 : indent).replaceAll(
      "\n",
      indent === "\r\n" ? "\r\n" : "\n",
    );
  }),
);

const fragment = fc.constantFrom(
  ...'{ } [ ] , : = " \' \\ / // /* */ # \n \r \t 0 01 1. -1 1e5 true True null x é \u00a0 \ufeff \0 \\u12 \\ud83d\\ude00 \\n "a" "a": ; ${'.split(
    " ",
  ),
);
const edit = fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(3), fc.oneof(fc.constant(""), fragment));
const broken = fc.tuple(spaced, fc.array(edit, { minLength: 1, maxLength: 3 })).map(([start, edits]) =>
  edits.reduce((text, [place, length, inserted]) => {
    const at = Math.floor(place * text.length);
    return text.slice(0, at) + inserted + text.slice(at + length);
  }, start),
);

function expectAgreement(text: string): boolean {
  const { value, problems } = parseJson(text, DEEPEST);
  const opinion = theirs(text);
  for (const { start, end } of problems) {
    expect(start >= 0 && start <= end && end <= text.length, JSON.stringify(text)).toBe(true);
  }
  expect(problems.length === 0, JSON.stringify([text, problems])).toBe(opinion !== undefined);
  if (opinion) expect(value && plain(value)).toEqual(opinion.value);
  return opinion !== undefined;
}

test("what JSON.parse reads is read, with the same value", () => {
  fc.assert(
    fc.property(spaced, (text) => {
      expect(expectAgreement(text)).toBe(true);
    }),
    { numRuns: 1_000, seed: 1 },
  );
});

test("what JSON.parse rejects is rejected, with a place in the text", () => {
  let rejected = 0;
  const property = fc.property(broken, (text) => {
    if (!expectAgreement(text)) rejected++;
  });
  fc.assert(property, { numRuns: 5_000, seed: 2 });
  expect(rejected).toBeGreaterThan(3_000);
});

test("each value's place holds the text of it", () => {
  const expectPlace = (node: JsonNode, text: string): void => {
    expect(plain(node)).toEqual(JSON.parse(text.slice(node.start, node.end)));
    if (node.kind === "array") for (const item of node.items) expectPlace(item, text);
    if (node.kind !== "object") return;
    for (const { name, value } of node.properties) {
      expectPlace(name, text);
      expectPlace(value, text);
    }
  };
  fc.assert(
    fc.property(spaced, (text) => {
      const { value } = parseJson(text, DEEPEST);
      if (value) expectPlace(value, text);
    }),
    { numRuns: 500, seed: 3 },
  );
});

test.each([
  ["brackets", "[".repeat(10_000)],
  ["braces", '{"a":'.repeat(10_000)],
  ["closed brackets", "[".repeat(10_000) + "]".repeat(10_000)],
])("10,000 nested %s are one error", (_, text) => {
  const { problems } = parseJson(text, DEEPEST);
  expect(problems.map((one) => one.summary)).toEqual(["The value is nested too deeply"]);
});

test.each([
  ["items", (count: number) => `[${"1, ".repeat(count)}1]`],
  ["one string", (count: number) => `["${"\\u00e9".repeat(count)}"]`],
  ["strings that are not closed", (count: number) => `[${'"a\n'.repeat(count)}]`],
  ["comments", (count: number) => `[${"/* x */\n".repeat(count)}]`],
  ["wrong brackets", (count: number) => `[${"{], ".repeat(count)}]`],
  ["brackets too many", (count: number) => `[${"}, ".repeat(count)}]`],
  ["properties in one line", (count: number) => `{${'"a": {}, '.repeat(count)}"b": 1}`],
  ["a number", (count: number) => `[${"1".repeat(count)}]`],
])("takes time linear in the text: %s", (_, text) => {
  // Of the processor, since others may keep it busy.
  const time = (count: number) => {
    const input = text(count);
    let fastest = Number.POSITIVE_INFINITY;
    for (let run = 0; run < 5; run++) {
      const start = process.cpuUsage();
      parseJson(input, DEEPEST);
      fastest = Math.min(fastest, process.cpuUsage(start).user / 1000);
    }
    return fastest;
  };
  time(5_000);
  // Quadratic would be 64 times.
  expect(time(40_000) / Math.max(5, time(5_000))).toBeLessThan(32);
});
