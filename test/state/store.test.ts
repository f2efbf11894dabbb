import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { readdir, readFile, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Failure } from "../../src/core/diagnostics.ts";
import {
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

const addresses = async (world: World) => [...(await world.access.load()).state.instances.keys()].sort();

test("looking at a fresh lab leaves nothing behind", async () => {
  const world = await makeWorld();
  const { state, directories } = await world.access.load();
  expect([state.lineage, state.serial, state.instances.size]).toEqual(["", 0, 0]);
  expect(directories).toEqual({ lab: world.lab, nodes: join(world.data, "nodes"), run: "", programs: "/programs" });
  expect(await world.access.leftovers("")).toEqual([]);
  expect(await readdir(world.root)).toEqual(["lab"]);
  expect(await readdir(world.lab)).toEqual([]);
});

test("a command that begins nothing leaves only the lock, out of git's sight", async () => {
  const world = await makeWorld();
  const store = await world.access.open(openOptions());
  expect(store.state.lineage).not.toBe("");
  expect(store.directories.run).toBe(join(world.stateHome, "labform/labs", store.state.lineage, "run"));
  await store.checkpoint();
  await store.close();
  await store.close();
  expect(await readdir(world.data)).toEqual(["lock"]);
  expect(await readFile(join(world.lab, ".labform/.gitignore"), "utf8")).toBe("*\n");
  expect(await readdir(world.root)).toEqual(["lab"]);
});

test("a record that was acknowledged is there after the end of the process, without a checkpoint", async () => {
  const world = await makeWorld();
  const store = await begun(world);
  await store.record(intentOf(nodeOf("a"), "t1"));
  await store.record(outcomeOf(nodeOf("b")));
  const { state, directories } = await world.access.load();
  expect(state).toEqual(store.state);
  expect(state.instances.get("node.a")?.pending?.token).toBe("t1");
  expect(directories).toEqual(store.directories);
});

test("a checkpoint holds everything, is private, and empties the journal", async () => {
  const world = await makeWorld();
  const store = await begun(world);
  await store.record(outcomeOf(nodeOf("a")));
  const outputs = { x: { sensitive: true, type: "string", value: "secret" } };
  await store.record({ record: "outputs", outputs });
  await store.checkpoint();
  expect((await stat(join(world.data, "journal.jsonl"))).size).toBe(0);
  expect((await stat(join(world.data, "state.json"))).mode & 0o777).toBe(0o600);
  expect((await stat(join(world.data, "journal.jsonl"))).mode & 0o777).toBe(0o600);
  const { state } = await world.access.load();
  expect(state).toEqual(store.state);
  expect([state.serial, state.outputs]).toEqual([1, outputs]);
});

test("the serial rises once a command, the lineage stays", async () => {
  const world = await makeWorld();
  const lineages = new Set<string>();
  for (let serial = 1; serial <= 3; serial++) {
    const store = await begun(world);
    await store.record(outcomeOf(nodeOf(`n${serial}`)));
    if (serial !== 2) await store.checkpoint();
    await store.close();
    const { state } = await world.access.load();
    expect([state.serial, state.instances.size]).toEqual([serial, serial]);
    lineages.add(state.lineage);
  }
  expect(lineages.size).toBe(1);
});

test("records after a checkpoint of the same command are read with it", async () => {
  const world = await makeWorld();
  const store = await begun(world);
  await store.record(outcomeOf(nodeOf("a")));
  await store.checkpoint();
  await store.record({ record: "gone", address: "node.a" });
  await store.record(outcomeOf(nodeOf("b")));
  expect(await addresses(world)).toEqual(["node.b"]);
  expect((await world.access.load()).state).toEqual(store.state);
});

test("records that wait together share one sync", async () => {
  const world = await makeWorld();
  const store = await begun(world);
  world.calls.length = 0;
  await Promise.all(Array.from({ length: 200 }, (_, n) => store.record(outcomeOf(nodeOf(`n${n}`)))));
  expect(world.calls).toEqual(["append journal.jsonl", "sync journal.jsonl"]);
  expect(await addresses(world)).toHaveLength(200);
});

test("an intent's token and a process's identity are durable in the registry before the record is", async () => {
  const world = await makeWorld();
  const store = await begun(world);
  world.calls.length = 0;
  await store.record(intentOf(nodeOf("a"), "t1"));
  const registryFirst = [
    "append processes.jsonl",
    "sync processes.jsonl",
    "append journal.jsonl",
    "sync journal.jsonl",
  ];
  expect(world.calls).toEqual(registryFirst);
  world.calls.length = 0;
  const identity = { pid: 1, uid: 0, startTime: "1", bootId: "b", pidNamespace: "n", token: "t1" };
  await store.record(outcomeOf(withProcess(nodeOf("a"), identity)));
  expect(world.calls).toEqual(registryFirst);
  const lines = (await readFile(join(store.state.registry, "processes.jsonl"), "utf8")).trim().split("\n");
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    { address: "node.a", token: "t1" },
    { address: "node.a", identity },
  ]);
});

test("the journal is folded by itself when it has grown, and the state is whole throughout", async () => {
  const world = await makeWorld();
  const store = await begun(world);
  const note = "x".repeat(100_000);
  for (let n = 0; n < 30; n++) await store.record(outcomeOf(nodeOf(`n${n % 3}`, { attributes: { note, n } })));
  expect(world.calls.filter((call) => call === "writeAtomic state.json").length).toBeGreaterThanOrEqual(2);
  expect((await stat(join(world.data, "journal.jsonl"))).size).toBeLessThan(1_300_000);
  expect((await world.access.load()).state).toEqual(store.state);
});

test("a reader between a writer's checkpoint and its cut sees one whole state", async () => {
  const world = await makeWorld();
  const store = await begun(world);
  await store.record(outcomeOf(nodeOf("a")));
  await store.checkpoint();
  await store.record(outcomeOf(nodeOf("b")));
  let wrote = false;
  world.before = (call, path) => {
    if (call !== "readText" || !path.endsWith("journal.jsonl") || wrote) return;
    wrote = true;
    // What the writer's checkpoint does, between the reader's two files.
    const state = readFileSync(join(world.data, "state.json"), "utf8");
    const added = JSON.parse(state).instances[0];
    const instances = [added, { ...added, address: "node.b", id: "b-00000000" }];
    writeFileSync(join(world.data, "state.json"), JSON.stringify({ ...JSON.parse(state), instances }));
    writeFileSync(join(world.data, "journal.jsonl"), "");
  };
  expect(await addresses(world)).toEqual(["node.a", "node.b"]);
  expect(wrote).toBe(true);
});

test("a reader beside a busy writer never sees half of anything", async () => {
  const world = await makeWorld();
  const store = await begun(world);
  let done = false;
  const writing = (async () => {
    for (let n = 0; n < 60; n++) {
      await Promise.all([store.record(outcomeOf(nodeOf(`a${n}`))), store.record(outcomeOf(nodeOf(`b${n}`)))]);
      if (n % 4 === 0) await store.checkpoint();
    }
    done = true;
  })();
  let seen = 0;
  while (!done) {
    const { size } = (await world.access.load()).state.instances;
    expect(size).toBeGreaterThanOrEqual(seen);
    seen = size;
  }
  await writing;
  expect(await addresses(world)).toHaveLength(120);
});

test("a state without instances keeps serial and lineage and gives up its registry entry", async () => {
  const world = await makeWorld();
  const store = await begun(world);
  await store.record(outcomeOf(nodeOf("a")));
  await store.record({ record: "gone", address: "node.a" });
  await store.checkpoint();
  await store.close();
  expect(await readdir(join(world.stateHome, "labform/labs"))).toEqual([]);
  const { state } = await world.access.load();
  expect([state.serial, state.lineage]).toEqual([1, store.state.lineage]);
  const next = await begun(world);
  expect(next.state.registry).toBe(store.state.registry);
  expect(await readdir(next.state.registry)).toEqual(["lab.json", "processes.jsonl", "run"]);
});

test("an entry whose process lives stays although no instance is left", async () => {
  const world = await makeWorld();
  const store = await begun(world);
  const identity = await startSleeper(world.ports, "left-alive");
  await store.record(outcomeOf(withProcess(nodeOf("a"), identity)));
  await store.record({ record: "gone", address: "node.a" });
  await store.checkpoint();
  expect(await readdir(store.state.registry)).toContain("processes.jsonl");
  world.ports.processes.signal(identity, "SIGKILL");
  await world.ports.processes.waitForExit(identity, 5000);
  await store.close();
  const next = await world.access.open(openOptions());
  await next.checkpoint();
  await next.close();
  await expect(readdir(store.state.registry)).rejects.toThrow("ENOENT");
});

test("a state that came with a checkout cannot make labform remove a directory of the user's", async () => {
  const world = await makeWorld();
  const store = await begun(world);
  await store.checkpoint();
  await store.close();
  const path = join(world.data, "state.json");
  const hostile = JSON.stringify({ ...JSON.parse(await readFile(path, "utf8")), registry: world.lab });
  await writeFile(path, hostile);
  await writeFile(join(world.lab, "pair.lab.hcl"), "");
  const next = await world.access.open(openOptions());
  await next.checkpoint();
  await next.close();
  expect(await readdir(world.lab)).toContain("pair.lab.hcl");
});

test("a record that breaks an invariant is refused and leaves no trace", async () => {
  const world = await makeWorld();
  const store = await begun(world);
  await store.record(outcomeOf(nodeOf("a", { id: "x" })));
  await expect(store.record(outcomeOf(nodeOf("b", { id: "x" })))).rejects.toThrow("contradicts itself");
  await store.record(outcomeOf(nodeOf("a", { id: "y" })));
  await store.record(outcomeOf(nodeOf("b", { id: "x" })));
  await store.checkpoint();
  expect(await addresses(world)).toEqual(["node.a", "node.b"]);
});

test("records before begin, a second begin and a begin of another state are faults", async () => {
  const world = await makeWorld();
  const store = await world.access.open(openOptions());
  await expect(store.record(outcomeOf(nodeOf("a")))).rejects.toThrow("before the command's begin");
  await expect(store.record({ ...beginOf(store), serial: 9 } as never)).rejects.toThrow("does not continue");
  const begin = beginOf(store);
  await store.record(begin);
  await expect(store.record(begin)).rejects.toThrow("begins once");
  await store.close();
});

async function failureOf(work: Promise<unknown>): Promise<Failure["diagnostics"][number]> {
  const error = await work.then(
    () => undefined,
    (reason: Failure) => reason,
  );
  expect(error?.name).toBe("Failure");
  return error?.diagnostics[0] as Failure["diagnostics"][number];
}

test.each(["append", "sync"])("a full disk at the journal's %s loses no record and takes no half one", async (call) => {
  const world = await makeWorld();
  const store = await begun(world);
  await store.record(outcomeOf(nodeOf("a")));
  const path = join(world.data, "journal.jsonl");
  const { size } = await stat(path);
  world.before = (one, where) => {
    if (one !== call || where !== path) return;
    // Half a line got onto the disk.
    if (call === "append") appendFileSync(path, "0123456");
    throw systemError("ENOSPC");
  };
  const diagnostic = await failureOf(store.record(outcomeOf(nodeOf("b"))));
  expect(diagnostic.summary).toBe("Cannot write the journal: no space left on the device");
  expect(diagnostic.subject).toBe(`journal ${path}`);
  expect(diagnostic.detail).toContain("Free space");
  world.before = () => {};
  // What was refused must not be there when labform is killed now.
  expect((await stat(path)).size).toBe(size);
  await store.record(outcomeOf(nodeOf("c")));
  expect((await stat(path)).size).toBeGreaterThan(size);
  expect(await addresses(world)).toEqual(["node.a", "node.c"]);
  await store.checkpoint();
  expect((await world.access.load()).state).toEqual(store.state);
});

test("a disk that fails to take a write back refuses records until it can", async () => {
  const world = await makeWorld();
  const store = await begun(world);
  await store.record(outcomeOf(nodeOf("a")));
  world.before = (call, path) => {
    if (path.endsWith("journal.jsonl") && call !== "readText") throw systemError("EIO");
  };
  await failureOf(store.record(outcomeOf(nodeOf("b"))));
  world.before = (call) => {
    if (call === "truncate") throw systemError("EIO");
  };
  expect((await failureOf(store.record(outcomeOf(nodeOf("c"))))).summary).toContain("the device reports an error");
  world.before = () => {};
  await store.record(outcomeOf(nodeOf("d")));
  expect(await addresses(world)).toEqual(["node.a", "node.d"]);
});

test("a checkpoint that cannot be written leaves the old one and the journal", async () => {
  const world = await makeWorld();
  const store = await begun(world);
  await store.record(outcomeOf(nodeOf("a")));
  await store.checkpoint();
  await store.record(outcomeOf(nodeOf("b")));
  world.before = (call) => {
    if (call === "writeAtomic") throw systemError("ENOSPC");
  };
  const { summary } = await failureOf(store.checkpoint());
  expect(summary).toBe("Cannot write the state: no space left on the device");
  world.before = () => {};
  expect(await addresses(world)).toEqual(["node.a", "node.b"]);
});

test("a registry that cannot be made stops the command before its first act, with nothing recorded", async () => {
  const world = await makeWorld();
  const store = await world.access.open(openOptions());
  world.before = (call, path) => {
    if (call === "makeDirectory" && path.endsWith("run")) throw systemError("EACCES");
  };
  const diagnostic = await failureOf(store.record(beginOf(store)));
  expect(diagnostic.summary).toBe("Cannot make the run directory: permission denied");
  expect(diagnostic.subject).toContain("run directory /");
  world.before = () => {};
  await store.close();
  expect((await world.access.load()).state.lineage).toBe("");
  expect(await readdir(world.data)).toEqual(["lock"]);
});

test("a begin that fails leaves no registry entry of a lab that has nothing", async () => {
  const world = await makeWorld();
  const store = await world.access.open(openOptions());
  world.before = (call, path) => {
    if (call === "append" && path.endsWith("journal.jsonl")) throw systemError("ENOSPC");
  };
  await failureOf(store.record(beginOf(store)));
  expect(await readdir(join(world.stateHome, "labform/labs"))).toEqual([]);
  world.before = () => {};
  await store.record(beginOf(store));
  await store.record(outcomeOf(nodeOf("a")));
  await store.close();
  expect(await addresses(world)).toEqual(["node.a"]);
});

test("files that cannot be read are named with their part", async () => {
  const world = await makeWorld();
  world.before = (call, path) => {
    if (call === "readText" && path.endsWith("state.json")) throw systemError("EACCES");
  };
  const diagnostic = await failureOf(world.access.load());
  expect(diagnostic.summary).toBe("Cannot read the state: permission denied");
  expect(diagnostic.subject).toBe(`state ${join(world.data, "state.json")}`);
});

test("LABFORM_DATA_DIR moves everything but the registry", async () => {
  const world = await makeWorld({ dataDirectory: "../data" });
  const store = await begun(world);
  await store.checkpoint();
  expect(await readdir(world.lab)).toEqual([]);
  expect((await readdir(join(world.root, "data/default"))).sort()).toEqual([
    "journal.jsonl",
    "lock",
    "lock.json",
    "nodes",
    "state.json",
  ]);
});

test("what a kill left of a checkpoint is cleared away", async () => {
  const world = await makeWorld();
  await (await world.access.open(openOptions())).close();
  await writeFile(join(world.data, ".state.json.0123abcd.tmp"), '{"format"');
  await (await world.access.open(openOptions())).close();
  expect(await readdir(world.data)).toEqual(["lock"]);
});

test("a torn journal is no hindrance to the next command", async () => {
  const world = await makeWorld();
  const store = await begun(world);
  await store.record(outcomeOf(nodeOf("a")));
  await store.record(outcomeOf(nodeOf("b")));
  await store.close();
  const path = join(world.data, "journal.jsonl");
  await truncate(path, (await stat(path)).size - 5);
  const next = await begun(world);
  await next.record(outcomeOf(nodeOf("c")));
  await next.close();
  expect(await addresses(world)).toEqual(["node.a", "node.c"]);
});
