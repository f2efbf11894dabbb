import { cpSync, rmSync } from "node:fs";
import { afterEach, describe, expect, it } from "vitest";
import { StateServer } from "../support/stateServer.ts";
import { BackendEngine } from "./backendEngine.ts";
import { StateEngine } from "./stateEngine.ts";

const engines: StateEngine[] = [];
afterEach(async () => {
  for (const engine of engines.splice(0)) {
    if (engine instanceof BackendEngine) await engine.end();
    else engine.close();
  }
});

const far = { hostName: "build2", machineId: "f".repeat(32), bootId: "another boot", pidNamespace: "pid:[4026531836]" };

async function appliedHere(): Promise<StateEngine> {
  const engine = new StateEngine();
  engines.push(engine);
  engine.facts = { hostName: "build1", machineId: "a".repeat(32) };
  await engine.apply();
  return engine;
}

/** The same directory on another host, as on a network file system: nothing of the first one's runs there. */
async function seenFromAfar(): Promise<StateEngine> {
  const engine = await appliedHere();
  engine.facts = far;
  return engine;
}

describe("a lab directory that another host sees", () => {
  it("is planned there by its record alone, with a word on where the lab runs", async () => {
    const engine = await seenFromAfar();
    engine.world.nodes.clear();
    const { exitCode, stdout, stderr } = await engine.run("plan", "-detailed-exitcode");
    expect(stderr.replaceAll(/\s+/g, " ")).toMatch(
      /Warning: The lab runs on host build1 .*since \d{4}-\d\d-\d\d .* UTC.*-lost-host=build1/,
    );
    expect(stdout).toContain("No changes");
    expect(exitCode).toBe(0);
  });

  it.each([
    ["apply", "-auto-approve"],
    ["destroy", "-auto-approve"],
    ["stop", "a"],
    ["taint", "node.a"],
    ["state", "rm", "node.a"],
    ["status"],
    ["wait"],
    ["plan", "-refresh-only"],
  ])("is not changed, nor looked at, from there: %s", async (...words) => {
    const engine = await seenFromAfar();
    const before = engine.file("state.json");
    const refused = await engine.refused(...words);
    expect(refused).toContain("The lab runs on host build1");
    expect(refused).toContain("this is build2");
    expect(refused).toContain("apply -lost-host=build1");
    expect(engine.file("state.json")).toBe(before);
  });

  it("is made anew there once the first host is said to be lost", async () => {
    const engine = await seenFromAfar();
    engine.world.nodes.clear();
    engine.world.hubs.clear();
    const planned = await engine.run("plan", "-lost-host=build1");
    expect(planned.stderr).toContain("What was on build1 is taken for lost");
    expect(planned.stderr.replaceAll(/\s+/g, " ")).toMatch(/had been there since \d{4}-\d\d-\d\d [\d:]+ UTC\./);
    expect(planned.stdout).toMatch(/node\.a.*(?:created|create)/);
    const { lineage, serial } = engine.recorded();
    engine.isNeverDone = true;
    await engine.succeed("apply", "-auto-approve", "-lost-host=build1");
    engine.isNeverDone = false;
    expect(engine.recorded()).toMatchObject({ lineage, serial: serial + 1, host: { name: "build2" } });
    await engine.unchanged();
    engine.facts = { hostName: "build1", machineId: "a".repeat(32) };
    expect(await engine.refused("apply", "-auto-approve")).toContain("The lab runs on host build2");
  });

  it("is forgotten there by a destroy once the first host is said to be lost", async () => {
    const engine = await seenFromAfar();
    await engine.succeed("destroy", "-auto-approve", "-lost-host=build1");
    expect(engine.recorded().instances).toEqual([]);
  });

  it("is not forgotten unless somebody approves of it", async () => {
    const engine = await appliedHere();
    engine.write('lab "bare" {}\nnode "a" {}\n');
    await engine.succeed("apply", "-auto-approve");
    engine.facts = far;
    const before = engine.file("state.json");
    expect(await engine.refused("destroy", "-lost-host=build1")).toContain("destroy must be approved");
    expect(engine.file("state.json")).toBe(before);
  });

  it("takes no other name for the lost host's", async () => {
    const engine = await seenFromAfar();
    expect(await engine.refused("apply", "-auto-approve", "-lost-host=build3")).toContain("-lost-host=build1.");
    engine.facts = { hostName: "build1", machineId: "a".repeat(32) };
    expect(await engine.refused("destroy", "-auto-approve", "-lost-host=build1")).toContain("The lab is on this host");
  });
});

describe("what is no other host", () => {
  it("is the same one after it was booted: what ran is down, and is made anew", async () => {
    const engine = await appliedHere();
    engine.facts = { ...engine.facts, bootId: "the next boot", pidNamespace: "pid:[4026531836]" };
    const { stderr } = await engine.run("plan");
    expect(stderr).not.toContain("The lab runs on");
    const { host: before } = engine.recorded() as unknown as { host: { since: string } };
    await engine.succeed("taint", "node.a");
    await engine.succeed("apply", "-auto-approve");
    expect(engine.recorded()).toMatchObject({ host: { bootId: "the next boot", since: before.since } });
  });

  it("is told from a clone of it by name, and from one of its name by its machine", async () => {
    const engine = await appliedHere();
    engine.facts = { ...far, machineId: "a".repeat(32) };
    expect(await engine.refused("apply", "-auto-approve")).toContain("The lab runs on host build1");
    engine.facts = { ...far, hostName: "build1" };
    expect(await engine.refused("apply", "-auto-approve")).toContain("another host of the name build1");
  });

  it("is told from a container on it, where nothing of the host's can be seen", async () => {
    const engine = await appliedHere();
    engine.facts = { hostName: "0f3a9c1d", machineId: "a".repeat(32), pidNamespace: "pid:[4026539999]" };
    const refused = await engine.refused("destroy", "-auto-approve");
    expect(refused).toContain("The lab runs in build1, another pid namespace of this host (pid:[");
  });
});

describe("a state that reached another host", () => {
  it("by a server is bound to the host where the lab runs", async () => {
    const engine = new BackendEngine(await StateServer.start());
    engines.push(engine);
    engine.facts = { hostName: "build1", machineId: "a".repeat(32) };
    await engine.succeed("init");
    await engine.apply();
    const other = new BackendEngine(engine.server);
    try {
      other.facts = far;
      await other.succeed("init");
      const { stdout, stderr } = await other.run("plan");
      expect(stdout).toContain("No changes");
      expect(stderr).toContain("The lab runs on host build1");
      expect(await other.refused("destroy", "-auto-approve")).toContain("The lab runs on host build1");
      await engine.unchanged();
      other.isNeverDone = true;
      await other.succeed("apply", "-auto-approve", "-lost-host=build1");
      expect(await engine.refused("apply", "-auto-approve")).toContain("The lab runs on host build2");
    } finally {
      other.close();
    }
  });

  it("by state push, or as a copy of .labform, stays bound to the one where the lab runs", async () => {
    const engine = await appliedHere();
    const document = await engine.succeed("state", "pull");
    const { writeFileSync } = await import("node:fs");
    for (const way of ["push", "copy"]) {
      const other = new StateEngine();
      engines.push(other);
      other.facts = far;
      if (way === "copy") {
        cpSync(`${engine.directory}/.labform`, `${other.directory}/.labform`, { recursive: true });
        rmSync(`${engine.directory}/.state`, { recursive: true, force: true });
      } else {
        writeFileSync(`${other.directory}/there.json`, document);
        await other.succeed("state", "push", "there.json");
      }
      expect(await other.refused("apply", "-auto-approve")).toContain("The lab runs on host build1");
    }
  });
});
