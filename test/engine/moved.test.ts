import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ModuleEngine } from "./moduleEngine.ts";

const moved = (from: string, to: string) => `moved {\n  from = ${from}\n  to   = ${to}\n}\n`;

const pair = (a: string, l = "l") => `lab "m" {}

node "${a}" {
  adapters = 2
}

node "k" {}

link "${l}" {
  endpoints = [node.${a}.adapter[0], node.k.adapter[0]]
}

output "pid" {
  value = node.${a}.pid
}
`;

describe("a moved block", () => {
  let engine: ModuleEngine;
  beforeEach(() => {
    engine = new ModuleEngine();
  });
  afterEach(() => engine.close());

  const write = (lab: string) => engine.write(lab);
  const list = async () => (await engine.run("state", "list")).stdout.trimEnd().split("\n");
  const nodes = async () => (await list()).filter((one) => /node/.test(one));
  const told = async (...words: readonly string[]) => (await engine.refused(...words)).replaceAll(/\s+/g, " ").trim();
  const isEmpty = async () => (await engine.run("plan", "-detailed-exitcode")).exitCode === 0;

  describe("of a running node", () => {
    beforeEach(async () => {
      write(pair("a"));
      await engine.applied();
    });

    it("shows where it has moved, is no empty plan, and apply records it without touching anything", async () => {
      const pid = engine.pidOf("node.a");
      write(pair("b") + moved("node.a", "node.b"));
      const { stdout, exitCode } = await engine.run("plan", "-detailed-exitcode");
      expect(exitCode).toBe(2);
      expect(stdout).toBe(`labform will do this:

  # node.a has moved to node.b

Plan: 0 to add, 0 to change, 0 to destroy (1 to move).

Only addresses change in the state: nothing on the host is touched.
`);
      await engine.applied();
      expect(await list()).toEqual(["link.l", "node.b", "node.k", 'service.hub["main"]']);
      expect(await engine.output("pid")).toBe(pid);
      expect(await isEmpty()).toBe(true);
    });

    it("says of a node that changes besides what it was", async () => {
      write(pair("b").replace("adapters = 2", "adapters = 3") + moved("node.a", "node.b"));
      const { stdout } = await engine.run("plan");
      expect(stdout).toContain("  # node.b will be updated (restarts the node: power cut)\n  #   moved from node.a\n");
      expect(stdout).not.toContain("has moved to");
      expect(stdout).toContain("(1 to restart, 1 to move)");
      await engine.applied();
      expect(await isEmpty()).toBe(true);
    });

    it("moves links alike", async () => {
      write(pair("a", "m") + moved("link.l", "link.m"));
      expect(await engine.planned()).toEqual([]);
      await engine.applied();
      expect(await list()).toContain("link.m");
    });

    it("can stay for good: what is not recorded moves nothing", async () => {
      write(pair("a") + moved("node.z", "node.k") + moved("node.y", "node.w"));
      expect(await isEmpty()).toBe(true);
    });

    it("has what moved to where nothing is declared destroyed there", async () => {
      write(`lab "m" {}\nnode "k" {}\n${moved("node.a", "node.gone")}`);
      const { stdout } = await engine.run("plan");
      expect(stdout).toContain("# node.gone will be destroyed");
      expect(stdout).toContain("#   moved from node.a");
    });

    it("holds for a chain, from wherever in it the record is", async () => {
      write(pair("c") + moved("node.b", "node.c") + moved("node.a", "node.b"));
      expect((await engine.run("plan")).stdout).toContain("# node.a has moved to node.c");
      await engine.applied();
      write(pair("d") + moved("node.c", "node.d") + moved("node.b", "node.c") + moved("node.a", "node.b"));
      expect((await engine.run("plan")).stdout).toContain("# node.c has moved to node.d");
    });

    it("leaves what would take another's place where it is, and warns", async () => {
      write(`lab "m" {}\nnode "k" {}\n${moved("node.a", "node.k")}`);
      const { stdout, stderr, exitCode } = await engine.run("plan");
      expect(exitCode).toBe(0);
      expect(stdout).toContain("# node.a will be destroyed");
      expect(stderr).toContain("Warning: Not all could be moved");
      expect(stderr).toContain("node.a stays: node.k is there");
    });

    it("is in a saved plan, which is applied as it was shown", async () => {
      write(pair("b") + moved("node.a", "node.b"));
      await engine.run("plan", "-out=p");
      write(`lab "m" {}`);
      expect((await engine.run("show", "p")).stdout).toContain("# node.a has moved to node.b");
      expect((await engine.run("graph", "-plan=p", "-format=mermaid")).stdout).toMatch(/"b<br\/>unchanged"/);
      await engine.applied("p");
      expect(await nodes()).toEqual(["node.b", "node.k"]);
      expect((await engine.run("apply", "p")).stderr).toContain("The plan is stale");
    });

    it("is recorded by a refresh-only apply too, and holds without looking at the host", async () => {
      write(pair("b") + moved("node.a", "node.b"));
      expect((await engine.run("plan", "-refresh=false")).stdout).toContain("# node.a has moved to node.b");
      const pid = engine.pidOf("node.a");
      await engine.applied("-refresh-only");
      expect(await nodes()).toEqual(["node.b", "node.k"]);
      expect(await isEmpty()).toBe(true);
      expect(await engine.output("pid")).toBe(pid);
    });

    it("is refused with a -target that leaves one end out, and taken with both", async () => {
      write(pair("b") + moved("node.a", "node.b"));
      expect(await told("plan", "-target=node.k")).toMatch(
        /^Error: -target leaves out what has moved .* Leave out -target, or add: -target='node.a' -target='node.b'$/,
      );
      expect(await told("plan", "-target=node.b")).toMatch(/or add: -target='node.a'$/);
      await engine.applied("-target=node.a", "-target=node.b");
      expect(await nodes()).toEqual(["node.b", "node.k"]);
    });

    it("is refused with an -exclude of what has moved", async () => {
      write(pair("b") + moved("node.a", "node.b"));
      expect(await told("plan", "-exclude=node.b")).toContain("-exclude leaves out what has moved");
      expect((await engine.run("plan", "-exclude=node.k")).exitCode).toBe(0);
    });

    it("keeps the identity of a node through a later replacement", async () => {
      const { stdout: before } = await engine.run("state", "show", "node.a");
      write(pair("b") + moved("node.a", "node.b"));
      await engine.applied("-replace=node.b");
      const { stdout: after } = await engine.run("state", "show", "node.b");
      const identity = (text: string) => text.match(/(?:\bid|mac_address) += .*/g);
      expect(identity(after)).toEqual(identity(before));
    });
  });

  describe("of instances and modules", () => {
    const pods = (call: string, more = "") => ({
      "a.lab.hcl": `lab "m" {}\n${call}${more}`,
      "pod/pod.lab.hcl": `node "x" {}\nnode "y" {}\nlink "l" {\n  endpoints = [node.x.adapter[0], node.y.adapter[0]]\n}\n`,
    });
    const call = (name: string, more = "") => `module "${name}" {\n  source = "./pod"\n${more}}\n`;

    it("gives a node without a key one, and takes it", async () => {
      write(`lab "m" {}\nnode "a" {}\n`);
      await engine.applied();
      const keyed = `lab "m" {}\nnode "a" {\n  for_each = toset(["x", "y"])\n}\n`;
      write(keyed + moved("node.a", 'node.a["x"]'));
      expect(await engine.planned()).toEqual(['node.a["y"] created']);
      await engine.applied();
      write(`lab "m" {}\nnode "a" {}\n${moved('node.a["y"]', "node.a")}`);
      expect(await engine.planned()).toEqual(['node.a["x"] destroyed']);
    });

    it("moves all instances of a node with their keys", async () => {
      write(`lab "m" {}\nnode "a" {\n  count = 2\n}\n`);
      await engine.applied();
      write(`lab "m" {}\nnode "b" {\n  count = 2\n}\n${moved("node.a", "node.b")}`);
      expect(await engine.planned()).toEqual([]);
      await engine.applied();
      expect(await list()).toEqual(["node.b[0]", "node.b[1]"]);
    });

    it("moves a module with all that is in it, and then what moved inside it", async () => {
      engine.writeAll(pods(call("p")));
      await engine.applied();
      const files = pods(call("q"), moved("module.p", "module.q"));
      engine.writeAll({
        ...files,
        "pod/pod.lab.hcl": files["pod/pod.lab.hcl"].replaceAll(/\bx\b/g, "z") + moved("node.x", "node.z"),
      });
      expect(await engine.planned()).toEqual([]);
      await engine.applied();
      expect(await list()).toEqual(['service.hub["main"]', "module.q.link.l", "module.q.node.y", "module.q.node.z"]);
    });

    it("moves in every instance of its module", async () => {
      engine.writeAll(pods(call("p", "  count  = 2\n")));
      await engine.applied();
      engine.writeAll({
        ...pods(call("p", "  count  = 2\n")),
        "pod/pod.lab.hcl": `node "x" {}\nnode "z" {}\n${moved("node.y", "node.z")}link "l" {\n  endpoints = [node.x.adapter[0], node.z.adapter[0]]\n}\n`,
      });
      expect(await engine.planned()).toEqual([]);
      await engine.applied();
      expect(await nodes()).toEqual([0, 1].flatMap((at) => [`module.p[${at}].node.x`, `module.p[${at}].node.z`]));
    });

    it("takes a node out of a module and puts one into it", async () => {
      engine.writeAll(pods(call("p"), `node "n" {}\n`));
      await engine.applied();
      engine.writeAll({
        "a.lab.hcl": `lab "m" {}\n${call("p")}node "y" {}\n${moved("module.p.node.y", "node.y")}${moved("node.n", "module.p.node.n")}`,
        "pod/pod.lab.hcl": `node "x" {}\nnode "n" {}\nlink "l" {\n  endpoints = [node.x.adapter[0], node.n.adapter[0]]\n}\n`,
      });
      expect(await engine.planned()).toEqual(["module.p.link.l replaced"]);
      await engine.applied();
      expect(await nodes()).toEqual(["node.y", "module.p.node.n", "module.p.node.x"]);
    });

    it("gives a module without a key that of for_each", async () => {
      engine.writeAll(pods(call("p")));
      await engine.applied();
      engine.writeAll(pods(call("p", `  for_each = toset(["w"])\n`), moved("module.p", 'module.p["w"]')));
      expect(await engine.planned()).toEqual([]);
      await engine.applied();
      expect(await nodes()).toEqual(['module.p["w"].node.x', 'module.p["w"].node.y']);
    });

    describe("that nobody wrote", () => {
      it("makes a node that gets a count its instance 0, and back", async () => {
        write(`lab "m" {}\nnode "a" {}\n`);
        await engine.applied();
        write(`lab "m" {}\nnode "a" {\n  count = 2\n}\n`);
        expect((await engine.run("plan")).stdout).toContain("# node.a has moved to node.a[0]");
        expect(await engine.planned()).toEqual(["node.a[1] created"]);
        await engine.applied();
        write(`lab "m" {}\nnode "a" {}\n`);
        expect(await engine.planned()).toEqual(["node.a[1] destroyed"]);
        await engine.applied();
        expect(await list()).toEqual(["node.a"]);
      });

      it("makes a module that gets a count its instance 0, and back", async () => {
        engine.writeAll(pods(call("p")));
        await engine.applied();
        engine.writeAll(pods(call("p", "  count  = 1\n")));
        expect(await engine.planned()).toEqual([]);
        await engine.applied();
        expect(await nodes()).toEqual(["module.p[0].node.x", "module.p[0].node.y"]);
        engine.writeAll(pods(call("p")));
        expect(await engine.planned()).toEqual([]);
      });

      it("does nothing for for_each", async () => {
        write(`lab "m" {}\nnode "a" {}\n`);
        await engine.applied();
        write(`lab "m" {}\nnode "a" {\n  for_each = toset(["0"])\n}\n`);
        expect(await engine.planned()).toEqual(['node.a["0"] created', "node.a destroyed"]);
      });

      it("leaves the choice to a moved block that mentions the node", async () => {
        write(`lab "m" {}\nnode "a" {}\n`);
        await engine.applied();
        write(`lab "m" {}\nnode "a" {\n  count = 2\n}\n${moved("node.a", "node.a[1]")}`);
        expect(await engine.planned()).toEqual(["node.a[0] created"]);
      });

      it("goes before a block that speaks of what is in it", async () => {
        engine.writeAll(pods(call("p")));
        await engine.applied();
        engine.writeAll({
          "a.lab.hcl": `lab "m" {}\n${call("p", "  count  = 1\n")}${moved("module.p[0].node.y", "module.p[0].node.z")}`,
          "pod/pod.lab.hcl": `node "x" {}\nnode "z" {}\nlink "l" {\n  endpoints = [node.x.adapter[0], node.z.adapter[0]]\n}\n`,
        });
        expect(await engine.planned()).toEqual([]);
      });
    });
  });
});
