import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Engine } from "./engine.ts";

const lab = `lab "o" {}
output "text" {
  value = "one\\ntwo"
}
output "name" {
  value = "a<b>&\\u00e9"
}
output "big" {
  value = 12345678901234567890123
}
output "half" {
  value = 5.50
}
output "odd" {
  value = "{}, [\\"x:\\"]"
}
output "yes" {
  value = true
}
output "list" {
  value = tolist([1, 2])
}
output "none" {
  value = {}
}
output "secret" {
  value     = { key = "hunter2" }
  sensitive = true
}
output "null" {
  value = null
}
`;

let engine: Engine;
beforeAll(async () => {
  engine = new Engine(lab);
  const { exitCode, stderr } = await engine.run("apply", "-auto-approve");
  expect(exitCode, stderr).toBe(0);
});
afterAll(() => engine.close());

test("output lists all, in Terraform's form", async () => {
  expect(await engine.run("output")).toEqual({
    exitCode: 0,
    stderr: "",
    stdout: `big = 12345678901234567890123
half = 5.5
list = tolist([
  1,
  2,
])
name = "a<b>&é"
none = {}
null = null
odd = "{}, [\\"x:\\"]"
secret = <sensitive>
text = <<EOT
one
two
EOT
yes = true
`,
  });
});

test("output -json is Terraform's document: names, types and values, sensitive ones too", async () => {
  const { stdout } = await engine.run("output", "-json");
  expect(stdout).toBe(`{
  "big": {
    "sensitive": false,
    "type": "number",
    "value": 12345678901234567890123
  },
  "half": {
    "sensitive": false,
    "type": "number",
    "value": 5.5
  },
  "list": {
    "sensitive": false,
    "type": [
      "list",
      "number"
    ],
    "value": [
      1,
      2
    ]
  },
  "name": {
    "sensitive": false,
    "type": "string",
    "value": "a\\u003cb\\u003e\\u0026é"
  },
  "none": {
    "sensitive": false,
    "type": [
      "object",
      {}
    ],
    "value": {}
  },
  "null": {
    "sensitive": false,
    "type": "dynamic",
    "value": null
  },
  "odd": {
    "sensitive": false,
    "type": "string",
    "value": "{}, [\\"x:\\"]"
  },
  "secret": {
    "sensitive": true,
    "type": [
      "object",
      {
        "key": "string"
      }
    ],
    "value": {
      "key": "hunter2"
    }
  },
  "text": {
    "sensitive": false,
    "type": "string",
    "value": "one\\ntwo"
  },
  "yes": {
    "sensitive": false,
    "type": "bool",
    "value": true
  }
}
`);
});

describe("one output asked for by name", () => {
  test.each([
    ["text", "<<EOT\none\ntwo\nEOT\n", '"one\\ntwo"\n', "one\ntwo"],
    ["name", '"a<b>&é"\n', '"a\\u003cb\\u003e\\u0026é"\n', "a<b>&é"],
    ["big", "12345678901234567890123\n", "12345678901234567890123\n", "12345678901234567890123"],
    ["half", "5.5\n", "5.5\n", "5.5"],
    ["yes", "true\n", "true\n", "true"],
    ["list", "tolist([\n  1,\n  2,\n])\n", "[1,2]\n", "a list of numbers"],
    ["none", "{}\n", "{}\n", "an object"],
    ["secret", '{\n  "key" = "hunter2"\n}\n', '{"key":"hunter2"}\n', "an object"],
    ["null", "null\n", "null\n", "null"],
  ])("is its value alone: %s", async (name, text, json, raw) => {
    expect((await engine.run("output", name)).stdout).toBe(text);
    expect((await engine.run("output", "-json", name)).stdout).toBe(json);
    const { exitCode, stdout, stderr } = await engine.run("output", "-raw", name);
    if (!["list", "none", "secret", "null"].includes(name)) {
      expect([exitCode, stdout, stderr]).toEqual([0, raw, ""]);
    } else {
      expect([exitCode, stdout]).toEqual([1, ""]);
      expect(stderr).toContain(`Output "${name}" is ${raw}`);
      expect(stderr).not.toContain("hunter2");
    }
  });
});

test.each([
  ["one that is not there", ["nme"], 'There is no output "nme"', 'Did you mean "name"? The state has big, half'],
  ["one that every object of JavaScript has", ["constructor"], 'There is no output "constructor"', "The state has"],
  ["bare text of all", ["-raw"], "-raw needs the name of an output", "labform output -raw NAME"],
  ["two forms", ["-raw", "-json", "name"], "-raw and -json cannot be used together", ""],
  ["two names", ["name", "text"], "output was given too many words", ""],
])("asking for %s is an error on standard error alone", async (_, args, summary, detail) => {
  for (const more of args.includes("-raw") ? [[]] : [[], ["-json"]]) {
    const { exitCode, stdout, stderr } = await engine.run("output", ...args, ...more);
    expect([exitCode, stdout]).toEqual([1, ""]);
    expect(stderr).toContain(summary);
    expect(stderr).toContain(detail);
  }
});

test("where nothing is recorded a warning says so, and -json is an empty document", async () => {
  await engine.run("destroy", "-auto-approve");
  const { exitCode, stdout, stderr } = await engine.run("output");
  expect([exitCode, stdout]).toEqual([0, ""]);
  expect(stderr).toContain("Warning: There are no outputs");
  expect(await engine.run("output", "-json")).toEqual({ exitCode: 0, stdout: "{}\n", stderr: "" });
  expect((await engine.run("output", "name")).exitCode).toBe(1);
});
