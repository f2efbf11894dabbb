import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  NUMBER,
  numberValue,
  STRING,
  stringValue,
  tupleValue,
  UNKNOWN_VALUE,
  unknownValue,
} from "../../src/core/values.ts";
import { formatValue } from "../../src/evaluation/formatValue.ts";
import { formatType } from "../../src/evaluation/types.ts";
import { errorOf, scopeOf, secret, tryEvaluate, valueOf } from "./support.ts";

const scope = scopeOf({
  u: {
    any: UNKNOWN_VALUE,
    text: unknownValue(STRING),
    number: unknownValue(NUMBER),
    list: unknownValue({ kind: "list", element: STRING }),
    set: { type: { kind: "set", element: STRING }, raw: [stringValue("a"), unknownValue(STRING)], sensitive: false },
    pair: unknownValue({ kind: "tuple", elements: [STRING, STRING] }),
  },
  s: {
    text: secret(stringValue("hunter2")),
    number: secret(numberValue(7)),
    list: tupleValue([secret(stringValue("hunter2")), stringValue("b")]),
  },
});

describe("a function of numbers, strings and regular expressions", () => {
  test.each([
    ["abs(u.number)", "number"],
    ["pow(2, u.number)", "number"],
    ["sum([1, u.number])", "number"],
    ["sum(u.any)", "number"],
    ["parseint(u.any, 10)", "number"],
    ["join(u.text, [1])", "string"],
    ["substr(u.text, 0, 0)", "string"],
    ['replace("a", "a", u.text)', "string"],
    ['split(",", u.text)', "list(string)"],
    ['startswith(u.text, "a")', "bool"],
    ['startswith("a", u.text)', "bool"],
    ['endswith(u.text, "")', "bool"],
    ['format("%d", u.text)', "string"],
    ['format("%v", [u.text])', "string"],
    ['formatlist("%s", u.list)', "list(string)"],
    ['formatlist("%s", u.set)', "list(string)"],
    ['formatlist("%s", u.any)', "list(string)"],
    ['formatlist("%s %s", ["a", "b"], u.pair)', "list(string)"],
    ["formatlist(u.text, [1])", "list(string)"],
    ['regex(u.text, "a")', "any"],
    ['regex("a", u.text)', "string"],
    ['regex("(a)(b)", u.text)', "tuple([string, string])"],
    ['regex("(?P<a>.)", u.text)', "object({ a = string })"],
    ['regexall(u.text, "a")', "list(any)"],
    ['regexall("(a)", u.text)', "list(tuple([string]))"],
  ])("does not know %s, but that it is %s", (text, type) => {
    const value = valueOf(text, scope);
    expect(formatValue(value)).toBe("(known after apply)");
    expect(formatType(value.type)).toBe(type);
  });

  test.each([
    ['startswith(u.text, "")', "true"],
    ['formatlist("%s %d", ["a", u.text], 1)', 'tolist([\n  "a 1",\n  (known after apply),\n])'],
    ['formatlist("%s", u.text)', "tolist([\n  (known after apply),\n])"],
    ['length(formatlist("%s%s", ["a", "b"], u.text))', "2"],
  ])("knows what %s is without what is unknown in it", (text, printed) => {
    expect(formatValue(valueOf(text, scope))).toBe(printed);
  });

  test.each([
    ["sum({ a = u.number })", "a list, set or tuple of numbers is required, this is an object"],
    ['regex("(", u.text)', '"(" is no regular expression: missing closing ): "("'],
    ['regexall("(a)(?P<b>b)", u.text)', "some groups have names and some have none"],
    ['formatlist("%s %s", [u.text], ["a", "b"])', "argument 2 after the format has length 2, but argument 1 has 1"],
    ['formatlist("%s %s", u.pair, ["a"])', "argument 2 after the format has length 1, but argument 1 has 2"],
  ])("finds what is wrong with %s before all is known", (text, message) => {
    expect(errorOf(text, scope)).toContain(message);
  });

  test.each([
    "abs(s.number)",
    "max(s.number, 1)",
    "sum([s.number])",
    'parseint("1", s.number)',
    'startswith(s.text, "")',
    "title(s.text)",
    "substr(s.text, 0, 0)",
    'join(",", s.list)',
    'split("", s.text)',
    'replace("a", "b", s.text)',
    'regex("(.)", s.text)',
    'regexall(s.text, "a")',
    'formatlist("%s", s.list)',
    'format("%s%s", s.list...)',
  ])("marks the result of %s", (text) => {
    expect(formatValue(valueOf(text, scope))).toBe("(sensitive value)");
  });

  test.each([
    "parseint(s.text, 10)",
    'regex("x", s.text)',
    'regex("(${s.text}", "a")',
    'replace(s.text, "/(/", "")',
    "sum(s.list)",
    'format("%d", s.text)',
    'formatlist("%d", s.list)',
    "indent(s.text, s.text)",
  ])("shows nothing sensitive where it refuses %s", (text) => {
    const { diagnostics } = tryEvaluate(text, scope);
    expect(diagnostics.length).toBeGreaterThan(0);
    expect(JSON.stringify(diagnostics.map(({ range: _, ...rest }) => rest))).not.toContain("hunter2");
  });
});

describe("an error of one", () => {
  test.each([
    [
      'parseint("12", 2)',
      'Wrong argument of parseint() | The argument "number" does not fit: "12" is no whole number in base 2: "2" is no digit there. | "12"',
    ],
    [
      "signum(0.5)",
      'Wrong argument of signum() | The argument "num" does not fit: a whole number is required, this is 0.5. | 0.5',
    ],
    [
      "log(0, 10)",
      'Wrong argument of log() | The argument "num" does not fit: log(0, 10) is infinite or beyond the numbers it computes with (1.8e308). | 0',
    ],
    [
      'sum(["1", "x"])',
      'Wrong argument of sum() | The argument "list" does not fit: element 1: "x" is no number. | ["1", "x"]',
    ],
    [
      'indent(-1, "a")',
      'Wrong argument of indent() | The argument "spaces" does not fit: it must be from 0 to 1000000, this is -1. | -1',
    ],
    [
      'regex("a+", "b")',
      'Wrong argument of regex() | The argument "string" does not fit: "a+" matches nothing in "b"; where it may match nothing, use regexall or can. | "b"',
    ],
    [
      'regex("(?=a)", "a")',
      'Wrong argument of regex() | The argument "pattern" does not fit: "(?=a)" is no regular expression: invalid or unsupported Perl syntax: "(?="; there is no looking ahead or behind. | "(?=a)"',
    ],
    [
      'regex("(.)\\\\1", "aa")',
      'Wrong argument of regex() | The argument "pattern" does not fit: "(.)\\\\1" is no regular expression: invalid escape sequence: "\\\\1"; a pattern cannot refer to its groups. | "(.)\\\\1"',
    ],
    [
      'replace("a", "/[/", "")',
      'Wrong argument of replace() | The argument "substr" does not fit: "[" is no regular expression: missing closing ]: "[". | "/[/"',
    ],
    [
      'format("%d%y", 1, 2)',
      'Wrong argument of format() | The argument "format" does not fit: there is no "%y"; there are %s %q %d %v %t %b %o %x %X %e %E %f %g %G. | "%d%y"',
    ],
    [
      'formatlist("%d", [1, 1.5])',
      'Wrong argument of formatlist() | The argument "args" does not fit: for element 1: "%d" needs a whole number, this is 1.5. | [1, 1.5]',
    ],
  ])("says of %s what does not fit, and its value", (text, message) => {
    expect(errorOf(text)).toBe(message);
  });
});

describe("regular expressions", () => {
  test("take time in proportion to the text", () => {
    const begun = performance.now();
    expect(tryEvaluate(`regex("(a+)+$", "${"a".repeat(20_000)}!")`).diagnostics).toHaveLength(1);
    expect(tryEvaluate(`regexall("(.*)*x", "${"a".repeat(20_000)}")`).value.raw).toEqual([]);
    expect(performance.now() - begun).toBeLessThan(2000);
  });

  test("of any form give a value or an error", () => {
    const part = fc.constantFrom(
      ..."ab.*+?()[]{}|^$\\\\-:<>P=!1,éd👍".split(""),
      "(?P<x>",
      "\\\\b",
      "{2,3}",
      "[[:alpha:]]",
    );
    const pattern = fc.array(part, { maxLength: 12 }).map((parts) => parts.join(""));
    let accepted = 0;
    fc.assert(
      fc.property(pattern, fc.string({ unit: "grapheme", maxLength: 20 }), (expression, text) => {
        const [first, second] = [expression, text].map((one) =>
          JSON.stringify(one).replace(/[$%]\{/g, (at) => `${at[0]}${at}`),
        );
        for (const call of [`regexall(${first}, ${second})`, `replace(${second}, "/$\{${first}}/", "<$1>")`]) {
          if (tryEvaluate(call).diagnostics.length === 0) accepted++;
        }
      }),
      { numRuns: 500 },
    );
    expect(accepted).toBeGreaterThan(150);
  });
});

test("formats of any form give a text or an error", () => {
  const part = fc.constantFrom(..."%%%%#0-+ 12.[]vtdoxXeEfgGsqbé*".split(""));
  const values = fc.constantFrom('"añ👍"', "-1.5", "1e30", "null", "true", "[1]", "{a = 1}");
  let accepted = 0;
  fc.assert(
    fc.property(fc.array(part, { maxLength: 8 }), fc.array(values, { maxLength: 2 }), (parts, given) => {
      const { diagnostics } = tryEvaluate(`format(${[JSON.stringify(parts.join("")), ...given].join(", ")})`);
      expect(diagnostics.length).toBeLessThanOrEqual(1);
      if (diagnostics.length === 0) accepted++;
    }),
    { numRuns: 1500 },
  );
  expect(accepted).toBeGreaterThan(50);
});
