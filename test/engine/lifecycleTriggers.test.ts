import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { LifecycleEngine } from "./lifecycleLab.ts";

let engine: LifecycleEngine;
beforeEach(() => {
  engine = new LifecycleEngine();
});
afterEach(() => engine.close());

const by = (what: string) => `lifecycle {\n    replace_triggered_by = ${what}\n  }`;
const a = (what: string) => `node "a" {\n  ${by(what)}\n}\n\n`;

describe("replace_triggered_by", () => {
  it.each([
    ["updated in place", 'note = "n"', "update", "node.b is updated"],
    ["restarted", "size = 2", "restart", "node.b is updated"],
    ["replaced", 'colour = "red"', "replace", "node.b is replaced"],
    ["turned off", 'power = "off"', "stop", "node.b is updated"],
  ])("has an instance made anew when a node that it names is %s", async (_, argument, action, why) => {
    engine.lab(`${a("[node.b]")}node "b" {}\n`);
    await engine.applied();
    const before = engine.node("node.a")?.serialNumber;
    expect(await engine.changes()).toEqual([]);
    engine.lab(`${a("[node.b]")}node "b" {\n  ${argument}\n}\n`);
    expect(await engine.changes()).toEqual([
      expect.stringMatching(new RegExp(`^${action} \\| node\\.b`)),
      `replace | node.a | replace_triggered_by: ${why}`,
    ]);
    await engine.applied();
    expect(engine.node("node.a")?.serialNumber).not.toBe(before);
    expect(await engine.changes()).toEqual([]);
  });

  it("says in the plan where it is named", async () => {
    engine.lab(`${a("[node.b]")}node "b" {}\n`);
    await engine.applied();
    const text = await engine.succeeded("plan", "-replace=node.b");
    expect(text).toContain("# node.a must be replaced");
    expect(text).toContain("#   replace_triggered_by: node.b is replaced (a.lab.hcl:5:29)");
  });

  it("is told to programs by the words that OpenTofu has for it, as enabled is", async () => {
    const lab = (note: string, on: boolean) =>
      `${a("[node.b]")}node "b" {\n  note = "${note}"\n}\n\nnode "c" {\n  lifecycle {\n    enabled = ${on}\n  }\n}\n`;
    engine.lab(lab("one", true));
    await engine.applied();
    engine.lab(lab("two", false));
    await engine.succeeded("plan", "-out=plan.json");
    const { resource_changes: all } = JSON.parse(await engine.succeeded("show", "-json", "plan.json")) as {
      resource_changes: readonly { address: string; action_reason?: string }[];
    };
    const reasons = Object.fromEntries(all.map((one) => [one.address, one.action_reason]));
    expect(reasons).toMatchObject({ "node.a": "replace_by_triggers", "node.c": "delete_because_enabled_false" });
  });

  it("has nobody made anew by what is made for the first time, started again or left as it is", async () => {
    engine.lab(a("[node.b, node.c]") + 'node "b" {\n  for_each = toset(["x"])\n}\n\nnode "c" {}\n');
    await engine.applied();
    const [id, node] = [...engine.world.nodes].find(([, one]) => one.address === "node.c") ?? [];
    if (id === undefined || !node) throw new Error("no node");
    engine.world.putNode(id, { ...node, run: null, carriers: [] });
    engine.lab(a("[node.b, node.c]") + 'node "b" {\n  for_each = toset(["x", "y"])\n}\n\nnode "c" {}\n');
    expect(await engine.changes()).toEqual(['create | node.b["y"]', "start | node.c | its process ended"]);
  });

  it("counts what is made again because it was gone", async () => {
    engine.lab(`${a("[node.b]")}node "b" {}\n`);
    await engine.applied();
    engine.world.nodes.delete(String(engine.recorded("node.b").attributes.id));
    expect(await engine.changes()).toEqual([
      "create | node.b | the node is gone",
      "replace | node.a | replace_triggered_by: node.b is created again",
    ]);
  });

  it("makes again what is gone itself, and does not call that a replacement", async () => {
    engine.lab(`${a("[node.b]")}node "b" {}\n`);
    await engine.applied();
    engine.world.nodes.delete(String(engine.recorded("node.a").attributes.id));
    expect(await engine.changes("-replace=node.b")).toEqual([
      "replace | node.b | asked for with -replace",
      "create | node.a | the node is gone",
    ]);
  });

  it("looks at an attribute where one is named: only another value counts", async () => {
    const lab = (body: string) => `${a("[node.b.note]")}node "b" {\n  ${body}\n}\n`;
    engine.lab(lab('note = "one"'));
    await engine.applied();
    engine.lab(lab('note = "one"\n  size = 2'));
    expect(await engine.changes()).toEqual([expect.stringMatching(/^restart \| node\.b/)]);
    engine.lab(lab('note = "two"'));
    expect((await engine.changes())[1]).toBe("replace | node.a | replace_triggered_by: node.b.note changes");
  });

  it("counts an attribute that the host decides anew, and one within a block or a list", async () => {
    const lab = (what: string, body: string) => `${a(what)}node "b" {\n  ${body}\n}\n`;
    engine.lab(lab("[node.b.pid]", ""));
    await engine.applied();
    engine.lab(lab("[node.b.pid]", "size = 2"));
    expect((await engine.changes())[1]).toBe("replace | node.a | replace_triggered_by: node.b.pid changes");
    const card = (text: string) => `card "x" {\n    text = "${text}"\n  }\n  card "y" {}`;
    engine.lab(lab('[node.b.card["x"].text]', card("1")));
    await engine.applied();
    engine.lab(lab('[node.b.card["x"].text, node.b.adapter[0].mac_address]', card("2")));
    expect((await engine.changes())[1]).toBe("replace | node.a | replace_triggered_by: node.b.card.x.text changes");
  });

  it("goes on from one to the next", async () => {
    const lab = (note: string) =>
      `${a("[node.b]")}node "b" {\n  ${by("[node.c.note]")}\n}\n\nnode "c" {\n  note = "${note}"\n}\n`;
    engine.lab(lab("one"));
    await engine.applied();
    engine.lab(lab("two"));
    expect((await engine.changes()).map((line) => line.split(" | ").slice(0, 2).join(" "))).toEqual([
      "update node.c",
      "replace node.b",
      "replace node.a",
    ]);
  });

  it("takes instances by each.key and count.index, and constants", async () => {
    const lab = (notes: string) =>
      `node "y" {\n  for_each = ${notes}\n  note     = each.value\n}\n\nnode "x" {\n  for_each = toset(["p", "q"])\n  ${by("[node.y[each.key].note]")}\n}\n\nnode "z" {\n  count = 2\n  size  = 1\n}\n\nnode "w" {\n  count = 2\n  ${by("[node.z[count.index]]")}\n}\n\nnode "v" {\n  ${by('[node.y["q"]]')}\n}\n`;
    engine.lab(lab('{ p = "1", q = "1" }'));
    await engine.applied();
    engine.lab(lab('{ p = "2", q = "1" }'));
    expect(await engine.changes("-replace=node.z[1]")).toEqual([
      expect.stringMatching(/^update \| node\.y\["p"\]/),
      'replace | node.x["p"] | replace_triggered_by: node.y["p"].note changes',
      "replace | node.z[1] | asked for with -replace",
      "replace | node.w[1] | replace_triggered_by: node.z[1] is replaced",
    ]);
  });

  it("takes links, and is for links", async () => {
    const lab = (weight: number) =>
      `node "x" {\n  count = 4\n}\n\nlink "one" {\n  endpoints = [node.x[0].adapter[0], node.x[1].adapter[0]]\n  weight    = ${weight}\n}\n\nlink "two" {\n  endpoints = [node.x[2].adapter[0], node.x[3].adapter[0]]\n  ${by("[link.one.weight]")}\n}\n`;
    engine.lab(lab(1));
    await engine.applied();
    engine.lab(lab(2));
    expect((await engine.changes())[1]).toBe("replace | link.two | replace_triggered_by: link.one.weight changes");
    await engine.applied();
    expect(await engine.changes()).toEqual([]);
  });

  it("means the module that it stands in, in each of its instances", async () => {
    engine.writeAll({
      "pod/main.lab.hcl": `variable "note" {}\n\nnode "s" {\n  note = var.note\n}\n\nnode "c" {\n  ${by("[node.s]")}\n}\n`,
    });
    const lab = (note: string) =>
      `module "pod" {\n  source   = "./pod"\n  for_each = { u = "1", v = "${note}" }\n  note     = each.value\n}\n`;
    engine.lab(lab("1"));
    await engine.applied();
    engine.lab(lab("2"));
    expect((await engine.changes())[1]).toBe(
      'replace | module.pod["v"].node.c | replace_triggered_by: module.pod["v"].node.s is updated',
    );
  });

  it("is refused where what it would replace is not to be destroyed", async () => {
    const lab = (note: string) =>
      `node "a" {\n  lifecycle {\n    prevent_destroy      = true\n    replace_triggered_by = [node.b]\n  }\n}\n\nnode "b" {\n  note = "${note}"\n}\n`;
    engine.lab(lab("one"));
    await engine.applied();
    engine.lab(lab("two"));
    expect(await engine.refusal("plan")).toContain(
      "The plan would replace it: replace_triggered_by: node.b is updated (a.lab.hcl:6:29).",
    );
  });

  it("has nothing to say where what it names ignores its changes, or is not enabled", async () => {
    const lab = (note: string) =>
      `${a("[node.b, node.c]")}node "b" {\n  note = "${note}"\n  lifecycle {\n    ignore_changes = [note]\n  }\n}\n\nnode "c" {\n  lifecycle {\n    enabled = false\n  }\n}\n`;
    engine.lab(lab("one"));
    await engine.applied();
    engine.lab(lab("two"));
    expect(await engine.changes()).toEqual([]);
  });

  it("keeps the conditions of the instance that is made anew", async () => {
    const lab = (note: string) =>
      `node "a" {\n  lifecycle {\n    replace_triggered_by = [node.b]\n    postcondition {\n      condition     = self.serial_number < 3\n      error_message = "No third one."\n    }\n  }\n}\n\nnode "b" {\n  note = "${note}"\n}\n`;
    engine.lab(lab("one"));
    await engine.applied();
    engine.lab(lab("two"));
    const { exitCode, stdout, stderr } = await engine.run("apply", "-auto-approve");
    expect(exitCode).toBe(1);
    expect(stdout + stderr).toContain("No third one.");
  });

  it("stands in a template", async () => {
    const lab = (note: string) =>
      `template "t" {\n  ${by("[node.b]")}\n}\n\nnode "a" {\n  template = template.t\n}\n\nnode "b" {\n  note = "${note}"\n}\n`;
    engine.lab(lab("one"));
    await engine.applied();
    engine.lab(lab("two"));
    expect((await engine.changes())[1]).toBe("replace | node.a | replace_triggered_by: node.b is updated");
  });

  it("is read from lab files in JSON", async () => {
    const lab = (note: string) => ({
      "a.lab.json": JSON.stringify({
        lab: { life: {} },
        node: {
          a: { for_each: { x: 1 }, lifecycle: { replace_triggered_by: ["node.b[each.key].note"] } },
          b: { for_each: { x: 1 }, note },
        },
      }),
    });
    engine.writeAll(lab("one"));
    await engine.applied();
    engine.writeAll(lab("two"));
    expect((await engine.changes())[1]).toBe('replace | node.a["x"] | replace_triggered_by: node.b["x"].note changes');
  });

  it.each([
    ["node.b", "replace_triggered_by is a list"],
    ['["node.b"]', "Write each as a reference and nothing else, without quotes"],
    ["[var.x]", '"var" is neither. Where a value is to have it made anew'],
    ["[module.m.x]", "What is in another module cannot be named"],
    ["[node]", "Say which node is meant: node.name."],
    ["[node.b[*].note]", "Write each as a reference and nothing else"],
    ["[node.y[each.value]]", "The key of an instance is a constant, each.key or count.index here."],
    ["[node.bb]", "node.bb does not exist"],
    ["[node.b.noet]", 'node.b has no attribute "noet"'],
    ["[node.y[each.key].noet]", 'node.y has no attribute "noet"'],
    ["[node.b[each.key]]", "node.b has no instances by key"],
    ["[node.y[count.index]]", '"count" has no meaning here'],
    ['[node.a["k"]]', "node.a cannot be replaced because of itself"],
  ])("%s is refused: %s", async (what, said) => {
    engine.lab(
      `variable "x" { default = 1 }\n\nnode "b" {}\n\nnode "y" {\n  for_each = toset(["k"])\n}\n\nnode "a" {\n  for_each = toset(["k"])\n  ${by(what)}\n}\n`,
    );
    const text = await engine.refusal("validate");
    expect(text).toContain(said);
    expect(text.match(/Error:/g), text).toHaveLength(1);
  });

  it("is refused where it names an instance that there is not", async () => {
    engine.lab(`${a('[node.y["z"]]')}node "y" {\n  for_each = toset(["k"])\n}\n`);
    expect(await engine.refusal("plan")).toMatch(/node\.y\["z"\] does not exist.*It has "k"\./);
  });

  it("is a ring where two have each other made anew", async () => {
    engine.lab(`${a("[node.b]")}node "b" {\n  ${by("[node.a]")}\n}\n`);
    expect(await engine.refusal("validate")).toMatch(/node\.a.*node\.b/);
  });
});
