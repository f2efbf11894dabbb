import { describe, expect, test } from "vitest";
import { numberValue, objectValue, stringValue, tupleValue } from "../../src/core/values.ts";
import { errorOf, scopeOf, secret, tryEvaluate } from "./support.ts";

const scope = scopeOf({
  var: {
    image: stringValue("debian.qcow2"),
    ram: numberValue(512),
    password: secret(stringValue("hunter2")),
    secrets: secret(tupleValue([stringValue("hunter2")])),
  },
  node: { r1: objectValue(new Map([["console", stringValue("telnet")]])) },
  each: objectValue(new Map([["key", stringValue("a")]])),
});

describe("an error", () => {
  test.each([
    ["vra.image", 'Unknown name "vra" | Nothing of this name can be referred to here. Did you mean "var"? | vra'],
    ["var.imgae", "var.imgae does not exist | Did you mean var.image? | var.imgae"],
    ['var["imgae"]', 'var.imgae does not exist | Did you mean var.image? | var["imgae"]'],
    ["node.r2.console", "node.r2 does not exist | Did you mean node.r1? | node.r2"],
    ["each.kye", 'There is no attribute "kye" | This object does not have it. Did you mean "key"? | kye'],
    [
      "node.r1.consol",
      'There is no attribute "consol" | This object does not have it. Did you mean "console"? | consol',
    ],
    ["uper(var.image)", 'There is no function "uper" | Did you mean "upper"? | uper'],
    ["upper()", 'upper() cannot be called like this | upper(str): "str" is missing. | upper()'],
    [
      "upper(1, 2)",
      "upper() cannot be called like this | upper(str): it takes one argument, 2 are given. | upper(1, 2)",
    ],
    [
      "join([], [])",
      'Wrong argument of join() | The argument "separator" does not fit: a string is required, this is a tuple. | []',
    ],
    ["max(var.image...)", '"..." expands a list, tuple or set | The value before it is a string. | var.image'],
    ["var.image + 1", '"+" needs a number | This operand does not fit: "debian.qcow2" is no number. | var.image'],
    ["var.ram / 0", 'Division by zero | The right side of "/" is 0. | 0'],
    ["[1, 2][2]", "Index 2 is past the end | There is no such element in this tuple: it has 2 elements, 0 to 1. | 2"],
    ["[][0]", "Index 0 is past the end | There is no such element in this tuple: it is empty. | 0"],
    [
      "var.ram ? 1 : 2",
      "The condition must be true or false | This value is neither: a bool is required, this is a number. | var.ram",
    ],
    [
      "true ? 1 : [1]",
      'The results have different types | The two results of a conditional must be of one type, but after "?" stands a number and after ":" a tuple. | true ? 1 : [1]',
    ],
    [
      '{for x in ["a", "a"]: x => 1}',
      'A key occurs twice | Two elements give the key "a". Put "..." after the value to collect all values of a key in a list. | x',
    ],
    [
      '"a${[1]}"',
      "This value cannot be put into a text | Only strings, numbers and bools can be: a string is required, this is a tuple. | [1]",
    ],
  ])("of %s says what, why and what to do", (text, message) => {
    expect(errorOf(text, scope)).toBe(message);
  });

  test("shows the values of the references in the text at fault, sensitive ones hidden", () => {
    const values = (text: string) => tryEvaluate(text, scope).diagnostics.map((one) => one.values);
    expect(values("var.image + 1")).toEqual([[{ expression: "var.image", value: '"debian.qcow2"' }]]);
    expect(values("[1, 2][var.ram]")).toEqual([[{ expression: "var.ram", value: "512" }]]);
    expect(values("var.password + 1")).toEqual([[{ expression: "var.password", value: "(sensitive value)" }]]);
    expect(values("[for x in [7]: x.y]")).toEqual([[{ expression: "x", value: "7" }]]);
    expect(values("uper(var.image)")).toEqual([undefined]);
  });

  test("never shows a sensitive value in its words", () => {
    for (const text of [
      "var.password + 1",
      "{a = 1}[var.password]",
      "tonumber(var.password)",
      "max(var.secrets...)",
      "{for x in [var.password, var.password]: x => 1}",
      'format("%d", var.password)',
      "var.secrets[5].x",
      "range(var.password)",
      "[for x in var.secrets: x + 1]",
      "[for x in [var.password]: x + 1]",
      "var.secrets[*].x",
      "jsondecode(var.password)",
      '"%{ for x in var.secrets }${x + 1}%{ endfor }"',
      "{a = 1}[[for x in var.secrets: x][0]]",
    ]) {
      const { diagnostics } = tryEvaluate(text, scope);
      expect(diagnostics, text).toHaveLength(1);
      expect(JSON.stringify(diagnostics.map(({ range: _, ...rest }) => rest)), text).not.toContain("hunter2");
    }
  });

  test("is reported once, and nothing that follows from it", () => {
    for (const text of [
      "(var.x + 1) * 2 == [upper(var.x)][0]",
      '"${upper(nothing)} and more"',
      "[for x in nothing: x.y + 1]",
      "[for x in [1, 2, 3]: x.y]",
      "nothing[0].a[*].b",
      "length(nothing) > 0 ? upper(1 + 1) : 2",
      "merge(nothing, 5)",
    ]) {
      const count = tryEvaluate(text, scope).diagnostics.length;
      expect(count, text).toBe(text.startsWith("(var.x") ? 2 : 1);
    }
  });

  test("in the arm that is not taken is none", () => {
    expect(tryEvaluate("true ? 1 : nothing", scope).diagnostics).toEqual([]);
    expect(tryEvaluate("false ? 1 : nothing", scope).diagnostics).toHaveLength(1);
  });
});

test("asking for one member does not build the whole", () => {
  const asked: string[] = [];
  const counting = {
    member: (root: string, name: string) => {
      asked.push(`${root}.${name}`);
      return numberValue(1);
    },
    lookup: (root: string) => {
      asked.push(root);
      return undefined;
    },
    names: () => [],
  };
  tryEvaluate('node.r1 + node["r2"] + (node).r3', counting);
  expect(asked).toEqual(["node.r1", "node.r2", "node.r3"]);
});
