import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { goldenBeside } from "../support/golden.ts";
import { Engine } from "./engine.ts";

const golden = goldenBeside(import.meta.url);

let engine: Engine;
beforeEach(() => {
  engine = new Engine();
});
afterEach(() => engine.close());

async function applied(): Promise<void> {
  const apply = await engine.run("apply", "-auto-approve");
  expect(apply.exitCode, apply.stdout + apply.stderr).toBe(0);
}

/** The plan as shown; then what it says is done, and a further plan is empty. */
async function planned(name: string): Promise<void> {
  const plan = await engine.run("plan", "-detailed-exitcode");
  expect(plan.exitCode, plan.stderr).toBe(2);
  golden(`${name}.txt`, plan.stdout);
  await applied();
  const again = await engine.run("plan", "-detailed-exitcode");
  expect(again.exitCode, again.stdout).toBe(0);
}

async function refused(name: string, command = "plan"): Promise<void> {
  const { exitCode, stderr } = await engine.run(command);
  expect(exitCode).toBe(1);
  golden(`${name}.txt`, stderr);
}

describe("a template", () => {
  const lab = (note: string) => `lab "templates" {}

template "base" {
  size = 2
  card "front" {
    text = "${note}"
  }
}

template "router" {
  template = template.base
  note     = "\${each.key} is a router"
}

node "router" {
  template = template.router
  for_each = toset(["r1", "r2"])
  card "back" {
    text = each.key
  }
}

node "small" {
  template = template.base
  size     = null
}
`;

  it("gives its nodes what they do not say themselves", async () => {
    engine.write(lab("hello"));
    await planned("template-create");
  });

  it("is the cause of what changes, with its own line", async () => {
    engine.write(lab("hello"));
    await applied();
    engine.write(lab("good bye"));
    await planned("template-change");
  });

  it("with a wrong value has one error, that names the nodes", async () => {
    engine.write(lab("hello").replace("size = 2", 'size = "two"'));
    await refused("template-wrong");
  });
});

describe("a dynamic block", () => {
  it("makes blocks whose values are decided later", async () => {
    engine.write(`lab "dynamic" {}

node "a" {}

node "b" {
  dynamic "card" {
    for_each = { pid = node.a.pid, name = "b" }
    labels   = [card.key]
    content {
      text = "\${card.key}: \${card.value}"
    }
  }
}

node "c" {
  dynamic "card" {
    for_each = ["x", node.a.pid]
    iterator = local
    labels   = ["card \${local.key}"]
    content {
      text = jsonencode(local)
    }
  }
}

output "cards" {
  value = [for node in [node.b, node.c] : { for name, card in node.card : name => card.text }]
}
`);
    await planned("dynamic-deferred");
    const { stdout } = await engine.run("output", "-json", "cards");
    const pid = [...engine.world.nodes.values()].find(({ address }) => address === "node.a")?.run?.pid;
    expect(JSON.parse(stdout)).toEqual([
      { pid: `pid: ${pid}`, name: "name: b" },
      { "card 0": '{"key":0,"value":"x"}', "card 1": JSON.stringify({ key: 1, value: pid }) },
    ]);
  });

  it("whose elements are not known yet is refused: what they come from, and what to do", async () => {
    engine.write(`lab "dynamic" {}

node "a" {}

locals {
  numbers = toset([node.a.pid])
}

node "b" {
  dynamic "card" {
    for_each = local.numbers
    labels   = [card.key]
    content {
      text = "pid"
    }
  }
}
`);
    await refused("dynamic-unknown");
  });

  it("may come from a variable without a value while a lab is validated, and its content is checked", async () => {
    const lab = (text: string) => `lab "dynamic" {}

variable "cards" {
  type = map(string)
}

node "a" {
  dynamic "card" {
    for_each = var.cards
    labels   = [card.key]
    content {
      text = ${text}
    }
  }
}
`;
    engine.write(lab("card.value"));
    const valid = await engine.run("validate");
    expect(valid.exitCode, valid.stderr).toBe(0);
    engine.write(lab("upper([card.value])"));
    await refused("dynamic-content", "validate");
  });
});

it("an override file is the cause of what changes, with its own line", async () => {
  engine.write('lab "overrides" {}\n\nnode "a" {\n  note = "shared"\n  size = 2\n}\n');
  await applied();
  writeFileSync(join(engine.directory, "my_override.lab.hcl"), 'node "a" {\n  note = "mine"\n}\n');
  await planned("override-change");
});
