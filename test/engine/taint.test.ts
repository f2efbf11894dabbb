import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { begin, leave } from "../cli/halfDone.ts";
import { lab, StateEngine } from "./stateEngine.ts";

let engine: StateEngine;
beforeEach(() => {
  engine = new StateEngine();
});
afterEach(() => engine.close());

describe("taint and untaint", () => {
  beforeEach(() => engine.apply());

  it("has the next apply make the instance anew, and says why", async () => {
    const { serialNumber } = [...engine.world.nodes.values()].find((one) => one.address === "node.a") ?? {};
    expect(await engine.succeed("taint", "node.a")).toBe(
      "node.a is marked as tainted: the next apply makes it anew.\n",
    );
    expect(await engine.planned()).toEqual(["replace | node.a | marked as tainted"]);
    expect(await engine.succeed("taint", "node.a")).toContain("tainted already");
    await engine.apply();
    await engine.unchanged();
    const now = [...engine.world.nodes.values()].find((one) => one.address === "node.a");
    expect(now?.serialNumber).not.toBe(serialNumber);
  });

  it("is taken back by untaint", async () => {
    await engine.succeed("taint", "node.a");
    expect(await engine.document("untaint", "node.a", "-json")).toEqual({
      format_version: "1.0",
      address: "node.a",
      status: "ok",
    });
    await engine.unchanged();
    expect(await engine.refused("untaint", "node.a")).toContain('node.a is not tainted node.a Its status is "ok"');
  });

  it.each(["link.l", 'service.hub["main"]'])("is for %s too", async (address) => {
    await engine.succeed("taint", address);
    expect((await engine.planned())[0]).toBe(`replace | ${address} | marked as tainted`);
    await engine.apply();
    await engine.unchanged();
  });

  it("outlasts what is done by hand: stop, start, reset, and what becomes of a carrier", async () => {
    await engine.succeed("taint", "node.a");
    await engine.succeed("taint", "link.l");
    for (const command of ["stop", "start", "reload", "suspend", "resume"]) await engine.succeed(command, "a");
    const carriers = [...engine.world.nodes.values()]
      .filter((one) => one.carriers.length > 0)
      .map((one) => one.address);
    expect(carriers.sort()).toEqual(["node.a", 'node.r["x"]']);
    expect(await engine.planned()).toEqual([
      "replace | node.a | marked as tainted",
      "replace | link.l | marked as tainted",
    ]);
    await engine.apply();
    await engine.unchanged();
  });

  it("is another thing than not to have been ready in time, wherever one of the two is told", async () => {
    engine.write(lab.replace("secret   =", "ready    = false\n  secret   ="));
    expect((await engine.run("apply", "-auto-approve")).exitCode).toBe(1);
    await engine.succeed("taint", "link.l");
    expect(await engine.planned()).toEqual([
      "wait | node.a | it was not ready in time",
      "replace | link.l | marked as tainted",
    ]);
    const shown = await engine.succeed("show");
    expect(shown).toContain("# node.a: (unready)");
    expect(shown).toContain("# link.l: (tainted)");
    expect(await engine.refused("untaint", "node.a")).toContain(
      "It runs and was not ready in time, which is no mark: the next apply waits for it again",
    );
    const { stdout } = await engine.run("status", "-json");
    expect(stdout).toMatch(/"node\.a"[^}]*"unready"/);
    expect(stdout).toMatch(/"link\.l"[^}]*"tainted"/);
    const { values } = (await engine.document("show", "-json")) as { values: object };
    expect(JSON.stringify(values).match(/"tainted":true/g)).toHaveLength(1);
  });

  it("is not for what is half-made, which an apply finishes", async () => {
    await leave(engine, "node.a", "start", "creating");
    expect(await engine.refused("taint", "node.a")).toContain("labform apply -replace=node.a");
  });

  it("refuses what is not one instance", async () => {
    expect(await engine.refused("taint", "node.r")).toContain("node.r is more than one instance");
    expect(await engine.refused("untaint", "node.b")).toContain("Did you mean node.a?");
  });
});

describe("force-unlock", () => {
  it("names a living holder, and does not take its lock", async () => {
    await engine.apply();
    const other = await begin(engine, "node.a", "update", "ok");
    const { id } = JSON.parse(engine.file("lock.json")) as {
      id: string;
    };
    expect(await engine.refused("force-unlock", "-force", id)).toContain("The lab is locked by labform apply");
    expect(await engine.refused("state", "mv", "node.a", "node.b")).toContain(`Lock ID: ${id}`);
    await other.close();
    expect(await engine.refused("force-unlock", id)).toContain("The lab is not locked");
  });
});
