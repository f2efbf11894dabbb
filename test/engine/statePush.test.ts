import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { leave } from "../cli/halfDone.ts";
import { StateEngine } from "./stateEngine.ts";

let engine: StateEngine;
beforeEach(() => {
  engine = new StateEngine();
});
afterEach(() => engine.close());

describe("state pull and push", () => {
  beforeEach(() => engine.apply());

  const path = () => join(engine.directory, "copy.json");
  const pull = async () => {
    const text = await engine.succeed("state", "pull");
    writeFileSync(path(), text);
    return JSON.parse(text) as { serial: number; lineage: string; instances: { id: string; address: string }[] };
  };
  const write = (document: object) => writeFileSync(path(), JSON.stringify(document));

  it("pulls all of it, sensitive values too, with what the journal has beyond the checkpoint", async () => {
    await leave(engine, "node.a", "update", "ok");
    const text = await engine.succeed("state", "pull");
    expect(text).toContain("hunter2");
    expect(text).toContain('"operation": "update"');
  });

  it("pushes back what was pulled: as it is there is nothing to do", async () => {
    const { serial: was } = await pull();
    expect(await engine.succeed("state", "push", "copy.json")).toContain("The state is this one already");
    expect(engine.recorded().serial).toBe(was);
  });

  it("takes a later serial, and the document's as its own", async () => {
    const pulled = await pull();
    write({ ...pulled, serial: pulled.serial + 4, outputs: {} });
    expect(await engine.succeed("state", "push", "copy.json")).toContain(
      `The state is replaced: 5 instances, serial ${pulled.serial + 4}.`,
    );
    expect(engine.recorded().serial).toBe(pulled.serial + 4);
    expect(await engine.succeed("output", "-json")).toBe("{}\n");
  });

  it("refuses an older serial, another document of the same, and another lineage", async () => {
    const pulled = await pull();
    write({ ...pulled, outputs: {} });
    expect(await engine.refused("state", "push", "copy.json")).toContain("another one with the same serial");
    write({ ...pulled, serial: 0 });
    expect(await engine.refused("state", "push", "copy.json")).toContain("is older than the one here Its serial is 0");
    write({ ...pulled, lineage: "other" });
    expect(await engine.refused("state", "push", "copy.json")).toContain("that of another lab Its lineage is other");
  });

  it("takes these with -force, under a serial that is higher than both", async () => {
    const pulled = await pull();
    write({ ...pulled, serial: 0, outputs: {} });
    await engine.succeed("state", "push", "-force", "copy.json");
    expect(engine.recorded().serial).toBe(pulled.serial + 1);
    write({ ...pulled, lineage: "other" });
    await engine.succeed("state", "push", "-force", "copy.json");
    expect(engine.recorded()).toMatchObject({
      lineage: "other",
      serial: pulled.serial + 2,
    });
    await engine.unchanged();
    await engine.succeed("destroy", "-auto-approve");
    expect(engine.world.isEmpty()).toBe(true);
  });

  it("never takes a state that does not have what is there", async () => {
    const pulled = await pull();
    const instances = pulled.instances.filter((one) => !one.address.startsWith("node.r"));
    write({ ...pulled, serial: pulled.serial + 1, instances });
    const said = await engine.refused("state", "push", "-force", "copy.json");
    expect(said).toContain('node.r["x"] is there, and the given state does not have it');
    expect(said).toContain('node.r["y"] is there');
    expect(engine.recorded().serial).toBe(pulled.serial);
  });

  it("fills an empty state, whatever its lineage", async () => {
    const pulled = await pull();
    await engine.succeed("destroy", "-auto-approve");
    write({ ...pulled, lineage: "other", serial: 2 });
    await engine.succeed("state", "push", "copy.json");
    expect((await engine.list()).length).toBe(5);
  });

  it.each([
    ["no document", "{", "The given state is damaged"],
    [
      "of no provider of this labform",
      (text: string) => text.replaceAll('"memory"', '"vmware"'),
      "is of a kind that this labform does not know",
    ],
    [
      "an output that is not of its type",
      (text: string) => text.replace('"type": "number"', '"type": ["list"]'),
      'Output "pid" of the given state is not what it says',
    ],
  ])("refuses %s", async (_, change, expected) => {
    await pull();
    const text = readFileSync(path(), "utf8");
    writeFileSync(path(), typeof change === "string" ? change : change(text));
    expect(await engine.refused("state", "push", "copy.json")).toContain(expected);
    expect(await engine.refused("state", "push", "none.json")).toContain("none.json cannot be read");
  });
});
