import { describe, expect, test } from "vitest";
import type { Type, Value } from "../../src/core/values.ts";
import {
  BOOL,
  boolValue,
  DYNAMIC,
  NUMBER,
  numberValue,
  objectValue,
  STRING,
  stringValue,
  tupleValue,
  UNKNOWN,
  UNKNOWN_VALUE,
  unknownValue,
} from "../../src/core/values.ts";
import { formatValue } from "../../src/evaluation/formatValue.ts";
import { describeType } from "../../src/evaluation/types.ts";
import { scopeOf, secret, tryEvaluate } from "./support.ts";

/**
 * The rows of HCL's expression and template tests that need variables (expression_test.go, expression_template_test.go):
 * unknown, null and sensitive values, which `terraform console` cannot be asked for. What they say, in our words; which
 * of them differ, and why, stands in test/language/hashicorp.md.
 */
const nullOf = (type: Type): Value => ({ type, raw: null, sensitive: false });
const list = (element: Type): Type => ({ kind: "list", element });
const map = (element: Type): Type => ({ kind: "map", element });
const listValue = (element: Type, items: readonly Value[]): Value => ({
  type: list(element),
  raw: items,
  sensitive: false,
});
const mapValue = (element: Type, items: { readonly [name: string]: Value }): Value => ({
  type: map(element),
  raw: new Map(Object.entries(items)),
  sensitive: false,
});
const named: Type = { kind: "object", attributes: new Map([["name", STRING]]) };
const strings = (...texts: readonly string[]): Value => listValue(STRING, texts.map(stringValue));

const scope = scopeOf({
  unk: UNKNOWN_VALUE,
  unknum: unknownValue(NUMBER),
  unkstr: unknownValue(STRING),
  unkbool: unknownValue(BOOL),
  unklist: unknownValue(list(STRING)),
  unkmap: unknownValue(map(STRING)),
  unkobj: unknownValue(named),
  unklistobj: unknownValue(list(named)),
  unktuple: unknownValue({ kind: "tuple", elements: [named, named] }),
  nullstr: nullOf(STRING),
  nullnum: nullOf(NUMBER),
  nullbool: nullOf(BOOL),
  nulllist: nullOf(list(named)),
  nullobj: nullOf(named),
  nullmap: nullOf(map(STRING)),
  nulldyn: nullOf(DYNAMIC),
  things: secret(strings("a", "b", "", "c")),
  open: strings("a", "b", "c"),
  secretmap: secret(mapValue(BOOL, { a: boolValue(true), b: boolValue(false) })),
  partmap: mapValue(BOOL, { a: secret(boolValue(true)), b: boolValue(false) }),
  rosie: mapValue(STRING, { a: secret(stringValue("rosie")), b: stringValue("robin") }),
  secretb: secret(stringValue("b")),
  unksecret: secret(unknownValue(STRING)),
  maps: secret(listValue(map(BOOL), [mapValue(BOOL, { enabled: boolValue(true) })])),
  unkmaps: secret(unknownValue(list(map(BOOL)))),
  elements: listValue(map(STRING), [
    mapValue(STRING, { x: secret(stringValue("foo")) }),
    mapValue(STRING, { x: stringValue("bar") }),
  ]),
  yes: secret(boolValue(true)),
  no: secret(boolValue(false)),
  unkyes: secret(unknownValue(BOOL)),
  numbers: secret(
    listValue(
      NUMBER,
      [3, 1, 4].map((one) => numberValue(one)),
    ),
  ),
  index: numberValue(0),
  thing: objectValue(new Map([["baz", stringValue("hello")]])),
  hello: stringValue("hello"),
  notobj: boolValue(true),
  secrets: secret(strings("foo", "bar", "baz")),
  mixed: tupleValue([stringValue("foo"), secret(stringValue("bar")), stringValue("baz")]),
  target: secret(stringValue("world")),
});

const unknown = (value: Value): boolean => value.raw === UNKNOWN;

describe("an unknown part leaves unknown", () => {
  test.each([
    ["(2+unknum)", "a number"],
    ["(2+unk)", "a number"],
    ["(unk+unk)", "a number"],
    ["unknum < 4", "a bool"],
    ["[for v in unklist: v]", "not known yet"],
    ["[for v in unk: v]", "not known yet"],
    ['[for v in ["a", "b"]: v if unkbool]', "not known yet"],
    ['[for v in ["a", "b"]: v if unk]', "not known yet"],
    ["unkstr[*]", "not known yet"],
    ["unk.*.name", "not known yet"],
    ["unkobj.*.name", "not known yet"],
    ["unklistobj.*.name", "not known yet"],
    ["unktuple.*.name", "not known yet"],
    ["concat(unk...)", "not known yet"],
    ["unk == null", "a bool"],
    ['unkmap["boop"]', "a string"],
    ['unk["boop"]', "not known yet"],
    ["unklist[0]", "a string"],
    ["unkbool && true", "a bool"],
    ["unkbool ? 1 : 0", "a number"],
    ["unkbool ? 0 : 1", "a number"],
    ["unkbool ? unknum : unknum", "a number"],
    ["unkbool ? unkbool : unkbool", "a bool"],
    ['"test_${unkstr}"', "a string"],
    ['unkbool ? target : ""', "a string"],
  ])("%s", (text, type) => {
    const { value, diagnostics } = tryEvaluate(text, scope);
    expect(diagnostics).toEqual([]);
    expect(unknown(value)).toBe(true);
    if (type !== "not known yet") expect(describeType(value.type)).toBe(type);
  });
});

describe("what does not depend on the unknown part is known", () => {
  test.each([
    ['[for v in ["a", "b"]: unkstr]', "[\n  (known after apply),\n  (known after apply),\n]"],
    ['false ? unk : {a = "b"}', '{\n  "a" = "b"\n}'],
    ['true ? ["a", "b"] : unk', '[\n  "a",\n  "b",\n]'],
    ["[1, unknum][0]", "1"],
  ])("%s is %s", (text, printed) => {
    const { value, diagnostics } = tryEvaluate(text, scope);
    expect(diagnostics).toEqual([]);
    expect(formatValue(value)).toBe(printed);
  });
});

describe("null is equal to null of any type, and to nothing else", () => {
  test.each([
    ['nullstr == "foo"', "false"],
    ["nullstr == nullstr", "true"],
    ["nullstr == null", "true"],
    ["nullstr == nullnum", "true"],
    ['"" == nulldyn', "false"],
    ["nullobj == null", "true"],
    ["nullobj.*.name", "[]"],
    ["nullobj[*]", "[]"],
    ["nulldyn[*]", "[]"],
  ])("%s is %s", (text, printed) => {
    const { value, diagnostics } = tryEvaluate(text, scope);
    expect(diagnostics).toEqual([]);
    expect(formatValue(value)).toBe(printed);
  });
});

describe("there is one error in", () => {
  test.each([
    ["[for v in unkstr: v]"],
    ['[for v in ["a", "b"]: v if nullbool]'],
    ['[for v in ["a", "b"]: v if unklist]'],
    ["unkstr.*.name"],
    ["nulllist.*.name"],
    ['unkstr["baz"]'],
    ["hello.bar"],
    ["bar"],
    ['["boop"].foo[index]'],
    ["notobj != null && notobj.foo"],
    ["notobj == null || notobj.foo"],
    ["notobj != null && notobj[0]"],
    ["hello != null && hallo"],
    ['unkbool && "value"'],
    ['notobj && "value"'],
    ['nullmap != null || nullmap["key"] == "value"'],
    ["foo(hello) && true"],
    ["foo(hello) || false"],
    ["nullstr ? 1 : 2"],
    ['"a${nullstr}"'],
    ['"%{ for s in nulllist }${s}%{ endfor }"'],
    // With newer HCL there is none, as the left side decides.
    ["nullobj != null && nullobj.name"],
    ["nullobj == null || nullobj.name"],
    ["foo(hello) && false"],
    ["foo(hello) || true"],
  ])("%s", (text) => {
    const { diagnostics } = tryEvaluate(text, scope);
    expect(diagnostics.map((one) => one.severity)).toEqual(["error"]);
  });
});

describe("sensitive as a whole is", () => {
  test.each([
    ['[for x in things: x if x != ""]'],
    ["{for k, v in secretmap: k => !v}"],
    ['{for v in rosie: v => "${v}-friend"}'],
    ["[for x in open: x if x != secretb]"],
    ["{for k, v in partmap: k => v if k != secretb}"],
    ["{for k, v in partmap: k => v if k != unksecret}"],
    ["[for v in open: v if v != unksecret]"],
    ["maps.*.enabled"],
    ["unkmaps.*.enabled"],
    ["yes || unkbool"],
    ["unkbool || yes"],
    ["unkbool && no"],
    ["no && unkbool"],
    ["yes ? 1 : 0"],
    ["min(numbers...)"],
    ['unkbool ? target : ""'],
    ["{(secretb) = 1}"],
    ['"hello%{ if false } ${target}%{ endif }"'],
    ['"hello ${target}"'],
    ['"%{ for s in secrets }${s}%{ endfor }"'],
    ['"%{ for s in mixed }${s}%{ endfor }"'],
    ['"test_${unksecret}"'],
  ])("%s", (text) => {
    const { value, diagnostics } = tryEvaluate(text, scope);
    expect(diagnostics).toEqual([]);
    expect(value.sensitive).toBe(true);
  });
});

test("of a value in which something is sensitive only that is", () => {
  const printed = (text: string) => formatValue(tryEvaluate(text, scope).value).replace(/\s+/g, " ");
  expect(printed("{for k, v in partmap: k => !v}")).toBe('{ "a" = (sensitive value) "b" = true }');
  expect(printed("elements.*.x")).toMatch(/\[ \(sensitive value\), "bar", \]/);
  expect(printed("[for v in mixed: v]")).toBe('[ "foo", (sensitive value), "baz", ]');
});

describe("&& and || on true, false and unknown", () => {
  /** What can be told of the result; undefined for unknown. */
  const and = (a?: boolean, b?: boolean) => (a === false || b === false ? false : a && b);
  const or = (a?: boolean, b?: boolean) =>
    a === true || b === true ? true : a === false && b === false ? false : undefined;
  const operands: readonly (boolean | undefined)[] = [true, false, undefined];
  const word = (one?: boolean) => (one === undefined ? "unkbool" : String(one));
  const result = (text: string): boolean | undefined => {
    const { value, diagnostics } = tryEvaluate(text, scope);
    expect(diagnostics, text).toEqual([]);
    expect(value.type, text).toEqual(BOOL);
    return unknown(value) ? undefined : (value.raw as boolean);
  };

  test("of two", () => {
    for (const a of operands) {
      for (const b of operands) {
        expect(result(`${word(a)} && ${word(b)}`)).toBe(and(a, b));
        expect(result(`${word(a)} || ${word(b)}`)).toBe(or(a, b));
      }
    }
  });

  test("of three, with and without parentheses", () => {
    for (const a of operands) {
      for (const b of operands) {
        for (const c of operands) {
          const [x, y, z] = [word(a), word(b), word(c)];
          expect(result(`${x} && ${y} && ${z}`)).toBe(and(and(a, b), c));
          expect(result(`${x} || ${y} || ${z}`)).toBe(or(or(a, b), c));
          expect(result(`${x} || ${y} && ${z}`)).toBe(or(a, and(b, c)));
          expect(result(`${x} && ${y} || ${z}`)).toBe(or(and(a, b), c));
          expect(result(`(${x} || ${y}) && ${z}`)).toBe(and(or(a, b), c));
          expect(result(`${x} && (${y} || ${z})`)).toBe(and(a, or(b, c)));
        }
      }
    }
  });
});
