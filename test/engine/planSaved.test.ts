import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { WorldNode } from "../../providers/memory/world.ts";
import { ModuleEngine } from "./moduleEngine.ts";

const lab = (a = "", rest = "") => `lab "saved" {}

node "a" {
  ${a}
}

node "b" {}

link "ab" {
  endpoints = [node.a.adapter[0], node.b.adapter[0]]
  ${rest}
}
`;

const engines: ModuleEngine[] = [];
function makeEngine(): ModuleEngine {
  const engine = new ModuleEngine();
  engines.push(engine);
  engine.write(lab());
  return engine;
}

let engine: ModuleEngine;
beforeEach(() => {
  engine = makeEngine();
});
afterEach(() => {
  for (const one of engines.splice(0)) one.close();
});

const unwrapped = (text: string) => text.replaceAll(/\s+/g, " ");

async function refused(...args: readonly string[]): Promise<string> {
  const acts = engine.world.log.length;
  const told = unwrapped(await engine.refused(...args));
  expect(engine.world.log.slice(acts)).toEqual([]);
  return told;
}

/** The saved plan with something of it otherwise. */
function edit(name: string, rewrite: (plan: { [name: string]: unknown }) => void): void {
  const path = join(engine.directory, name);
  const plan = JSON.parse(readFileSync(path, "utf8")) as { [name: string]: unknown };
  rewrite(plan);
  writeFileSync(path, JSON.stringify(plan));
}

function change(address: string, what: (node: WorldNode) => WorldNode): void {
  const [id, node] = [...engine.world.nodes].find(([, one]) => one.address === address) ?? [];
  if (id === undefined || !node) throw new Error(`no ${address}`);
  engine.world.putNode(id, what(node));
}

describe("a saved plan", () => {
  it("names its workspace and the lab's directory", async () => {
    await engine.planned("-out=p");
    edit("p", ({ workspace, directory, format }) => {
      expect([workspace, directory, format]).toEqual(["default", engine.directory, 3]);
    });
  });

  it("is refused when another apply came between, with both serials", async () => {
    await engine.planned("-out=p");
    await engine.applied();
    const told = await refused("apply", "p");
    expect(told).toContain("The plan is stale");
    expect(told).toContain("when the state had serial 0; now it has 1");
  });

  it("is refused in another lab by its lineage", async () => {
    await engine.applied();
    engine.write(lab('note = "x"'));
    await engine.planned("-out=p");
    const other = makeEngine();
    await other.applied();
    copyFileSync(join(engine.directory, "p"), join(other.directory, "p"));
    const told = unwrapped(await other.refused("apply", "p"));
    expect(told).toContain("for another lab, or for this one before its state was removed");
    expect(other.node("node.a")?.note).toBeNull();
  });

  it("is refused in another lab by its directory, where neither was ever applied", async () => {
    await engine.planned("-out=p");
    const other = makeEngine();
    copyFileSync(join(engine.directory, "p"), join(other.directory, "p"));
    const told = unwrapped(await other.refused("apply", "p"));
    expect(told).toContain("The plan is for another lab");
    expect(told).toContain(`for the lab in ${engine.directory}, which had not been applied yet`);
    expect(other.world.isEmpty()).toBe(true);
  });

  it("is refused in another workspace, by name", async () => {
    await engine.planned("-out=p");
    edit("p", (plan) => {
      plan.workspace = "blue";
    });
    expect(await refused("apply", "p")).toContain('It was made in workspace "blue", and this is workspace "default".');
  });

  it.each([
    ["format", 2, "Its format is 2, this version reads format 3."],
    ["labformVersion", "0.0.9", "It was made by labform 0.0.9, and this is labform 0.1.0."],
  ])("of another %s is neither shown nor applied", async (name, value, words) => {
    await engine.planned("-out=p");
    edit("p", (plan) => {
      plan[name] = value;
    });
    for (const command of ["apply", "show"]) {
      const told = await refused(command, "p");
      expect(told).toContain("p was saved by another version of labform");
      expect(told).toContain(words);
    }
  });
});

describe("a step of a saved plan is refused where its object is not as the plan found it", () => {
  const other = (run: WorldNode["run"]) => (run ? { ...run, pid: run.pid + 100, token: "somebody else's" } : run);
  it.each<[string, string, string[], () => void]>([
    ["an update", lab('note = "x"'), [], () => engine.world.crash("node.a")],
    ["an update", lab('note = "x"'), [], () => engine.world.vanish("node.a")],
    ["a restart", lab("size = 2"), [], () => engine.world.crash("node.a")],
    ["a restart", lab("size = 2"), [], () => change("node.a", (one) => ({ ...one, run: other(one.run) }))],
    ["a replace", lab('colour = "red"'), [], () => engine.world.crash("node.a")],
    ["a stop", lab('power = "off"'), [], () => engine.world.crash("node.a")],
    ["what -replace asks for", lab(), ["-replace=node.a"], () => engine.world.vanish("node.a")],
  ])("%s", async (_, changed, flags, between) => {
    await engine.applied();
    engine.write(changed);
    await engine.planned("-out=p", ...flags);
    between();
    const acts = engine.world.log.length;
    const told = unwrapped(await engine.refused("apply", "p"));
    expect(told).toContain("node.a is no longer as the plan found it");
    expect(told).toContain("Make a new plan.");
    expect(engine.world.log.slice(acts).filter((one) => one.startsWith("node.a"))).toEqual([]);
    await engine.applied();
    expect((await engine.run("plan", "-detailed-exitcode")).exitCode).toBe(0);
  });

  it("a start, of what runs after all", async () => {
    await engine.applied();
    const running = engine.node("node.a");
    engine.world.crash("node.a");
    await engine.planned("-out=p");
    change("node.a", (one) => running ?? one);
    const told = unwrapped(await engine.refused("apply", "p"));
    expect(told).toContain("node.a is no longer as the plan found it");
    expect(engine.node("node.a")?.run).toEqual(running?.run);
    expect((await engine.run("plan", "-detailed-exitcode")).exitCode).toBe(0);
  });

  it("a change of a link whose bridge lost it", async () => {
    await engine.applied();
    engine.write(lab("", "weight = 2"));
    await engine.planned("-out=p");
    engine.world.vanish("link.ab");
    const told = unwrapped(await engine.refused("apply", "p"));
    expect(told).toContain("link.ab is no longer as the plan found it");
    await engine.applied();
    expect((await engine.run("plan", "-detailed-exitcode")).exitCode).toBe(0);
  });

  it("a wait, of what ended meanwhile", async () => {
    engine.write(lab("ready = false"));
    await engine.run("apply", "-auto-approve");
    await engine.run("plan", "-out=p");
    engine.world.crash("node.a");
    expect(unwrapped(await engine.refused("apply", "p"))).toContain("node.a is no longer as the plan found it");
  });

  it("and not one of a plan that looked at nothing of the host: it is made from the record", async () => {
    await engine.applied();
    engine.write(lab('note = "x"'));
    await engine.planned("-refresh=false", "-out=p");
    expect((await engine.run("apply", "p")).exitCode).toBe(0);
    expect(engine.node("node.a")?.note).toBe("x");
  });
});
