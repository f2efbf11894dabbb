import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { LifecycleEngine } from "./lifecycleLab.ts";

let engine: LifecycleEngine;
beforeEach(() => {
  engine = new LifecycleEngine();
});
afterEach(() => engine.close());

const enabled = (value: string) => `lifecycle {\n    enabled = ${value}\n  }`;

describe("enabled", () => {
  it("has an instance made or not, under its address without a key", async () => {
    const lab = (on: boolean) => `variable "on" { default = ${on} }\n\nnode "x" {\n  ${enabled("var.on")}\n}\n`;
    engine.lab(lab(false));
    await engine.applied();
    expect(engine.addresses()).toEqual([]);
    engine.lab(lab(true));
    await engine.applied();
    expect(engine.addresses()).toEqual(["node.x"]);
    engine.lab(lab(false));
    expect(await engine.changes()).toEqual(["delete | node.x | enabled is false in its lifecycle block"]);
    await engine.applied();
    expect(engine.addresses()).toEqual([]);
  });

  it("makes references null where it is false, and what they are where it is true", async () => {
    const lab = (on: boolean) =>
      `node "x" {\n  size = 3\n  ${enabled(String(on))}\n}\n\noutput "size" {\n  value = nonsensitive(node.x == null) ? 0 : node.x.size\n}\noutput "pid" {\n  value = try(node.x.pid > 0, null)\n}\n`;
    engine.lab(lab(false));
    await engine.applied();
    expect(await engine.output("size")).toBe(0);
    engine.lab(lab(true));
    await engine.applied();
    expect(await engine.output("size")).toBe(3);
    expect(await engine.output("pid")).toBe(true);
  });

  it("is null also in an expression that is evaluated at apply", async () => {
    engine.lab(
      `node "x" {\n  ${enabled("false")}\n}\n\nnode "y" {}\n\nnode "z" {\n  note = node.x == null ? "alone with \${node.y.serial_number > 0}" : "not"\n}\n`,
    );
    await engine.applied();
    expect(engine.node("node.z")?.note).toBe("alone with true");
  });

  it("says of an attribute of what is not there that it is null", async () => {
    engine.lab(`node "x" {\n  ${enabled("false")}\n}\n\nnode "y" {\n  size = node.x.size\n}\n`);
    expect(await engine.refusal("plan")).toMatch(/Null has no attribute "size".*with node\.x = null/);
  });

  it("lets what depends on it be made without it", async () => {
    engine.lab(`node "x" {\n  ${enabled("false")}\n}\n\nnode "y" {\n  depends_on = [node.x]\n}\n`);
    await engine.applied();
    expect(engine.addresses()).toEqual(["node.y"]);
  });

  it("takes over the one instance of a count, and gives it back", async () => {
    engine.lab('node "x" {\n  count = 1\n}\n');
    await engine.applied();
    const pid = engine.pidOf("node.x[0]");
    engine.lab(`node "x" {\n  ${enabled("true")}\n}\n`);
    expect(await engine.changes()).toEqual(["move | node.x"]);
    await engine.applied();
    expect(engine.recorded("node.x").attributes.pid).toBe(pid);
    engine.lab('node "x" {\n  count = 1\n}\n');
    await engine.applied();
    expect(engine.recorded("node.x[0]").attributes.pid).toBe(pid);
  });

  it("is for links too, and in modules", async () => {
    engine.writeAll({
      "pair/main.lab.hcl": `variable "linked" {}\n\nnode "a" {}\n\nnode "b" {}\n\nlink "l" {\n  endpoints = [node.a.adapter[0], node.b.adapter[0]]\n  ${enabled("var.linked")}\n}\n\noutput "link" { value = link.l }\n`,
    });
    const lab = (linked: boolean) =>
      `module "p" {\n  source   = "./pair"\n  for_each = toset(["u", "v"])\n  linked   = ${linked ? 'each.key == "u"' : "false"}\n}\n\noutput "links" {\n  value = [for one in module.p : one.link == null]\n}\n`;
    engine.lab(lab(true));
    await engine.applied();
    expect(await engine.output("links")).toEqual([false, true]);
    engine.lab(lab(false));
    expect(await engine.changes()).toEqual(['delete | module.p["u"].link.l | enabled is false in its lifecycle block']);
  });

  it("has a module there or not, with all that is in it, and is null to who refers to it", async () => {
    engine.writeAll({
      "pod/main.lab.hcl": 'node "n" {}\n\noutput "size" { value = node.n.size }\noutput "pid" { value = node.n.pid }\n',
    });
    const lab = (on: string) =>
      `module "pod" {\n  source = "./pod"\n  ${enabled(on)}\n}\n\noutput "there" {\n  value = module.pod != null\n}\noutput "pid" {\n  value = try(module.pod.pid > 0, "none")\n}\n`;
    engine.lab(lab("true"));
    await engine.applied();
    expect(engine.addresses()).toEqual(["module.pod.node.n"]);
    expect([await engine.output("there"), await engine.output("pid")]).toEqual([true, true]);
    engine.lab(lab("false"));
    expect(await engine.changes()).toEqual(["delete | module.pod.node.n | enabled is false in its lifecycle block"]);
    await engine.applied();
    expect([await engine.output("there"), await engine.output("pid")]).toEqual([false, "none"]);
    engine.writeAll({
      "a_override.lab.json": JSON.stringify({ module: { pod: { lifecycle: { enabled: "\u0024{1 == 1}" } } } }),
    });
    await engine.applied();
    expect(engine.addresses()).toEqual(["module.pod.node.n"]);
  });

  it.each([
    ["null", "enabled is null"],
    ['"perhaps"', "enabled must be true or false"],
    ["node.y.pid > 0", "enabled is not known at plan"],
    ["sensitive(true)", "enabled may not be sensitive"],
    ["each.value", '"each" has no meaning here'],
  ])("is refused as %s: %s", async (value, said) => {
    engine.lab(`node "y" {}\n\nnode "x" {\n  ${enabled(value)}\n}\n`);
    expect(await engine.refusal("plan")).toContain(said);
  });

  it("is looked at by validate as far as it can be where a variable has no value", async () => {
    const lab = (type: string) =>
      `variable "on" {\n  type = ${type}\n}\n\nnode "x" {\n  ${enabled("var.on && upper(1, 2)")}\n}\n`;
    engine.lab(lab("bool"));
    expect(await engine.refusal("validate")).toContain("upper");
    engine.lab(
      'variable "on" {\n  type = bool\n}\n\nnode "x" {\n  lifecycle {\n    enabled = var.on\n    prevent_destroy = !var.on\n  }\n}\n',
    );
    expect(await engine.succeeded("validate")).toContain("valid");
  });

  it.each(["count = 1", 'for_each = toset(["a"])'])("is refused beside %s", async (argument) => {
    engine.lab(`node "x" {\n  ${argument}\n  ${enabled("true")}\n}\n`);
    const name = argument.split(" ")[0];
    expect(await engine.refusal("validate")).toContain(`enabled and ${name} together`);
  });

  it("is refused in a template, which says what a node is", async () => {
    engine.lab(`template "t" {\n  ${enabled("true")}\n}\n\nnode "x" {\n  template = template.t\n}\n`);
    expect(await engine.refusal("validate")).toContain(
      "A template says what a node is, not how many there are of it. Write enabled in the node's block.",
    );
  });
});

describe("what lifecycle does not take", () => {
  it.each([
    ["create_before_destroy = true", "Two nodes of one address cannot be there at once."],
    ["destroy = false", "It belongs in a removed block."],
    ["prevent_destory = true", 'Did you mean "prevent_destroy"?'],
  ])("%s", async (argument, said) => {
    engine.lab(`node "x" {\n  lifecycle {\n    ${argument}\n  }\n}\n`);
    expect(await engine.refusal("validate")).toContain(said);
  });

  it("a provisioner, which is none of a node's blocks", async () => {
    engine.lab(`node "x" {\n  provisioner "local-exec" {\n    command = "true"\n  }\n}\n`);
    expect(await engine.refusal("validate")).toContain("labform runs nothing in a guest while it applies.");
  });
});
