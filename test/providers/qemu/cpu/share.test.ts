import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { getPriority, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { findParent } from "../../../../providers/qemu/cpu/cgroup.ts";
import { withQmp } from "../../../../providers/qemu/node/qmp.ts";
import { notesOf } from "../../../../providers/qemu/notes.ts";
import type { Ports, ProcessIdentity } from "../../../../src/core/ports.ts";
import type { Instance } from "../../../../src/core/state.ts";
import type { Json } from "../../../../src/core/values.ts";
import { files as hostFiles } from "../../../../src/system/files.ts";
import { guest } from "../../../support/guest.ts";
import { failureOf, messages, TestLab } from "../support.ts";

let lab: TestLab;
let told: string[];
const directories: string[] = [];
const hearing = { tell: (message: string) => void told.push(message) };

beforeEach(() => {
  told = [];
});

afterEach(async () => {
  for (const one of [...lab.instances.values()]) if (one.kind === "node") await lab.perform("stop", one);
  await lab.close();
  for (const one of directories.splice(0)) rmSync(one, { recursive: true });
});

function processOf(instance: Instance): ProcessIdentity {
  return notesOf(instance).process as ProcessIdentity;
}

function limiterOf(instance: Instance): ProcessIdentity {
  return notesOf(instance).companions?.["cpulimit"]?.process as ProcessIdentity;
}

function levels(instance: Instance): readonly number[] {
  const { pid } = processOf(instance);
  return [...new Set(readdirSync(`/proc/${pid}/task`).map((thread) => getPriority(Number(thread))))];
}

function changed(instance: Instance, attributes: { readonly [name: string]: Json }): Instance {
  return { ...instance, attributes: { ...instance.attributes, ...attributes } };
}

async function status(instance: Instance): Promise<Json> {
  return await withQmp(lab.ports, lab.directories.run, instance.id, 20_000, (qmp) =>
    qmp.execute("query-status", {}, 20_000),
  );
}

/** Hundredths of a second of the processor, of all its threads. */
function ticksOf(instance: Instance): number {
  const fields = readFileSync(`/proc/${processOf(instance).pid}/stat`, "utf8")
    .replace(/^.*\) /, "")
    .split(" ");
  return Number(fields[11]) + Number(fields[12]);
}

/** A host whose kernel has groups of version 2: they are files under `root`. */
function withGroups(ports: Ports, root: string): Ports {
  const { files } = ports;
  const real = (path: string) => path.replace(/^\/sys\/fs\/cgroup/, root);
  return {
    ...ports,
    files: {
      ...files,
      readText: async (path) => (path === "/proc/self/cgroup" ? "0::/a/b\n" : await files.readText(real(path))),
      access: (path, mode) => files.access(real(path), mode),
      write: (path, data, mode) => files.write(real(path), data, mode),
      makeDirectory: (path) => files.makeDirectory(real(path)),
      removeDirectory: (path) => files.remove(real(path)),
    },
  };
}

const withoutGroups = (ports: Ports): Ports => ({
  ...ports,
  files: {
    ...ports.files,
    readText: async (path) => (path === "/proc/self/cgroup" ? "" : await ports.files.readText(path)),
  },
});

const withoutCpulimit = (ports: Ports): Ports => ({
  ...ports,
  processes: {
    ...ports.processes,
    find: async (name, directory) => (name === "cpulimit" ? undefined : await ports.processes.find(name, directory)),
  },
});

describe("process_priority", () => {
  it("holds for all threads before the guest's first instruction, and changes on the running node", async () => {
    lab = await TestLab.open();
    const running = await lab.running({ ram: 32, cpus: 2, process_priority: "low", power: "suspended" });
    expect(levels(running)).toEqual([5]);
    const lower = await lab.perform("update", changed(running, { process_priority: "very low", power: "on" }));
    expect(levels(lower)).toEqual([19]);
    expect(processOf(lower)).toEqual(processOf(running));
  });

  it("is what a node of priority normal has from labform, and 0 again after another", async () => {
    lab = await TestLab.open();
    const running = await lab.running({ ram: 32 });
    expect(levels(running)).toEqual([getPriority()]);
    const low = await lab.perform("update", changed(running, { process_priority: "low" }));
    const normal = await lab.perform("update", changed(low, { process_priority: "normal" }));
    expect(levels(normal)).toEqual([lab.ports.processes.lowestNiceness() <= 0 ? 0 : 5]);
  });

  it("is undone by normal even where what set it failed after, whatever of it was recorded", async () => {
    lab = await TestLab.open({}, (ports) => withoutCpulimit(withoutGroups(ports)));
    const { processes } = lab.ports;
    const running = await lab.running({ ram: 32 });
    const failing = lab.perform("update", changed(running, { process_priority: "low", cpu_throttling: 50 }));
    expect(await failureOf(failing)).toMatch(/^cpu_throttling = 50 is not possible on this host/);
    expect(levels(running)).toEqual([5]);
    const recorded = lab.instances.get("node.r1") as Instance;
    const normal = changed(recorded, { process_priority: "normal", cpu_throttling: 0 });
    if (processes.lowestNiceness() <= 0) expect(levels(await lab.perform("update", normal))).toEqual([0]);
    const demanded = await lab.plan({ ram: 32 }, { prior: recorded });
    expect(demanded.classes).toEqual(processes.lowestNiceness() <= 0 ? {} : { process_priority: "restart" });
  });

  it("above what this account may give is a warning, and the node runs", async () => {
    lab = await TestLab.open({}, (ports) => ({
      ...ports,
      processes: {
        ...ports.processes,
        setNiceness: () => {
          throw Object.assign(new Error("EACCES: permission denied"), { code: "EACCES" });
        },
      },
    }));
    const running = await lab.running({ ram: 32, process_priority: "realtime" }, {}, hearing);
    expect(told).toEqual([
      expect.stringMatching(/^process_priority = "realtime" needs a right that this account lacks/),
    ]);
    expect((await lab.read(running))[0]?.condition).toBe("present");
  });

  it("takes a restart where only another start gets it back up", async () => {
    let lowest = 20;
    lab = await TestLab.open({}, (ports) => ({
      ...ports,
      processes: { ...ports.processes, lowestNiceness: () => lowest },
    }));
    const running = await lab.running({ ram: 32, process_priority: "very low" });
    const planned = async (process_priority: string) =>
      (await lab.plan({ ram: 32, process_priority }, { prior: running })).classes;
    expect(await planned("low")).toEqual({ process_priority: "restart" });
    expect(await planned("normal")).toEqual({ process_priority: "restart" });
    expect(await planned("very low")).toEqual({});
    lowest = -20;
    expect(await planned("low")).toEqual({});
  });
});

describe("cpu_throttling by cpulimit", () => {
  beforeEach(async () => {
    lab = await TestLab.open({}, withoutGroups);
  });

  it("is a process beside QEMU that a change replaces, and that goes before the node does", async () => {
    const running = await lab.running({ ram: 32, cpu_throttling: 50 });
    const { processes } = lab.ports;
    const first = limiterOf(running);
    const command = readFileSync(`/proc/${first.pid}/cmdline`, "utf8").split("\0");
    expect(command).toContain(`--pid=${processOf(running).pid}`);
    expect(command).toContain("--limit=50");
    expect((await lab.read(running))[0]).toEqual({ condition: "present", instance: running });

    const slower = await lab.perform("update", changed(running, { cpu_throttling: 20 }));
    expect(processes.status(first)).toBe("gone");
    expect(processOf(slower)).toEqual(processOf(running));
    expect(readFileSync(`/proc/${limiterOf(slower).pid}/cmdline`, "utf8")).toContain("--limit=20");
    const same = await lab.perform("update", slower);
    expect(limiterOf(same)).toEqual(limiterOf(slower));

    const free = await lab.perform("update", changed(same, { cpu_throttling: 0 }));
    expect(processes.status(limiterOf(same))).toBe("gone");
    expect(notesOf(free).companions).toBeUndefined();
    expect(await status(free)).toMatchObject({ status: "running" });
    const again = await lab.perform("update", changed(free, { cpu_throttling: 5 }));
    await lab.perform("stop", again);
    expect(processes.status(limiterOf(again))).toBe("gone");
    expect(processes.status(processOf(again))).toBe("gone");
  });

  it("that was killed is found, with a QEMU that it left stopped, and an update mends both", async () => {
    const { processes } = lab.ports;
    const running = await lab.running({ ram: 32, cpu_throttling: 40 });
    processes.signal(limiterOf(running), "SIGKILL");
    await processes.waitForExit(limiterOf(running), 5000);
    processes.signal(processOf(running), "SIGSTOP");
    await expect.poll(() => processes.isStopped(processOf(running))).toBe(true);
    const [live] = await lab.read(running);
    expect(live).toMatchObject({
      condition: "present",
      instance: { attributes: { cpu_throttling: 0, power: "on" } },
      cause: {
        path: ["cpu_throttling"],
        summary: "its cpulimit is gone",
      },
    });
    const mended = await lab.perform("update", running);
    expect(await status(mended)).toMatchObject({ status: "running" });
    expect((await lab.read(mended))[0]).toEqual({ condition: "present", instance: mended });
  });

  it("survives no kill of labform: each is found by its token and ended with the node", async () => {
    const { processes } = lab.ports;
    await lab.keeper();
    // Killed right after each record of the start: the announcement of the token, the process, the whole.
    for (const kill of [2, 3, 4]) {
      const prepared = await lab.perform("prepare", await lab.planned({ ram: 32, cpu_throttling: 50 }));
      let records = 0;
      let seen = prepared;
      const killed = lab.perform("start", prepared, {
        token: `start${kill}`,
        progress: async (reached) => {
          records++;
          seen = {
            ...reached,
            pending: { operation: "start", token: `start${kill}`, since: "2026-01-01T00:00:00.000Z" },
          };
          if (records === kill) await new Promise(() => {});
        },
      });
      void killed;
      await expect.poll(() => records, { timeout: 20_000 }).toBe(kill);
      const tokens = new Set([`start${kill}`, `start${kill}-cpulimit`]);
      lab.instances.set(seen.address, seen);
      const [live] = await lab.read(seen);
      expect(live).toMatchObject({ condition: "broken", cause: { kind: "unfinished" } });
      await lab.perform("stop", live?.instance as Instance);
      expect([...processes.findByTokens(tokens)]).toEqual([]);
    }
  });
});

describe("cpu_throttling by a cgroup", () => {
  let root: string;

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "labform-cgroup-"));
    directories.push(root);
    for (const name of ["", "/a", "/a/b"]) {
      mkdirSync(`${root}${name}`, { recursive: true });
      writeFileSync(`${root}${name}/cgroup.procs`, "");
      writeFileSync(`${root}${name}/cgroup.subtree_control`, name === "/a" ? "cpu memory\n" : "memory\n");
    }
  });

  it("of version 2 is made under the nearest that hands on cpu, changed live and removed", async () => {
    lab = await TestLab.open({}, (ports) => withGroups(ports, root));
    const running = await lab.running({ ram: 32, cpu_throttling: 30 });
    const { cgroup, companions } = notesOf(running);
    expect(companions).toBeUndefined();
    const group = (cgroup?.directory ?? "").replace("/sys/fs/cgroup", root);
    expect(group.startsWith(`${root}/a/labform-`)).toBe(true);
    expect(readFileSync(`${group}/cpu.max`, "utf8")).toBe("30000 100000");
    expect(readFileSync(`${group}/cgroup.procs`, "utf8")).toBe(String(processOf(running).pid));
    expect((await lab.read(running))[0]).toEqual({ condition: "present", instance: running });

    const slower = await lab.perform("update", changed(running, { cpu_throttling: 10 }));
    expect(readFileSync(`${group}/cpu.max`, "utf8")).toBe("10000 100000");
    expect(processOf(slower)).toEqual(processOf(running));
    writeFileSync(`${group}/cpu.max`, "max 100000");
    expect((await lab.read(slower))[0]).toMatchObject({
      condition: "present",
      instance: { attributes: { cpu_throttling: 0 } },
      cause: { path: ["cpu_throttling"], summary: expect.stringContaining("its cgroup was changed on the host") },
    });
    await lab.perform("stop", slower);
    expect(existsSync(group)).toBe(false);
  });

  it("goes with a node that is forgotten while it is down", async () => {
    lab = await TestLab.open({}, (ports) => withGroups(ports, root));
    const running = await lab.running({ ram: 32, cpu_throttling: 30 });
    const group = (notesOf(running).cgroup?.directory ?? "").replace("/sys/fs/cgroup", root);
    expect(existsSync(group)).toBe(true);
    lab.ports.processes.signal(processOf(running), "SIGKILL");
    await lab.ports.processes.waitForExit(processOf(running), 5000);
    await lab.provider.release?.(running);
    expect(existsSync(group)).toBe(false);
  });

  it.each([
    ["EROFS", "its file system is mounted read-only"],
    ["EACCES", "this account lacks the right to remove it"],
    ["EPERM", "this account lacks the right to remove it"],
  ])("that may not be removed (%s) is left and told, and the node is stopped", async (code, why) => {
    lab = await TestLab.open({}, (ports) => withGroups(ports, root));
    const running = await lab.running({ ram: 32, cpu_throttling: 30 });
    const removeDirectory = async () => {
      throw Object.assign(new Error(code), { code });
    };
    Object.assign(lab.ports.files, { removeDirectory });
    await lab.perform("stop", running, hearing);
    expect(told).toEqual([`the cgroup ${notesOf(running).cgroup?.directory} is left: ${why}`]);
    expect(lab.ports.processes.status(processOf(running))).toBe("gone");
  });
});

describe("a guest that is busy", async () => {
  const group = await findParent(hostFiles);
  it.skipIf(!group).each([
    ["a cgroup of this host", (ports: Ports) => ports],
    ["cpulimit", withoutGroups],
  ])("gets no more than its share by %s, and its QEMU answers", async (means, change) => {
    lab = await TestLab.open({}, change);
    const { kernel, initrd } = guest();
    // A boot is nothing but work.
    const running = await lab.running({ ram: 96, kernel_image: kernel, initrd, cpu_throttling: 20 });
    expect(notesOf(running).cgroup === undefined).toBe(means === "cpulimit");
    const before = { ms: lab.ports.clock.monotonic(), ticks: ticksOf(running) };
    await lab.ports.clock.sleep(2000);
    const used = (ticksOf(running) - before.ticks) * 10;
    expect(used / (lab.ports.clock.monotonic() - before.ms)).toBeLessThan(0.5);
    expect(used).toBeGreaterThan(0);
    expect((await lab.read(running))[0]).toEqual({ condition: "present", instance: running });
    const paused = await lab.perform("update", changed(running, { power: "suspended" }));
    expect(await status(paused)).toMatchObject({ status: "paused" });
    await lab.perform("stop", paused);
    const { cgroup } = notesOf(running);
    if (cgroup) expect(existsSync(cgroup.directory)).toBe(false);
  });
});

describe("a host without the means", () => {
  it("is told at plan, with both means", async () => {
    lab = await TestLab.open({}, (ports) => withoutCpulimit(withoutGroups(ports)));
    const words = messages((await lab.plan({ cpu_throttling: 50 })).diagnostics);
    expect(words).toContain("cpu_throttling = 50 is not possible on this host\n");
    expect(words).toContain("no cgroup");
    expect(words).toContain("Install the package cpulimit, or remove cpu_throttling.");
    expect(messages((await lab.plan({ cpu_throttling: 0 })).diagnostics)).toBe("");
  });
});

it("a QEMU that stands stopped by a signal is named, and let go on", async () => {
  lab = await TestLab.open();
  const running = await lab.running({ ram: 32 });
  lab.ports.processes.signal(processOf(running), "SIGSTOP");
  await expect.poll(() => lab.ports.processes.isStopped(processOf(running))).toBe(true);
  const { demands } = await lab.plan({ ram: 32 }, { prior: running });
  const summary = `its QEMU (pid ${processOf(running).pid}) stands stopped by a signal (SIGSTOP)`;
  expect(demands).toEqual([{ change: "live", cause: { kind: "host", summary } }]);
  const mended = await lab.perform("update", running);
  expect(await status(mended)).toMatchObject({ status: "running" });
  expect((await lab.plan({ ram: 32 }, { prior: mended })).demands).toEqual([]);
});
