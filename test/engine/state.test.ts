import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { begin, leave } from "../cli/halfDone.ts";
import { Engine } from "./engine.ts";

const lab = `lab "s" {}

node "a" {
  adapters = 2
  secret   = "hunter2"
}

node "r" {
  for_each = toset(["x", "y"])
}

link "l" {
  endpoints = [node.a.adapter[0], node.r["x"].adapter[0]]
}

output "pid" {
  value = node.a.pid
}
`;

let engine: Engine;
beforeEach(() => {
  engine = new Engine(lab);
});
afterEach(() => engine.close());

async function run(...args: readonly string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await engine.run(...args);
  expect(exitCode, stdout + stderr).toBe(0);
  return stdout;
}

/** What a command is refused with, on one line. */
async function refused(...args: readonly string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await engine.run(...args);
  expect(exitCode, stdout + stderr).toBe(1);
  return (args.includes("-json") ? stdout : stderr).replaceAll(/\s+/g, " ");
}

const apply = () => run("apply", "-auto-approve");
const list = async () => (await run("state", "list")).trimEnd().split("\n");
const stateFile = () => join(engine.directory, ".labform", "default", "state.json");
const serial = () => (JSON.parse(readFileSync(stateFile(), "utf8")) as { serial: number }).serial;
const document = async (...args: readonly string[]) => JSON.parse(await run(...args)) as unknown;

async function unchanged(): Promise<void> {
  const { exitCode, stdout } = await engine.run("plan", "-detailed-exitcode");
  expect(exitCode, stdout).toBe(0);
}

/** What the next plan would do, and why. */
async function planned(): Promise<readonly string[]> {
  const { stdout } = await engine.run("plan", "-json");
  return stdout
    .split("\n")
    .filter((line) => line.includes('"planned_change"'))
    .map((line) => {
      const { change } = JSON.parse(line) as {
        change: { resource: { addr: string }; labform_action: string; causes: readonly { summary: string }[] };
      };
      return [change.labform_action, change.resource.addr, ...change.causes.map((one) => one.summary)].join(" | ");
    });
}

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
    expect(await refused(...args)).toContain("There is no state");
    expect(readdirSync(engine.directory)).toEqual(["a.lab.hcl"]);
  });

  it("a state that was emptied is one", async () => {
    await apply();
    await run("destroy", "-auto-approve");
    expect(await run("state", "list")).toBe("");
    expect(await refused("state", "show", "node.a")).toContain("The state has no node.a");
  });
});

describe("state list and show", () => {
  beforeEach(apply);

  it("lists what is recorded, or what is named of it", async () => {
    expect(await list()).toEqual(["link.l", "node.a", 'node.r["x"]', 'node.r["y"]', 'service.hub["main"]']);
    expect(await run("state", "list", "node.r", "link.l")).toBe('link.l\nnode.r["x"]\nnode.r["y"]\n');
    expect(await run("state", "list", "node.r[y]")).toBe('node.r["y"]\n');
    expect(await run("state", "list", "-id=none")).toBe("");
    const { resources } = (await document("state", "list", "-json", "node.a")) as { resources: { id: string }[] };
    expect(resources).toEqual([{ address: "node.a", type: "node", id: expect.stringMatching(/^a-/), status: "ok" }]);
    expect(await run("state", "list", `-id=${resources[0]?.id}`)).toBe("node.a\n");
  });

  it("counts as people do", async () => {
    engine.write('lab "s" {}\nnode "n" {\n  count = 11\n}\n');
    await apply();
    expect((await list()).slice(0, 11)).toEqual(Array.from({ length: 11 }, (_, at) => `node.n[${at}]`));
  });

  it("shows one instance, without what is secret", async () => {
    const text = await run("state", "show", "node.a");
    expect(text).toContain('# node.a:\nnode "a" {');
    expect(text).toContain("secret        = (sensitive value)");
    const json = await run("state", "show", "node.a", "-json");
    expect(JSON.parse(json)).toMatchObject({ address: "node.a", values: { adapters: 2, secret: null } });
    expect(text + json).not.toContain("hunter2");
  });

  it("refuses what is not one, with what may have been meant", async () => {
    expect(await refused("state", "list", "node.b")).toContain("The state has no node.b Did you mean node.a?");
    expect(await refused("state", "show", 'node.r["z"]')).toContain('Did you mean node.r["x"]?');
    expect(await refused("state", "show", "node.r")).toContain('Name one of them: node.r["x"], node.r["y"]');
    expect(await refused("state", "show", "a b")).toContain('"a b" is no address');
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
    expect(await refused("state", ...args)).toContain(expected);
  });
});

describe("state mv", () => {
  beforeEach(apply);

  it("gives a running node another address; with the lab files changed alike there is nothing to do", async () => {
    const before = JSON.parse(await run("state", "show", "node.a", "-json")) as { values: unknown };
    const acts = engine.world.log.length;
    const was = serial();
    expect(await run("state", "mv", "node.a", "node.b")).toBe("Moved node.a to node.b\n1 instance moved.\n");
    expect(serial()).toBe(was + 1);
    engine.write(lab.replaceAll("node.a", "node.b").replace('node "a"', 'node "b"'));
    await unchanged();
    expect(engine.world.log.length).toBe(acts);
    expect(JSON.parse(await run("state", "show", "node.b", "-json"))).toMatchObject({ values: before.values });
  });

  it("has what is shown of a moved node follow it, also by hand", async () => {
    await run("state", "mv", "node.a", "node.b");
    await run("stop", "b");
    expect(await run("output", "-json", "pid")).toBe("null\n");
    await run("start", "b");
    expect(Number(await run("output", "-json", "pid"))).toBeGreaterThan(0);
  });

  it("moves whole resources and modules, and back", async () => {
    const before = await run("state", "pull");
    await run("state", "mv", "node.r", "module.m.node.q");
    expect(await list()).toContain('module.m.node.q["x"]');
    await run("state", "mv", "module.m", 'module.n["k"]');
    expect(await list()).toContain('module.n["k"].node.q["y"]');
    await run("state", "mv", 'module.n["k"].node.q', "node.r");
    const after = await run("state", "pull");
    expect(after.replace(/"serial": \d+/, "")).toBe(before.replace(/"serial": \d+/, ""));
    await unchanged();
  });

  it("says what it would do, and does nothing, with -dry-run", async () => {
    const before = readFileSync(stateFile(), "utf8");
    expect(await run("state", "mv", "-dry-run", "node.r", "node.q")).toBe(
      'Would move node.r["x"] to node.q["x"]\nWould move node.r["y"] to node.q["y"]\nNothing was changed. 2 instances would be moved.\n',
    );
    expect(await document("state", "mv", "-dry-run", "-json", "node.a", "node.b")).toEqual({
      format_version: "1.0",
      dry_run: true,
      moved: [{ from: "node.a", to: "node.b" }],
    });
    expect(readFileSync(stateFile(), "utf8")).toBe(before);
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
    const before = readFileSync(stateFile(), "utf8");
    expect(await refused("state", "mv", from, to)).toContain(expected);
    expect(readFileSync(stateFile(), "utf8")).toBe(before);
  });

  it("makes a plan stale that was saved before", async () => {
    engine.write(lab.replace("adapters = 2", "adapters = 3"));
    await run("plan", "-out=p");
    await run("state", "mv", "node.a", "node.b");
    expect(await refused("apply", "p")).toContain("The plan is stale");
  });

  it("waits for the lock of another labform, and names it when that takes too long", async () => {
    const other = await begin(engine, "node.a", "update", "ok");
    expect(await refused("state", "mv", "node.a", "node.b")).toContain("The lab is locked by labform apply");
    const { stderr } = await engine.run("state", "mv", "-lock-timeout=200ms", "node.a", "node.b");
    expect(stderr).toContain("Waiting for the lock, held by labform apply");
    await other.close();
    await run("state", "mv", "node.a", "node.b");
  });

  it("takes along what a killed labform left half-done", async () => {
    await leave(engine, "node.a", "update", "ok");
    await run("state", "mv", "node.a", "node.b");
    engine.write(lab.replaceAll("node.a", "node.b").replace('node "a"', 'node "b"'));
    expect(await planned()).toEqual(["update | node.b | an earlier run was cut off while it updated it"]);
    await apply();
    await unchanged();
  });
});

describe("state rm", () => {
  beforeEach(apply);

  const directoryOf = (address: string) => {
    const { instances } = JSON.parse(readFileSync(stateFile(), "utf8")) as {
      instances: readonly { readonly address: string; readonly id: string }[];
    };
    return join(
      engine.directory,
      ".labform",
      "default",
      "nodes",
      instances.find((one) => one.address === address)?.id ?? "",
    );
  };

  it("refuses what runs, each by name, with what to do; nothing is removed", async () => {
    const said = await refused("state", "rm", "node.r", "service.hub", "link.l");
    expect(said).toContain('node.r["x"] runs and cannot be removed from the state');
    expect(said).toContain(`"labform stop 'node.r["y"]'"`);
    expect(said).toContain("link.l is wired and cannot be removed");
    expect(said).toContain('service.hub["main"] runs and cannot be removed');
    await run("stop", "r[x]");
    expect(await refused("state", "rm", "node.r")).toContain('node.r["y"] runs');
    expect((await list()).length).toBe(5);
  });

  it("forgets a node that is off, and keeps its files where labform does not touch them", async () => {
    await run("stop", 'node.r["y"]');
    const directory = directoryOf('node.r["y"]');
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, "hda.qcow2"), "written by the guest");
    const was = serial();
    const said = await run("state", "rm", "node.r[y]");
    const kept = /its files are in (\S+)/.exec(said)?.[1] ?? "";
    expect(kept).toMatch(/^\.labform\/released\/r-y-[0-9a-f]{8}$/);
    expect(said).toContain("1 instance removed from the state.");
    expect(readFileSync(join(engine.directory, kept, "hda.qcow2"), "utf8")).toBe("written by the guest");
    expect(existsSync(directory)).toBe(false);
    expect(serial()).toBe(was + 1);
    expect(await list()).not.toContain('node.r["y"]');
    expect(await planned()).toEqual(['create | node.r["y"]']);
    await apply();
    await unchanged();
    expect(existsSync(join(engine.directory, kept, "hda.qcow2"))).toBe(true);
  });

  it("tells of links that end at what is gone; the lab files' next apply mends or removes them", async () => {
    await run("stop", "a");
    const { stderr, exitCode } = await engine.run("state", "rm", "node.a");
    expect(exitCode).toBe(0);
    expect(stderr).toContain("link.l still ends at node.a");
    await apply();
    await unchanged();
    await run("stop", "a");
    await run("state", "rm", "node.a");
    engine.write('lab "s" {}\nnode "r" {\n  for_each = toset(["x", "y"])\n}\n');
    expect((await planned()).toSorted()).toEqual([
      "delete | link.l | it is no longer in the lab files",
      'delete | service.hub["main"] | nothing needs it any more',
    ]);
    await apply();
    await unchanged();
    await run("destroy", "-auto-approve");
    expect(engine.world.isEmpty()).toBe(true);
  });

  it("forgets a link and a service that carry nothing any more", async () => {
    engine.world.crash('service.hub["main"]');
    await run("state", "rm", "link.l", "service.hub");
    expect(await list()).toEqual(["node.a", 'node.r["x"]', 'node.r["y"]']);
    await apply();
    await unchanged();
  });

  it("says what it would do, and does nothing, with -dry-run", async () => {
    await run("stop", "r[y]");
    const before = readFileSync(stateFile(), "utf8");
    expect(await run("state", "rm", "-dry-run", "node.r[y]")).toBe('Would remove node.r["y"]\nNothing was changed.\n');
    expect(await refused("state", "rm", "-dry-run", "node.a")).toContain("node.a runs");
    expect(await document("state", "rm", "-dry-run", "-json", "node.r[y]")).toEqual({
      format_version: "1.0",
      dry_run: true,
      removed: [{ address: 'node.r["y"]' }],
    });
    expect(readFileSync(stateFile(), "utf8")).toBe(before);
  });

  it("names all that is not there, and removes nothing", async () => {
    const said = await refused("state", "rm", "node.q", "link.m", "node.a");
    expect(said).toContain("The state has no node.q");
    expect(said).toContain("The state has no link.m Did you mean link.l?");
  });
});

describe("state pull and push", () => {
  beforeEach(apply);

  const path = () => join(engine.directory, "copy.json");
  const pull = async () => {
    const text = await run("state", "pull");
    writeFileSync(path(), text);
    return JSON.parse(text) as { serial: number; lineage: string; instances: { id: string; address: string }[] };
  };
  const write = (document: object) => writeFileSync(path(), JSON.stringify(document));

  it("pulls all of it, sensitive values too, with what the journal has beyond the checkpoint", async () => {
    await leave(engine, "node.a", "update", "ok");
    const text = await run("state", "pull");
    expect(text).toContain("hunter2");
    expect(text).toContain('"operation": "update"');
  });

  it("pushes back what was pulled: as it is there is nothing to do", async () => {
    const { serial: was } = await pull();
    expect(await run("state", "push", "copy.json")).toContain("The state is this one already");
    expect(serial()).toBe(was);
  });

  it("takes a later serial, and the document's as its own", async () => {
    const pulled = await pull();
    write({ ...pulled, serial: pulled.serial + 4, outputs: {} });
    expect(await run("state", "push", "copy.json")).toContain(
      `The state is replaced: 5 instances, serial ${pulled.serial + 4}.`,
    );
    expect(serial()).toBe(pulled.serial + 4);
    expect(await run("output", "-json")).toBe("{}\n");
  });

  it("refuses an older serial, another document of the same, and another lineage", async () => {
    const pulled = await pull();
    write({ ...pulled, outputs: {} });
    expect(await refused("state", "push", "copy.json")).toContain("another one with the same serial");
    write({ ...pulled, serial: 0 });
    expect(await refused("state", "push", "copy.json")).toContain("is older than the one here Its serial is 0");
    write({ ...pulled, lineage: "other" });
    expect(await refused("state", "push", "copy.json")).toContain("that of another lab Its lineage is other");
  });

  it("takes these with -force, under a serial that is higher than both", async () => {
    const pulled = await pull();
    write({ ...pulled, serial: 0, outputs: {} });
    await run("state", "push", "-force", "copy.json");
    expect(serial()).toBe(pulled.serial + 1);
    write({ ...pulled, lineage: "other" });
    await run("state", "push", "-force", "copy.json");
    expect(JSON.parse(readFileSync(stateFile(), "utf8"))).toMatchObject({
      lineage: "other",
      serial: pulled.serial + 2,
    });
    await unchanged();
    await run("destroy", "-auto-approve");
    expect(engine.world.isEmpty()).toBe(true);
  });

  it("never takes a state that does not have what is there", async () => {
    const pulled = await pull();
    const instances = pulled.instances.filter((one) => !one.address.startsWith("node.r"));
    write({ ...pulled, serial: pulled.serial + 1, instances });
    const said = await refused("state", "push", "-force", "copy.json");
    expect(said).toContain('node.r["x"] is there, and the given state does not have it');
    expect(said).toContain('node.r["y"] is there');
    expect(serial()).toBe(pulled.serial);
  });

  it("fills an empty state, whatever its lineage", async () => {
    const pulled = await pull();
    await run("destroy", "-auto-approve");
    write({ ...pulled, lineage: "other", serial: 2 });
    await run("state", "push", "copy.json");
    expect((await list()).length).toBe(5);
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
    expect(await refused("state", "push", "copy.json")).toContain(expected);
    expect(await refused("state", "push", "none.json")).toContain("none.json cannot be read");
  });
});

describe("taint and untaint", () => {
  beforeEach(apply);

  it("has the next apply make the instance anew, and says why", async () => {
    const { serialNumber } = [...engine.world.nodes.values()].find((one) => one.address === "node.a") ?? {};
    expect(await run("taint", "node.a")).toBe("node.a is marked as tainted: the next apply makes it anew.\n");
    expect(await planned()).toEqual(["replace | node.a | marked as tainted"]);
    expect(await run("taint", "node.a")).toContain("tainted already");
    await apply();
    await unchanged();
    const now = [...engine.world.nodes.values()].find((one) => one.address === "node.a");
    expect(now?.serialNumber).not.toBe(serialNumber);
  });

  it("is taken back by untaint", async () => {
    await run("taint", "node.a");
    expect(await document("untaint", "node.a", "-json")).toEqual({
      format_version: "1.0",
      address: "node.a",
      status: "ok",
    });
    await unchanged();
    expect(await refused("untaint", "node.a")).toContain('node.a is not tainted node.a Its status is "ok"');
  });

  it.each(["link.l", 'service.hub["main"]'])("is for %s too", async (address) => {
    await run("taint", address);
    expect((await planned())[0]).toBe(`replace | ${address} | marked as tainted`);
    await apply();
    await unchanged();
  });

  it("outlasts what is done by hand: stop, start, reset, and what becomes of a carrier", async () => {
    await run("taint", "node.a");
    await run("taint", "link.l");
    for (const command of ["stop", "start", "reload", "suspend", "resume"]) await run(command, "a");
    const carriers = [...engine.world.nodes.values()]
      .filter((one) => one.carriers.length > 0)
      .map((one) => one.address);
    expect(carriers.sort()).toEqual(["node.a", 'node.r["x"]']);
    expect(await planned()).toEqual(["replace | node.a | marked as tainted", "replace | link.l | marked as tainted"]);
    await apply();
    await unchanged();
  });

  it("is not for what is half-made, which an apply finishes", async () => {
    await leave(engine, "node.a", "start", "creating");
    expect(await refused("taint", "node.a")).toContain("labform apply -replace=node.a");
  });

  it("refuses what is not one instance", async () => {
    expect(await refused("taint", "node.r")).toContain("node.r is more than one instance");
    expect(await refused("untaint", "node.b")).toContain("Did you mean node.a?");
  });
});

describe("force-unlock", () => {
  it("names a living holder, and does not take its lock", async () => {
    await apply();
    const other = await begin(engine, "node.a", "update", "ok");
    const { id } = JSON.parse(readFileSync(join(engine.directory, ".labform", "default", "lock.json"), "utf8")) as {
      id: string;
    };
    expect(await refused("force-unlock", "-force", id)).toContain("The lab is locked by labform apply");
    expect(await refused("state", "mv", "node.a", "node.b")).toContain(`Lock ID: ${id}`);
    await other.close();
    expect(await refused("force-unlock", id)).toContain("The lab is not locked");
  });
});
