import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Type, Value } from "../../src/core/values.ts";
import { NUMBER, STRING, UNKNOWN, unknownValue } from "../../src/core/values.ts";
import { formatValue } from "../../src/evaluation/formatValue.ts";
import { valueFromJson, valueToJson } from "../../src/evaluation/json.ts";
import { parseType } from "../../src/evaluation/typeConstraint.ts";
import { convert, formatType, sameType, typeFromJson, typeToJson } from "../../src/evaluation/types.ts";
import { unify } from "../../src/evaluation/unify.ts";
import { expressionOf, valueOf } from "./support.ts";

function typeOf(text: string): Type {
  const { value, diagnostics } = parseType(expressionOf(text));
  if (!value) throw new Error(diagnostics.map((one) => `${one.summary}: ${one.detail}`).join("; "));
  return value;
}

function converted(text: string, type: string): string {
  const result = convert(valueOf(text), typeOf(type));
  return "error" in result ? `error: ${result.error}` : formatValue(result.value).replace(/\s+/g, " ");
}

describe("a value converts to", () => {
  test.each([
    ["1", "string", '"1"'],
    ['"5"', "number", "5"],
    ['"x"', "number", 'error: "x" is no number'],
    ['"yes"', "bool", 'error: "yes" is no bool (only "true" and "false" are)'],
    ["[1]", "string", "error: a string is required, this is a tuple"],
    ["[1, true]", "list(string)", 'tolist([ "1", "true", ])'],
    ['["2", "1", 2]', "set(number)", "toset([ 1, 2, ])"],
    ["[1]", "list(any)", "tolist([ 1, ])"],
    ['[1, "a"]', "list(any)", 'tolist([ "1", "a", ])'],
    ["[1, [2]]", "list(any)", "error: all elements must be of one type"],
    ["[[1], [[2]]]", "list(list(number))", "error: element 1, element 0: a number is required, this is a tuple"],
    ['{b = 1, a = "x"}', "map(string)", 'tomap({ "a" = "x" "b" = "1" })'],
    ["{a = 1}", "map(list(string))", 'error: element "a": a list of strings is required, this is a number'],
    ['tomap({a = "1", z = "2"})', "object({ a = number })", '{ "a" = 1 }'],
    ["{a = 1, extra = 2}", "object({ a = string })", '{ "a" = "1" }'],
    ["{}", "object({ a = string })", 'error: attribute "a" is required'],
    ["{}", "object({ a = optional(string) })", '{ "a" = tostring(null) }'],
    ["{}", "object({ a = optional(number, 3) })", '{ "a" = 3 }'],
    ["{a = null}", "object({ a = optional(number, 3) })", '{ "a" = 3 }'],
    ["{a = 4}", "object({ a = optional(number, 3) })", '{ "a" = 4 }'],
    ["[{}]", 'list(object({ a = optional(string, "x") }))', 'tolist([ { "a" = "x" }, ])'],
    ["{}", "object({ a = optional(object({ b = optional(number, 1) }), {}) })", '{ "a" = { "b" = 1 } }'],
    ['["1", 2]', "tuple([number, string])", '[ 1, "2", ]'],
    ["[1]", "tuple([number, string])", "error: a tuple of 2 elements is required, this one has 1"],
    ["null", "number", "tonumber(null)"],
    ["{a = [1]}", "any", '{ "a" = [ 1, ] }'],
  ])("%s as %s", (text, type, result) => {
    expect(converted(text, type)).toBe(result);
  });

  test("the type it asks for, known or not, and then converts no further", () => {
    const type = fc.constantFrom(
      "string",
      "list(string)",
      "set(string)",
      "map(string)",
      "object({ a = optional(string) })",
    );
    const texts = [
      "[]",
      '["b", "a", "b"]',
      "[1, true, null]",
      "{}",
      '{a = "x"}',
      "{b = 1, a = 2}",
      "1.5",
      '"x"',
      "null",
    ];
    fc.assert(
      fc.property(type, fc.constantFrom(...texts), (wanted, text) => {
        const once = convert(valueOf(text), typeOf(wanted));
        if ("error" in once) return;
        const twice = convert(once.value, typeOf(wanted));
        expect(twice).toEqual(once);
        const unknown = convert(unknownValue(valueOf(text).type), typeOf(wanted));
        if (!("value" in unknown)) throw new Error(unknown.error);
        expect(unknown.value.raw).toBe(UNKNOWN);
        expect(sameType(unknown.value.type, once.value.type)).toBe(true);
      }),
    );
  });

  test("nothing it could not, even while it is unknown", () => {
    expect(convert(unknownValue(NUMBER), { kind: "list", element: STRING })).toEqual({
      error: "a list of strings is required, this is a number",
    });
  });
});

describe("a type constraint", () => {
  test.each([
    "string",
    "number",
    "bool",
    "any",
    "list(string)",
    "set(number)",
    "map(any)",
    "tuple([string, list(bool)])",
    "tuple([])",
    "object({})",
    "object({ a = string, b = optional(list(number)) })",
  ])("%s reads back as it prints, and through JSON", (text) => {
    const type = typeOf(text);
    expect(formatType(type)).toBe(text);
    expect(typeFromJson(typeToJson(type))).toEqual(type);
  });

  test("has Terraform's JSON form", () => {
    expect(typeToJson(typeOf("object({ b = list(string), a = any })"))).toEqual([
      "object",
      { a: "dynamic", b: ["list", "string"] },
    ]);
    expect(() => typeFromJson("strnig")).toThrow(TypeError);
    expect(() => typeFromJson(["lsit", "string"])).toThrow(TypeError);
  });

  test.each([
    ["strnig", 'There is no type "strnig" | Did you mean "string"? | strnig'],
    ['"string"', 'A type is written without quotes | Write string instead of "string". | "string"'],
    ["set", "set needs to say of what | For example set(string). | set"],
    ["list(map)", "map needs to say of what | For example map(string). | map"],
    ["lst(string)", 'There is no type "lst()" | Did you mean "list"? | lst'],
    ["list(string, number)", "list() takes one argument | For example list(string). | list(string, number)"],
    ["string(1)", "string takes no arguments | Write string alone. | string(1)"],
    [
      "5",
      "This is no type | A type is string, number, bool or any, or is made with list(), set(), map(), tuple() or object(). | 5",
    ],
    [
      "optional(string)",
      "optional() stands only for an attribute of object() | For example object({ name = optional(string) }). | optional(string)",
    ],
    [
      "object(string)",
      "object() takes attributes and their types in braces | For example object({ name = string }). | string",
    ],
    ["tuple(string)", "tuple() takes a list of types in brackets | For example tuple([string, number]). | string"],
    ["object({ a = string, a = number })", 'The attribute "a" is there twice | Remove one of the two. | a'],
    [
      'object({ a = optional(number, "x") })',
      'The default does not fit its type | The default must be of the attribute\'s type, number: "x" is no number. | "x"',
    ],
  ])("%s is refused where it is wrong", (text, message) => {
    const { value, diagnostics } = parseType(expressionOf(text));
    expect(value).toBeUndefined();
    const shown = diagnostics.map(
      (one) => `${one.summary} | ${one.detail} | ${one.range?.file.text.slice(one.range.start, one.range.end)}`,
    );
    expect(shown).toEqual([message]);
  });

  test("with several mistakes has several errors", () => {
    expect(parseType(expressionOf("object({ a = strnig, b = list(nubmer) })")).diagnostics).toHaveLength(2);
  });

  test("of lists or maps may say nothing more", () => {
    expect(["list", "map"].map((text) => formatType(typeOf(text)))).toEqual(["list(any)", "map(any)"]);
  });

  test("has no default that is not constant", () => {
    expect(parseType(expressionOf("object({ a = optional(string, var.x) })")).diagnostics).toHaveLength(1);
    const { diagnostics } = parseType(expressionOf('object({ a = optional(string, upper("x")) })'));
    expect(diagnostics.map((one) => one.summary)).toEqual(["No function can be called here"]);
  });
});

test("types are unified to what all their values convert to, in whatever order they stand", () => {
  const all = ["string", "number", "bool", "list(string)", "set(string)", "list(number)", "map(number)"].map(typeOf);
  for (const left of all) {
    for (const right of all) {
      const one = unify([left, right]);
      const other = unify([right, left]);
      expect(one && formatType(one)).toBe(other && formatType(other));
    }
  }
});

describe("a value as JSON", () => {
  test.each([
    "null",
    "1.5",
    "1 / 3",
    "123456789012345678901234567890",
    '"text"',
    "true",
    "[1, [2, null], {a = 1}]",
    "tolist([0.1, 1e100])",
    'toset(["b", "a"])',
    "toset([2 / 3, 1 / 3])",
    "tomap({b = 1, a = 2})",
    "{b = tolist([]), a = tostring(null)}",
    'jsondecode("{\\"__proto__\\": {\\"constructor\\": 1}}")',
  ])("and its type make the same value again: %s", (text) => {
    const value = valueOf(text);
    const through = valueFromJson(
      typeFromJson(JSON.parse(JSON.stringify(typeToJson(value.type)))),
      JSON.parse(JSON.stringify(valueToJson(value))),
    );
    expect(through).toEqual(value);
  });

  test("has plain numbers wherever a double says the same", () => {
    expect(valueToJson(valueOf("[1, 0.1, 1e100, 1.5]"))).toEqual([1, 0.1, 1e100, 1.5]);
    expect(valueToJson(valueOf("9007199254740993"))).toBe("9007199254740993");
  });

  test("does not exist while it is unknown", () => {
    expect(() => valueToJson(unknownValue(STRING))).toThrow(TypeError);
  });

  test("is refused where it is not of its type", () => {
    const wrong: readonly (readonly [string, Value["raw"] | object])[] = [
      ["number", true],
      ["string", 1],
      ["list(string)", { a: 1 }],
      ["map(string)", ["a"]],
      ["tuple([string])", []],
    ];
    for (const [type, json] of wrong) expect(() => valueFromJson(typeOf(type), json as never), type).toThrow(TypeError);
  });
});
