import { cpSync, existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { Failure } from "../../src/core/diagnostics.ts";
import type { State } from "../../src/core/state.ts";
import { createStateAccess } from "../../state/access.ts";
import {
  afterThisTest,
  beginOf,
  begun,
  intentOf,
  makeWorld,
  nodeOf,
  openOptions,
  outcomeOf,
  startSleeper,
  systemError,
  type World,
  withProcess,
} from "./support.ts";

/** What a command leaves: two nodes with files, and an output. */
async function recorded(world: World): Promise<State> {
  const store = await begun(world);
  await store.record(outcomeOf(nodeOf("a")));
  await store.record(outcomeOf(nodeOf("b", { dependencies: ["node.a"] })));
  await store.checkpoint();
  await store.close();
  for (const name of ["a", "b"]) {
    await mkdir(directoryOf(world, name), { recursive: true });
    await writeFile(join(directoryOf(world, name), "hda.qcow2"), `of ${name}`);
  }
  return store.state;
}

function directoryOf(world: World, name: string): string {
  return join(world.data, "nodes", `${name}-00000000`);
}

function without(state: State, address: string): State {
  const instances = new Map(state.instances);
  instances.delete(address);
  return { ...state, serial: state.serial + 1, instances };
}

async function replace(world: World, next: State, released: readonly string[] = []) {
  const store = await world.access.open(openOptions());
  afterThisTest(() => store.close());
  try {
    return await store.replace(next, released);
  } finally {
    await store.close();
  }
}

async function refusal(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(Failure);
  return (error as Failure).diagnostics.map((one) => `${one.summary}\n${one.detail ?? ""}`).join("\n");
}

const names = (state: State) => [...state.instances.keys()].sort();
const tree = (directory: string) => (existsSync(directory) ? readdirSync(directory).sort() : []);

describe("a state in the place of another", () => {
  test("is what is read from then on, and commands go on from its serial", async () => {
    const world = await makeWorld();
    const state = await recorded(world);
    await replace(world, without(state, "node.b"));
    const { state: now } = await world.access.load();
    expect(names(now)).toEqual(["node.a"]);
    expect(now.serial).toBe(state.serial + 1);
    expect((await begun(world)).state.serial).toBe(state.serial + 2);
  });

  test("also where an earlier command was killed: what that had recorded is what is replaced", async () => {
    const world = await makeWorld();
    const state = await recorded(world);
    const killed = await begun(world);
    await killed.record(outcomeOf(nodeOf("c")));
    await killed.close();
    const { state: left } = await world.access.load();
    expect(names(left)).toEqual(["node.a", "node.b", "node.c"]);
    await replace(world, without(left, "node.a"));
    const { state: now } = await world.access.load();
    expect(names(now)).toEqual(["node.b", "node.c"]);
    expect(now.serial).toBe(state.serial + 2);
  });

  test("takes the lab's registry entry away when it has no instances", async () => {
    const world = await makeWorld();
    const state = await recorded(world);
    expect(existsSync(state.registry)).toBe(true);
    await replace(world, { ...state, serial: state.serial + 1, instances: new Map() });
    expect(existsSync(state.registry)).toBe(false);
  });

  test("is not taken in the middle of a command, nor where it contradicts itself", async () => {
    const world = await makeWorld();
    const state = await recorded(world);
    const store = await begun(world);
    await expect(store.replace(state)).rejects.toThrow("in the middle of a command");
    await store.close();
    const odd = new Map(state.instances).set("node.c", nodeOf("c", { id: "a-00000000" }));
    expect(await refusal(replace(world, { ...state, instances: odd }))).toContain("invariant 2");
    expect(names((await world.access.load()).state)).toEqual(["node.a", "node.b"]);
  });

  test("is all or nothing when it cannot be written", async () => {
    const world = await makeWorld();
    const state = await recorded(world);
    world.before = (call, path) => {
      if (call === "writeAtomic" && path.endsWith("state.json")) throw systemError("ENOSPC");
    };
    expect(await refusal(replace(world, without(state, "node.b"), ["b-00000000"]))).toContain("no space");
    world.before = () => {};
    expect(names((await world.access.load()).state)).toEqual(["node.a", "node.b"]);
    await (await world.access.open(openOptions())).close();
    expect(tree(join(world.data, "nodes"))).toEqual(["a-00000000", "b-00000000"]);
    expect(tree(world.data)).not.toContain("releasing.json");
  });
});

describe("the directory of a node that is released", () => {
  test("is moved aside with all it holds, beside those that were released before", async () => {
    const world = await makeWorld();
    const state = await recorded(world);
    const released = join(world.lab, ".labform", "released");
    const moved = await replace(world, without(state, "node.b"), ["b-00000000", "gone-00000000"]);
    expect([...moved]).toEqual([["b-00000000", join(released, "b-00000000")]]);
    expect(readFileSync(join(released, "b-00000000", "hda.qcow2"), "utf8")).toBe("of b");
    expect(tree(join(world.data, "nodes"))).toEqual(["a-00000000"]);

    const again = await begun(world);
    await again.record(outcomeOf(nodeOf("b")));
    await again.checkpoint();
    await again.close();
    await mkdir(directoryOf(world, "b"));
    const { state: now } = await world.access.load();
    expect([...(await replace(world, without(now, "node.b"), ["b-00000000"]))]).toEqual([
      ["b-00000000", join(released, "b-00000000-2")],
    ]);
    expect(tree(released)).toEqual(["b-00000000", "b-00000000-2"]);
  });

  test("stays where the list of releases was tampered with", async () => {
    const world = await makeWorld();
    await recorded(world);
    await mkdir(join(world.data, "nodes", "x"));
    for (const to of ["../../out", "..", "", 5]) {
      await writeFile(join(world.data, "releasing.json"), JSON.stringify([{ id: "x", to }]));
      await (await world.access.open(openOptions())).close();
      expect(tree(join(world.data, "nodes"))).toContain("x");
      expect(tree(world.data)).not.toContain("releasing.json");
    }
  });
});

/** The lab as it is right before each call that writes in it, and the registry with it. */
async function momentsOf(world: World, work: () => Promise<unknown>) {
  const moments: { readonly before: string; readonly lab: string; readonly registry: string }[] = [];
  world.before = (call, path) => {
    if (call === "readText" || call === "makeDirectory" || !path.startsWith(world.root)) return;
    const copy = (from: string, name: string) => {
      const to = join(world.root, `${name}-${moments.length}`);
      if (existsSync(from)) cpSync(from, to, { recursive: true });
      return to;
    };
    moments.push({
      before: `${call} ${path.slice(world.root.length + 1)}`,
      lab: copy(world.lab, "lab"),
      registry: copy(world.stateHome, "xdg"),
    });
  };
  await work();
  world.before = () => {};
  return moments;
}

async function restore(world: World, moment: { readonly lab: string; readonly registry: string }): Promise<void> {
  for (const [from, to] of [
    [moment.lab, world.lab],
    [moment.registry, world.stateHome],
  ] as const) {
    await rm(to, { recursive: true, force: true });
    if (existsSync(from)) cpSync(from, to, { recursive: true });
  }
}

describe("a kill before any write", () => {
  test("leaves the one state with its files or the other without, and the next command has all of it", async () => {
    const world = await makeWorld();
    const state = await recorded(world);
    const killed = await begun(world);
    await killed.record(outcomeOf(nodeOf("c")));
    await killed.close();
    const { state: left } = await world.access.load();
    const moments = await momentsOf(world, () => replace(world, without(left, "node.b"), ["b-00000000"]));
    const told = moments.map(({ before }) => before);
    for (const write of ["writeAtomic", "truncate", "rename", "remove"]) {
      expect(told.some((one) => one.startsWith(`${write} lab/`))).toBe(true);
    }
    const seen = new Set<string>();
    for (const moment of moments) {
      await restore(world, moment);
      const { state: found } = await world.access.load();
      const hasOld = found.instances.has("node.b");
      seen.add(hasOld ? "old" : "new");
      expect(names(found), moment.before).toEqual(hasOld ? ["node.a", "node.b", "node.c"] : ["node.a", "node.c"]);
      expect(found.serial, moment.before).toBe(state.serial + (hasOld ? 1 : 2));
      const next = await world.access.open(openOptions());
      expect(names(next.state)).toEqual(names(found));
      await next.record(beginOf(next));
      await next.checkpoint();
      await next.close();
      expect(existsSync(directoryOf(world, "b")), moment.before).toBe(hasOld);
      const kept = tree(join(world.lab, ".labform", "released"));
      expect(kept, moment.before).toEqual(hasOld ? [] : ["b-00000000"]);
      expect(tree(world.data)).not.toContain("releasing.json");
    }
    expect([...seen]).toEqual(["old", "new"]);
  });

  test("leaves the state of the one lab or of the other, where another lineage takes the place", async () => {
    const world = await makeWorld();
    const state = await recorded(world);
    const killed = await begun(world);
    await killed.record(outcomeOf(nodeOf("c")));
    await killed.close();
    const other: State = { ...without(state, "node.b"), lineage: "another", registry: "/nowhere", serial: 3 };
    const moments = await momentsOf(world, () => replace(world, other));
    expect(moments.length).toBeGreaterThan(4);
    const lineages = new Set<string>();
    for (const moment of moments) {
      await restore(world, moment);
      const { state: found } = await world.access.load();
      lineages.add(found.lineage);
      expect(names(found), moment.before).toEqual(
        found.lineage === "another" ? ["node.a"] : ["node.a", "node.b", "node.c"],
      );
      const next = await begun(world);
      expect(next.state.lineage).toBe(found.lineage);
      await next.close();
    }
    expect([...lineages]).toEqual([state.lineage, "another"]);
  });
});

describe("what runs", () => {
  test("is never forgotten: by its process, and by the token of a start that was cut off", async () => {
    const world = await makeWorld();
    const a = await startSleeper(world.ports, "token-a");
    const b = await startSleeper(world.ports, "token-b");
    const store = await begun(world);
    await store.record(outcomeOf(withProcess(nodeOf("a"), a)));
    await store.record(intentOf(nodeOf("b"), "token-b"));
    await store.checkpoint();
    await store.close();
    const { state } = store;
    const said = await refusal(replace(world, { ...state, serial: state.serial + 1, instances: new Map() }));
    expect(said).toContain(`node.a runs (pid ${a.pid}), and the new state would not know of it`);
    expect(said).toContain(`node.b runs (pid ${b.pid})`);
    expect(names((await world.access.load()).state)).toEqual(["node.a", "node.b"]);

    // Under another address it is known all the same.
    const moved = new Map([["node.c", { ...withProcess(nodeOf("a"), a), address: "node.c" }]]);
    world.ports.processes.signal(b, "SIGKILL");
    expect(await world.ports.processes.waitForExit(b, 5000)).toBe(true);
    await replace(world, { ...state, serial: state.serial + 1, instances: moved });
    expect(names((await world.access.load()).state)).toEqual(["node.c"]);
    expect(readFileSync(join(state.registry, "processes.jsonl"), "utf8")).toContain('"node.c"');
  });

  test("in another container is not taken for ended", async () => {
    const world = await makeWorld();
    const here = await startSleeper(world.ports, "token-a");
    const elsewhere = { ...here, pidNamespace: "pid:[1]", token: "token-e" };
    const store = await begun(world);
    await store.record(outcomeOf(withProcess(nodeOf("a"), elsewhere)));
    await store.checkpoint();
    await store.close();
    expect(await refusal(replace(world, { ...store.state, instances: new Map() }))).toContain("another pid namespace");
  });
});

describe("another lab's state", () => {
  test("is refused while that lab's directory is there, and taken with its registry entry once it is gone", async () => {
    const world = await makeWorld();
    const state = await recorded(world);
    const second = join(world.root, "second");
    await mkdir(second);
    const access = createStateAccess({
      ports: world.ports,
      labDirectory: second,
      workspace: "default",
      programs: "/programs",
      labformVersion: "0.1.0",
    });
    const push = async () => {
      const store = await access.open(openOptions());
      try {
        await store.replace(state);
      } finally {
        await store.close();
      }
    };
    expect(await refusal(push())).toContain(`what ${world.lab} runs would be destroyed from here`);
    expect(names((await access.load()).state)).toEqual([]);
    await rm(world.lab, { recursive: true });
    await push();
    const { state: now } = await access.load();
    expect(names(now)).toEqual(["node.a", "node.b"]);
    expect(now.registry).toBe(state.registry);
    expect(JSON.parse(readFileSync(join(state.registry, "lab.json"), "utf8"))).toMatchObject({ directory: second });
  });

  test("gets a registry entry of this host, wherever it was before", async () => {
    const world = await makeWorld();
    const state = await recorded(world);
    await rm(world.data, { recursive: true });
    await replace(world, { ...state, lineage: "x", registry: "/somewhere/else/x" });
    const { state: now } = await world.access.load();
    expect(now.registry).toBe(join(world.stateHome, "labform", "labs", "x"));
  });
});

describe("a document that is given", () => {
  test("is the state it was made from", async () => {
    const world = await makeWorld();
    const state = await recorded(world);
    const text = world.access.format(state);
    expect(world.access.format(world.access.parse(text, "copy.json"))).toBe(text);
  });

  test.each([
    ["no JSON", "{", "The given state is damaged"],
    ["no state", "{}", "format should be a whole number"],
    ["of a newer labform", '{"format":99,"labformVersion":"9.0"}', "newer labform"],
    ["a path for a lineage", "../../evil", "no lineage of labform's"],
  ])("is refused where it is %s", async (_, text, expected) => {
    const world = await makeWorld();
    const state = await recorded(world);
    const given = text.startsWith("{") ? text : world.access.format({ ...state, lineage: text });
    const said = await refusal(Promise.resolve().then(() => world.access.parse(given, "x.json")));
    expect(said).toContain(expected);
    expect(said).not.toContain("Restore the file");
  });

  test("is refused where it contradicts itself", async () => {
    const world = await makeWorld();
    const state = await recorded(world);
    const odd = new Map(state.instances).set("node.c", nodeOf("c", { id: "a-00000000" }));
    const text = world.access.format({ ...state, instances: odd });
    expect(await refusal(Promise.resolve().then(() => world.access.parse(text, "x.json")))).toContain("Invariant 2");
  });
});
