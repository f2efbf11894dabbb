import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { goldenBeside } from "../support/golden.ts";
import { ModuleEngine } from "./moduleEngine.ts";

const golden = goldenBeside(import.meta.url);

let engine: ModuleEngine;
beforeEach(() => {
  engine = new ModuleEngine();
});
afterEach(() => engine.close());

describe("a variable of a module", () => {
  const call = (argument: string) => `lab "x" {}
node "seed" {}
module "m" {
  source = "./m"
  v      = ${argument}
}
output "o" {
  value = module.m.o
}
`;
  const module = (variable: string) => `variable "v" {
${variable}
}
node "n" {
  note = jsonencode(var.v)
}
output "o" {
  value = var.v
}
`;

  it("has the type of its block, also when its value is decided at apply", async () => {
    engine.writeAll({ "main.lab.hcl": call("{ pid = tostring(node.seed.pid) }") });
    engine.writeAll({
      "m/m.lab.hcl": module('  type = object({ pid = number, more = optional(string, "standard") })'),
    });
    await engine.applied();
    const pid = engine.pidOf("node.seed");
    expect(await engine.output("o")).toEqual({ pid, more: "standard" });
    expect(engine.node("module.m.node.n")?.note).toBe(`{"more":"standard","pid":${pid}}`);
  });

  it("takes its default for null where it is not nullable", async () => {
    engine.writeAll({ "main.lab.hcl": call("null"), "m/m.lab.hcl": module("  default  = 7\n  nullable = false") });
    await engine.applied();
    expect(await engine.output("o")).toBe(7);
  });

  it("cannot be null without a default, or of another type", async () => {
    engine.writeAll({ "main.lab.hcl": call("null"), "m/m.lab.hcl": module("  nullable = false") });
    expect(await engine.refused("plan")).toContain("module.m.var.v cannot be null");
    engine.writeAll({ "main.lab.hcl": call('"x"'), "m/m.lab.hcl": module("  type = number") });
    golden("modules-wrong-type.txt", await engine.refused("plan"));
  });

  it("stays sensitive in the module and in what it gives back", async () => {
    engine.writeAll({ "main.lab.hcl": call('"hunter2"'), "m/m.lab.hcl": module("  sensitive = true") });
    const told = await engine.refused("plan");
    expect(told).toContain("Output refers to sensitive values");
    expect(told).not.toContain("hunter2");
    engine.writeAll({ "main.lab.hcl": call('"hunter2"').replace("module.m.o", '"fine"') });
    const plan = await engine.run("plan");
    expect(plan.stdout).toContain("note          = (sensitive value)");
    expect(plan.stdout).not.toContain("hunter2");
  });

  it("that is sensitive is not shown where it is wrong either", async () => {
    engine.writeAll({
      "main.lab.hcl": call('"hunter2"'),
      "m/m.lab.hcl": module("  type = number\n  sensitive = true"),
    });
    const told = await engine.refused("plan");
    expect(told).toContain("Wrong type for module.m.var.v");
    expect(told).not.toContain("hunter2");
  });

  const rule = (condition: string) => `  validation {
    condition     = ${condition}
    error_message = "Of \${jsonencode(var.v)} nothing comes."
  }`;

  it("keeps its rules at plan, where its value is known", async () => {
    engine.writeAll({ "main.lab.hcl": call("3"), "m/m.lab.hcl": module(rule("var.v > 3")) });
    golden("modules-rule.txt", await engine.refused("plan"));
  });

  it("keeps them at apply, where it is known only then, before anything needs the value", async () => {
    engine.writeAll({ "main.lab.hcl": call("node.seed.pid"), "m/m.lab.hcl": module(rule("var.v < 1")) });
    expect((await engine.run("plan")).exitCode).toBe(0);
    const told = await engine.refused("apply", "-auto-approve");
    expect(told.match(/nothing comes/g)).toHaveLength(1);
    expect(told).toContain("Invalid value for module.m.var.v");
    expect(engine.node("module.m.node.n")).toBeUndefined();
    expect(engine.node("node.seed")).toBeDefined();
  });

  it("keeps a rule that nothing waits for, too", async () => {
    engine.writeAll({ "main.lab.hcl": call("node.seed.pid").replace(/output[^]*/, "") });
    engine.writeAll({ "m/m.lab.hcl": `variable "v" {\n${rule("var.v < 1")}\n}\n` });
    expect(await engine.refused("apply", "-auto-approve")).toContain("Invalid value for module.m.var.v");
    engine.writeAll({ "m/m.lab.hcl": `variable "v" {\n${rule("var.v > 0")}\n}\n` });
    await engine.applied();
  });
});
