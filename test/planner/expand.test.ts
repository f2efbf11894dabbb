import { expect, test } from "vitest";
import type { Scope } from "../../src/evaluation/scope.ts";
import { parseExpression } from "../../src/language/parse.ts";
import { expand } from "../../src/planner/expand.ts";

const nothing: Scope = { member: () => undefined, lookup: () => undefined, names: () => [] };

function expanded(argument: "count" | "forEach", text: string) {
  const { expression } = parseExpression({ name: "a.lab.hcl", text });
  return expand({ address: "node.a", [argument]: expression }, nothing, () => "It is decided later.");
}

function refusal(argument: "count" | "forEach", text: string): string {
  const { known, diagnostics } = expanded(argument, text);
  expect(known).toBe(false);
  return diagnostics.map(({ summary, detail }) => `${summary}: ${detail}`).join("\n");
}

test.each([
  ["-1", "count must be a whole number: It must be between 0 and 100000, and is -1."],
  ["1.5", "count must be a whole number: It must be between 0 and 100000, and is 1.5."],
  ["100001", "count must be a whole number: It must be between 0 and 100000, and is 100001."],
  ["sensitive(-1)", "count must be a whole number: It must be between 0 and 100000, and is (sensitive value)."],
])("a count that counts nothing is shown: %s", (text, told) => {
  expect(refusal("count", text)).toBe(told);
});

test("a sensitive count is taken, as in Terraform", () => {
  expect(expanded("count", "sensitive(2)").instances).toHaveLength(2);
});

test.each([
  ["toset([1, 2])", "for_each takes a map, an object or a set of strings: This is a set of numbers."],
  [
    '["a"]',
    "for_each takes a map, an object or a set of strings: This is a list: use toset() if its elements are unique strings.",
  ],
])("what for_each cannot take is described: %s", (text, told) => {
  expect(refusal("forEach", text)).toBe(told);
});
