import { describe, expect, test } from "vitest";
import type { GivenVariable, VariableSources } from "../../src/config/variables.ts";
import { loadVariables } from "../../src/config/variables.ts";
import { formatRange } from "../../src/core/source.ts";
import type { Value } from "../../src/core/values.ts";
import { renderDiagnostic } from "../../src/ui/diagnostics.ts";
import { details, loaded } from "./support.ts";

const declared = `variable "text" {
  type    = string
  default = "default"
}
variable "list" {
  type    = list(number)
  default = [1]
}
variable "untyped" {
  default = null
}
variable "anything" {
  type    = any
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
`;

function load(sources: Partial<VariableSources>, text = declared) {
  return loadVariables({ variables: loaded(text).variables, environment: {}, files: [], given: [], ...sources });
}

const argument = (text: string): GivenVariable => ({ from: "argument", text });
const file = (name: string, text: string) => ({ name, text });

/** A value as plain data. */
function plain(value: Value | undefined): unknown {
  const raw = value?.raw;
  if (raw instanceof Map) return Object.fromEntries([...raw].map(([name, item]) => [name, plain(item)]));
  return Array.isArray(raw) ? raw.map(plain) : raw;
}

function valuesOf(sources: Partial<VariableSources>): { [name: string]: unknown } {
  const { value, diagnostics } = load(sources);
  expect(diagnostics.map((one) => one.summary)).toEqual([]);
  return Object.fromEntries([...(value ?? [])].map(([name, one]) => [name, plain(one)]));
}

test("defaults stand where nothing is given", () => {
  expect(valuesOf({})).toEqual({ text: "default", list: [1], untyped: null, anything: null, strict: 7, secret: 0 });
});

test("the last wins: environment, labform.vars.hcl, *.auto.vars.hcl by name, then the command line in its order", () => {
  const environment = { LABFORM_VAR_text: "environment", LABFORM_VAR_unknown: "x", OTHER: "y" };
  const main = file("labform.vars.hcl", 'text = "main"');
  const a = file("a.auto.vars.hcl", 'text = "a"');
  const b = file("b.auto.vars.hcl", 'text = "b"');
  const given: GivenVariable[] = [argument("text=first"), { from: "file", file: file("x.hcl", 'text = "file"') }];
  const text = (sources: Partial<VariableSources>) => valuesOf(sources)["text"];
  expect(text({ environment })).toBe("environment");
  expect(text({ environment, files: [main] })).toBe("main");
  expect(text({ environment, files: [b, main, a] })).toBe("b");
  expect(text({ environment, files: [main], given })).toBe("file");
  expect(text({ environment, files: [main], given: given.toReversed() })).toBe("first");
});

test("text from the command line is text for simple and undeclared types, an expression for others", () => {
  const given = ["text=[1]", "list=[1, 2]", "untyped=5 = five", "anything={ a = [true] }", "strict=12"].map(argument);
  expect(valuesOf({ given })).toMatchObject({
    text: "[1]",
    list: [1, 2],
    untyped: "5 = five",
    anything: { a: [true] },
    strict: 12,
  });
  expect(valuesOf({ environment: { LABFORM_VAR_list: '["3"]' } })["list"]).toEqual([3]);
});

test("an answer to a question is taken like the command line's text", () => {
  expect(valuesOf({ given: [{ from: "answer", name: "list", text: "[4]" }] })["list"]).toEqual([4]);
});

test("a sensitive variable's value is marked", () => {
  expect(load({ given: [argument("secret=3")] }).value?.get("secret")?.sensitive).toBe(true);
  expect(load({}).value?.get("secret")?.sensitive).toBe(true);
});

test("null means the default where null is no value", () => {
  expect(valuesOf({ files: [file("labform.vars.hcl", "strict = null\nlist = null")] })).toMatchObject({
    strict: 7,
    list: null,
  });
  const { value, diagnostics } = load(
    { files: [file("labform.vars.hcl", "v = null")] },
    'variable "v" {\n  nullable = false\n}',
  );
  expect(value).toBeUndefined();
  expect(diagnostics.map((one) => one.summary)).toEqual(["var.v cannot be null"]);
});

test("a missing value names every way to give it", () => {
  const result = load({}, 'variable "image" {\n  type = string\n  description = "A base image."\n}');
  expect(result.value).toBeUndefined();
  expect(result.missing.map(({ name }) => name)).toEqual(["image"]);
  expect(result.diagnostics.map(({ summary, range }) => [summary, range && formatRange(range)])).toEqual([
    ["No value for var.image", "t.lab.hcl:1:1"],
  ]);
  for (const way of [
    "A base image. ",
    "-var 'image=…'",
    "labform.vars.hcl",
    "*.auto.vars.hcl",
    "-var-file",
    "LABFORM_VAR_image",
    "default",
  ]) {
    expect(details(result)).toContain(way);
  }
});

describe("a value for what is not declared", () => {
  test("is an error on the command line", () => {
    const result = load({ given: [argument("txet=1")] });
    expect(result.diagnostics.map(({ severity, summary }) => [severity, summary])).toEqual([
      ["error", '-var gives a value to undeclared variable "txet"'],
    ]);
  });

  test("is a warning in a file", () => {
    const result = load({ files: [file("labform.vars.hcl", "tex = 1")] });
    expect(result.value).toBeDefined();
    expect(result.diagnostics.map(({ severity, summary }) => [severity, summary])).toEqual([
      ["warning", 'Value for undeclared variable "tex"'],
    ]);
    expect(details(result)).toContain('Did you mean "text"?');
  });
});

describe("what is no value is told with its place", () => {
  test.each([
    ["text", '-var "text" gives no value', undefined],
    ["=x", '-var "=x" gives no value', undefined],
    ["strict=many", "Wrong type for var.strict", "<argument -var strict>:1:1"],
    ["list=[true]", "Wrong type for var.list", "<argument -var list>:1:1"],
    ["list=[var.text]", "The value of a variable must be a constant", "<argument -var list>:1:2"],
  ])("-var %s", (text, summary, place) => {
    const { value, diagnostics } = load({ given: [argument(text)] });
    expect(value).toBeUndefined();
    expect(diagnostics.map((one) => [one.summary, one.range && formatRange(one.range)])).toEqual([[summary, place]]);
  });

  test("broken text", () => {
    const { value, diagnostics } = load({ given: [argument("list=[1")] });
    expect(value).toBeUndefined();
    expect(diagnostics[0]?.range?.file.name).toBe("<argument -var list>");
  });

  test("blocks and JSON in files of values", () => {
    const { diagnostics } = load({
      files: [file("labform.vars.hcl", 'variable "text" {}'), file("x.auto.vars.json", "{}")],
    });
    expect(diagnostics.map((one) => one.summary)).toEqual([
      'Block "variable" in a variable file',
      "Variable files in JSON are not supported by this version of labform",
    ]);
  });
});

test("a sensitive value that does not fit is not shown", () => {
  for (const sources of [
    { given: [argument("secret=hunter2")] },
    { environment: { LABFORM_VAR_secret: "hunter2" } },
    { files: [file("labform.vars.hcl", 'secret = "hunter2"')] },
    { files: [file("labform.vars.hcl", 'secret = "hunter2" + 1')] },
    { files: [file("labform.vars.hcl", "secret = hunter2")] },
  ]) {
    const { value, diagnostics } = load(sources);
    expect(value).toBeUndefined();
    const text = diagnostics.map((one) => renderDiagnostic(one, { colour: false, width: 100 })).join("");
    expect(text).not.toContain("hunter2");
    expect(text).toContain("t.lab.hcl:");
  }
});
