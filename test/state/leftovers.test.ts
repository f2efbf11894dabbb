import { chmod, mkdir, readdir, readFile, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { ProcessIdentity } from "../../src/core/ports.ts";
import {
  beginOf,
  begun,
  intentOf,
  makeWorld,
  nodeOf,
  openOptions,
  outcomeOf,
  startSleeper,
  type World,
  withProcess,
} from "./support.ts";

/** A lab with one running process, whose own directory was then cleaned away. */
async function cleanedAway(world: World, command?: readonly string[]): Promise<ProcessIdentity> {
  const store = await begun(world);
  const token = world.ports.random.hex(16);
  await store.record(intentOf(nodeOf("r1"), token));
  const identity = await startSleeper(world.ports, token, command);
  await store.record(outcomeOf(withProcess(nodeOf("r1"), identity)));
  await store.close();
  await rm(join(world.lab, ".labform"), { recursive: true });
  return identity;
}

const labs = (world: World) => readdir(join(world.stateHome, "labform/labs"));

test("what a cleaned-away lab left running is found and ended", async () => {
  const world = await makeWorld();
  const identity = await cleanedAway(world);
  expect((await world.access.load()).state.lineage).toBe("");
  const [leftover, ...others] = await world.access.leftovers("");
  expect(others).toEqual([]);
  expect(leftover).toMatchObject({ labName: "pair", processes: [{ address: "node.r1", identity }] });
  if (!leftover) throw new Error("no leftover");
  await world.access.removeLeftover(leftover);
  expect(world.ports.processes.status(identity)).toBe("gone");
  expect(await labs(world)).toEqual([]);
  expect(await world.access.leftovers("")).toEqual([]);
});

test("a process whose start was never recorded is found by the token of its intent", async () => {
  const world = await makeWorld();
  const store = await begun(world);
  await store.record(intentOf(nodeOf("r1"), "intended-token"));
  const identity = await startSleeper(world.ports, "intended-token");
  await store.close();
  await rm(join(world.lab, ".labform"), { recursive: true });
  expect((await world.access.leftovers(""))[0]?.processes).toEqual([{ address: "node.r1", identity }]);
});

test("one that ignores SIGTERM is killed", async () => {
  const world = await makeWorld();
  const identity = await cleanedAway(world, ["sh", "-c", "trap '' TERM; while :; do sleep 0.05; done"]);
  // Until the shell has set its trap SIGTERM would end it.
  await world.ports.clock.sleep(100);
  const [leftover] = await world.access.leftovers("");
  if (!leftover) throw new Error("no leftover");
  const start = performance.now();
  await world.access.removeLeftover(leftover);
  expect(performance.now() - start).toBeGreaterThan(2900);
  expect(world.ports.processes.status(identity)).toBe("gone");
  expect(await labs(world)).toEqual([]);
});

test("an entry is kept while something of it lives", async () => {
  const world = await makeWorld();
  const identity = await cleanedAway(world);
  const [leftover] = await world.access.leftovers("");
  if (!leftover) throw new Error("no leftover");
  // A process that no signal ends, as one in uninterruptible sleep.
  const { processes } = world.ports;
  Object.assign(world.ports, { processes: { ...processes, signal: () => false, waitForExit: async () => false } });
  await expect(world.access.removeLeftover(leftover)).rejects.toThrow("node.r1 of an earlier pair does not end");
  expect(await labs(world)).toEqual([leftover.lineage]);
  expect(processes.status(identity)).toBe("alive");
});

test("the current lab, other directories, other workspaces and dead entries are no leftovers", async () => {
  const world = await makeWorld();
  const identity = await cleanedAway(world);
  const [leftover] = await world.access.leftovers("");
  if (!leftover) throw new Error("no leftover");
  expect(await world.access.leftovers(leftover.lineage)).toEqual([]);
  const file = join(leftover.registry, "lab.json");
  const lab = JSON.parse(await readFile(file, "utf8"));
  for (const change of [{ directory: "/elsewhere" }, { workspace: "other" }]) {
    await writeFile(file, JSON.stringify({ ...lab, ...change }));
    expect(await world.access.leftovers("")).toEqual([]);
  }
  await writeFile(file, JSON.stringify(lab));
  expect(await world.access.leftovers("")).toHaveLength(1);
  world.ports.processes.signal(identity, "SIGKILL");
  await world.ports.processes.waitForExit(identity, 5000);
  expect(await world.access.leftovers("")).toEqual([]);
});

test("a foreign process under a recorded pid is neither listed nor signalled", async () => {
  const world = await makeWorld();
  const foreign = await startSleeper(world.ports, "somebody-else");
  const store = await begun(world);
  const own = await startSleeper(world.ports, "own-token");
  await store.record(outcomeOf(withProcess(nodeOf("own"), own)));
  for (const [n, change] of [{ startTime: "1" }, { token: "stolen" }, { bootId: "another" }].entries()) {
    const claimed = { ...foreign, token: `claimed-${n}`, ...change };
    await store.record(outcomeOf(withProcess(nodeOf(`n${n}`), claimed)));
  }
  await store.close();
  await rm(join(world.lab, ".labform"), { recursive: true });
  const [leftover] = await world.access.leftovers("");
  expect(leftover?.processes.map(({ address }) => address)).toEqual(["node.own"]);
  if (leftover) await world.access.removeLeftover(leftover);
  expect(world.ports.processes.status(own)).toBe("gone");
  expect(world.ports.processes.status(foreign)).toBe("alive");
});

test("a process of another pid namespace keeps the entry, since it cannot be seen", async () => {
  const world = await makeWorld();
  const store = await begun(world);
  const identity = await startSleeper(world.ports, "here");
  await store.record(outcomeOf(withProcess(nodeOf("a"), identity)));
  const elsewhere = { ...identity, pidNamespace: "pid:[1]", token: "there" };
  await store.record(outcomeOf(withProcess(nodeOf("b"), elsewhere)));
  await store.close();
  await rm(join(world.lab, ".labform"), { recursive: true });
  const [leftover] = await world.access.leftovers("");
  if (!leftover) throw new Error("no leftover");
  await expect(world.access.removeLeftover(leftover)).rejects.toThrow("cannot be removed");
  expect(await labs(world)).toHaveLength(1);
});

test("only an entry that still is the leftover's is removed", async () => {
  const world = await makeWorld();
  await cleanedAway(world);
  const [leftover] = await world.access.leftovers("");
  if (!leftover) throw new Error("no leftover");
  await expect(world.access.removeLeftover({ ...leftover, registry: world.lab })).rejects.toThrow(
    "not that of an earlier lab",
  );
  await expect(world.access.removeLeftover({ ...leftover, lineage: "x" })).rejects.toThrow(
    "not that of an earlier lab",
  );
  expect(await labs(world)).toHaveLength(1);
});

test("a line of the registry that was cut short costs only itself", async () => {
  const world = await makeWorld();
  const identity = await cleanedAway(world);
  const [before] = await world.access.leftovers("");
  if (!before) throw new Error("no leftover");
  const file = join(before.registry, "processes.jsonl");
  await writeFile(file, '{"address":"node.x","tok', { flag: "a" });
  expect((await world.access.leftovers(""))[0]?.processes).toEqual([{ address: "node.r1", identity }]);
  await truncate(file, (await readFile(file)).length - 10);
  expect((await world.access.leftovers(""))[0]?.processes).toEqual([{ address: "node.r1", identity }]);
});

test("an entry that was lost is made again from the state", async () => {
  const world = await makeWorld();
  const store = await begun(world);
  const identity = await startSleeper(world.ports, "kept");
  await store.record(outcomeOf(withProcess(nodeOf("a"), identity)));
  await store.checkpoint();
  await store.close();
  await rm(join(world.stateHome), { recursive: true });
  const next = await begun(world);
  expect(next.state.registry).toBe(store.state.registry);
  await next.close();
  await rm(join(world.lab, ".labform"), { recursive: true });
  expect((await world.access.leftovers(""))[0]?.processes).toEqual([{ address: "node.a", identity }]);
});

test("the registry of a long life is kept short and forgets nothing that lives", async () => {
  const world = await makeWorld();
  const store = await begun(world);
  const identity = await startSleeper(world.ports, "long-lived");
  await store.record(intentOf(nodeOf("a"), "long-lived"));
  await store.record(outcomeOf(nodeOf("a")));
  const dead = "x".repeat(40_000);
  const records = Array.from({ length: 30 }, (_, n) => store.record(intentOf(nodeOf(`n${n}`), `${dead}${n}`)));
  await Promise.all(records);
  await Promise.all(Array.from({ length: 29 }, (_, n) => store.record(outcomeOf(nodeOf(`n${n}`)))));
  await store.checkpoint();
  const text = await readFile(join(store.state.registry, "processes.jsonl"), "utf8");
  const known = text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(known).toEqual([
    { address: "node.a", identity },
    { address: "node.n29", token: `${dead}29` },
  ]);
  await store.record(intentOf(nodeOf("b"), "afterwards"));
  expect(await readFile(join(store.state.registry, "processes.jsonl"), "utf8")).toContain('"afterwards"');
});

async function refusalOf(world: World, prepare: (registry: string) => Promise<unknown>): Promise<unknown> {
  const store = await world.access.open(openOptions());
  await mkdir(store.state.registry, { recursive: true, mode: 0o700 });
  await prepare(store.state.registry);
  const error = await store.record(beginOf(store)).catch((reason: unknown) => reason);
  await store.close();
  return (error as { diagnostics: { summary: string; detail: string }[] }).diagnostics[0];
}

test("a run directory that is a link is refused", async () => {
  const world = await makeWorld();
  const refusal = await refusalOf(world, (registry) => symlink(world.lab, join(registry, "run")));
  expect(refusal).toMatchObject({
    summary: "The run directory cannot be trusted",
    detail: expect.stringContaining("link"),
  });
});

test("a run directory that other accounts can enter is refused", async () => {
  const world = await makeWorld();
  const refusal = await refusalOf(world, async (registry) => {
    await mkdir(join(registry, "run"));
    await chmod(join(registry, "run"), 0o755);
  });
  expect(refusal).toMatchObject({ detail: expect.stringContaining("chmod 700") });
});

test("a run directory of another account is refused", async () => {
  const world = await makeWorld();
  const { files } = world.ports;
  const lstat: typeof files.lstat = async (path) => {
    const found = await files.lstat(path);
    return path.endsWith("run") ? { ...found, uid: 12345 } : found;
  };
  Object.assign(world.ports, { files: { ...files, lstat } });
  expect(await refusalOf(world, async () => {})).toMatchObject({ detail: expect.stringContaining("uid 12345") });
});

test("without a home there is no registry, and that is said", async () => {
  const world = await makeWorld();
  Object.defineProperty(world.ports.host, "environment", { value: { XDG_STATE_HOME: "relative" } });
  expect(await world.access.leftovers("")).toEqual([]);
  await expect(world.access.open(openOptions())).rejects.toThrow("There is no place for the registry");
});

test("without XDG_STATE_HOME the registry is in the home directory", async () => {
  const world = await makeWorld();
  Object.defineProperty(world.ports.host, "environment", { value: { HOME: world.root } });
  const store = await world.access.open(openOptions());
  expect(store.state.registry).toBe(join(world.root, ".local/state/labform/labs", store.state.lineage));
  await store.close();
});
