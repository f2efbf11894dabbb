import { statSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { goldenBeside } from "../support/golden.ts";
import { ModuleEngine } from "./moduleEngine.ts";

const golden = goldenBeside(import.meta.url);

let engine: ModuleEngine;
beforeEach(() => {
  engine = new ModuleEngine();
});
afterEach(() => engine.close());

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
    engine.writeAll(campus);
    const plan = await engine.run("plan");
    expect(plan.exitCode, plan.stderr).toBe(0);
    golden("modules.txt", plan.stdout);
    await engine.applied();
    const again = await engine.run("plan", "-detailed-exitcode");
    expect(again.exitCode, again.stdout).toBe(0);
    const seed = engine.pidOf("node.seed");
    const first = engine.pidOf('module.pod["a"].node.r[0]');
    expect(await engine.output("pods")).toMatchObject({ a: [`key ${seed}`, `first is ${first}`] });
    expect(await engine.output("twins")).toEqual([0, 1].map((at) => engine.pidOf(`module.twin[${at}].node.r[0]`)));
    expect(await engine.output("where")).toEqual(["pod", "pod/inner", "."]);
    expect(await engine.output("secret")).toBe(`s-${first}`);
  });

  it("does as a saved plan says, though its files are gone", async () => {
    engine.writeAll(campus);
    await engine.run("plan", "-out=saved.plan");
    engine.writeAll({ "main.lab.hcl": "", "pod/pod.lab.hcl": "", "pod/inner/inner.lab.hcl": "" });
    const { exitCode, stderr } = await engine.run("apply", "saved.plan");
    expect(exitCode, stderr).toBe(0);
    expect(await engine.output("pods")).toHaveProperty("b");
  });

  it("is destroyed from its state alone", async () => {
    engine.writeAll(campus);
    await engine.applied();
    engine.writeAll({ "main.lab.hcl": "", "pod/pod.lab.hcl": "", "pod/inner/inner.lab.hcl": "" });
    expect((await engine.run("destroy", "-auto-approve")).exitCode).toBe(0);
    expect(engine.world.nodes.size).toBe(0);
  });

  it("waits with a module for all of another that it depends on", async () => {
    engine.writeAll(campus);
    const lines = (await engine.applied()).split("\n").filter((line) => /^module\.\S+: created/.test(line));
    const places = (word: string) => lines.flatMap((line, at) => (line.startsWith(`module.${word}[`) ? [at] : []));
    expect(Math.max(...places("pod"))).toBeLessThan(Math.min(...places("twin")));
  });

  it("removes an instance of a module with all that is in it, and leaves the others alone", async () => {
    engine.writeAll(campus);
    await engine.applied();
    engine.writeAll({
      "main.lab.hcl": main.replace("{ a = 2, b = 1 }", "{ a = 2 }").replace("{ a = 0, b = 1 }", "{ a = 0 }"),
    });
    expect(await engine.planned()).toEqual([
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
    engine.writeAll(campus);
    const found = await engine.planned(`-target=${target}`);
    for (const address of wanted) expect(found).toContain(`${address} created`);
    expect(found).not.toContain("node.core created");
    expect(found.includes('module.pod["a"].link.ring[0] created')).toBe(target === "module.pod");
  });

  it("says that a module is not there, and how an address looks", async () => {
    engine.writeAll(campus);
    expect(await engine.refused("plan", "-target=module.nope")).toContain("-target module.nope names nothing");
    expect(await engine.refused("plan", "-target=module")).toContain("module.pod");
  });

  it("takes what a module's outputs come from, and only of the instance that is named", async () => {
    engine.writeAll(campus);
    engine.writeAll({ "main.lab.hcl": main.replace("  depends_on = [module.pod]\n", "") });
    const less = await engine.planned("-target=module.twin[0].node.r");
    expect(less).toEqual([
      "node.seed created",
      'module.pod["a"].node.r[0] created',
      'module.pod["a"].node.r[1] created',
      "module.twin[0].node.r[0] created",
    ]);
  });
});

it("makes one thing of a module anew", async () => {
  engine.writeAll(campus);
  await engine.applied();
  expect(await engine.planned('-replace=module.pod["b"].module.inner.node.leaf')).toEqual([
    'module.pod["b"].module.inner.node.leaf replaced',
  ]);
});

it("is named in JSON with its module apart", async () => {
  engine.writeAll(campus);
  const { stdout } = await engine.run("plan", "-json");
  const resources = stdout
    .trim()
    .split("\n")
    .flatMap((line) => JSON.parse(line).change?.resource ?? []);
  expect(resources).toContainEqual({
    addr: 'module.pod["b"].module.inner.node.leaf',
    module: 'module.pod["b"].module.inner',
    resource: "node.leaf",
    implied_provider: "memory",
    resource_type: "node",
    resource_name: "leaf",
    resource_key: null,
  });
});

describe("a node of a module", () => {
  it("is meant by its name alone where no other has it", async () => {
    engine.writeAll({
      "main.lab.hcl": 'lab "x" {}\nnode "a" {}\nmodule "m" {\n  source = "./m"\n}\n',
      "m/m.lab.hcl": 'node "a" {}\nnode "only" {}\n',
    });
    await engine.applied();
    expect((await engine.run("stop", "only")).exitCode).toBe(0);
    expect(engine.pidOf("module.m.node.only")).toBeUndefined();
    expect((await engine.run("stop", "a")).exitCode).toBe(0);
    expect(engine.pidOf("module.m.node.a")).toBeDefined();
    expect((await engine.run("stop", "module.m")).exitCode).toBe(0);
    expect(engine.pidOf("module.m.node.a")).toBeUndefined();
  });

  it("must be named with its module where several have it", async () => {
    engine.writeAll({
      "main.lab.hcl": 'lab "x" {}\nmodule "m" {\n  source   = "./m"\n  for_each = toset(["p", "q"])\n}\n',
      "m/m.lab.hcl": 'node "a" {}\n',
    });
    await engine.applied();
    expect(await engine.refused("stop", "a")).toContain('There is a node "a" in more than one module');
    expect((await engine.run("stop", "module.m[p].node.a")).exitCode).toBe(0);
    expect(engine.pidOf('module.m["p"].node.a')).toBeUndefined();
    expect(engine.pidOf('module.m["q"].node.a')).toBeDefined();
  });
});

describe("a for_each whose values are decided at apply", () => {
  it("makes instances by its keys, which get the values then", async () => {
    engine.writeAll({
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
      "m/m.lab.hcl": 'variable "v" {}\nnode "n" {\n  note = "v ${var.v}"\n}\n',
    });
    await engine.applied();
    const pid = engine.pidOf("node.seed");
    const note = (address: string) => engine.node(address)?.note;
    expect(note('node.n["a"]')).toBe(`a ${pid}`);
    expect(note('module.m["a"].node.n')).toBe(`v ${pid}`);
    expect(note('module.m["b"].node.n')).toBe("v b");
    expect((await engine.run("plan", "-detailed-exitcode")).exitCode).toBe(0);
  });
});

it("says which value a count waits for, through modules and locals, and when it is decided", async () => {
  engine.writeAll({
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
  golden("modules-count.txt", await engine.refused("plan"));
});

it("tells what is wrong in a module once, however many instances it has", async () => {
  engine.writeAll({
    "main.lab.hcl": 'lab "x" {}\nmodule "m" {\n  source = "./m"\n  count  = 3\n}\n',
    "m/m.lab.hcl": 'locals {\n  x = 1 + "a"\n}\n',
  });
  expect((await engine.refused("plan")).match(/m\/m\.lab\.hcl:2/g)).toHaveLength(1);
});

describe("what a module's directory lacks", () => {
  it("is told at the source", async () => {
    engine.writeAll({
      "main.lab.hcl": 'lab "x" {}\nmodule "m" {\n  source = "./gone"\n}\nmodule "e" {\n  source = "./empty"\n}\n',
    });
    engine.writeAll({ "empty/notes.txt": "" });
    golden("modules-missing.txt", await engine.refused("validate"));
  });
});

describe("validate without a value for a variable", () => {
  it("checks modules as far as they come from others", async () => {
    engine.writeAll({
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
      "m/m.lab.hcl": 'variable "v" {}\nnode "n" {\n  note = var.v\n}\noutput "o" {\n  value = "${var.v}!"\n}\n',
    });
    const { exitCode, stdout, stderr } = await engine.run("validate");
    expect(exitCode, stderr).toBe(0);
    expect(stdout).toContain("Without a value: var.v");
    engine.writeAll({ "m/m.lab.hcl": 'variable "v" {}\nlocals {\n  x = upper(var.v, 1)\n}\n' });
    expect((await engine.refused("validate")).match(/m\.lab\.hcl:3/g)).toHaveLength(1);
  });
});

describe("values that are decided at apply", () => {
  const ladder = Array.from({ length: 30 }, (_, at) => {
    const before = "local.a" + at + ", local.b" + at;
    return `  a${at + 1} = min(${before})\n  b${at + 1} = max(${before})\n`;
  }).join("");

  it("may be shared by many locals: a plan and a state keep each once", async () => {
    engine.writeAll({
      "main.lab.hcl": `lab "x" {}
node "a" {}
locals {
  a0 = node.a.pid
  b0 = node.a.pid + 1
${ladder}}
node "b" {
  note = "\${local.a30}"
}
output "sum" {
  value = local.a30 + local.b30
}
`,
    });
    await engine.run("plan", "-out", "saved");
    expect(statSync(join(engine.directory, "saved")).size).toBeLessThan(100_000);
    await engine.applied("saved");
    expect(await engine.output("sum")).toBe(2 * (engine.pidOf("node.a") ?? 0) + 1);
    expect(await engine.planned()).toEqual([]);
  });

  it("follow a command that starts a node again, through modules and files alike", async () => {
    engine.writeAll({
      "main.lab.hcl": `lab "x" {}
module "m" {
  source = "./m"
}
module "shown" {
  source = "./shown"
  pid    = module.m.pid
}
output "pid" {
  value = module.m.pid
}
output "told" {
  value = "\${trimspace(file("word.txt"))} \${module.shown.text}"
}
`,
      "m/m.lab.hcl": 'node "n" {}\noutput "pid" {\n  value = node.n.pid\n}\n',
      "shown/m.lab.hcl": `variable "pid" {}
output "text" {
  value = "pid \${var.pid == null ? "-" : var.pid}"
}
`,
      "word.txt": "its\n",
    });
    await engine.applied();
    for (const command of ["stop", "start"]) {
      const { exitCode, stderr } = await engine.run(command, "n");
      expect(exitCode, stderr).toBe(0);
      const pid = engine.pidOf("module.m.node.n") ?? null;
      expect(await engine.output("pid")).toBe(pid);
      expect(await engine.output("told")).toBe(`its pid ${pid ?? "-"}`);
    }
  });
});
