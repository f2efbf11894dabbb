import { expect, test } from "vitest";
import { satisfies } from "../../src/config/version.ts";

test.each([
  ["0.1.0", "~> 0.1", true],
  ["0.9.3", "~> 0.1", true],
  ["1.0.0", "~> 0.1", false],
  ["0.1.9", "~> 0.1.2", true],
  ["0.1.1", "~> 0.1.2", false],
  ["0.2.0", "~> 0.1.2", false],
  ["3.0.0", "~> 2", true],
  ["0.1.0", "0.1.0", true],
  ["0.1.0", "= 0.1", true],
  ["0.1.1", "= 0.1", false],
  ["0.1.1", "!= 0.1.1", false],
  ["0.10.0", "> 0.9", true],
  ["0.9.0", "> 0.9", false],
  ["0.9.0", ">= 0.9, < 1.0", true],
  ["1.0.0", ">= 0.9, < 1.0", false],
  ["1.0.0", "<=1", true],
  ["0.2.0-dev", ">= 0.2", true],
])("%s and %s: %s", (version, constraint, expected) => {
  expect(satisfies(version, constraint)).toBe(expected);
});

test.each(["", "latest", "~> ", ">= 1,", "=> 1", "1.2.3.4", "1.x"])("%j is no constraint", (constraint) => {
  expect(satisfies("1.0.0", constraint)).toBeUndefined();
});
