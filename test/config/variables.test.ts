import { describe, expect, test } from "vitest";
import type { GivenVariable, VariableSources } from "../../src/config/variables.ts";
import { loadVariables, missingValue } from "../../src/config/variables.ts";
import type { Diagnostic } from "../../src/core/diagnostics.ts";
import { formatRange } from "../../src/core/source.ts";
import type { Value } from "../../src/core/values.ts";
import { renderDiagnostic } from "../../src/ui/diagnostics.ts";
import { details, loaded, load as loadFaulty } from "./support.ts";

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

const told = (diagnostics: readonly Diagnostic[]) =>
  diagnostics.map((one) => renderDiagnostic(one, { colour: false, width: 100 })).join("");

/** A value as plain data. */
function plain(value: Value | undefined): unknown {
  const raw = value?.raw;
  if (raw instanceof Map) return Object.fromEntries([...raw].map(([name, item]) => [name, plain(item)]));
  return Array.isArray(raw) ? raw.map(plain) : raw;
}

function valuesOf(sources: Partial<VariableSources>): { [name: string]: unknown } {
  const { values, diagnostics } = load(sources);
  expect(diagnostics.map((one) => one.summary)).toEqual([]);
  return Object.fromEntries([...values].map(([name, one]) => [name, plain(one)]));
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
  expect(load({ given: [argument("secret=3")] }).values.get("secret")?.sensitive).toBe(true);
  expect(load({}).values.get("secret")?.sensitive).toBe(true);
});

test("null means the default where null is no value", () => {
  expect(valuesOf({ files: [file("labform.vars.hcl", "strict = null\nlist = null")] })).toMatchObject({
    strict: 7,
    list: null,
  });
  const { values, diagnostics } = load(
    { files: [file("labform.vars.hcl", "v = null")] },
    'variable "v" {\n  nullable = false\n}',
  );
  expect(values.size).toBe(0);
  expect(diagnostics.map((one) => one.summary)).toEqual(["var.v cannot be null"]);
});

test("a missing value names every way to give it", () => {
  const { missing, values } = load({}, 'variable "image" {\n  type = string\n  description = "A base image."\n}');
  expect(values.size).toBe(0);
  const result = { diagnostics: missing.map((one) => missingValue(one)) };
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
    expect(result.values.get("text")).toBeDefined();
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
    const { diagnostics } = load({ given: [argument(text)] });
    expect(diagnostics.map((one) => [one.summary, one.range && formatRange(one.range)])).toEqual([[summary, place]]);
  });

  test("broken text", () => {
    const { values, diagnostics } = load({ given: [argument("list=[1")] });
    expect(values.has("list")).toBe(false);
    expect(diagnostics[0]?.range?.file.name).toBe("<argument -var list>");
  });

  test("blocks in files of values", () => {
    const { diagnostics } = load({ files: [file("labform.vars.hcl", 'variable "text" {}')] });
    expect(diagnostics.map((one) => one.summary)).toEqual(['Block "variable" in a variable file']);
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
    const { values, diagnostics } = load(sources);
    expect(values.has("secret")).toBe(false);
    expect(told(diagnostics)).not.toContain("hunter2");
    expect(told(diagnostics)).toContain("t.lab.hcl:");
  }
});

describe("what may be a sensitive value is not shown either:", () => {
  test.each([
    ["a line that cannot be read", 'text = "a"\nsecret = "hunter2\n', "labform.vars.hcl:2:10"],
    ["a later line of a value that cannot be read", "secret = {\n  a = 1 hunter2\n}\n", "labform.vars.hcl:2:9"],
    ["the value of a misspelt name", 'secrte = "hunter2"\n', "labform.vars.hcl:1:1"],
  ])("%s", (_, text, place) => {
    const { diagnostics } = load({ files: [file("labform.vars.hcl", text)] });
    expect(diagnostics.length).toBeGreaterThan(0);
    expect(told(diagnostics)).not.toContain("hunter2");
    expect(told(diagnostics)).toContain(place);
  });

  test("a default that does not fit", () => {
    const text = 'variable "secret" {\n  type = number\n  sensitive = true\n  default = "hunter2"\n}';
    const { diagnostics } = loadFaulty(text);
    expect(diagnostics.map((one) => one.summary)).toEqual(["The value of var.secret cannot be used"]);
    expect(told(diagnostics)).not.toContain("hunter2");
  });
});

test("a file that cannot be read leaves no variable missing that may stand in it", () => {
  const { missing, diagnostics } = load(
    { files: [file("labform.vars.hcl", 'image = "a\n')] },
    'variable "image" {\n  type = string\n}',
  );
  expect(missing).toEqual([]);
  expect(diagnostics.length).toBeGreaterThan(0);
});
