import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { WorldNode } from "../../providers/memory/world.ts";
import { goldenBeside } from "../support/golden.ts";
import { Engine } from "./engine.ts";

const golden = goldenBeside(import.meta.url);

let engine: Engine;
beforeEach(() => {
  engine = new Engine();
});
afterEach(() => engine.close());

/** Lab files by their names from the lab's directory. */
function write(files: { readonly [name: string]: string }): void {
  for (const [name, text] of Object.entries(files)) {
    const path = join(engine.directory, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
}

async function applied(...args: readonly string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await engine.run("apply", "-auto-approve", ...args);
  expect(exitCode, stdout + stderr).toBe(0);
  return stdout;
}

async function planned(...args: readonly string[]): Promise<readonly string[]> {
  const { exitCode, stdout, stderr } = await engine.run("plan", ...args);
  expect(exitCode, stdout + stderr).toBe(0);
  return [...stdout.matchAll(/^ {2}[#+] (?!service)(\S+) (will|must) be (\w+)/gm)].map(
    ([, address, , action]) => `${address} ${action}`,
  );
}

async function refused(...args: readonly string[]): Promise<string> {
  const { exitCode, stderr } = await engine.run(...args);
  expect(exitCode).toBe(1);
  return stderr;
}

async function output(name: string): Promise<unknown> {
  const { exitCode, stdout, stderr } = await engine.run("output", "-json", name);
  expect(exitCode, stderr).toBe(0);
  return JSON.parse(stdout);
}

function worldNode(address: string): WorldNode | undefined {
  return [...engine.world.nodes.values()].find((one) => one.address === address);
}

function pidOf(address: string): number | undefined {
  return worldNode(address)?.run?.pid;
}

const main = `lab "campus" {}

node "seed" {}

node "core" {
  adapters = 2
}

module "pod" {
  source   = "./pod"
  for_each = { a = 2, b = 1 }
  size     = each.value
  key      = node.seed.pid
}

module "twin" {
  source     = "./pod"
  count      = 2
  size       = 1
  key        = module.pod["a"].pid
  depends_on = [module.pod]
}

link "up" {
  for_each  = { a = 0, b = 1 }
  endpoints = [node.core.adapter[each.value], module.pod[each.key].uplink]
}

output "twins" {
  value = module.twin[*].pid
}

output "pods" {
  value = { for name, pod in module.pod : name => pod.notes }
}

output "where" {
  value = module.pod["a"].where
}

output "secret" {
  value     = module.twin[1].secret
  sensitive = true
}
`;

const pod = `variable "size" {
  type = number

  validation {
    condition     = var.size < 5
    error_message = "At most 4, not \${var.size}."
  }
}

variable "key" {
  type = string
}

locals {
  note = "key \${var.key}"
}

node "r" {
  count    = var.size
  adapters = 3
  note     = local.note
}

link "ring" {
  count     = var.size > 1 ? 1 : 0
  endpoints = [node.r[0].adapter[1], node.r[1].adapter[1]]
}

module "inner" {
  source = "./inner"
  name   = "first is \${node.r[0].pid}"
}

output "uplink" {
  value = node.r[0].adapter[0]
}

output "pid" {
  value = node.r[0].pid
}

output "notes" {
  value = [node.r[0].note, module.inner.note]
}

output "where" {
  value = [path.module, module.inner.where, path.root]
}

output "secret" {
  value     = "s-\${var.key}"
  sensitive = true
}
`;

const inner = `variable "name" {}

node "leaf" {
  note = var.name
}

output "note" {
  value = node.leaf.note
}

output "where" {
  value = path.module
}
`;

const campus = { "main.lab.hcl": main, "pod/pod.lab.hcl": pod, "pod/inner/inner.lab.hcl": inner };

describe("a lab of modules", () => {
  it("is planned, applied, and as its files say then", async () => {
    write(campus);
    const plan = await engine.run("plan");
    expect(plan.exitCode, plan.stderr).toBe(0);
    golden("modules.txt", plan.stdout);
    await applied();
    const again = await engine.run("plan", "-detailed-exitcode");
    expect(again.exitCode, again.stdout).toBe(0);
    const seed = pidOf("node.seed");
    const first = pidOf('module.pod["a"].node.r[0]');
    expect(await output("pods")).toMatchObject({ a: [`key ${seed}`, `first is ${first}`] });
    expect(await output("twins")).toEqual([0, 1].map((at) => pidOf(`module.twin[${at}].node.r[0]`)));
    expect(await output("where")).toEqual(["pod", "pod/inner", "."]);
    expect(await output("secret")).toBe(`s-${first}`);
  });

  it("does as a saved plan says, though its files are gone", async () => {
    write(campus);
    await engine.run("plan", "-out=saved.plan");
    write({ "main.lab.hcl": "", "pod/pod.lab.hcl": "", "pod/inner/inner.lab.hcl": "" });
    const { exitCode, stderr } = await engine.run("apply", "saved.plan");
    expect(exitCode, stderr).toBe(0);
    expect(await output("pods")).toHaveProperty("b");
  });

  it("is destroyed from its state alone", async () => {
    write(campus);
    await applied();
    write({ "main.lab.hcl": "", "pod/pod.lab.hcl": "", "pod/inner/inner.lab.hcl": "" });
    expect((await engine.run("destroy", "-auto-approve")).exitCode).toBe(0);
    expect(engine.world.nodes.size).toBe(0);
  });

  it("waits with a module for all of another that it depends on", async () => {
    write(campus);
    const lines = (await applied()).split("\n").filter((line) => /^module\.\S+: created/.test(line));
    const places = (word: string) => lines.flatMap((line, at) => (line.startsWith(`module.${word}[`) ? [at] : []));
    expect(Math.max(...places("pod"))).toBeLessThan(Math.min(...places("twin")));
  });

  it("removes an instance of a module with all that is in it, and leaves the others alone", async () => {
    write(campus);
    await applied();
    write({ "main.lab.hcl": main.replace("{ a = 2, b = 1 }", "{ a = 2 }").replace("{ a = 0, b = 1 }", "{ a = 0 }") });
    expect(await planned()).toEqual([
      'module.pod["b"].node.r[0] destroyed',
      'module.pod["b"].module.inner.node.leaf destroyed',
      'link.up["b"] destroyed',
    ]);
  });
});

describe("-target", () => {
  it.each([
    [
      "module.pod",
      ['module.pod["a"].node.r[0]', 'module.pod["b"].node.r[0]', 'module.pod["b"].module.inner.node.leaf'],
    ],
    ['module.pod["b"]', ['module.pod["b"].node.r[0]', 'module.pod["b"].module.inner.node.leaf']],
    ["module.pod.node.r", ['module.pod["a"].node.r[0]', 'module.pod["a"].node.r[1]', 'module.pod["b"].node.r[0]']],
  ])("takes %s", async (target, wanted) => {
    write(campus);
    const found = await planned(`-target=${target}`);
    for (const address of wanted) expect(found).toContain(`${address} created`);
    expect(found).not.toContain("node.core created");
    expect(found.includes('module.pod["a"].link.ring[0] created')).toBe(target === "module.pod");
  });

  it("says that a module is not there, and how an address looks", async () => {
    write(campus);
    expect(await refused("plan", "-target=module.nope")).toContain("-target module.nope names nothing");
    expect(await refused("plan", "-target=module")).toContain("module.pod");
  });

  it("takes what a module's outputs come from, and only of the instance that is named", async () => {
    write(campus);
    write({ "main.lab.hcl": main.replace("  depends_on = [module.pod]\n", "") });
    const less = await planned("-target=module.twin[0].node.r");
    expect(less).toEqual([
      "node.seed created",
      'module.pod["a"].node.r[0] created',
      'module.pod["a"].node.r[1] created',
      "module.twin[0].node.r[0] created",
    ]);
  });
});

it("makes one thing of a module anew", async () => {
  write(campus);
  await applied();
  expect(await planned('-replace=module.pod["b"].module.inner.node.leaf')).toEqual([
    'module.pod["b"].module.inner.node.leaf replaced',
  ]);
});

describe("a node of a module", () => {
  it("is meant by its name alone where no other has it", async () => {
    write({
      "main.lab.hcl": 'lab "x" {}\nnode "a" {}\nmodule "m" {\n  source = "./m"\n}\n',
      "m/m.lab.hcl": 'node "a" {}\nnode "only" {}\n',
    });
    await applied();
    expect((await engine.run("stop", "only")).exitCode).toBe(0);
    expect(pidOf("module.m.node.only")).toBeUndefined();
    expect((await engine.run("stop", "a")).exitCode).toBe(0);
    expect(pidOf("module.m.node.a")).toBeDefined();
    expect((await engine.run("stop", "module.m")).exitCode).toBe(0);
    expect(pidOf("module.m.node.a")).toBeUndefined();
  });

  it("must be named with its module where several have it", async () => {
    write({
      "main.lab.hcl": 'lab "x" {}\nmodule "m" {\n  source   = "./m"\n  for_each = toset(["p", "q"])\n}\n',
      "m/m.lab.hcl": 'node "a" {}\n',
    });
    await applied();
    expect(await refused("stop", "a")).toContain('There is a node "a" in more than one module');
    expect((await engine.run("stop", "module.m[p].node.a")).exitCode).toBe(0);
    expect(pidOf('module.m["p"].node.a')).toBeUndefined();
    expect(pidOf('module.m["q"].node.a')).toBeDefined();
  });
});

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
    write({ "main.lab.hcl": call("{ pid = tostring(node.seed.pid) }") });
    write({ "m/m.lab.hcl": module('  type = object({ pid = number, more = optional(string, "standard") })') });
    await applied();
    const pid = pidOf("node.seed");
    expect(await output("o")).toEqual({ pid, more: "standard" });
    expect(worldNode("module.m.node.n")?.note).toBe(`{"more":"standard","pid":${pid}}`);
  });

  it("takes its default for null where it is not nullable", async () => {
    write({ "main.lab.hcl": call("null"), "m/m.lab.hcl": module("  default  = 7\n  nullable = false") });
    await applied();
    expect(await output("o")).toBe(7);
  });

  it("cannot be null without a default, or of another type", async () => {
    write({ "main.lab.hcl": call("null"), "m/m.lab.hcl": module("  nullable = false") });
    expect(await refused("plan")).toContain("module.m.var.v cannot be null");
    write({ "main.lab.hcl": call('"x"'), "m/m.lab.hcl": module("  type = number") });
    golden("modules-wrong-type.txt", await refused("plan"));
  });

  it("stays sensitive in the module and in what it gives back", async () => {
    write({ "main.lab.hcl": call('"hunter2"'), "m/m.lab.hcl": module("  sensitive = true") });
    const told = await refused("plan");
    expect(told).toContain("Output refers to sensitive values");
    expect(told).not.toContain("hunter2");
    write({ "main.lab.hcl": call('"hunter2"').replace("module.m.o", '"fine"') });
    const plan = await engine.run("plan");
    expect(plan.stdout).toContain("note          = (sensitive value)");
    expect(plan.stdout).not.toContain("hunter2");
  });

  const rule = (condition: string) => `  validation {
    condition     = ${condition}
    error_message = "Of \${jsonencode(var.v)} nothing comes."
  }`;

  it("keeps its rules at plan, where its value is known", async () => {
    write({ "main.lab.hcl": call("3"), "m/m.lab.hcl": module(rule("var.v > 3")) });
    golden("modules-rule.txt", await refused("plan"));
  });

  it("keeps them at apply, where it is known only then, before anything needs the value", async () => {
    write({ "main.lab.hcl": call("node.seed.pid"), "m/m.lab.hcl": module(rule("var.v < 1")) });
    expect((await engine.run("plan")).exitCode).toBe(0);
    const told = await refused("apply", "-auto-approve");
    expect(told.match(/nothing comes/g)).toHaveLength(1);
    expect(told).toContain("Invalid value for module.m.var.v");
    expect(worldNode("module.m.node.n")).toBeUndefined();
    expect(worldNode("node.seed")).toBeDefined();
  });

  it("keeps a rule that nothing waits for, too", async () => {
    write({ "main.lab.hcl": call("node.seed.pid").replace(/output[^]*/, "") });
    write({ "m/m.lab.hcl": `variable "v" {\n${rule("var.v < 1")}\n}\n` });
    expect(await refused("apply", "-auto-approve")).toContain("Invalid value for module.m.var.v");
    write({ "m/m.lab.hcl": `variable "v" {\n${rule("var.v > 0")}\n}\n` });
    await applied();
  });
});

describe("a for_each whose values are decided at apply", () => {
  it("makes instances by its keys, which get the values then", async () => {
    write({
      "main.lab.hcl": `lab "x" {}
node "seed" {}
module "m" {
  source   = "./m"
  for_each = { a = node.seed.pid, b = "b" }
  v        = each.value
}
node "n" {
  for_each = { a = node.seed.pid }
  note     = "\${each.key} \${each.value}"
}
`,
      "m/m.lab.hcl": 'variable "v" {}\nnode "n" {\n  note = "v \${var.v}"\n}\n',
    });
    await applied();
    const pid = pidOf("node.seed");
    const note = (address: string) => worldNode(address)?.note;
    expect(note('node.n["a"]')).toBe(`a ${pid}`);
    expect(note('module.m["a"].node.n')).toBe(`v ${pid}`);
    expect(note('module.m["b"].node.n')).toBe("v b");
    expect((await engine.run("plan", "-detailed-exitcode")).exitCode).toBe(0);
  });
});

it("says which value a count waits for, through modules and locals, and when it is decided", async () => {
  write({
    "main.lab.hcl": `lab "x" {}
node "seed" {}
module "m" {
  source = "./m"
  v      = node.seed.pid
}
locals {
  many = module.m.twice
}
node "n" {
  count = local.many
}
`,
    "m/m.lab.hcl": 'variable "v" {}\noutput "twice" {\n  value = 2 * var.v\n}\n',
  });
  golden("modules-count.txt", await refused("plan"));
});

it("tells what is wrong in a module once, however many instances it has", async () => {
  write({
    "main.lab.hcl": 'lab "x" {}\nmodule "m" {\n  source = "./m"\n  count  = 3\n}\n',
    "m/m.lab.hcl": 'locals {\n  x = 1 + "a"\n}\n',
  });
  expect((await refused("plan")).match(/m\/m\.lab\.hcl:2/g)).toHaveLength(1);
});

describe("what a module's directory lacks", () => {
  it("is told at the source", async () => {
    write({
      "main.lab.hcl": 'lab "x" {}\nmodule "m" {\n  source = "./gone"\n}\nmodule "e" {\n  source = "./empty"\n}\n',
    });
    write({ "empty/notes.txt": "" });
    golden("modules-missing.txt", await refused("validate"));
  });
});

describe("validate without a value for a variable", () => {
  it("checks modules as far as they come from others", async () => {
    write({
      "main.lab.hcl": `lab "x" {}
variable "v" {}
module "open" {
  source = "./m"
  v      = var.v
}
module "closed" {
  source = "./m"
  v      = "x"
}
`,
      "m/m.lab.hcl": 'variable "v" {}\nnode "n" {\n  note = var.v\n}\noutput "o" {\n  value = "\${var.v}!"\n}\n',
    });
    const { exitCode, stdout, stderr } = await engine.run("validate");
    expect(exitCode, stderr).toBe(0);
    expect(stdout).toContain("Without a value: var.v");
    write({ "m/m.lab.hcl": 'variable "v" {}\nlocals {\n  x = upper(var.v, 1)\n}\n' });
    expect((await refused("validate")).match(/m\.lab\.hcl:3/g)).toHaveLength(1);
  });
});
