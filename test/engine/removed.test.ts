import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ModuleEngine } from "./moduleEngine.ts";

const removed = (from: string, destroy?: boolean) =>
  `removed {\n  from = ${from}\n${destroy === undefined ? "" : `  lifecycle {\n    destroy = ${destroy}\n  }\n`}}\n`;

const nodes = `lab "m" {}\n\nnode "a" {\n  power = "off"\n}\n\nnode "k" {}\n`;
const link = `\nlink "l" {\n  endpoints = [node.a.adapter[0], node.k.adapter[0]]\n}\n`;

describe("a removed block", () => {
  let engine: ModuleEngine;
  beforeEach(() => {
    engine = new ModuleEngine();
  });
  afterEach(() => engine.close());

  const list = async () => (await engine.run("state", "list")).stdout.trimEnd().split("\n");
  const rest = (more: string) => engine.write(`lab "m" {}\n\nnode "k" {}\n${more}`);
  const told = async (...words: readonly string[]) => (await engine.refused(...words)).replaceAll(/\s+/g, " ").trim();
  const idOf = (address: string): string => {
    const path = join(engine.directory, ".labform", "default", "state.json");
    const { instances } = JSON.parse(readFileSync(path, "utf8")) as { instances: { address: string; id: string }[] };
    return instances.find((one) => one.address === address)?.id ?? "";
  };
  const isEmpty = async () => (await engine.run("plan", "-detailed-exitcode")).exitCode === 0;

  describe("with destroy = false", () => {
    beforeEach(async () => {
      engine.write(nodes);
      await engine.applied();
    });

    it("forgets a node that is off, and keeps what it was", async () => {
      const id = idOf("node.a");
      const directory = join(engine.directory, ".labform", "default", "nodes", id);
      mkdirSync(directory, { recursive: true });
      writeFileSync(join(directory, "hda.qcow2"), "written by its guest");
      rest(removed("node.a", false));
      const { stdout, stderr, exitCode } = await engine.run("plan", "-detailed-exitcode");
      expect(exitCode).toBe(2);
      expect(stdout).toBe(`Changes are marked with these signs:
  . remove from the state, and leave as it is

labform will do this:

  # node.a will be removed from the state and not destroyed
  #   destroy = false in its removed block (a.lab.hcl:4:1)
  . node "a"

Plan: 0 to add, 0 to change, 0 to destroy, 1 to forget.
`);
      expect(stderr).toContain("Warning: Some objects will be forgotten");
      const applied = await engine.applied();
      expect(applied).toMatch(/^node\.a: its files are in \.labform\/released\/a-[0-9a-f]{8}$/m);
      expect(applied).toMatch(/^Apply complete! 0 added, 0 changed, 0 destroyed, 1 forgotten/m);
      expect(readdirSync(join(engine.directory, ".labform", "released", id))).toEqual(["hda.qcow2"]);
      expect(existsSync(directory)).toBe(false);
      expect(await list()).toEqual(["node.k"]);
      expect(await isEmpty()).toBe(true);
    });

    it("refuses a node that runs, with what to do, and forgets it once it is off", async () => {
      engine.write(`lab "m" {}\nnode "a" {\n  power = "off"\n}\n${removed("node.k", false)}`);
      expect(await told("apply", "-auto-approve")).toMatch(
        /^Error: node\.k runs and cannot be forgotten node\.k a\.lab\.hcl:5:1 .* Turn it off first with "labform stop node\.k"/,
      );
      expect(engine.pidOf("node.k")).toBeDefined();
      await engine.run("stop", "node.k");
      await engine.applied();
      expect(await list()).toEqual(["node.a"]);
    });

    it("refuses at apply what was started since, where the plan had not looked", async () => {
      engine.write(`lab "m" {}\nnode "a" {\n  power = "off"\n}\n${removed("node.k", false)}`);
      await engine.run("plan", "-refresh=false", "-out=p");
      const said = await told("apply", "p");
      expect(said).toContain("node.k cannot be forgotten as it is");
      expect(await list()).toContain("node.k");
      expect(engine.pidOf("node.k")).toBeDefined();
    });

    it("is in a saved plan", async () => {
      rest(removed("node.a", false));
      await engine.run("plan", "-out=p");
      expect((await engine.run("show", "p")).stdout).toContain("# node.a will be removed from the state");
      await engine.applied("p");
      expect(await list()).toEqual(["node.k"]);
    });

    it("goes with -target, and is left out by -exclude", async () => {
      rest(removed("node.a", false));
      expect(await engine.planned("-exclude=node.a")).toEqual([]);
      expect(await engine.planned("-target=node.a")).toEqual(["node.a removed"]);
    });

    it("speaks of what a moved block brought there", async () => {
      rest(`moved {\n  from = node.a\n  to   = node.b\n}\n${removed("node.b", false)}`);
      const { stdout } = await engine.run("plan");
      expect(stdout).toContain("# node.b will be removed from the state and not destroyed\n  #   moved from node.a\n");
      await engine.applied();
      expect(await list()).toEqual(["node.k"]);
    });

    it("keeps destroy out of it: that takes everything away", async () => {
      rest(removed("node.a", false));
      expect((await engine.run("destroy", "-auto-approve")).stdout).toContain("# node.a will be destroyed");
      expect(engine.node("node.a")).toBeUndefined();
    });
  });

  describe("and links", () => {
    beforeEach(async () => {
      engine.write(nodes + link);
      await engine.applied();
    });

    it("leaves the link of a forgotten node to be destroyed before it is forgotten", async () => {
      rest(removed("node.a", false));
      const applied = await engine.applied();
      expect(applied.indexOf("link.l: destroyed")).toBeLessThan(applied.indexOf("node.a: removed from the state"));
      expect(await list()).toEqual(["node.k"]);
      expect(await isEmpty()).toBe(true);
    });

    it("refuses to forget a link that is wired", async () => {
      engine.write(nodes + removed("link.l", false));
      expect(await told("plan")).toMatch(
        /^Error: link\.l is wired and cannot be forgotten link\.l a\.lab\.hcl:8:1 .* service\.hub\["main"\] runs and would go on carrying it/,
      );
    });

    it("forgets a link that nobody carries any more, and the service is not needed again for it", async () => {
      engine.world.crash('service.hub["main"]');
      engine.write(nodes + removed("link.l", false));
      expect(await engine.applied()).toContain("link.l: removed from the state");
      expect(await list()).toEqual(["node.a", "node.k"]);
    });
  });

  it("destroys as without a block where it says nothing else, and names itself as the cause", async () => {
    engine.write(nodes);
    await engine.applied();
    for (const block of [removed("node.a"), removed("node.a", true)]) {
      rest(block);
      const { stdout } = await engine.run("plan");
      expect(stdout).toContain("# node.a will be destroyed\n  #   its removed block says so (a.lab.hcl:4:1)\n");
    }
  });

  it("does nothing about what was never there", async () => {
    rest(removed("node.z", false) + removed("module.q", false));
    await engine.applied();
    expect(await isEmpty()).toBe(true);
  });

  it("speaks of all that was in a module, and a block for a part of it goes before", async () => {
    const pod = `node "x" {\n  power = "off"\n}\nnode "y" {\n  power = "off"\n}\nlink "l" {\n  endpoints = [node.x.adapter[0], node.y.adapter[0]]\n}\n`;
    const call = `module "p" {\n  source = "./pod"\n  count  = 2\n}\n`;
    engine.writeAll({ "a.lab.hcl": `lab "m" {}\n\nnode "k" {}\n${call}`, "pod/p.lab.hcl": pod });
    await engine.applied();
    rest(removed("module.p", false));
    expect(await told("plan")).toContain("module.p[0].link.l is wired and cannot be forgotten");
    rest(removed("module.p", false) + removed("module.p.link.l"));
    expect(await engine.planned()).toEqual(
      expect.arrayContaining(["module.p[1].node.y removed", "module.p[1].link.l destroyed"]),
    );
    await engine.applied();
    expect(await list()).toEqual(["node.k"]);
  });

  it("stands in a module too", async () => {
    engine.writeAll({
      "a.lab.hcl": `lab "m" {}\nmodule "p" {\n  source = "./pod"\n}\n`,
      "pod/p.lab.hcl": `node "x" {\n  power = "off"\n}\n`,
    });
    await engine.applied();
    engine.writeAll({ "pod/p.lab.hcl": removed("node.x", false) });
    expect(await engine.planned()).toEqual(["module.p.node.x removed"]);
  });

  it.each([
    ["is still declared", removed("node.k"), "node.k is not removed: it is still declared"],
    ["has keys", removed("node.z[0]"), '"from" of a removed block has no keys'],
    ["has keys in its modules", removed('module.q["a"].node.z'), '"from" of a removed block has no keys'],
    ["is no address", removed("var.x"), '"from" is no address'],
    [
      "is told of twice, and differently",
      removed("node.z") + removed("node.z", false),
      "say different things of node.z",
    ],
    ["has no address", "removed {}\n", 'Missing argument "from"'],
    ["may be destroyed or not", removed("node.z", "maybe" as never), '"destroy" must be true or false'],
    [
      "has another lifecycle",
      "removed {\n  from = node.z\n  lifecycle {\n    prevent_destroy = true\n  }\n}\n",
      "prevent_destroy",
    ],
  ])("is refused with its place where what it names %s", async (_, block, summary) => {
    rest(block);
    const said = await told("plan");
    expect(said).toContain(summary);
    expect(said).toMatch(/a\.lab\.hcl:\d+:\d+/);
    expect(said.match(/Error:/g)).toHaveLength(1);
    expect(await told("validate")).toBe(said);
  });

  it("means the same in JSON", async () => {
    engine.write(nodes);
    await engine.applied();
    rest("");
    const block = { removed: { from: "node.a", lifecycle: { destroy: false } } };
    engine.writeAll({ "b.lab.json": JSON.stringify(block) });
    expect(await engine.planned()).toEqual(["node.a removed"]);
  });
});
