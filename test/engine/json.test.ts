import { renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { goldenBeside } from "../support/golden.ts";
import { Engine } from "./engine.ts";

const golden = goldenBeside(import.meta.url);

const native = `lab "twins" {}

variable "colour" {
  type = string
}

variable "sizes" {
  type    = map(number)
  default = { a = 1, "b c" = 2 }
}

locals {
  notes = { for name, size in var.sizes : name => "size \${size} of \\"\${name}\\"" }
}

template "sized" {
  colour   = var.colour
  adapters = 2
}

node "n" {
  for_each = var.sizes
  template = template.sized
  note     = local.notes[each.key]
  size     = each.value
}

node "watcher" {
  note       = "pids \${join(", ", [for name, n in node.n : "\${name}=\${n.pid}"])}\\n\\ttab \\u00e9 \\\\ $\${x}"
  depends_on = [node.n]
}

link "l" {
  endpoints = [node.n["a"].adapter[0], node.n["b c"].adapter[1]]
}

output "pids" {
  value = { for name, n in node.n : "pid of \\"\${name}\\"" => n.pid }
}

output "note" {
  value = node.watcher.note
}
`;

const twin = {
  lab: { twins: {} },
  variable: { colour: { type: "string" }, sizes: { type: "map(number)", default: { a: 1, "b c": 2 } } },
  locals: { notes: '${{ for name, size in var.sizes : name => "size ${size} of \\"${name}\\"" }}' },
  template: { sized: { colour: "${var.colour}", adapters: 2 } },
  node: {
    n: {
      for_each: "${var.sizes}",
      template: "template.sized",
      note: "${local.notes[each.key]}",
      size: "${each.value}",
    },
    watcher: {
      "//": "Its note is known once all others run.",
      note: 'pids ${join(", ", [for name, n in node.n : "${name}=${n.pid}"])}\n\ttab é \\ $${x}',
      depends_on: ["node.n"],
    },
  },
  link: { l: { endpoints: ['${node.n["a"].adapter[0]}', '${node.n["b c"].adapter[1]}'] } },
  output: {
    pids: { value: '${{ for name, n in node.n : "pid of \\"${name}\\"" => n.pid }}' },
    note: { value: "${node.watcher.note}" },
  },
};

const engines: Engine[] = [];
afterEach(() => {
  for (const engine of engines.splice(0)) engine.close();
});

function engineOf(files: { readonly [name: string]: string }): Engine {
  const engine = new Engine();
  engines.push(engine);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(engine.directory, name), text);
  return engine;
}

async function succeeded(engine: Engine, ...args: readonly string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await engine.run(...args);
  expect(exitCode, stdout + stderr).toBe(0);
  return stdout;
}

it("plans, applies and shows a lab in JSON as its twin in the native syntax", async () => {
  const one = engineOf({ "a.lab.hcl": native, "labform.vars.hcl": 'colour = "red"\n' });
  const other = engineOf({ "a.lab.json": JSON.stringify(twin), "labform.vars.json": '{"colour": "red"}' });
  expect(await succeeded(other, "plan")).toBe(await succeeded(one, "plan"));
  await succeeded(one, "apply", "-auto-approve");
  await succeeded(other, "apply", "-auto-approve");
  expect(await succeeded(other, "output")).toBe(await succeeded(one, "output"));
  expect(await succeeded(other, "plan", "-detailed-exitcode")).toBe(await succeeded(one, "plan", "-detailed-exitcode"));
});

it("takes one for the other: nothing changes when a lab is written in JSON instead", async () => {
  const engine = engineOf({ "a.lab.hcl": native, "x.auto.vars.json": '{"colour": "red"}' });
  await succeeded(engine, "apply", "-auto-approve");
  rmSync(join(engine.directory, "a.lab.hcl"));
  writeFileSync(join(engine.directory, "b.lab.json"), JSON.stringify(twin, null, 1));
  renameSync(join(engine.directory, "x.auto.vars.json"), join(engine.directory, "given.json"));
  await succeeded(engine, "plan", "-detailed-exitcode", "-var-file=given.json");
});

it("applies a saved plan whose expressions are JSON, after the files are gone", async () => {
  const engine = engineOf({ "a.lab.json": JSON.stringify(twin, null, 2) });
  await succeeded(engine, "plan", "-out=saved", "-var", "colour=red");
  rmSync(join(engine.directory, "a.lab.json"));
  await succeeded(engine, "apply", "saved");
  const pids = JSON.parse(await succeeded(engine, "output", "-json", "pids"));
  expect(Object.keys(pids)).toEqual(['pid of "a"', 'pid of "b c"']);
  const note = await succeeded(engine, "output", "-raw", "note");
  expect(note).toBe(`pids a=${pids['pid of "a"']}, b c=${pids['pid of "b c"']}\n\ttab é \\ \${x}`);
});

it("shows what is wrong in JSON where it stands", async () => {
  const engine = engineOf({
    "a.lab.json": `{
  "lab": {"wrong": {}},
  "variable": {"size": {"type": "lsit(number)"}},
  "node": {
    "a": {
      "siez": 1,
      "note": "x \\"\${1 + }\\" y",
      "adapters": 1, // two
      "colour": "red"
    }
    "b": {"size": "\${local.x}"}
  }
}
`,
    "labform.vars.json": '{"size": [1,]}',
  });
  const { exitCode, stderr } = await engine.run("validate");
  expect(exitCode).toBe(1);
  golden("json-mistakes.txt", stderr);
});

it("names the argument and line of a change in JSON", async () => {
  const engine = engineOf({ "a.lab.json": JSON.stringify(twin, null, 2), "labform.vars.json": '{"colour": "red"}' });
  await succeeded(engine, "apply", "-auto-approve");
  const changed = { ...twin, node: { ...twin.node, watcher: { ...twin.node.watcher, note: "quiet" } } };
  writeFileSync(join(engine.directory, "a.lab.json"), JSON.stringify(changed, null, 2));
  golden("json-update.txt", await succeeded(engine, "plan"));
});
