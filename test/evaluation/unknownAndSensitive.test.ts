import { describe, expect, test } from "vitest";
import {
  NUMBER,
  numberValue,
  objectValue,
  STRING,
  stringValue,
  tupleValue,
  UNKNOWN_VALUE,
  unknownValue,
} from "../../src/core/values.ts";
import { formatValue } from "../../src/evaluation/formatValue.ts";
import { scopeOf, secret, valueOf } from "./support.ts";

const scope = scopeOf({
  u: {
    any: UNKNOWN_VALUE,
    text: unknownValue(STRING),
    number: unknownValue(NUMBER),
    bool: unknownValue({ kind: "bool" }),
    list: unknownValue({ kind: "list", element: STRING }),
    object: unknownValue({ kind: "object", attributes: new Map([["a", STRING]]) }),
    partly: tupleValue([numberValue(1), unknownValue(NUMBER)]),
    map: objectValue(
      new Map([
        ["a", unknownValue(STRING)],
        ["b", stringValue("x")],
      ]),
    ),
  },
  s: {
    text: secret(stringValue("hunter2")),
    number: secret(numberValue(7)),
    yes: secret({ type: { kind: "bool" }, raw: true, sensitive: false }),
    list: secret(tupleValue([stringValue("a"), stringValue("b")])),
    partly: objectValue(
      new Map([
        ["open", stringValue("x")],
        ["hidden", secret(stringValue("hunter2"))],
      ]),
    ),
    unknown: secret(unknownValue(STRING)),
  },
});

describe("an unknown value", () => {
  test.each([
    ["u.number + 1", "number"],
    ["-u.number", "number"],
    ["u.number < 1", "bool"],
    ["u.text == u.text", "bool"],
    ["u.text == null", "bool"],
    ["u.any == 1", "bool"],
    ["!u.bool", "bool"],
    ["u.bool && true", "bool"],
    ["u.bool || false", "bool"],
    ['"a${u.text}b"', "string"],
    ["u.bool ? 1 : 2", "number"],
    ['u.bool ? 1 : "a"', "string"],
    ["u.any ? [1] : u.any", "dynamic"],
    ["u.list[0]", "string"],
    ["u.partly[u.number]", "dynamic"],
    ["u.object.a", "string"],
    ["u.any.b.c[0]", "dynamic"],
    ["u.list[*]", "list"],
    ["[for x in u.list: x]", "dynamic"],
    ["{for x in u.partly: x => 1}", "dynamic"],
    ["[for x in [1]: x if u.bool]", "dynamic"],
    ["{(u.text) = 1}", "dynamic"],
    ["upper(u.text)", "string"],
    ["length(u.list)", "number"],
    ['join(",", u.partly)', "string"],
    ["max(u.list...)", "number"],
    ["tonumber(u.text)", "number"],
    ["tolist(u.any)", "list"],
    ["tolist([u.any, 1])", "dynamic"],
    ["contains(u.partly, 2)", "bool"],
    ["merge({}, u.any)", "dynamic"],
    ["jsonencode(u.map)", "string"],
  ])("leaves %s unknown", (text, type) => {
    const value = valueOf(text, scope);
    expect(formatValue(value)).toBe("(known after apply)");
    expect(value.type.kind).toBe(type);
  });

  test.each([
    ["u.bool && false", "false"],
    ["false && u.bool", "false"],
    ["u.bool || true", "true"],
    ["[u.number, 1][1]", "1"],
    ["u.partly[0]", "1"],
    ["length(u.partly)", "2"],
    ["length(u.map)", "2"],
    ["u.map.b", '"x"'],
    ["contains(u.partly, 1)", "true"],
    ["[1, u.number] == [2, 3]", "false"],
    ["u.text == 1", "false"],
    ["keys(u.map)[0]", '"a"'],
    ["{a = u.text}.a == null ? 1 : 1", "(known after apply)"],
    ["[for x in u.partly: 1]", "[\n  1,\n  1,\n]"],
    ["merge(u.map, {a = 1}).a", "1"],
    ["concat(u.partly, [3])[2]", "3"],
  ])("does not hide what %s is without it", (text, printed) => {
    expect(formatValue(valueOf(text, scope))).toBe(printed);
  });

  test("still lets errors beside it be found", () => {
    expect(() => valueOf("u.any + missing", scope)).toThrow('Unknown name "missing"');
    expect(() => valueOf('"${u.any}${[1]}"', scope)).toThrow("cannot be put into a text");
    expect(() => valueOf("u.object.b", scope)).toThrow('no attribute "b"');
  });
});

describe("a sensitive value", () => {
  test.each([
    "s.number + 1",
    "-s.number",
    "s.number == 7",
    "s.yes && true",
    "false && s.yes",
    '"a${s.text}"',
    '"%{ if s.yes }a%{ endif }"',
    '"%{ for x in s.list }a%{ endfor }"',
    "s.yes ? 1 : 2",
    "s.list[0]",
    '["a", "b"][s.number - 7]',
    "s.list[*]",
    "[for x in s.list: 1]",
    "[for x in [1]: x if s.yes]",
    "{for x in [s.text]: x => 1}",
    "{(s.text) = 1}",
    "s.partly == {}",
    "upper(s.text)",
    'join(",", s.list)',
    "length(s.list)",
    "tostring(s.number)",
    "jsonencode(s.partly)",
    'format("%s", s.text)',
    "toset([s.text])",
    "max(s.number, 1)",
    "max([s.number, 1]...)",
    "s.unknown",
    "upper(s.unknown)",
    "concat(s.list, [1])",
  ])("marks the result of %s", (text) => {
    expect(formatValue(valueOf(text, scope))).toBe("(sensitive value)");
  });

  test.each([
    ["[s.text, 1]", "[\n  (sensitive value),\n  1,\n]"],
    ["s.partly", '{\n  "hidden" = (sensitive value)\n  "open" = "x"\n}'],
    ["s.partly.open", '"x"'],
    ["keys(s.partly)[0]", '"hidden"'],
    ["length(s.partly)", "2"],
    ["merge(s.partly, {hidden = 1})", '{\n  "hidden" = 1\n  "open" = "x"\n}'],
    ["tolist([s.text])", "tolist([\n  (sensitive value),\n])"],
  ])("does not mark more of %s than it must", (text, printed) => {
    expect(formatValue(valueOf(text, scope))).toBe(printed);
  });
});
