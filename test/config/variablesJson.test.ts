import { describe, expect, test } from "vitest";
import type { GivenVariable } from "../../src/config/variables.ts";
import { loadVariables } from "../../src/config/variables.ts";
import { formatNumber } from "../../src/core/bigfloat.ts";
import type { Diagnostic } from "../../src/core/diagnostics.ts";
import type { SourceFile } from "../../src/core/source.ts";
import type { Value } from "../../src/core/values.ts";
import { renderDiagnostic } from "../../src/ui/diagnostics.ts";
import { loaded } from "./support.ts";

const { variables } = loaded(`
variable "text" {
  type    = string
  default = "default"
}
variable "list" {
  type    = list(number)
  default = []
}
variable "anything" {
  default = null
}
variable "strict" {
  type     = number
  default  = 7
  nullable = false
}
variable "secret" {
  type      = number
  default   = 0
  sensitive = true
}
`);

const file = (text: string, name = "labform.vars.json"): SourceFile => ({ name, text });

const read = (files: readonly SourceFile[], given: readonly GivenVariable[] = []) =>
  loadVariables({ variables, environment: {}, files, given });

/** A value as plain data. */
function plain(value: Value | undefined): unknown {
  const raw = value?.raw;
  if (raw instanceof Map) return Object.fromEntries([...raw].map(([name, item]) => [name, plain(item)]));
  if (Array.isArray(raw)) return raw.map(plain);
  return typeof raw === "object" && raw !== null ? formatNumber(raw as never) : raw;
}

function valueOf(name: string, text: string): unknown {
  const { values, diagnostics } = read([file(text)]);
  expect(diagnostics.map((one) => one.summary)).toEqual([]);
  return plain(values.get(name));
}

const told = (diagnostics: readonly Diagnostic[]) =>
  diagnostics.map((one) => renderDiagnostic(one, { colour: false, width: 100 })).join("");

test.each([
  ["text", '{"text": "a"}', "a"],
  ["text", '{"text": 5}', "5"],
  ["list", '{"list": [1, "2"]}', [1, 2]],
  ["anything", '{"anything": {"a": [true, null], "//": 1}}', { a: [true, null], "//": 1 }],
  ["anything", '{"anything": 123456789012345678901234567890.5}', "123456789012345678901234567890.5"],
  ["strict", '{"strict": null}', 7],
  ["text", '{"//": "a comment", "text": "b"}', "b"],
])("var.%s of %s", (name, text, value) => {
  expect(valueOf(name, text)).toEqual(value);
});

test("strings are taken as they are, names too: nothing is interpolated", () => {
  expect(valueOf("text", '{"text": "${x} $${y} %{ if"}')).toBe("${x} $${y} %{ if");
  expect(valueOf("anything", '{"anything": {"${x}": ["%{z}"]}}')).toEqual({ "${x}": ["%{z}"] });
});

test("JSON and native files are read in one order: labform.vars.*, *.auto.vars.*, then -var-file and -var", () => {
  const files = [
    file('{"text": "main"}'),
    file('text = "a"', "a.auto.vars.hcl"),
    file('{"text": "b"}', "b.auto.vars.json"),
  ];
  expect(plain(read(files).values.get("text"))).toBe("b");
  expect(plain(read(files.slice(0, 2)).values.get("text"))).toBe("a");
  const given: GivenVariable[] = [{ from: "file", file: file('{"text": "given"}', "x.json") }];
  expect(plain(read(files, given).values.get("text"))).toBe("given");
});

describe("what is wrong is told with its place:", () => {
  test.each([
    ["a value of another type", '{"list": [1, "x"]}', "labform.vars.json:1:10", "Wrong type for var.list"],
    ["a value twice", '{"text": "a", "text": "b"}', "labform.vars.json:1:15", "`text` is set twice"],
    ["an undeclared name", '{"txet": "a"}', "labform.vars.json:1:2", 'Value for undeclared variable "txet"'],
    ["a list of objects", '[{"text": "a"}]', "labform.vars.json:1:1", "An object is expected here"],
    ["no object", '"text"', "labform.vars.json:1:1", "An object is expected here"],
    ["no JSON", '{"text": "a",}', "labform.vars.json:1:13", "A comma after the last property"],
    ["nothing", "", "labform.vars.json:1:1", "There is no JSON here"],
  ])("%s", (_, text, place, summary) => {
    const { diagnostics } = read([file(text)]);
    expect(diagnostics.map((one) => one.summary)).toEqual([summary]);
    expect(told(diagnostics)).toContain(place);
  });
});

test("a file that cannot be read leaves no variable missing that may stand in it", () => {
  const required = loaded('variable "image" {\n  type = string\n}').variables;
  const of = (text: string) => loadVariables({ variables: required, environment: {}, files: [file(text)], given: [] });
  expect(of('{"image": "a" "x": 1}').missing).toEqual([]);
  expect(of('{"x": 1}').missing.map((one) => one.name)).toEqual(["image"]);
});

describe("a sensitive value is not shown, though a whole file stands on one line:", () => {
  test.each([
    ["its own type is wrong", '{"secret": "hunter2"}'],
    ["another value is wrong", '{"secret": 4242, "list": ["x"], "text": "a"}'],
    ["another value is wrong, before it", '{"list": ["x"], "secret": 4242}'],
    ["a name is not declared", '{"secret": 4242, "txet": "a"}'],
    ["its name is misspelt", '{"text": "a", "secrte": "hunter2", "lits": "hunter2"}'],
    ["its name is misspelt, and another value is wrong", '{"secrte": "hunter2", "list": ["x"]}'],
    ["something stands twice", '{"secret": 4242, "secret": 4242, "text": "a", "text": "b"}'],
    ["the text is broken", '{"secret": 4242, "text": "a",}'],
    ["the text is broken within it", '{"secret": {"a": "hunter2" "b"}, "text": "a"}'],
    ["no object is there", '[{"secret": 4242}]'],
  ])("%s", (_, text) => {
    const { diagnostics } = read([file(text)]);
    expect(diagnostics.length).toBeGreaterThan(0);
    expect(told(diagnostics)).not.toMatch(/hunter2|4242/);
  });
});

test("what is shown of such a line keeps its places", () => {
  const { diagnostics } = read([file('{"secret": 4242, "list": ["x"], "text": "a"}')]);
  expect(told(diagnostics)).toContain(
    ['  1 │ {"secret": ••••, "list": ["x"], "text": "a"}', "    │                          ^^^^^"].join("\n"),
  );
});
