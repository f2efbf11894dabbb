import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { goldenBeside } from "../support/golden.ts";
import { Engine } from "./engine.ts";

const golden = goldenBeside(import.meta.url);

const lab = (change: { b?: string; link?: string; extra?: string } = {}) => `
lab "drawn" {}
node "a" {
  adapters = 2
}
node "b" {
  ${change.b ?? ""}
}
link "ab" {
  endpoints = [node.a.adapter[0], node.b.adapter[0]]
  weight    = 7
  ${change.link ?? ""}
}
${change.extra ?? ""}`;

let engine: Engine;
beforeEach(() => {
  engine = new Engine(lab());
});
afterEach(() => engine.close());

async function graph(...flags: readonly string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await engine.run("graph", ...flags);
  expect(stderr).toBe("");
  expect(exitCode).toBe(0);
  return stdout;
}

async function document(...flags: readonly string[]) {
  const { nodes, links, ...rest } = JSON.parse(await graph("-format=json", ...flags));
  const byAddress = (all: readonly { address: string }[]) => Object.fromEntries(all.map((one) => [one.address, one]));
  return { ...rest, nodes: byAddress(nodes), links: byAddress(links) };
}

async function apply(): Promise<void> {
  const { exitCode, stdout, stderr } = await engine.run("apply", "-auto-approve");
  expect(exitCode, stdout + stderr).toBe(0);
}

test("before anything is applied the graph shows what the lab files declare, and nothing is written", async () => {
  golden("graph-declared.dot", await graph());
  golden("graph-declared.mmd", await graph("-format=mermaid"));
  expect(await document()).toMatchObject({
    format_version: "1.0",
    lab: "drawn",
    shows: "plan",
    nodes: { "node.a": { condition: null, action: "create" }, "node.b": { action: "create" } },
    links: {
      "link.ab": {
        impairments: { weight: 7 },
        ends: [
          { node: "node.a", adapter: 0 },
          { node: "node.b", adapter: 0 },
        ],
      },
    },
  });
  expect(existsSync(join(engine.directory, ".labform"))).toBe(false);
});

test("afterwards it shows what is really there, as status does", async () => {
  engine.write(lab({ b: 'power = "off"', link: "suspended = true" }));
  await apply();
  engine.world.crash("node.a");
  const { shows, nodes, links } = await document();
  expect(shows).toBe("state");
  expect(nodes["node.a"]).toMatchObject({ condition: "down", action: null, detail: "its process ended" });
  expect(nodes["node.b"]).toMatchObject({ condition: "off" });
  expect(links["link.ab"]).toMatchObject({ condition: "suspended", suspended: true });
  const rows = JSON.parse((await engine.run("status", "-json")).stdout).instances;
  for (const { address, kind, condition, detail } of rows) {
    if (kind === "node") expect(nodes[address], address).toMatchObject({ condition, detail });
    if (kind === "link") expect(links[address], address).toMatchObject({ condition, detail });
  }
});

test("with -plan it shows what the lab files make of it, and with a file what that plan does", async () => {
  await apply();
  engine.write(lab({ b: 'colour = "red"', extra: 'node "c" {}\n' }));
  const wanted = {
    shows: "plan",
    nodes: { "node.a": { action: "none" }, "node.b": { action: "replace" }, "node.c": { action: "create" } },
    links: { "link.ab": { impairments: { weight: 7 } } },
  };
  expect(await document("-plan")).toMatchObject(wanted);
  expect((await document()).nodes["node.c"]).toBeUndefined();
  await engine.run("plan", "-out=change.plan");
  expect(await document("-plan=change.plan")).toMatchObject(wanted);
  engine.write(lab());
  await engine.run("stop", "b");
  const stale = await engine.run("graph", "-plan=change.plan", "-json");
  expect(stale.stderr).toContain("The plan was made against another state than the lab has now");
  expect(stale.exitCode).toBe(0);
});

test("what is to be removed is in the graph of a plan, with its links", async () => {
  await apply();
  engine.write('lab "drawn" {}\nnode "a" {\n  adapters = 2\n}\n');
  const { nodes, links } = await document("-plan");
  expect(nodes).toMatchObject({ "node.a": { action: "none" }, "node.b": { action: "delete" } });
  expect(links["link.ab"]).toMatchObject({ action: "delete" });
});

test("the ending of a file says the format, and the drawing is an SVG", async () => {
  for (const [name, begins] of [
    ["lab.svg", "<?xml"],
    ["lab.gv", 'graph "drawn" {'],
    ["lab.MMD", "flowchart LR"],
    ["lab.json", '{"format_version"'],
  ] as const) {
    expect(await graph(`-out=${name}`)).toBe("");
    const path = join(engine.directory, name);
    expect(readFileSync(path, "utf8").startsWith(begins), name).toBe(true);
    expect(statSync(path).mode & 0o777).toBe(0o644);
  }
  expect(readFileSync(join(engine.directory, "lab.svg"), "utf8")).toMatch(/<text[^>]*>weight 7<\/text>/);
  await graph("-format=dot", "-out=lab.txt", "-layout=circo");
  expect(readFileSync(join(engine.directory, "lab.txt"), "utf8")).toContain("layout=circo");
});

test.each([
  [["-format=svgg"], 'There is no -format=svgg\n\n  Did you mean "svg"?'],
  [["-out=lab.png"], "The ending of lab.png names no format"],
  [["-layout=round"], "There is no -layout=round"],
  [["-plan=missing"], "missing cannot be read"],
  [["-out=no/where.svg"], "The graph cannot be written to no/where.svg"],
])("%j is refused", async (flags, message) => {
  const { exitCode, stdout, stderr } = await engine.run("graph", ...flags);
  expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
  expect(stderr).toContain(message);
});

test("what is sensitive is in no format", async () => {
  engine.write(`
lab "drawn" {}
variable "weight" {
  sensitive = true
  default   = 4711
}
node "a" {
  secret = "hush"
}
node "b" {}
link "ab" {
  endpoints = [node.a.adapter[0], node.b.adapter[0]]
  weight    = var.weight
}
`);
  const formats = ["dot", "mermaid", "json", "svg"];
  for (const format of formats) expect(await graph(`-format=${format}`)).not.toMatch(/4711|hush/);
  await apply();
  for (const format of formats) expect(await graph(`-format=${format}`)).not.toMatch(/4711|hush/);
});
