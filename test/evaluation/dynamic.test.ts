import { describe, expect, test } from "vitest";
import type { BlockSchema } from "../../src/core/schema.ts";
import { formatRange, rangeText } from "../../src/core/source.ts";
import { NUMBER, numberValue, objectValue, STRING, stringValue, UNKNOWN, unknownValue } from "../../src/core/values.ts";
import type { Decoded } from "../../src/evaluation/decode.ts";
import { decodeBody } from "../../src/evaluation/decode.ts";
import { evaluate } from "../../src/evaluation/evaluate.ts";
import { formatValue } from "../../src/evaluation/formatValue.ts";
import { parseFile } from "../../src/language/parse.ts";
import { scopeOf } from "./support.ts";

const description = "";
const schema: BlockSchema = {
  attributes: {},
  blocks: {
    disk: {
      nesting: "map",
      description,
      attributes: { image: { type: STRING, description }, size: { type: NUMBER, description } },
      blocks: { part: { nesting: "list", description, attributes: { size: { type: NUMBER, description } } } },
    },
    port: { nesting: "list", description, attributes: { number: { type: NUMBER, description } } },
    ready: { nesting: "single", description, attributes: { text: { type: STRING, description } } },
  },
};

const scope = scopeOf({
  var: {
    names: { type: { kind: "list", element: STRING }, raw: [stringValue("b"), stringValue("a")], sensitive: false },
    later: unknownValue({ kind: "list", element: STRING }),
    half: objectValue(
      new Map([
        ["a", stringValue("known")],
        ["b", unknownValue(STRING)],
      ]),
    ),
    odd: { type: { kind: "set", element: STRING }, raw: [unknownValue(STRING)], sensitive: false },
    secret: { type: { kind: "list", element: STRING }, raw: [stringValue("s")], sensitive: true },
    password: { ...stringValue("hunter2"), sensitive: true },
    name: unknownValue(STRING),
    number: numberValue(3),
  },
});

function decode(text: string): Decoded {
  const { body, diagnostics } = parseFile({ name: "t", text });
  if (diagnostics.length > 0) throw new Error(diagnostics.map((one) => one.summary).join());
  return decodeBody(body, schema, scope);
}

/** Of the attributes, those that are not empty. */
function attributes(text: string): unknown {
  const decoded = decode(text);
  expect(decoded.diagnostics).toEqual([]);
  expect(decoded.unsettled).toEqual([]);
  const isEmpty = (value: unknown) =>
    value === null || JSON.stringify(value) === "[]" || JSON.stringify(value) === "{}";
  return Object.fromEntries(Object.entries(decoded.attributes).filter(([, value]) => !isEmpty(value)));
}

const port = (forEach: string, content = "number = port.value") =>
  `dynamic "port" {\n  for_each = ${forEach}\n  content {\n    ${content}\n  }\n}`;

const disk = (forEach: string, label = "disk.key", content = "image = disk.value") =>
  `dynamic "disk" {\n  for_each = ${forEach}\n  labels   = [${label}]\n  content {\n    ${content}\n  }\n}`;

const image = (name: unknown) => ({ image: name, size: null, part: [] });

describe("a dynamic block makes a block for each element", () => {
  test.each([
    ["of a list, in its order", port("[3, 1, 2]"), { port: [{ number: 3 }, { number: 1 }, { number: 2 }] }],
    ["of a set, in the order of its elements", port("toset([3, 1, 1])"), { port: [{ number: 1 }, { number: 3 }] }],
    ["of a map, in the order of its keys", port("{ b = 1, a = 2 }"), { port: [{ number: 2 }, { number: 1 }] }],
    ["none of an empty list", port("[]"), {}],
    [
      "with the index as the key of a list",
      port("[5, 6]", "number = port.key"),
      { port: [{ number: 0 }, { number: 1 }] },
    ],
    ["with the element as the key of a set", port("toset([7])", "number = port.key"), { port: [{ number: 7 }] }],
    ["with labels", disk("var.names", '"hd${disk.key}"'), { disk: { hd0: image("b"), hd1: image("a") } }],
    ["with a label that is a number", disk('["x"]'), { disk: { 0: image("x") } }],
    [
      "of which there is one at most",
      `dynamic "ready" {\n  for_each = ["x"]\n  content {\n    text = ready.value\n  }\n}`,
      { ready: { text: "x" } },
    ],
    [
      "beside those written out",
      `port {\n  number = 1\n}\n${port("[2]")}\nport {\n  number = 3\n}`,
      { port: [{ number: 1 }, { number: 2 }, { number: 3 }] },
    ],
    [
      "under another name of the element",
      `dynamic "port" {\n  for_each = [1]\n  iterator = var\n  content {\n    number = var.value + 1\n  }\n}`,
      { port: [{ number: 2 }] },
    ],
    [
      "with its element as a whole",
      port("{ a = 1 }", 'number = length(port) + port["value"]'),
      { port: [{ number: 3 }] },
    ],
    [
      "in a for expression too",
      port("[2]", "number = sum([for x in [1, 2] : x * port.value])"),
      { port: [{ number: 6 }] },
    ],
  ])("%s", (_, text, expected) => {
    expect(attributes(text)).toEqual(expected);
  });

  test("in content, which sees the elements around it", () => {
    const nested = `dynamic "part" {
      for_each = disk.value
      content {
        size = part.value + length(disk.key)
      }
    }`;
    const part = (size: number) => ({ size });
    expect(attributes(disk("{ a = [1, 2], bb = [] }", "disk.key", nested))).toEqual({
      disk: { a: { image: null, size: null, part: [part(2), part(3)] }, bb: { image: null, size: null, part: [] } },
    });
  });

  test("in a block that is written out", () => {
    const text = `disk "a" {\n  dynamic "part" {\n    for_each = [1]\n    content {\n      size = part.value\n    }\n  }\n}`;
    expect(attributes(text)).toEqual({ disk: { a: { image: null, size: null, part: [{ size: 1 }] } } });
  });
});

test("its arguments stand where they are written, and its blocks where it is", () => {
  const { places } = decode(disk('["x"]'));
  const shown = [...places].map(([path, range]) => `${path} at ${formatRange(range)}: ${rangeText(range)}`);
  expect(shown).toEqual(['disk["0"] at t:1:1: dynamic "disk"', 'disk["0"].image at t:5:5: image = disk.value']);
});

test("a sensitive element makes what it is used for sensitive", () => {
  const { sensitive, diagnostics } = decode(disk("[var.password]", '"a"'));
  expect(diagnostics).toEqual([]);
  expect(sensitive).toEqual([["disk", "a", "image"]]);
});

describe("what is not known at plan", () => {
  test("is deferred by element, each with a scope of its own", () => {
    const { attributes: found, deferred, diagnostics } = decode(disk("var.half"));
    expect(diagnostics).toEqual([]);
    expect(found).toMatchObject({ disk: { a: { image: "known" }, b: { image: UNKNOWN } } });
    expect(deferred.map(({ path }) => path)).toEqual([["disk", "b", "image"]]);
    const [one] = deferred;
    expect(one?.scope.member("disk", "key")).toEqual(stringValue("b"));
    expect(one?.scope.element?.("disk")?.forEach).toBeDefined();
    expect(one?.scope.element?.("var")).toBeUndefined();
  });

  test.each([["var.later"], ["var.odd"], ["toset([var.name])"]])(
    "is told where it decides which blocks there are: %s",
    (forEach) => {
      const { unsettled, attributes: found, diagnostics } = decode(port(forEach));
      expect(diagnostics).toEqual([]);
      expect(found["port"]).toEqual([]);
      expect(unsettled.map((one) => rangeText(one.forEach.range))).toEqual([forEach]);
    },
  );

  test("hides no mistake in the content", () => {
    expect(errors(port("var.later", "number = port.value + var.nmaes"))).toEqual([
      "var.nmaes does not exist | Did you mean var.names? | var.nmaes",
    ]);
  });
});

describe("is an error", () => {
  test.each([
    [
      "null",
      port("null"),
      "for_each is null | Give a list, a set, a map or an object; an empty one makes no port. | null",
    ],
    [
      "text",
      port('"abc"'),
      'for_each takes a list, a set, a map or an object | One port is made for each of its elements; this is a string. | "abc"',
    ],
    [
      "what is sensitive",
      port("var.secret"),
      "for_each may not be sensitive | How many port blocks there are shows in the plan and so gives the value away. Where it is no secret, nonsensitive() says so. | var.secret",
    ],
    ["what does not exist", port("var.nmaes"), "var.nmaes does not exist | Did you mean var.names? | var.nmaes"],
    [
      "a member of the element that is none",
      port("[1]", "number = port.vlaue"),
      "port.vlaue does not exist | Did you mean port.value? | port.vlaue",
    ],
    ["a label that is null", disk("[1]", "null"), "The name of a disk is null | Each has a name of its own. | null"],
    [
      "a label that is no text",
      disk("[1]", "[1]"),
      "The name of a disk must be text | Its label does not fit: a string is required, this is a tuple. | [1]",
    ],
    [
      "a label that is sensitive",
      disk("[1]", "var.password"),
      "The name of a disk may not be sensitive | It shows in the plan. Name it by something else. | var.password",
    ],
    [
      "a label that is not known",
      disk("[1]", "var.name"),
      "The name of a disk is not known at plan | It is decided only when the plan is applied, and a plan names every block. Take a value that stands in the lab files, such as the key. | var.name",
    ],
    [
      "a label given twice",
      disk("[1, 2]", '"a"', "size = 1"),
      'Duplicate disk "a" | Each disk has a name of its own, and two elements of for_each give the same one. | dynamic "disk"',
    ],
    [
      "a label that is written out too",
      `${disk("[1]", '"a"', "size = 1")}\ndisk "a" {\n}`,
      'Duplicate disk "a" | Each disk has a name of its own. | dynamic "disk"',
    ],
    [
      "a second of what there is one at most",
      `dynamic "ready" {\n  for_each = [1, 2]\n  content {\n  }\n}`,
      'Duplicate ready | There may be one ready here, and for_each has more than one element. | dynamic "ready"',
    ],
    [
      "one beside what there is one at most",
      `ready {\n}\ndynamic "ready" {\n  for_each = [1]\n  content {\n  }\n}`,
      'Duplicate ready | There may be one ready here, and there is another beside it. | dynamic "ready"',
    ],
  ])("%s", (_, text, error) => {
    expect(errors(text)).toEqual([error]);
  });
});

test("a name that the element hides is back outside of its block", () => {
  const text = `${port("[1]").replace("port.value", "var.number")}\nport {\n  number = var.number\n}`;
  expect(attributes(text)).toEqual({ port: [{ number: 3 }, { number: 3 }] });
});

test("parts that are missing are left to src/config to report", () => {
  const { attributes: found, diagnostics } = decode(
    'dynamic "port" {\n}\ndynamic {\n}\ndynamic "prot" {\n}\ndynamic "disk" {\n  for_each = [1]\n  content {\n  }\n}',
  );
  expect(diagnostics).toEqual([]);
  expect(found).toEqual({ disk: {}, port: [], ready: null });
});

test("the element can be shown whole", () => {
  const { deferred } = decode(disk("var.half"));
  const [one] = deferred;
  const value = one && evaluate({ kind: "variable", name: "disk", range: one.expression.range }, one.scope).value;
  expect(value && formatValue(value).replaceAll(/\s+/g, " ")).toBe('{ "key" = "b" "value" = (known after apply) }');
});

function errors(text: string): string[] {
  return decode(text).diagnostics.map(
    (one) => `${one.summary} | ${one.detail} | ${one.range ? rangeText(one.range) : ""}`,
  );
}
