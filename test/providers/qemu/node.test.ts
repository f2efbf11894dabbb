import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { withQmp } from "../../../providers/qemu/node/qmp.ts";
import { notesOf, withNotes } from "../../../providers/qemu/notes.ts";
import type { ProcessIdentity } from "../../../src/core/ports.ts";
import type { Instance } from "../../../src/core/state.ts";
import type { Json } from "../../../src/core/values.ts";
import { failureOf, TestLab } from "./support.ts";

let lab: TestLab;

beforeEach(async () => {
  lab = await TestLab.open();
});

afterEach(() => lab.close());

function processOf(instance: Instance): ProcessIdentity {
  return notesOf(instance).process as ProcessIdentity;
}

function signal(instance: Instance, name: "SIGKILL" | "SIGSTOP" | "SIGCONT" | "SIGTERM") {
  lab.ports.processes.signal(processOf(instance), name);
}

async function ended(instance: Instance): Promise<void> {
  expect(await lab.ports.processes.waitForExit(processOf(instance), 5000)).toBe(true);
}

function ask(instance: Instance, command: string, args: { [key: string]: Json } = {}): Promise<Json> {
  return withQmp(lab.ports, lab.directories.run, instance.id, 2000, (qmp) => qmp.execute(command, args));
}

/**
 * What the guest's driver would read: bit 1 of the e1000's status register (Intel 8254x manual, 13.4.2), once the
 * firmware gave the card its address.
 */
async function carrier(instance: Instance, adapter: number): Promise<boolean> {
  for (;;) {
    const devices = String(await ask(instance, "human-monitor-command", { "command-line": "info pci" })).split("Bus ");
    const device = devices.find((one) => one.includes(`id "nic${adapter}"`)) ?? "";
    const base = /BAR0: 32 bit memory at (0x[0-9a-f]+)/.exec(device)?.[1];
    if (base !== undefined && base !== "0xffffffff") {
      const line = `xp /1xw ${Number(base) + 8}`;
      const text = String(await ask(instance, "human-monitor-command", { "command-line": line }));
      const register = /: (0x[0-9a-f]{8})/.exec(text)?.[1];
      if (register !== undefined && Number(register) !== 0) return (Number(register) & 2) !== 0;
    }
    await lab.ports.clock.sleep(20);
  }
}

describe("a node's life on a real QEMU", () => {
  it("goes from prepared to running, stopped and removed, and leaves nothing", async () => {
    const running = await lab.running({ ram: 32, adapters: 2 });
    expect(running.attributes).toMatchObject({
      console: { host: "127.0.0.1", port: expect.any(Number) },
      monitor: { host: "127.0.0.1", port: expect.any(Number) },
      pid: processOf(running).pid,
      directory: `${lab.directories.nodes}/r1-3f2a9c1d`,
    });
    expect(await ask(running, "query-status")).toMatchObject({ status: "running" });
    expect(await lab.read(running)).toEqual([{ condition: "present", instance: running }]);
    const stopped = await lab.perform("stop", running);
    expect(lab.ports.processes.status(processOf(running))).toBe("gone");
    expect(stopped.attributes["pid"]).toBeNull();
    await lab.perform("remove", stopped);
    expect(existsSync(`${lab.directories.nodes}/r1-3f2a9c1d`)).toBe(false);
    expect(lab.runFiles().filter((name) => name.startsWith("r1-"))).toEqual([]);
    await lab.perform("remove", stopped);
  });

  it("writes the command line to qemu.log, and nobody else may read the logs", async () => {
    const running = await lab.running({ ram: 32 });
    const log = `${lab.directories.nodes}/r1-3f2a9c1d/qemu.log`;
    expect(readFileSync(log, "utf8")).toContain(`${String(running.attributes["command_line"])}\n`);
    expect(statSync(log).mode & 0o077).toBe(0);
  });

  it("shows a sensitive argument neither in the record's command line nor in qemu.log", async () => {
    writeFileSync(`${lab.directories.lab}/kernel`, "no kernel, but -kernel is read at once");
    writeFileSync(`${lab.directories.lab}/geheim.initrd`, "");
    await lab.keeper();
    const boot = { kernel_image: "kernel", initrd: "geheim.initrd", kernel_command_line: "password=geheim" };
    const prepared = await lab.perform("prepare", {
      ...(await lab.planned({ ram: 32, ...boot })),
      sensitive: [["kernel_command_line"], ["initrd"]],
    });
    const words = await failureOf(lab.perform("start", prepared));
    expect(words).toContain("ended at its start");
    const log = readFileSync(`${lab.directories.nodes}/r1-3f2a9c1d/qemu.log`, "utf8");
    expect(log).toContain("(sensitive value)");
    expect(log).not.toContain("geheim");
  });

  it("starts with a carrier on linked adapters only, and changes it while the node runs", async () => {
    const running = await lab.running({ ram: 32, adapters: 2 }, {}, { plugged: new Set([1]) });
    expect([await carrier(running, 0), await carrier(running, 1)]).toEqual([false, true]);
    await lab.provider.attachment?.(running, 0).setCarrier(true);
    await lab.provider.attachment?.(running, 1).setCarrier(false);
    // The card negotiates for half a second before it says that the link is up.
    await expect.poll(() => carrier(running, 0), { timeout: 5000 }).toBe(true);
    expect(await carrier(running, 1)).toBe(false);
    const stopped = await lab.perform("stop", running);
    await lab.provider.attachment?.(stopped, 0).setCarrier(true);
    await lab.provider.attachment?.(running, 0).setCarrier(true);
  });

  it("plugs no cable, and fails nothing, when QEMU ends at that moment", async () => {
    const running = await lab.running({ ram: 32 });
    const { sockets } = lab.ports;
    const connect = () => {
      setTimeout(() => lab.ports.processes.signal(processOf(running), "SIGKILL"), 50);
      return Promise.reject(Object.assign(new Error("write EPIPE"), { code: "EPIPE" }));
    };
    Object.assign(lab.ports, { sockets: { ...sockets, connect } });
    await lab.provider.attachment?.(running, 0).setCarrier(true);
    Object.assign(lab.ports, { sockets });
    expect(lab.ports.processes.status(processOf(running))).toBe("gone");
  });

  it("offers each adapter as a socket a bridge can use: stream listens, dgram has a file before its first start", async () => {
    const stream = await lab.running({ ram: 32, adapters: 1 });
    const attachment = lab.provider.attachment?.(stream, 0);
    expect(attachment).toMatchObject({ adapter: "r1-3f2a9c1d/0", kind: "stream", path: "r1-3f2a9c1d.0" });
    (await lab.ports.sockets.connect({ path: `${lab.directories.run}/${attachment?.path}` }, 1000)).close();
    const r2 = { address: "node.r2", id: "r2-00000001", seed: "2".repeat(64), tunnel: "dgram" } as const;
    const prepared = await lab.perform("prepare", await lab.planned({ ram: 32, adapters: 1 }, r2));
    expect(statSync(`${lab.directories.run}/r2-00000001.0`).isFile()).toBe(true);
    const dgram = await lab.perform("start", prepared);
    expect(statSync(`${lab.directories.run}/r2-00000001.0`).isSocket()).toBe(true);
    expect(lab.provider.attachment?.(dgram, 0)).toMatchObject({ kind: "dgram", peer: "r2-00000001.0p" });
  });

  it("reports QEMU's own words when it ends at its start, and only those of this start", async () => {
    const first = await lab.running({ ram: 32 });
    await lab.perform("stop", first);
    const log = `${lab.directories.nodes}/r1-3f2a9c1d/qemu.log`;
    writeFileSync(log, "words of an earlier start\n", { flag: "a" });
    const bad = { ...first, attributes: { ...first.attributes, cpu_model: "no-such-cpu" } };
    const words = await failureOf(lab.perform("start", bad));
    expect(words).toContain("QEMU of node.r1 ended at its start");
    expect(words).toContain("no-such-cpu");
    expect(words).toContain(log);
    expect(words).not.toContain("earlier start");
  });

  it("ends a QEMU that was stopped by SIGSTOP", async () => {
    const running = await lab.running({ ram: 32 });
    signal(running, "SIGSTOP");
    await lab.perform("stop", running);
    expect(lab.ports.processes.status(processOf(running))).toBe("gone");
  });

  it("keeps the place and address of an adapter when others are added", async () => {
    const running = await lab.running({ ram: 32, adapters: 30 });
    const text = String(await ask(running, "human-monitor-command", { "command-line": "info network" }));
    const macs = [...text.matchAll(/^nic(\d+):.*macaddr=(\S+)/gm)].map((match) => match[2]);
    expect(macs).toEqual((running.attributes["adapter"] as { mac_address: string }[]).map((one) => one.mac_address));
    const fewer = await lab.planned({ ram: 32, adapters: 3 });
    const list = running.attributes["adapter"] as readonly Json[];
    expect(fewer.attributes["adapter"]).toEqual(list.slice(0, 3));
  });
});

describe("what is read of a node", () => {
  it("says that a killed QEMU ended without a word", async () => {
    const running = await lab.running({ ram: 32 });
    signal(running, "SIGKILL");
    await ended(running);
    const [live] = await lab.read(running);
    expect(live).toMatchObject({ condition: "down", instance: { attributes: { pid: null } } });
    expect(live).toMatchObject({
      cause: { summary: expect.stringMatching(/^QEMU ended without a word at \d\d:\d\d: killed or crashed$/) },
    });
    const again = await lab.perform("start", live?.instance as Instance);
    expect(await lab.read(again)).toEqual([{ condition: "present", instance: again }]);
  });

  it("says who ended it by a signal, also when the keeper was down", async () => {
    const running = await lab.running({ ram: 32 });
    signal(running, "SIGTERM");
    await ended(running);
    const [live] = await lab.read(running);
    expect(live).toMatchObject({
      condition: "down",
      cause: { summary: expect.stringMatching(/^QEMU was ended by a signal at/) },
    });
    rmSync(`${lab.directories.run}/r1-3f2a9c1d.events`);
    const [later] = await lab.read(running);
    expect(later).toMatchObject({
      cause: { summary: "QEMU was ended by a signal", evidence: [expect.stringContaining("terminating on signal 15")] },
    });
  });

  it("says that it was told to quit", async () => {
    const running = await lab.running({ ram: 32 });
    await ask(running, "quit").catch(() => undefined);
    await ended(running);
    const [live] = await lab.read(running);
    expect(live).toMatchObject({ cause: { summary: expect.stringMatching(/^QEMU was told to quit at/) } });
  });

  it("does not know why QEMU is gone when the keeper was down", async () => {
    const running = await lab.running({ ram: 32 });
    signal(lab.instances.get("service.keeper") as Instance, "SIGKILL");
    await ended(lab.instances.get("service.keeper") as Instance);
    signal(running, "SIGKILL");
    await ended(running);
    const [live] = await lab.read(running);
    expect(live).toMatchObject({
      condition: "down",
      cause: { summary: expect.stringContaining("unknown: the keeper was down") },
    });
  });

  it("finds by its token a QEMU that a killed run started and did not write down", async () => {
    await lab.keeper();
    const prepared = await lab.perform("prepare", await lab.planned({ ram: 32 }));
    const token = lab.ports.random.hex(16);
    const killed = lab.perform("start", prepared, {
      token,
      progress: () => new Promise(() => {}),
    });
    void killed.catch(() => undefined);
    while (!lab.ports.processes.findByTokens(new Set([token])).has(token)) await lab.ports.clock.sleep(5);
    const [live] = await lab.read(lab.instances.get("node.r1") as Instance);
    expect(live).toMatchObject({
      condition: "broken",
      cause: { kind: "unfinished", summary: expect.stringContaining("left half-done: QEMU") },
      instance: { private: { process: { token } } },
    });
    expect(live?.instance.pending).toBeUndefined();
    await lab.perform("stop", live?.instance as Instance);
    expect(lab.ports.processes.findByTokens(new Set([token])).size).toBe(0);
  });

  it("takes a start whose outcome was not written as done when the guest was let run", async () => {
    const running = await lab.running({ ram: 32 });
    const token = processOf(running).token;
    const pending = { operation: "start", token, since: "2026-01-01T00:00:00.000Z" } as const;
    const [live] = await lab.read({ ...running, status: "creating", pending });
    expect(live).toEqual({ condition: "present", instance: { ...running, status: "creating" } });
  });

  it("answers within a second when a half-started QEMU hangs", async () => {
    const running = await lab.running({ ram: 32 });
    signal(running, "SIGSTOP");
    const pending = { operation: "start", token: processOf(running).token, since: "2026-01-01T00:00:00.000Z" } as const;
    const before = lab.ports.clock.monotonic();
    const [hung, present] = await lab.read({ ...running, pending }, running);
    expect(lab.ports.clock.monotonic() - before).toBeLessThan(1000);
    expect(hung).toMatchObject({ condition: "broken", cause: { summary: expect.stringContaining("does not answer") } });
    expect(present?.condition).toBe("present");
  });

  it("tells a removed directory, an unfinished preparation and a reboot apart", async () => {
    await lab.keeper();
    const prepared = await lab.perform("prepare", await lab.planned({ ram: 32 }));
    const pending = { operation: "prepare", token: "t", since: "2026-01-01T00:00:00.000Z" } as const;
    expect(await lab.read({ ...prepared, pending })).toMatchObject([
      { condition: "broken", cause: { kind: "unfinished" } },
    ]);
    expect(await lab.read(prepared)).toMatchObject([{ condition: "down", cause: { kind: "unfinished" } }]);
    const process = { pid: 1, uid: 0, startTime: "1", bootId: "another", pidNamespace: "pid:[1]", token: "t" };
    const old = withNotes(prepared, { process });
    expect(await lab.read(old)).toMatchObject([{ condition: "down", cause: { summary: "the host was rebooted" } }]);
    rmSync(prepared.attributes["directory"] as string, { recursive: true });
    expect(await lab.read(prepared)).toMatchObject([
      {
        condition: "absent",
        cause: { summary: expect.stringContaining("its directory is gone") },
        instance: { attributes: { console: null } },
      },
    ]);
  });

  it("finds a node broken whose directory was taken away while it runs", async () => {
    const running = await lab.running({ ram: 32 });
    rmSync(running.attributes["directory"] as string, { recursive: true });
    expect(await lab.read(running)).toMatchObject([{ condition: "broken", cause: { kind: "host" } }]);
  });

  it("refuses to judge a node that runs in another container of the host", async () => {
    const running = await lab.running({ ram: 32 });
    const elsewhere = withNotes(running, { process: { ...processOf(running), pidNamespace: "pid:[1]" } });
    expect(await failureOf(lab.read(elsewhere))).toContain("another container");
    expect(await failureOf(lab.perform("stop", elsewhere))).toContain("neither seen nor ended");
    expect(lab.ports.processes.status(processOf(running))).toBe("alive");
    lab.instances.set("node.r1", running);
  });
});

describe("readiness", () => {
  const waiting = (timeout_s: number) => ({ ram: 32, ready: { console: "login:", timeout_s } });

  it("is a text on the console since this boot, wherever the writes cut it", async () => {
    const running = await lab.running(waiting(10));
    const log = `${lab.directories.nodes}/r1-3f2a9c1d/console.log`;
    writeFileSync(log, "login: of the boot before\n", { flag: "a" });
    const rebooted = withNotes(running, { consoleOffset: statSync(log).size });
    let isReady = false;
    const ready = lab.perform("ready", rebooted).then(() => {
      isReady = true;
    });
    await lab.ports.clock.sleep(100);
    writeFileSync(log, "r1 log", { flag: "a" });
    await lab.ports.clock.sleep(100);
    expect(isReady).toBe(false);
    writeFileSync(log, "in: ", { flag: "a" });
    await ready;
  });

  it("is found after the keeper emptied a console log that had grown large", async () => {
    const running = await lab.running(waiting(10));
    const log = `${lab.directories.nodes}/r1-3f2a9c1d/console.log`;
    writeFileSync(log, "x".repeat(1000));
    const ready = lab.perform("ready", running);
    await lab.ports.clock.sleep(100);
    writeFileSync(log, "login:");
    await ready;
  });

  it("fails in time, with the last lines of the console and the node left running", async () => {
    const running = await lab.running(waiting(0.2));
    writeFileSync(`${lab.directories.nodes}/r1-3f2a9c1d/console.log`, "\x1b[2JKernel panic - not syncing\n");
    const words = await failureOf(lab.perform("ready", running));
    expect(words).toContain('node.r1 was not ready within 0.2 s\n"login:" did not appear');
    expect(words).toContain("\n  Kernel panic - not syncing");
    expect(lab.ports.processes.status(processOf(running))).toBe("alive");
  });

  it("fails at once when QEMU ends meanwhile", async () => {
    const running = await lab.running(waiting(60));
    const words = failureOf(lab.perform("ready", running));
    await lab.ports.clock.sleep(50);
    signal(running, "SIGKILL");
    expect(await words).toMatch(/node\.r1 ended before it was ready\n.*without a word/);
  });

  it("is given up when the user interrupts", async () => {
    const running = await lab.running(waiting(60));
    const abort = new AbortController();
    const words = failureOf(lab.perform("ready", running, { signal: abort.signal }));
    await lab.ports.clock.sleep(50);
    abort.abort();
    expect(await words).toContain("was interrupted");
  });
});

it("a socket name is no longer than a lab's directory may make it", async () => {
  const long = `${lab.root}/${"d".repeat(120)}`;
  mkdirSync(long);
  rmSync(lab.directories.run, { recursive: true });
  (lab.directories as { run: string }).run = long;
  const running = await lab.running({ ram: 32 });
  expect(await ask(running, "query-status")).toMatchObject({ status: "running" });
});
