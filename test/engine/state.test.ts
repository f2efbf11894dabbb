import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { begin, leave } from "../cli/halfDone.ts";
import { lab, StateEngine } from "./stateEngine.ts";

let engine: StateEngine;
beforeEach(() => {
  engine = new StateEngine();
});
afterEach(() => engine.close());

describe("without a state", () => {
  it.each([
    ["state", "list"],
    ["state", "show", "node.a"],
    ["state", "mv", "node.a", "node.b"],
    ["state", "rm", "node.a"],
    ["state", "pull"],
    ["taint", "node.a"],
    ["untaint", "node.a"],
  ])("labform %s %s says so, and makes none", async (...args) => {
    expect(await engine.refused(...args)).toContain("There is no state");
    expect(readdirSync(engine.directory)).toEqual(["a.lab.hcl"]);
  });

  it("a state that was emptied is one", async () => {
    await engine.apply();
    await engine.succeed("destroy", "-auto-approve");
    expect(await engine.succeed("state", "list")).toBe("");
    expect(await engine.refused("state", "show", "node.a")).toContain("The state has no node.a");
  });
});

describe("state list and show", () => {
  beforeEach(() => engine.apply());

  it("lists what is recorded, or what is named of it", async () => {
    expect(await engine.list()).toEqual(["link.l", "node.a", 'node.r["x"]', 'node.r["y"]', 'service.hub["main"]']);
    expect(await engine.succeed("state", "list", "node.r", "link.l")).toBe('link.l\nnode.r["x"]\nnode.r["y"]\n');
    expect(await engine.succeed("state", "list", "node.r[y]")).toBe('node.r["y"]\n');
    expect(await engine.succeed("state", "list", "-id=none")).toBe("");
    const { resources } = (await engine.document("state", "list", "-json", "node.a")) as {
      resources: { id: string }[];
    };
    expect(resources).toEqual([{ address: "node.a", type: "node", id: expect.stringMatching(/^a-/), status: "ok" }]);
    expect(await engine.succeed("state", "list", `-id=${resources[0]?.id}`)).toBe("node.a\n");
  });

  it("counts as people do", async () => {
    engine.write('lab "s" {}\nnode "n" {\n  count = 11\n}\n');
    await engine.apply();
    expect((await engine.list()).slice(0, 11)).toEqual(Array.from({ length: 11 }, (_, at) => `node.n[${at}]`));
  });

  it("shows one instance, without what is secret", async () => {
    const text = await engine.succeed("state", "show", "node.a");
    expect(text).toContain('# node.a:\nnode "a" {');
    expect(text).toContain("secret        = (sensitive value)");
    const json = await engine.succeed("state", "show", "node.a", "-json");
    expect(JSON.parse(json)).toMatchObject({ address: "node.a", values: { adapters: 2, secret: null } });
    expect(text + json).not.toContain("hunter2");
  });

  it("refuses what is not one, with what may have been meant", async () => {
    expect(await engine.refused("state", "list", "node.b")).toContain("The state has no node.b Did you mean node.a?");
    expect(await engine.refused("state", "show", 'node.r["z"]')).toContain('Did you mean node.r["x"]?');
    expect(await engine.refused("state", "show", "node.r")).toContain('Name one of them: node.r["x"], node.r["y"]');
    expect(await engine.refused("state", "show", "a b")).toContain('"a b" is no address');
  });
});

describe("the words behind state", () => {
  it.each([
    [["lst"], 'state has no "lst" It is state list, show, mv, rm, pull or push. Did you mean "list"?'],
    [["list", "-force"], "state list has no -force That is for state push."],
    [["push", "x", "-dry-run"], "state push has no -dry-run That is for state mv and rm."],
    [["mv", "node.a"], "state mv needs more words It is labform state mv [-dry-run] SOURCE DESTINATION."],
    [["show"], "state show needs more words"],
    [["pull", "x"], "state pull was given too many words It is labform state pull."],
    [["constructor"], 'state has no "constructor"'],
  ])("%j", async (args, expected) => {
    expect(await engine.refused("state", ...args)).toContain(expected);
  });
});

describe("state mv", () => {
  beforeEach(() => engine.apply());

  it("gives a running node another address; with the lab files changed alike there is nothing to do", async () => {
    const before = JSON.parse(await engine.succeed("state", "show", "node.a", "-json")) as { values: unknown };
    const acts = engine.world.log.length;
    const was = engine.recorded().serial;
    expect(await engine.succeed("state", "mv", "node.a", "node.b")).toBe("Moved node.a to node.b\n1 instance moved.\n");
    expect(engine.recorded().serial).toBe(was + 1);
    engine.write(lab.replaceAll("node.a", "node.b").replace('node "a"', 'node "b"'));
    await engine.unchanged();
    expect(engine.world.log.length).toBe(acts);
    expect(JSON.parse(await engine.succeed("state", "show", "node.b", "-json"))).toMatchObject({
      values: before.values,
    });
  });

  it("has what is shown of a moved node follow it, also by hand", async () => {
    await engine.succeed("state", "mv", "node.a", "node.b");
    await engine.succeed("stop", "b");
    expect(await engine.succeed("output", "-json", "pid")).toBe("null\n");
    await engine.succeed("start", "b");
    expect(Number(await engine.succeed("output", "-json", "pid"))).toBeGreaterThan(0);
  });

  it("moves whole resources and modules, and back", async () => {
    const before = await engine.succeed("state", "pull");
    await engine.succeed("state", "mv", "node.r", "module.m.node.q");
    expect(await engine.list()).toContain('module.m.node.q["x"]');
    await engine.succeed("state", "mv", "module.m", 'module.n["k"]');
    expect(await engine.list()).toContain('module.n["k"].node.q["y"]');
    await engine.succeed("state", "mv", 'module.n["k"].node.q', "node.r");
    const after = await engine.succeed("state", "pull");
    expect(after.replace(/"serial": \d+/, "")).toBe(before.replace(/"serial": \d+/, ""));
    await engine.unchanged();
  });

  it("says what it would do, and does nothing, with -dry-run", async () => {
    const before = engine.file("state.json");
    expect(await engine.succeed("state", "mv", "-dry-run", "node.r", "node.q")).toBe(
      'Would move node.r["x"] to node.q["x"]\nWould move node.r["y"] to node.q["y"]\nNothing was changed. 2 instances would be moved.\n',
    );
    expect(await engine.document("state", "mv", "-dry-run", "-json", "node.a", "node.b")).toEqual({
      format_version: "1.0",
      dry_run: true,
      moved: [{ from: "node.a", to: "node.b" }],
    });
    expect(engine.file("state.json")).toBe(before);
  });

  it.each([
    ["node.b", "node.c", "The state has no node.b"],
    ["node.a", "node.a", "Both are the same address"],
    ["node.a", "link.a", "A node stays a node: the destination is a link"],
    ["node.a", "module.m", "A node stays a node: the destination is a module"],
    ["node.a", "node.r[x]", 'The state has node.r["x"] already'],
    ["node.r", "node.q[0]", 'Several instances cannot become one. Name one of them: node.r["x"], node.r["y"]'],
    ['service.hub["main"]', 'service.hub["b"]', "labform finds a service by its address"],
    ["node.a", "a", '"a" is no address'],
  ])("refuses %s to %s", async (from, to, expected) => {
    const before = engine.file("state.json");
    expect(await engine.refused("state", "mv", from, to)).toContain(expected);
    expect(engine.file("state.json")).toBe(before);
  });

  it("makes a plan stale that was saved before", async () => {
    engine.write(lab.replace("adapters = 2", "adapters = 3"));
    await engine.succeed("plan", "-out=p");
    await engine.succeed("state", "mv", "node.a", "node.b");
    expect(await engine.refused("apply", "p")).toContain("The plan is stale");
  });

  it("waits for the lock of another labform, and names it when that takes too long", async () => {
    const other = await begin(engine, "node.a", "update", "ok");
    expect(await engine.refused("state", "mv", "node.a", "node.b")).toContain("The lab is locked by labform apply");
    const { stderr } = await engine.run("state", "mv", "-lock-timeout=200ms", "node.a", "node.b");
    expect(stderr).toContain("Waiting for the lock, held by labform apply");
    await other.close();
    await engine.succeed("state", "mv", "node.a", "node.b");
  });

  it("takes along what a killed labform left half-done", async () => {
    await leave(engine, "node.a", "update", "ok");
    await engine.succeed("state", "mv", "node.a", "node.b");
    engine.write(lab.replaceAll("node.a", "node.b").replace('node "a"', 'node "b"'));
    expect(await engine.planned()).toEqual(["update | node.b | an earlier run was cut off while it updated it"]);
    await engine.apply();
    await engine.unchanged();
  });
});

describe("state rm", () => {
  beforeEach(() => engine.apply());

  const directoryOf = (address: string) => {
    const { instances } = engine.recorded();
    return join(
      engine.directory,
      ".labform",
      "default",
      "nodes",
      instances.find((one) => one.address === address)?.id ?? "",
    );
  };

  it("refuses what runs, each by name, with what to do; nothing is removed", async () => {
    const said = await engine.refused("state", "rm", "node.r", "service.hub", "link.l");
    expect(said).toContain('node.r["x"] runs and cannot be removed from the state');
    expect(said).toContain(`"labform stop 'node.r["y"]'"`);
    expect(said).toContain("link.l is wired and cannot be removed");
    expect(said).toContain('service.hub["main"] runs and cannot be removed');
    await engine.succeed("stop", "r[x]");
    expect(await engine.refused("state", "rm", "node.r")).toContain('node.r["y"] runs');
    expect((await engine.list()).length).toBe(5);
  });

  it("forgets a node that is off, and keeps its files where labform does not touch them", async () => {
    await engine.succeed("stop", 'node.r["y"]');
    const directory = directoryOf('node.r["y"]');
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, "hda.qcow2"), "written by the guest");
    const was = engine.recorded().serial;
    const said = await engine.succeed("state", "rm", "node.r[y]");
    const kept = /its files are in (\S+)/.exec(said)?.[1] ?? "";
    expect(kept).toMatch(/^\.labform\/released\/r-y-[0-9a-f]{8}$/);
    expect(said).toContain("1 instance removed from the state.");
    expect(readFileSync(join(engine.directory, kept, "hda.qcow2"), "utf8")).toBe("written by the guest");
    expect(existsSync(directory)).toBe(false);
    expect(engine.recorded().serial).toBe(was + 1);
    expect(await engine.list()).not.toContain('node.r["y"]');
    expect(await engine.planned()).toEqual(['create | node.r["y"]']);
    await engine.apply();
    await engine.unchanged();
    expect(existsSync(join(engine.directory, kept, "hda.qcow2"))).toBe(true);
  });

  it("tells of links that end at what is gone; the lab files' next apply mends or removes them", async () => {
    await engine.succeed("stop", "a");
    const { stderr, exitCode } = await engine.run("state", "rm", "node.a");
    expect(exitCode).toBe(0);
    expect(stderr).toContain("link.l still ends at node.a");
    await engine.apply();
    await engine.unchanged();
    await engine.succeed("stop", "a");
    await engine.succeed("state", "rm", "node.a");
    engine.write('lab "s" {}\nnode "r" {\n  for_each = toset(["x", "y"])\n}\n');
    expect((await engine.planned()).toSorted()).toEqual([
      "delete | link.l | it is no longer in the lab files",
      'delete | service.hub["main"] | nothing needs it any more',
    ]);
    await engine.apply();
    await engine.unchanged();
    await engine.succeed("destroy", "-auto-approve");
    expect(engine.world.isEmpty()).toBe(true);
  });

  it("forgets a link and a service that carry nothing any more", async () => {
    engine.world.crash('service.hub["main"]');
    await engine.succeed("state", "rm", "link.l", "service.hub");
    expect(await engine.list()).toEqual(["node.a", 'node.r["x"]', 'node.r["y"]']);
    await engine.apply();
    await engine.unchanged();
  });

  it("says what it would do, and does nothing, with -dry-run", async () => {
    await engine.succeed("stop", "r[y]");
    const before = engine.file("state.json");
    expect(await engine.succeed("state", "rm", "-dry-run", "node.r[y]")).toBe(
      'Would remove node.r["y"]\nNothing was changed.\n',
    );
    expect(await engine.refused("state", "rm", "-dry-run", "node.a")).toContain("node.a runs");
    expect(await engine.document("state", "rm", "-dry-run", "-json", "node.r[y]")).toEqual({
      format_version: "1.0",
      dry_run: true,
      removed: [{ address: 'node.r["y"]' }],
    });
    expect(engine.file("state.json")).toBe(before);
  });

  it("names all that is not there, and removes nothing", async () => {
    const said = await engine.refused("state", "rm", "node.q", "link.m", "node.a");
    expect(said).toContain("The state has no node.q");
    expect(said).toContain("The state has no link.m Did you mean link.l?");
  });
});
