import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ModuleEngine } from "./moduleEngine.ts";

const moved = (from: string, to: string) => `moved {\n  from = ${from}\n  to   = ${to}\n}\n`;

describe("moved blocks that cannot be so", () => {
  let engine: ModuleEngine;
  beforeEach(() => {
    engine = new ModuleEngine();
  });
  afterEach(() => engine.close());

  /** What plan and validate are refused with alike, without the lines of the files. */
  const told = async (lab: string): Promise<string> => {
    engine.write(`lab "m" {}\n${lab}`);
    const said = await engine.refused("plan");
    expect(await engine.refused("validate")).toBe(said);
    return said
      .replaceAll(/^ *(?:\d+)? *│.*\n/gm, "")
      .replaceAll(/\s+/g, " ")
      .trim();
  };

  it.each([
    ["a name in quotes", '"node.a"', "node.b", '"from" must be an address'],
    ["a calculation", "node.a[1 + 1]", "node.b", '"from" must be an address'],
    ["a variable as a key", "node.a[each.key]", "node.b", '"from" must be an address'],
    ["what is no address", "var.a", "node.b", '"from" is no address'],
    ["an attribute", "node.a", "node.b.pid", '"to" is no address'],
    ["a part of one", "node.a", "node", '"to" is no address'],
    ["a node and a link", "node.a", "link.a", "node.a cannot have moved to link.a"],
    ["a node and a module", "node.a", "module.a", "node.a cannot have moved to module.a"],
    ["one address twice", "node.a", "node.a", "node.a cannot have moved to node.a"],
    ["a module and itself", "module.a", "module.a.module.b", "module.a cannot have moved to module.a.module.b"],
  ])("%s", async (_, from, to, summary) => {
    const said = await told(moved(from, to));
    expect(said).toMatch(new RegExp(`^Error: ${summary.replaceAll(/[.[\]]/g, "\\$&")} a\\.lab\\.hcl:`));
    expect(said.match(/Error:/g)).toHaveLength(1);
  });

  it("says what is missing, and what does not belong there", async () => {
    expect(await told("moved {\n  from = node.a\n}\n")).toMatch(/^Error: Missing argument "to"/);
    expect(await told(`moved "x" {\n  from = node.a\n  to = node.b\n}\n`)).toMatch(/^Error: Too many names for moved/);
    expect(await told(`moved {\n  from = node.a\n  to = node.b\n  why = "x"\n}\n`)).toMatch(
      /^Error: Unknown argument "why"/,
    );
  });

  it("names both places where what moved is still declared", async () => {
    expect(await told(`node "a" {}\nnode "b" {}\n${moved("node.a", "node.b")}`)).toBe(
      "Error: node.a has not moved: it is still declared a.lab.hcl:4:1 a.lab.hcl:2:1: node.a is declared here " +
        "The moved block says that it is node.b now. Declare it as node.b, or remove the moved block.",
    );
  });

  it("knows which instances are declared", async () => {
    const counted = `node "a" {\n  count = 2\n}\n`;
    expect(await told(counted + moved("node.a[1]", "node.a[5]"))).toContain("node.a[1] has not moved");
    engine.write(`lab "m" {}\n${counted}${moved("node.a[2]", "node.a[0]")}${moved("node.a", "node.a[1]")}`);
    expect((await engine.run("plan")).exitCode).toBe(0);
  });

  it("names both places of one source with two destinations, and of two sources with one", async () => {
    expect(await told(moved("node.a", "node.b") + moved("node.a", "node.c"))).toBe(
      "Error: node.a cannot have moved to two addresses a.lab.hcl:6:1 a.lab.hcl:2:1: here it is node.b By one moved " +
        "block it is node.b now, by the other node.c. Remove one of the two.",
    );
    expect(await told(moved("node.a", "node.c") + moved("node.b", "node.c"))).toBe(
      "Error: node.c cannot come from two addresses a.lab.hcl:6:1 a.lab.hcl:2:1: here it was node.a By one moved " +
        "block it was node.a, by the other node.b: two objects cannot become one. Remove one of the two.",
    );
  });

  it("takes the same block twice", async () => {
    engine.write(`lab "m" {}\nnode "b" {}\n${moved("node.a", "node.b")}${moved("node.a", "node.b")}`);
    expect((await engine.run("plan")).exitCode).toBe(0);
  });

  it("shows a ring as a whole, and moves nothing", async () => {
    const said = await told(moved("node.a", "node.b") + moved("node.b", "node.c") + moved("node.c", "node.a"));
    expect(said).toMatch(
      /^Error: Moved blocks lead in a ring a\.lab\.hcl:2:1 .* node\.a → node\.b node\.b → node\.c node\.c → node\.a The last/,
    );
    expect(said.match(/a\.lab\.hcl:\d+:1: it leads on here/g)).toHaveLength(2);
  });

  it("sees through modules, and tells of a block once however many instances its module has", async () => {
    engine.writeAll({ "pod/p.lab.hcl": `node "x" {}\nnode "y" {}\n${moved("node.x", "node.y")}` });
    const said = await told(`module "p" {\n  source = "./pod"\n  count  = 3\n}\n`);
    expect(said.match(/Error:/g)).toHaveLength(1);
    expect(said).toMatch(/module\.p\[\d\]\.node\.x has not moved: it is still declared pod\/p\.lab\.hcl:3:1/);
    engine.writeAll({ "pod/p.lab.hcl": moved("node.x", "node.z") });
    const both = `module "p" {\n  source = "./pod"\n}\n${moved("module.p.node.x", "node.w")}`;
    expect(await told(both)).toContain("module.p.node.x cannot have moved to two addresses");
  });

  it("refuses them in override files", async () => {
    engine.writeAll({ "override.lab.hcl": moved("node.a", "node.b") });
    expect(await told("")).toContain('"moved" blocks cannot stand in an override file');
  });
});

describe("a moved block in JSON", () => {
  const engine = new ModuleEngine();
  afterEach(() => engine.close());

  it("means the same", async () => {
    engine.writeAll({ "a.lab.json": JSON.stringify({ lab: { m: {} }, node: { a: {}, b: {} } }) });
    await engine.applied();
    const now = {
      lab: { m: {} },
      node: { c: {}, b: { count: 1 } },
      moved: [
        { from: "node.a", to: "node.c" },
        { from: "node.b", to: "node.b[0]" },
      ],
    };
    engine.writeAll({ "a.lab.json": JSON.stringify(now) });
    expect((await engine.run("plan")).stdout).toContain("# node.b has moved to node.b[0]");
    await engine.applied();
    expect((await engine.run("state", "list")).stdout).toBe("node.b[0]\nnode.c\n");
    engine.writeAll({ "a.lab.json": JSON.stringify({ ...now, moved: { from: "a b", to: 3 } }) });
    expect(await engine.refused("plan")).toMatch(/"from"[^]*"to" must be an address/);
  });
});
