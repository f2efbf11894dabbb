import { describe, expect, test } from "vitest";
import { checkValidations } from "../../src/config/checkValidations.ts";
import type { GivenVariable } from "../../src/config/variables.ts";
import { loadVariables } from "../../src/config/variables.ts";
import type { Diagnostic } from "../../src/core/diagnostics.ts";
import { rangeText } from "../../src/core/source.ts";
import { renderDiagnostic } from "../../src/ui/diagnostics.ts";
import { details, load, loaded, shown } from "./support.ts";

const rule = (condition: string, message = '"Wrong."') =>
  `  validation {\n    condition     = ${condition}\n    error_message = ${message}\n  }\n`;

const ram = (...rules: readonly string[]) =>
  `variable "ram" {\n  type    = number\n  default = 512\n${rules.join("")}}\n`;

const few = ram(rule("var.ram >= 256", `"Give at least 256 MiB, not \${var.ram}."`));

/** What checking says of a lab with values from the command line, `open` where some are missing. */
function check(text: string, ...given: readonly string[]): readonly Diagnostic[] {
  const lab = loaded(text);
  const values = loadVariables({
    variables: lab.variables,
    environment: {},
    files: [],
    given: given.map((one): GivenVariable => ({ from: "argument", text: one })),
  });
  expect(values.diagnostics).toEqual([]);
  return checkValidations(lab, values, values.missing.length > 0);
}

const summaries = (diagnostics: readonly Diagnostic[]) => diagnostics.map((one) => one.summary);
const told = (diagnostics: readonly Diagnostic[]) =>
  diagnostics.map((one) => renderDiagnostic(one, { colour: false, width: 100 })).join("\n");

describe("a rule of a variable", () => {
  test("lets the values through that keep it", () => {
    expect(check(few)).toEqual([]);
    expect(check(few, "ram=256")).toEqual([]);
  });

  test("tells of a broken one what it is, where it came from, what the rule says and where it stands", () => {
    const [broken, ...others] = check(few, "ram=100");
    expect(others).toEqual([]);
    expect(told([broken as Diagnostic])).toBe(`Error: Invalid value for var.ram

  <argument -var ram>:1:1
  1 │ 100
    │ ^^^
    with var.ram = 100

  t.lab.hcl:5:21: this condition is not met
  5 │     condition     = var.ram >= 256
    │                     ^^^^^^^^^^^^^^

  Give at least 256 MiB, not 100.
`);
  });

  test("holds for a default too, which is where the value came from then", () => {
    const [broken] = check(ram(rule("var.ram > 1000")));
    expect(broken?.range && rangeText(broken.range)).toBe("512");
  });

  test("is told with all others that are broken", () => {
    const name = `variable "name" {\n  default = "r1"\n${rule('var.name != "r1"')}}\n`;
    expect(summaries(check(ram(rule("var.ram > 1000"), rule("var.ram < 1"), rule("var.ram == 512")) + name))).toEqual([
      "Invalid value for var.ram",
      "Invalid value for var.ram",
      "Invalid value for var.name",
    ]);
  });

  test("may look at other variables, at locals made of them, and at the lab", () => {
    const text = `${ram(rule('var.ram >= local.least && lab.name == "t" && path.module == "."'))}
variable "nodes" {
  default = 2
${rule("var.nodes * var.ram <= 4096")}}
locals {
  each  = 100
  least = local.each * var.nodes
}
`;
    expect(check(text)).toEqual([]);
    expect(check(text, "nodes=8")).toHaveLength(1);
    expect(summaries(check(text, "nodes=9"))).toEqual(["Invalid value for var.ram", "Invalid value for var.nodes"]);
  });

  test("may say true and false as text, as everywhere", () => {
    expect(check(ram(rule('var.ram > 0 ? "true" : "false"')))).toEqual([]);
    expect(check(ram(rule('var.ram < 0 ? "true" : "false"')))).toHaveLength(1);
  });

  test("waits for a variable that has no value", () => {
    const text = ram(rule("var.ram > 1000"), rule("var.ram > var.least")) + 'variable "least" {\n  type = number\n}\n';
    expect(check(text)).toHaveLength(1);
    expect(check(text, "least=1")).toHaveLength(1);
    expect(check(text, "least=1000")).toHaveLength(2);
  });

  test("that looks at a local in error says nothing beside what the local does", () => {
    const text = `${ram(rule("local.least > 0 && var.ram > 0"), rule("var.ram > 1000"))}locals {\n  half  = upper([])\n  least = local.half + 1\n}\n`;
    const [local, broken, ...others] = check(text);
    expect(others).toEqual([]);
    expect(local?.range && rangeText(local.range)).toBe("[]");
    expect(broken?.summary).toBe("Invalid value for var.ram");
  });

  test("of variables that look at each other is no ring", () => {
    const both = `variable "a" {\n  default = 1\n${rule("var.a < var.b")}}\nvariable "b" {\n  default = 2\n${rule("var.b > var.a")}}\n`;
    expect(check(both)).toEqual([]);
  });
});

describe("a sensitive value", () => {
  const secret = (condition: string, message?: string) =>
    `variable "secret" {\n  type      = string\n  sensitive = true\n${rule(condition, message)}}\n`;

  test.each([
    ["that breaks the rule", "length(var.secret) > 20", undefined],
    ["that the error_message would tell", "length(var.secret) > 20", "var.secret"],
    ["that makes the condition fail", "tonumber(var.secret) > 20", undefined],
    ["that makes the condition no condition", "var.secret", undefined],
    ["that makes the error_message fail", "length(var.secret) > 20", "tonumber(var.secret)"],
  ])("%s is not shown", (_, condition, message) => {
    const diagnostics = check(secret(condition, message), "secret=hunter2");
    expect(diagnostics.length).toBeGreaterThan(0);
    expect(told(diagnostics)).not.toContain("hunter2");
  });

  test("is told with the place it was given", () => {
    const [broken] = check(secret("length(var.secret) > 20"), "secret=hunter2");
    expect(broken?.detail).toBe("Wrong. The value, given in <argument -var secret>, is sensitive and is not shown.");
    expect(broken?.values).toEqual([{ expression: "var.secret", value: "(sensitive value)" }]);
  });

  test("in the error_message is an error beside the broken rule", () => {
    expect(summaries(check(secret("length(var.secret) > 20", "var.secret"), "secret=hunter2"))).toEqual([
      "Invalid value for var.secret",
      "error_message refers to sensitive values",
    ]);
  });
});

describe("a rule that is none", () => {
  test.each([
    ["null", "var.ram > 0 ? null : null", "null"],
    ["a text", 'var.ram > 0 ? "yes" : "no"', "a string"],
    ["a list", "[var.ram]", "a tuple"],
  ])("because its condition is %s", (_, condition, found) => {
    const diagnostics = check(ram(rule(condition)));
    expect(summaries(diagnostics)).toEqual(["The condition of var.ram says neither true nor false"]);
    expect(details({ diagnostics })).toContain(`Its result is ${found}.`);
  });

  test.each([
    ["no text", "[var.ram]", "error_message must be a text", "It is a tuple."],
    ["null", "null", "error_message must be a text", "It is null."],
    ["empty", '""', "error_message must be a text", "It is empty."],
    ["in error", "upper([])", expect.any(String), ""],
  ])("because its error_message is %s", (_, message, summary, detail) => {
    const diagnostics = check(ram(rule("var.ram < 0", message)));
    expect(summaries(diagnostics)).toEqual(["Invalid value for var.ram", summary]);
    expect(details({ diagnostics })).toContain(detail);
    // Where the rule is kept its message is not needed.
    expect(check(ram(rule("var.ram > 0", message)))).toEqual([]);
  });

  test("because it is in error", () => {
    expect(shown({ diagnostics: check(ram(rule("var.ram.x > 0"))) })).toEqual([
      "t.lab.hcl:5:29 This value has no attributes [x]",
    ]);
  });

  test.each([
    ["it does not look at its variable", "true", ["t.lab.hcl:5:21 The condition does not look at var.ram [true]"]],
    [
      "it looks at a node",
      "var.ram > node.a.pid",
      ['t.lab.hcl:5:31 A validation of var.ram cannot refer to "node" [node.a.pid]'],
    ],
    [
      "it looks at a local that comes from one",
      "var.ram > local.pid && local.pid > 0",
      ["t.lab.hcl:5:31 A validation of var.ram cannot refer to local.pid [local.pid]"],
    ],
    ["it looks at an instance", "var.ram > count.index", ['t.lab.hcl:5:31 "count" has no meaning here [count.index]']],
    ["it looks at what does not exist", "var.ram > var.none", ["t.lab.hcl:5:31 var.none does not exist [var.none]"]],
  ])("because %s is refused when the lab is read", (_, condition, expected) => {
    const rest = 'node "a" {}\nlocals {\n  pid = local.late\n  late = node.a.pid\n}\n';
    expect(shown(load(ram(rule(condition)) + rest))).toEqual(expected);
  });

  test("because a part of it is missing", () => {
    expect(shown(load('variable "v" {\n  validation {\n    when = var.v\n  }\n}\n'))).toEqual([
      't.lab.hcl:3:5 Unknown argument "when" [when]',
      't.lab.hcl:2:3 Missing argument "condition" [validation]',
      't.lab.hcl:2:3 Missing argument "error_message" [validation]',
    ]);
  });
});
