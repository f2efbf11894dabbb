import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { LifecycleEngine } from "./lifecycleLab.ts";

let engine: LifecycleEngine;
beforeEach(() => {
  engine = new LifecycleEngine();
});
afterEach(() => engine.close());

const ignore = (what: string) => `lifecycle {\n    ignore_changes = ${what}\n  }`;
const a = (body: string, what: string) => `node "a" {\n  ${body}\n  ${ignore(what)}\n}\n`;

/** What is recorded of node.a. */
const recorded = () => engine.recorded("node.a").attributes;

describe("ignore_changes", () => {
  it("keeps the value that is recorded of an argument that it names, and changes all others", async () => {
    engine.lab(a('note = "one"\n  size = 1', "[note]"));
    await engine.applied();
    engine.lab(a('note = "two"\n  size = 2', "[note]"));
    expect(await engine.changes()).toEqual([expect.stringMatching(/^restart \| node\.a \| size changed/)]);
    await engine.applied();
    expect(recorded()).toMatchObject({ note: "one", size: 2 });
    expect(engine.node("node.a")?.note).toBe("one");
    engine.lab(a("size = 2", "[note]"));
    expect(await engine.changes()).toEqual([]);
  });

  it("is shown in no plan, and what is ignored shows to who refers to it as it is recorded", async () => {
    const lab = (note: string) => `${a(`note = "${note}"`, "[note]")}\noutput "note" {\n  value = node.a.note\n}\n`;
    engine.lab(lab("one"));
    await engine.applied();
    engine.lab(lab("two"));
    expect(await engine.succeeded("plan")).toContain("No changes.");
    await engine.applied();
    expect(await engine.output("note")).toBe("one");
  });

  it("keeps every argument and block with all", async () => {
    engine.lab(a('note = "one"\n  colour = "red"\n  card "x" {\n    text = "1"\n  }', "all"));
    await engine.applied();
    engine.lab(a('colour = "blue"\n  size = 9\n  card "y" {}', "all"));
    expect(await engine.changes()).toEqual([]);
    expect(recorded()).toMatchObject({ note: "one", colour: "red", size: 1, card: { x: { text: "1" } } });
  });

  it("follows the lab files again when it is taken away", async () => {
    engine.lab(a('note = "one"', "[note]"));
    await engine.applied();
    engine.lab('node "a" {\n  note = "two"\n}\n');
    await engine.applied();
    expect(recorded().note).toBe("two");
  });

  it("counts from the first apply on: what is made has what the lab files say", async () => {
    engine.lab(a('colour = "red"', "[colour]"));
    await engine.applied();
    expect(recorded().colour).toBe("red");
    engine.lab(a('colour = "blue"', "[colour]"));
    engine.world.nodes.delete(String(recorded().id));
    expect(await engine.changes()).toEqual(["create | node.a | the node is gone"]);
    await engine.applied();
    expect(recorded().colour).toBe("blue");
  });

  it("keeps the value through a replacement for another reason, but not of what is tainted", async () => {
    engine.lab(a('note = "one"', "[note]"));
    await engine.applied();
    engine.lab(a('note = "two"', "[note]"));
    await engine.applied("-replace=node.a");
    expect(recorded().note).toBe("one");
    await engine.succeeded("taint", "node.a");
    await engine.applied();
    expect(recorded().note).toBe("two");
  });

  describe("of blocks with labels", () => {
    const cards = (...blocks: readonly (readonly [string, string])[]) =>
      blocks.map(([label, text]) => `card "${label}" {\n    text = "${text}"\n  }`).join("\n  ");

    it.each([
      ['[card["x"].text]', { x: "1", y: "9" }],
      ['[card["x"]]', { x: "1", y: "9" }],
      ["[card]", { x: "1", y: "2" }],
      ["[card.x.text]", { x: "1", y: "9" }],
    ])("%s", async (what, kept) => {
      engine.lab(a(cards(["x", "1"], ["y", "2"]), '[card["x"]]'));
      await engine.applied();
      engine.lab(a(cards(["x", "8"], ["y", "9"]), what));
      await engine.applied();
      const found = recorded().card as { readonly [label: string]: { readonly text: string } };
      expect({ x: found.x?.text, y: found.y?.text }).toEqual(kept);
    });

    it("keeps one that the lab files no longer have, and has none that they have since", async () => {
      engine.lab(a(cards(["x", "1"]), '[card["x"], card["z"]]'));
      await engine.applied();
      engine.lab(a(cards(["z", "3"]), '[card["x"], card["z"]]'));
      expect(await engine.changes()).toEqual([]);
      expect(recorded().card).toEqual({ x: { text: "1" } });
    });

    it("has nothing to keep of a part of one that is not recorded, or not written any more", async () => {
      engine.lab(a(cards(["x", "1"]), '[card["x"].text, card["y"].text]'));
      await engine.applied();
      engine.lab(a(cards(["y", "2"]), '[card["x"].text, card["y"].text]'));
      await engine.applied();
      expect(recorded().card).toEqual({ y: { text: "2" } });
    });

    it("holds of blocks that dynamic makes, even where it is not known how many", async () => {
      const dynamic = (forEach: string) =>
        `dynamic "card" {\n    for_each = ${forEach}\n    labels   = ["x"]\n    content {\n      text = "t"\n    }\n  }`;
      const lab = (forEach: string, what: string) => `node "b" {}\n\n${a(dynamic(forEach), what)}`;
      engine.lab(lab('["x"]', "[card]"));
      await engine.applied();
      engine.lab(lab("node.b.pid > 0 ? [] : [1]", "[card]"));
      await engine.applied("-replace=node.b");
      expect(recorded().card).toEqual({ x: { text: "t" } });
      engine.lab(lab("node.b.pid > 0 ? [] : [1]", "[note]"));
      expect(await engine.refusal("plan", "-replace=node.b")).toContain("for_each is not known at plan");
    });
  });

  it("keeps the marks of what is recorded: a secret stays one, and what is one no more is not marked", async () => {
    engine.lab('node "a" {\n  note = sensitive("hush")\n}\n');
    await engine.applied();
    engine.lab(`${a('note = "open"', "[note]")}\noutput "note" {\n  value = node.a.note\n}\n`);
    expect(await engine.refusal("plan")).toContain("Output refers to sensitive values");
    engine.lab(a('note = sensitive("other")\n  size = 2', "[note]"));
    const text = await engine.succeeded("plan");
    expect(text).not.toMatch(/hush|other/);
    expect(await engine.succeeded("show")).not.toContain("hush");
  });

  it("keeps the mark and the value of what it has nothing recorded for, also where that is known at apply only", async () => {
    const lab = (cards: string) => `node "b" {}\n\n${a(cards, '[card["y"].text]')}`;
    engine.lab(lab('card "x" {\n    text = "1"\n  }'));
    await engine.applied();
    engine.lab(lab('card "y" {\n    text = sensitive("hush ${node.b.pid > 0}")\n  }'));
    expect(await engine.applied("-replace=node.b")).not.toContain("hush");
    expect(recorded().card).toEqual({ y: { text: "hush true" } });
    expect(await engine.succeeded("show")).not.toContain("hush");
  });

  it("does not evaluate at apply what it keeps", async () => {
    const lab = (note: string) => `node "b" {}\n\n${a(`note = ${note}`, "[note]")}`;
    engine.lab(lab('"one"'));
    await engine.applied();
    engine.lab(lab('"by ${node.b.pid}"'));
    await engine.applied("-replace=node.b");
    expect(recorded().note).toBe("one");
  });

  it("lets a node that was stopped by hand stay off, with power in it", async () => {
    const lab = (what: string) =>
      `${a("", what)}\nnode "b" {}\n\nlink "l" {\n  endpoints = [node.a.adapter[0], node.b.adapter[0]]\n}\n`;
    engine.lab(lab("[power]"));
    await engine.applied();
    await engine.succeeded("stop", "a");
    expect(await engine.changes()).toEqual([]);
    await engine.applied();
    expect(engine.pidOf("node.a")).toBeUndefined();
    await engine.succeeded("start", "a");
    expect(await engine.changes()).toEqual([]);
    engine.lab(lab("[note]"));
    await engine.succeeded("stop", "a");
    expect((await engine.changes())[0]).toMatch(/^start \| node\.a \| stopped by hand/);
  });

  it("starts a node again that went off by itself: nobody changed its power", async () => {
    engine.lab(a("", "[power]"));
    await engine.applied();
    const [id, node] = [...engine.world.nodes].find(([, one]) => one.address === "node.a") ?? [];
    if (id === undefined || !node) throw new Error("no node");
    engine.world.putNode(id, { ...node, run: null, carriers: [] });
    expect(await engine.changes()).toEqual(["start | node.a | its process ended"]);
  });

  it("keeps what a link connects", async () => {
    const lab = (end: string) =>
      `node "x" {\n  count = 3\n}\n\nlink "l" {\n  endpoints = [node.x[0].adapter[0], ${end}]\n  ${ignore("[endpoints]")}\n}\n`;
    engine.lab(lab("node.x[1].adapter[0]"));
    await engine.applied();
    engine.lab(lab("node.x[2].adapter[0]"));
    expect(await engine.changes()).toEqual([]);
    engine.lab(lab("node.x[2].adapter[7]"));
    expect(await engine.refusal("plan")).toContain("node.x[2] has no adapter 7");
  });

  it("stands in a template, and in a node over it", async () => {
    const lab = (note: string) =>
      `template "t" {\n  note = "${note}"\n  ${ignore("[note]")}\n}\n\nnode "a" {\n  template = template.t\n}\n\nnode "b" {\n  template = template.t\n  ${ignore("[]")}\n}\n`;
    engine.lab(lab("one"));
    await engine.applied();
    engine.lab(lab("two"));
    expect(await engine.changes()).toEqual([expect.stringMatching(/^update \| node\.b/)]);
  });

  it("holds in each instance, and in modules", async () => {
    engine.writeAll({
      "pod/main.lab.hcl": `variable "note" {}\n\nnode "n" {\n  count = 2\n  note  = var.note\n  ${ignore("[note]")}\n}\n`,
    });
    const lab = (note: string) => `module "pod" {\n  source = "./pod"\n  note   = "${note}"\n}\n`;
    engine.lab(lab("one"));
    await engine.applied();
    engine.lab(lab("two"));
    expect(await engine.changes()).toEqual([]);
  });

  it("is read from lab files in JSON", async () => {
    const lab = (note: string, colour: string, what: unknown) => ({
      "a.lab.json": JSON.stringify({
        lab: { life: {} },
        node: { a: { note, colour, card: { x: { text: note } }, lifecycle: { ignore_changes: what } } },
      }),
    });
    engine.writeAll(lab("one", "red", "all"));
    await engine.applied();
    engine.writeAll(lab("two", "red", ["note", 'card["x"].text']));
    expect(await engine.changes()).toEqual([]);
    engine.writeAll(lab("two", "blue", "all"));
    expect(await engine.changes()).toEqual([]);
    engine.writeAll(lab("two", "blue", "note"));
    expect(await engine.refusal("validate")).toContain('Write "ignore_changes": ["power", "ram"]');
  });

  it.each([
    ["note", "ignore_changes is a list of arguments, or all"],
    ["[all]", "All of them are ignored by ignore_changes = all, without brackets."],
    ['["note"]', "Write each as it stands in the block, without quotes"],
    ["[noet]", 'Unknown argument "noet" in ignore_changes'],
    ["[noet]", 'Did you mean "note"?'],
    ['[card["x"].txt]', 'card["x"] has no argument and no block of this name. Did you mean "text"?'],
    ["[card[var.x].text]", "with constant labels and keys"],
    ["[note.x]", "There are no parts in its value."],
    ["[count]", '"count" cannot stand in ignore_changes'],
    ["[node.b]", 'Unknown argument "node" in ignore_changes'],
  ])("%s is refused: %s", async (what, said) => {
    engine.lab(a("", what));
    const text = await engine.refusal("validate");
    expect(text).toContain(said);
    expect(text.match(/Error:/g)).toHaveLength(1);
  });

  it("is warned of where nobody can set what it names", async () => {
    engine.lab(a("", "[pid, note]"));
    const { exitCode, stdout, stderr } = await engine.run("validate");
    expect(exitCode).toBe(0);
    expect(stdout + stderr).toMatch(/Warning: "pid" in ignore_changes has no effect/);
    await engine.applied();
    await engine.applied("-replace=node.a");
  });

  it("tells a mistake in a template once, whoever uses it", async () => {
    engine.lab(
      `template "t" {\n  ${ignore("[noet]")}\n}\n\nnode "a" {\n  template = template.t\n}\n\nnode "b" {\n  template = template.t\n}\n`,
    );
    const text = await engine.refusal("validate");
    expect(text.match(/Unknown argument "noet"/g)).toHaveLength(1);
    expect(text).toContain("node.a uses template.t");
  });
});
