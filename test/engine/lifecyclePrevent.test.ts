import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { LifecycleEngine } from "./lifecycleLab.ts";

let engine: LifecycleEngine;
beforeEach(() => {
  engine = new LifecycleEngine();
});
afterEach(() => engine.close());

const prevent = (value = "true") => `lifecycle {\n    prevent_destroy = ${value}\n  }`;
const a = (body: string, prevents = "true") => `node "a" {\n  ${body}\n  ${prevent(prevents)}\n}\n`;

describe("prevent_destroy", () => {
  it("refuses a plan that replaces the instance, with the place, the reason and the ways out", async () => {
    engine.lab(a('colour = "red"'));
    await engine.applied();
    engine.lab(a('colour = "blue"'));
    const { exitCode, stdout, stderr } = await engine.run("plan");
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
    expect(stderr).toBe(`
Error: node.a is not to be destroyed

  node.a

  a.lab.hcl:6:23
  6 │     prevent_destroy = true
    │                       ^^^^

  The plan would replace it: colour changed in the lab files (a.lab.hcl:4:3). Its block says
  prevent_destroy. Undo what it comes from, set prevent_destroy = false, or leave it out with
  -exclude=node.a.

`);
    expect(await engine.changes("-exclude=node.a")).toEqual([]);
  });

  it("lets the instance be changed, restarted, stopped and made again where it is gone", async () => {
    engine.lab(a("size = 1"));
    await engine.applied();
    engine.lab(a('size = 2\n  note = "n"'));
    expect(await engine.changes()).toEqual([
      expect.stringContaining("restart | node.a | size changed in the lab files"),
    ]);
    await engine.applied();
    await engine.succeeded("stop", "a");
    await engine.applied();
    engine.world.nodes.delete(String(engine.recorded("node.a").attributes.id));
    expect(await engine.changes()).toEqual(["create | node.a | the node is gone"]);
    await engine.applied();
    expect(engine.recorded("node.a").preventDestroy).toBe(true);
  });

  it.each([
    ["-replace=node.a", "asked for with -replace"],
    ["tainted", "marked as tainted"],
  ])("refuses %s", async (how, reason) => {
    engine.lab(a(""));
    await engine.applied();
    if (how === "tainted") await engine.succeeded("taint", "node.a");
    const said = await engine.refusal("plan", ...(how === "tainted" ? [] : [how]));
    expect(said).toContain(`The plan would replace it: ${reason}.`);
  });

  it("holds when the block is gone, as it was last applied", async () => {
    engine.lab(`${a("")}\nnode "b" {}\n`);
    await engine.applied();
    engine.lab('node "b" {}\n');
    const said = await engine.refusal("plan");
    expect(said).toContain("node.a is not to be destroyed");
    expect(said).toContain("The plan would destroy it: it is no longer in the lab files.");
    expect(said).toContain("Apply it once with prevent_destroy = false in its block, or leave it out");
    engine.lab(`${a("", "false")}\nnode "b" {}\n`);
    await engine.applied();
    engine.lab('node "b" {}\n');
    expect(await engine.changes()).toEqual(["delete | node.a | it is no longer in the lab files"]);
  });

  it("holds for destroy, from the state alone, and nothing else is destroyed with it", async () => {
    engine.lab(`${a("")}\nnode "b" {}\n\nlink "l" {\n  endpoints = [node.a.adapter[0], node.b.adapter[0]]\n}\n`);
    await engine.applied();
    for (const command of [
      ["destroy", "-auto-approve"],
      ["plan", "-destroy"],
    ] as const) {
      expect(await engine.refusal(...command)).toContain(
        "The plan would destroy it: destroy was asked for. prevent_destroy was set when it was applied last.",
      );
    }
    engine.write("no lab any more");
    expect(await engine.refusal("destroy", "-auto-approve")).toContain("node.a is not to be destroyed");
    expect(engine.addresses()).toEqual(["node.a", "node.b"]);
    await engine.succeeded("destroy", "-auto-approve", "-exclude=node.a");
    expect(engine.addresses()).toEqual(["node.a"]);
  });

  it("is recorded by an apply that changes nothing else, either way", async () => {
    engine.lab('node "a" {}\n');
    await engine.applied();
    const { pid } = engine.recorded("node.a").attributes;
    engine.lab(a(""));
    expect(await engine.succeeded("plan", "-detailed-exitcode")).toContain("No changes.");
    await engine.applied();
    expect(engine.recorded("node.a")).toMatchObject({ preventDestroy: true, attributes: { pid } });
    engine.lab(a("", "false"));
    await engine.applied();
    expect(engine.recorded("node.a")).not.toHaveProperty("preventDestroy");
    await engine.succeeded("destroy", "-auto-approve");
  });

  it("is what the block says for the instances that it no longer has", async () => {
    const lab = (count: number, prevents: boolean) =>
      `node "a" {\n  count = ${count}\n  ${prevent(String(prevents))}\n}\n`;
    engine.lab(lab(2, true));
    await engine.applied();
    engine.lab(lab(1, true));
    expect(await engine.refusal("plan")).toContain("node.a[1] is not to be destroyed");
    engine.lab(lab(1, false));
    expect(await engine.changes()).toEqual(["delete | node.a[1] | its count no longer reaches [1]"]);
  });

  it("is what the block says where enabled takes its instance away", async () => {
    const lab = (on: boolean) => `node "a" {\n  lifecycle {\n    enabled = ${on}\n    prevent_destroy = true\n  }\n}\n`;
    engine.lab(lab(true));
    await engine.applied();
    engine.lab(lab(false));
    expect(await engine.refusal("plan")).toContain(
      "The plan would destroy it: enabled is false in its lifecycle block (a.lab.hcl:5:15).",
    );
  });

  it("may come from variables and locals, in each instance of a module its own, and outlasts the call", async () => {
    engine.writeAll({
      "pod/main.lab.hcl": `variable "keep" {}\n\nlocals {\n  keep = var.keep\n}\n\nnode "n" {\n  ${prevent("local.keep")}\n}\n`,
    });
    const lab = (names: string) =>
      `module "pod" {\n  source   = "./pod"\n  for_each = toset([${names}])\n  keep     = each.key == "x"\n}\n`;
    engine.lab(lab('"x", "y"'));
    await engine.applied();
    engine.lab(lab(""));
    const said = await engine.refusal("plan");
    expect(said).toContain('module.pod["x"].node.n is not to be destroyed');
    expect(said).not.toContain('module.pod["y"].node.n');
    expect(await engine.changes('-target=module.pod["y"]')).toEqual([
      'delete | module.pod["y"].node.n | module.pod["y"] is no longer in the lab files',
    ]);
  });

  it("is for links: one between other ends is another", async () => {
    const lab = (end: string) =>
      `node "x" {\n  count = 3\n}\n\nlink "l" {\n  endpoints = [node.x[0].adapter[0], node.x[${end}].adapter[0]]\n  ${prevent()}\n}\n`;
    engine.lab(lab("1"));
    await engine.applied();
    engine.lab(lab("2"));
    expect(await engine.refusal("plan")).toContain("link.l is not to be destroyed");
  });

  it("stands in a template, and is told once for all its users", async () => {
    const lab = (colour: string) =>
      `template "t" {\n  colour = "${colour}"\n  ${prevent()}\n}\n\nnode "a" {\n  template = template.t\n}\n\nnode "b" {\n  template = template.t\n  lifecycle {\n    prevent_destroy = false\n  }\n}\n`;
    engine.lab(lab("red"));
    await engine.applied();
    engine.lab(lab("blue"));
    const said = await engine.refusal("plan");
    expect(said).toContain("node.a is not to be destroyed");
    expect(said).toContain("node.a uses template.t");
    expect(said).not.toContain("node.b is not to be destroyed");
  });

  it("lets the record be forgotten by a removed block, which destroys nothing", async () => {
    engine.lab(`${a('power = "off"')}\nnode "b" {}\n`);
    await engine.applied();
    engine.lab('node "b" {}\n\nremoved {\n  from = node.a\n  lifecycle {\n    destroy = false\n  }\n}\n');
    expect(await engine.changes()).toEqual([expect.stringMatching(/^forget \| node\.a/)]);
    engine.lab('node "b" {}\n\nremoved {\n  from = node.a\n  lifecycle {\n    destroy = true\n  }\n}\n');
    expect(await engine.refusal("plan")).toContain("node.a is not to be destroyed");
  });

  it("is kept in a saved plan, and recorded by its apply", async () => {
    engine.lab(a(""));
    await engine.succeeded("plan", "-out=plan.json");
    await engine.succeeded("apply", "plan.json");
    expect(engine.recorded("node.a").preventDestroy).toBe(true);
  });

  it("is merged from an override file, which leaves the rest of the block as it is", async () => {
    engine.lab(
      'node "a" {\n  note = "one"\n  lifecycle {\n    prevent_destroy = true\n    ignore_changes  = [note]\n  }\n}\n',
    );
    await engine.applied();
    engine.writeAll({
      "a_override.lab.hcl": `node "a" {\n  note = "two"\n  ${prevent("false")}\n}\n`,
    });
    expect(await engine.changes()).toEqual([]);
    await engine.applied();
    expect(engine.recorded("node.a")).not.toHaveProperty("preventDestroy");
  });

  it("stays what it was when the instance is moved and when commands change it by hand", async () => {
    engine.lab(a(""));
    await engine.applied();
    await engine.succeeded("stop", "a");
    expect(engine.recorded("node.a").preventDestroy).toBe(true);
    await engine.succeeded("state", "mv", "node.a", "node.z");
    expect(engine.recorded("node.z").preventDestroy).toBe(true);
  });

  it("is read from lab files in JSON, also out of a template", async () => {
    engine.writeAll({
      "a.lab.json": JSON.stringify({
        lab: { life: {} },
        variable: { keep: { default: true } },
        node: { a: { lifecycle: { prevent_destroy: "\u0024{var.keep}" } } },
      }),
    });
    await engine.applied();
    expect(engine.recorded("node.a").preventDestroy).toBe(true);
    expect(await engine.refusal("plan", "-replace=node.a")).toContain(
      "node.a is not to be destroyed node.a a.lab.json:1:",
    );
  });

  it.each([
    ['"perhaps"', "prevent_destroy must be true or false"],
    ["node.b.pid > 0", "prevent_destroy is not known at plan"],
    ["sensitive(true)", "prevent_destroy may not be sensitive"],
    ["count.index == 0", '"count" has no meaning here'],
    ["self.size > 1", '"self" has no meaning here'],
    ["var.nope", "var.nope does not exist"],
  ])("is refused as %s: %s", async (value, said) => {
    engine.lab(`node "b" {}\n\nnode "a" {\n  count = 2\n  ${prevent(value)}\n}\n`);
    const text = await engine.refusal("plan");
    expect(text).toContain(said);
    expect(text.match(/Error:/g)).toHaveLength(1);
  });

  it("taken as null is false", async () => {
    engine.lab(a("", "null"));
    await engine.applied();
    expect(engine.recorded("node.a")).not.toHaveProperty("preventDestroy");
  });
});
