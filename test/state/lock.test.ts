import { type ChildProcess, spawn } from "node:child_process";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";
import { beforeAll, expect, test } from "vitest";
import type { Failure } from "../../src/core/diagnostics.ts";
import { afterThisTest, begun, makeWorld, nodeOf, openOptions, outcomeOf, type World } from "./support.ts";

/** Beside node_modules, so that the bundle finds the packages it needs. */
const holder = "node_modules/.cache/labform-test/holder.mjs";

beforeAll(async () => {
  await build({
    entryPoints: ["test/state/holder.ts"],
    outfile: holder,
    bundle: true,
    format: "esm",
    platform: "node",
    packages: "external",
  });
});

interface Holder {
  readonly child: ChildProcess;
  /** The last number it said was recorded. */
  last(): number;
}

/** Resolves once the child process has the lock. */
async function startHolder(world: World): Promise<Holder> {
  const child = spawn(process.execPath, [holder, world.lab], {
    env: { ...process.env, XDG_STATE_HOME: world.stateHome },
    stdio: ["ignore", "pipe", "inherit"],
  });
  afterThisTest(() => child.kill("SIGKILL"));
  let output = "";
  await new Promise<void>((resolve, reject) => {
    child.once("exit", () => reject(new Error("the holder ended")));
    child.stdout.on("data", (chunk) => {
      output += chunk;
      resolve();
    });
  });
  return { child, last: () => Number(/^(\d+)$(?![\s\S]*^\d+$)/m.exec(output)?.[1] ?? -1) };
}

async function kill({ child }: Holder): Promise<void> {
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGKILL");
  await ended;
}

test("a killed holder frees the lock, and what it was told is recorded is there", async () => {
  const world = await makeWorld();
  const running = await startHolder(world);
  await expect(world.access.open(openOptions())).rejects.toThrow("The lab is locked by labform apply (pid");
  while (running.last() < 20) await world.ports.clock.sleep(5);
  await kill(running);
  const store = await begun(world);
  const recorded = store.state.instances.get(`node.c${running.last() % 50}`)?.attributes.n;
  expect(recorded).toBeGreaterThanOrEqual(running.last());
  await store.record(outcomeOf(nodeOf("z")));
  await store.checkpoint();
  expect((await world.access.load()).state.instances.has("node.z")).toBe(true);
});

test("a living holder is named by command, pid, account, host and time", async () => {
  const world = await makeWorld();
  const { child } = await startHolder(world);
  const error = await world.access.open(openOptions()).catch((reason: Failure) => reason);
  const { userName, hostName } = world.ports.host;
  const since = JSON.parse(await readFile(join(world.data, "lock.json"), "utf8")).since.slice(0, 10);
  const [diagnostic] = (error as Failure).diagnostics;
  expect(diagnostic?.summary).toContain(
    `labform apply (pid ${child.pid}) of ${userName} on ${hostName}, since ${since}`,
  );
  expect(diagnostic?.subject).toBe(`lock ${join(world.data, "lock")}`);
  expect(diagnostic?.detail).toContain("-lock-timeout");
});

test("who holds the lock is told, and nobody does once the holder was killed", async () => {
  const world = await makeWorld();
  const running = await startHolder(world);
  expect(await world.access.holder()).toContain(`labform apply (pid ${running.child.pid}) of `);
  await kill(running);
  expect(await readFile(join(world.data, "lock.json"), "utf8")).toContain(`"pid": ${running.child.pid}`);
  expect(await world.access.holder()).toBeUndefined();
  const next = await world.access.open(openOptions({ command: "stop" }));
  expect(await world.access.holder()).toContain("labform stop");
  await next.close();
  expect(await world.access.holder()).toBeUndefined();
});

test("asking who holds a lab that was never locked makes nothing", async () => {
  const world = await makeWorld();
  expect(await world.access.holder()).toBeUndefined();
  expect(await readdir(world.lab)).toEqual([]);
});

test("asking who holds the lock gets in no command's way, nor in that of another who asks", async () => {
  const world = await makeWorld();
  await (await begun(world)).close();
  const asking = new AbortController();
  const answers = new Set<string | undefined>();
  const ask = async () => {
    while (!asking.signal.aborted) {
      answers.add(await world.access.holder());
      await world.ports.clock.sleep(10);
    }
  };
  const askers = [ask(), ask()];
  await world.ports.clock.sleep(200);
  expect([...answers]).toEqual([undefined]);
  const told: string[] = [];
  const options = openOptions({ lockTimeoutMs: 1000, onWait: (name) => told.push(name) });
  for (let times = 0; times < 20; times++) {
    await (await world.access.open(openOptions())).close();
    await (await world.access.open(options)).close();
  }
  expect(told).toEqual([]);
  asking.abort();
  await Promise.all(askers);
});

test("a holder is waited for, and announced once", async () => {
  const world = await makeWorld();
  const first = await world.access.open(openOptions({ command: "destroy" }));
  const told: string[] = [];
  const waiting = world.access.open(openOptions({ lockTimeoutMs: 10_000, onWait: (name) => told.push(name) }));
  await world.ports.clock.sleep(150);
  await first.close();
  await (await waiting).close();
  expect(told).toHaveLength(1);
  expect(told[0]).toContain("labform destroy");
});

test("waiting ends after its time", async () => {
  const world = await makeWorld();
  await begun(world);
  const start = performance.now();
  await expect(world.access.open(openOptions({ lockTimeoutMs: 120 }))).rejects.toThrow("is locked by");
  expect(performance.now() - start).toBeGreaterThanOrEqual(119);
});

test("waiting ends when the user interrupts it", async () => {
  const world = await makeWorld();
  await begun(world);
  const controller = new AbortController();
  const waiting = world.access.open(openOptions({ lockTimeoutMs: 60_000, signal: controller.signal }));
  setTimeout(() => controller.abort(new Error("Ctrl-C")), 50);
  await expect(waiting).rejects.toThrow("Interrupted while waiting for labform apply");
});

test("a lock file that was replaced excludes as before", async () => {
  const world = await makeWorld();
  await begun(world);
  await rm(join(world.data, "lock.json"));
  await expect(world.access.open(openOptions())).rejects.toThrow("The lab is locked by another labform");
  // With the file gone nobody can be excluded by it; the next command makes its own and has it alone.
  await rm(join(world.data, "lock"));
  const next = await world.access.open(openOptions());
  await expect(world.access.open(openOptions())).rejects.toThrow("is locked");
  await next.close();
});

test("a lab whose data directory cannot be made says so", async () => {
  const world = await makeWorld();
  await writeFile(join(world.lab, ".labform"), "a file");
  const error = await world.access.open(openOptions()).catch((reason: Failure) => reason);
  expect((error as Failure).diagnostics[0]?.summary).toContain("Cannot make the data directory");
  await rm(join(world.lab, ".labform"));
  await mkdir(join(world.data, "lock"), { recursive: true });
  const second = await world.access.open(openOptions()).catch((reason: Failure) => reason);
  expect((second as Failure).diagnostics[0]?.summary).toBe("Cannot lock the lab: it is a directory");
});

async function refusalOf(work: Promise<unknown>): Promise<string> {
  const error = await work.catch((reason: Failure) => reason);
  const [diagnostic] = (error as Failure).diagnostics;
  return `${diagnostic?.summary}\n${diagnostic?.detail}`;
}

const lockIdOf = async (world: World) =>
  (JSON.parse(await readFile(join(world.data, "lock.json"), "utf8")) as { id: string }).id;

test("the lock of a living holder is not broken, and it is told who that is", async () => {
  const world = await makeWorld();
  const running = await startHolder(world);
  const id = await lockIdOf(world);
  expect(await refusalOf(world.access.open(openOptions()))).toContain(`Lock ID: ${id}`);
  const said = await refusalOf(world.access.unlock(id));
  expect(said).toContain(`labform apply (pid ${running.child.pid})`);
  expect(said).toContain("which is alive");
  expect(said).toContain(`kill ${running.child.pid}`);
  expect(await refusalOf(world.access.unlock("other"))).toContain(`its lock has the ID ${id}`);
  expect(await world.access.holder()).toContain("labform apply");
});

test("what a killed holder left of its lock is cleared away by its ID alone", async () => {
  const world = await makeWorld();
  const running = await startHolder(world);
  const id = await lockIdOf(world);
  await kill(running);
  expect(await refusalOf(world.access.unlock("other"))).toContain(`its lock had the ID ${id}`);
  expect(await world.access.unlock(id)).toContain(`labform apply (pid ${running.child.pid})`);
  expect(await readdir(world.data)).not.toContain("lock.json");
  expect(await refusalOf(world.access.unlock(id))).toContain("The lab is not locked");
  await (await world.access.open(openOptions())).close();
});

test("a lab that was never locked has nothing to unlock, and nothing is made there", async () => {
  const world = await makeWorld();
  expect(await refusalOf(world.access.unlock("x"))).toContain("The lab is not locked");
  expect(await readdir(world.lab)).toEqual([]);
});
