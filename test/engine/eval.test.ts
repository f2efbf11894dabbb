import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { Engine } from "./engine.ts";

const lab = `lab "e" {}
variable "size" {
  type    = number
  default = 2
}
variable "secret" {
  default   = "hunter2"
  sensitive = true
}
locals {
  doubled = var.size * 2
}
node "n" {
  count    = var.size
  adapters = local.doubled
}
`;

let engine: Engine;
afterEach(() => engine.close());

describe("eval", () => {
  test("shows what an expression stands for in the lab, in the console's form", async () => {
    engine = new Engine(lab);
    const shown = async (...expression: readonly string[]) => {
      const { exitCode, stdout, stderr } = await engine.run("eval", ...expression);
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
      return stdout;
    };
    expect(await shown("local.doubled + 1")).toBe("5\n");
    expect(await shown("-var=size=3", "[for one in node.n : one.adapters]")).toBe("[\n  6,\n  6,\n  6,\n]\n");
    expect(await shown("{", "name = lab.name", "}")).toBe('{\n  "name" = "e"\n}\n');
    expect(await shown("[var.secret, 1]")).toBe("[\n  (sensitive value),\n  1,\n]\n");
    expect(await shown("-json", "toset([local.doubled])")).toBe(
      '{\n  "type": [\n    "set",\n    "number"\n  ],\n  "value": [\n    4\n  ]\n}\n',
    );
  });

  test("takes what is recorded where it stays, and says what only an apply decides", async () => {
    engine = new Engine(lab);
    expect((await engine.run("eval", "node.n[0].pid")).stdout).toBe("(known after apply)\n");
    await engine.run("apply", "-auto-approve");
    expect((await engine.run("eval", "node.n[0].pid > 0")).stdout).toBe("true\n");
    const unknown = await engine.run("eval", "-json", "-var=size=3", "node.n[2].pid");
    expect(unknown.exitCode).toBe(1);
    expect(unknown.stdout).toBe("");
    expect(unknown.stderr).toContain("The value is not known before it is applied");
  });

  test("hides what is sensitive from JSON too", async () => {
    engine = new Engine(lab);
    const { exitCode, stdout, stderr } = await engine.run("eval", "-json", "var.secret");
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
    expect(stderr).toContain("The value is sensitive");
    expect(stderr).not.toContain("hunter2");
  });

  test("needs no lab for an expression that refers to none", async () => {
    engine = new Engine();
    expect((await engine.run("eval", 'cidrhost("10.0.0.0/8", 5)')).stdout).toBe('"10.0.0.5"\n');
    const { exitCode, stderr } = await engine.run("eval", "var.size");
    expect(exitCode).toBe(1);
    expect(stderr).toBe(`
Error: Unknown name "var"

  <expression>:1:1
  1 │ var.size
    │ ^^^

  Nothing of this name can be referred to here. There is only "path".

`);
  });

  test("gives what is tried instead of an output that a module lacks", async () => {
    engine = new Engine('lab "e" {}\nmodule "m" {\n  source = "./m"\n}\nlocals {\n  x = try(module.m.none, 1)\n}\n');
    mkdirSync(join(engine.directory, "m"));
    writeFileSync(join(engine.directory, "m", "m.lab.hcl"), 'output "there" {\n  value = 5\n}\n');
    const { stdout } = await engine.run("eval", "[local.x, can(module.m.none), try(module.m.there, 1)]");
    expect(stdout).toBe("[\n  1,\n  false,\n  5,\n]\n");
  });

  test("marks what is wrong in the expression, and tells what is wrong with the lab instead where that is so", async () => {
    engine = new Engine(lab);
    const { exitCode, stderr } = await engine.run("eval", "local.dobled");
    expect(exitCode).toBe(1);
    expect(stderr).toContain("<expression>:1:1");
    expect(stderr).toContain("Did you mean local.doubled?");
    expect((await engine.run("eval", "1 +")).stderr).toContain("<expression>:1:4");
    engine.write(`${lab}locals {\n  broken = 1 / 0\n}\n`);
    const broken = await engine.run("eval", "1");
    expect(broken.exitCode).toBe(1);
    expect(broken.stderr).toContain("a.lab.hcl:");
  });
});
