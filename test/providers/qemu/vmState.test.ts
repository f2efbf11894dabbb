import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, rmSync, statSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { withQmp } from "../../../providers/qemu/node/qmp.ts";
import { notesOf } from "../../../providers/qemu/notes.ts";
import { qemuSchema } from "../../../providers/qemu/schema.ts";
import { hasErrors } from "../../../src/core/diagnostics.ts";
import type { ProcessIdentity } from "../../../src/core/ports.ts";
import type { OperationContext } from "../../../src/core/provider.ts";
import type { BlockSchema } from "../../../src/core/schema.ts";
import type { Instance } from "../../../src/core/state.ts";
import type { Json } from "../../../src/core/values.ts";
import { guest } from "../../support/guest.ts";
import { defaults, failureOf, messages, TestLab } from "./support.ts";

let lab: TestLab;
let told: string[];
let hearing: Pick<OperationContext, "tell">;

beforeEach(async () => {
  lab = await TestLab.open();
  told = [];
  hearing = { tell: (message) => told.push(message) };
});

afterEach(() => lab.close());

/** A guest that counts on its console, once it says it is ready. */
function counting(rest: { readonly [name: string]: Json } = {}) {
  const count = "(echo booted; i=0; while sleep 0.1; do i=$((i+1)); echo count $i; done) > /dev/console &";
  return {
    ...{ ram: 96, adapters: 1, adapter_type: "virtio-net-pci", kernel_image: guest().kernel, initrd: guest().initrd },
    ...{ kernel_command_line: `console=ttyS0 quiet labform.run="${count}"`, on_stop: "save_vm_state" },
    ...{ ready: { console: "count 3", console_match: null, tcp: null, timeout_s: 60 } },
    ...rest,
  };
}

/** A machine that finds nothing to boot. */
const BARE = { ram: 16, adapters: 1, on_stop: "save_vm_state" };

function processOf(instance: Instance): ProcessIdentity {
  return notesOf(instance).process as ProcessIdentity;
}

function ask(instance: Instance, command: string, args: { readonly [name: string]: Json } = {}): Promise<Json> {
  return withQmp(lab.ports, lab.directories.run, instance.id, 2000, (qmp) => qmp.execute(command, args));
}

function changed(instance: Instance, attributes: { readonly [name: string]: Json }): Instance {
  return { ...instance, attributes: { ...instance.attributes, ...attributes } };
}

function fileOf(instance: Instance, name: string): string {
  return `${lab.directories.nodes}/${instance.id}/${name}`;
}

const fileOfState = (instance: Instance) => fileOf(instance, "machine.state");
const console = (instance: Instance): string => readFileSync(fileOf(instance, "console.log"), "utf8");
const boots = (instance: Instance): number => console(instance).split("booted").length - 1;
const lastCount = (instance: Instance): number => Number([...console(instance).matchAll(/count (\d+)/g)].at(-1)?.[1]);

/** As `labform stop` and `labform start` do it. */
const stop = (instance: Instance, rest: Partial<OperationContext> = {}) =>
  lab.perform("stop", instance, { ...hearing, ...rest });
const start = (instance: Instance, rest: Partial<OperationContext> = {}) =>
  lab.perform("start", instance, { ...hearing, ...rest });

const GOES_ON = /^its guest goes on from where it was stopped at \d\d:\d\d$/;

describe("a guest whose machine state is saved", () => {
  it("goes on at the next start where it was, and counts as ready", async () => {
    const running = await lab.running(counting());
    await lab.perform("ready", running);
    const stopped = await stop(running);
    expect(lab.ports.processes.status(processOf(running))).toBe("gone");
    expect(told).toEqual([]);
    const before = lastCount(running);
    const again = await start(stopped);
    await lab.perform("ready", again);
    await expect.poll(() => lastCount(again), { timeout: 20_000 }).toBeGreaterThan(before);
    expect(boots(again)).toBe(1);
    expect(told).toEqual([expect.stringMatching(GOES_ON)]);
    expect(notesOf(again).saved).toBeUndefined();
    expect(existsSync(fileOfState(again))).toBe(false);
  });

  it("goes on with its disks as it left them, and not once another wrote to them", async () => {
    const disk = { hda: diskOf({ size: "8M", interface: "virtio" }), hdb: diskOf({ size: "8M" }) };
    const running = await lab.running({ ...BARE, disk });
    const stopped = await stop(running);
    expect(Object.keys(notesOf(stopped).saved?.disks ?? {})).toEqual(["hda", "hdb"]);
    // What prepares a start leaves what was saved as it is.
    const again = await start(await lab.perform("prepare", stopped));
    expect(told.splice(0)).toEqual([expect.stringMatching(GOES_ON)]);
    const twice = await stop(again);
    execFileSync("qemu-io", ["-f", "qcow2", "-c", "write 0 512", fileOf(twice, "hdb.qcow2")]);
    const { machineState, demands } = await lab.plan({ ...BARE, disk }, { prior: twice });
    expect(machineState).toBe("lost");
    const why = "disk hdb was written to since its machine state was saved: it boots anew";
    expect(demands).toEqual([{ change: "live", cause: { kind: "host", summary: why } }]);
    await start(twice);
    expect(told).toEqual([why]);
    expect(existsSync(fileOfState(twice))).toBe(false);
  });

  it("sees the carriers of now, not of then", async () => {
    const config = { ...BARE, adapters: 2, adapter_type: "e1000" };
    const running = await lab.running(config, {}, { plugged: new Set([0]) });
    await expect.poll(() => carrier(running, 0), { timeout: 20_000 }).toBe(true);
    const again = await start(await stop(running), { plugged: new Set([1]) });
    await expect.poll(() => carrier(again, 1), { timeout: 20_000 }).toBe(true);
    expect(await carrier(again, 0)).toBe(false);
  });

  it("stands still on when it was and is to be suspended, and its state holds until it is resumed", async () => {
    const running = await lab.running(counting());
    await lab.perform("ready", running);
    const suspended = await lab.perform("update", changed(running, { power: "suspended" }));
    const held = await start(await stop(suspended));
    expect(await ask(held, "query-status")).toMatchObject({ running: false });
    // Its QEMU has it alone, so that nobody can have the guest go on from it twice.
    expect(existsSync(fileOfState(held))).toBe(false);
    const heldAgain = await start(await stop(held));
    const before = lastCount(heldAgain);
    const resumed = await lab.perform("update", changed(heldAgain, { power: "on" }));
    await expect.poll(() => lastCount(resumed), { timeout: 20_000 }).toBeGreaterThan(before);
    expect(boots(resumed)).toBe(1);
    expect(notesOf(resumed).saved).toBeUndefined();
    expect(existsSync(fileOfState(resumed))).toBe(false);
  });
});

describe("a guest that was started suspended", () => {
  it("and was let run on the monitor does not go on a second time once its QEMU is killed", async () => {
    const suspended = changed(await stop(await lab.running(BARE)), { power: "suspended" });
    const held = await start(suspended);
    await ask(held, "cont");
    lab.ports.processes.signal(processOf(held), "SIGKILL");
    await lab.ports.processes.waitForExit(processOf(held), 5000);
    const why = `its saved machine state was loaded into QEMU (pid ${processOf(held).pid}), which ended with it`;
    const [live] = await lab.read(held);
    const prior = live?.instance as Instance;
    const { demands } = await lab.plan({ ...BARE, power: "suspended" }, { prior });
    expect(demands?.map(({ cause }) => cause.summary)).toEqual([`${why}: it boots anew`]);
    const again = await start(prior);
    expect(told).toEqual([`${why}: it boots anew`]);
    expect(notesOf(again).saved).toBeUndefined();
  });
});

describe("a machine state", () => {
  it("is kept by a plan that leaves the machine as it is, whatever else changes", async () => {
    const running = await lab.running(BARE);
    const live = { stop_timeout_s: 3, console_port: null, power: "off" };
    expect((await lab.plan({ ...BARE, ...live }, { prior: running })).machineState).toBe("kept");
    expect((await lab.plan(BARE, { prior: running, tunnel: "dgram" })).machineState).toBe("kept");
    const stopped = await stop(running);
    expect(await lab.plan(BARE, { prior: stopped })).toMatchObject({ machineState: "kept", demands: [] });
    expect((await lab.plan(BARE, { prior: stopped, offline: true })).machineState).toBe("kept");
    expect((await lab.plan({ ...BARE, power: "off" }, { prior: stopped })).machineState).toBeUndefined();
    expect((await lab.plan({ ...BARE, on_stop: "power_off" }, { prior: await start(stopped) })).machineState).toBe(
      "kept",
    );
  });

  it("is kept where adapters are only named, or written down otherwise", async () => {
    const running = await lab.running(BARE);
    const none = { type: null, mac_address: null, name: null, user_network: null };
    for (const own of [{ name: "Gi0/0" }, { type: "e1000" }]) {
      const config = { ...BARE, adapter_settings: { "0": { ...none, ...own } } };
      expect((await lab.plan(config, { prior: running })).machineState, JSON.stringify(own)).toBe("kept");
    }
    const ready = { console: "login:", console_match: null, tcp: null, guest_agent: false, timeout_s: 60 };
    expect((await lab.plan({ ...BARE, ready }, { prior: running })).machineState).toBe("kept");
    const config = { ...BARE, adapter_settings: { "0": { ...none, type: "virtio-net-pci" } } };
    expect((await lab.plan(config, { prior: running })).machineState).toBe("lost");
  });

  it("is lost with the guest agent's port, which a QEMU that runs keeps when nothing waits for the agent any more", async () => {
    const ready = { console: null, console_match: null, tcp: null, guest_agent: true, timeout_s: 60 };
    const running = await lab.running({ ...BARE, ready });
    expect((await lab.plan({ ...BARE, ready }, { prior: running })).machineState).toBe("kept");
    const without = changed(running, { ready: null });
    expect((await lab.plan(BARE, { prior: without })).machineState).toBe("lost");
    const stopped = await stop(without);
    expect((await lab.plan(BARE, { prior: stopped })).machineState).toBe("lost");
    expect((await lab.plan({ ...BARE, ready }, { prior: stopped })).machineState).toBe("kept");
    await start(changed(stopped, { ready }));
    expect(told).toEqual([expect.stringMatching(GOES_ON)]);
  });

  const other: readonly { readonly what: string; readonly config: { readonly [name: string]: Json } }[] = [
    { what: "memory", config: { ram: 32 } },
    { what: "an adapter more, which QEMU would take silently", config: { adapters: 2 } },
    { what: "processors, which QEMU would take silently", config: { cpus: 2 } },
    { what: "a CPU model, which QEMU would take silently", config: { cpu_model: "max" } },
    { what: "another address of an adapter", config: { mac_address: "02:00:00:00:00:10" } },
    { what: "a disk", config: { disk: { hda: diskOf({ size: "8M" }) } } },
  ];

  it.each(other)("is lost with $what, and the plan says so", async ({ config }) => {
    const running = await lab.running(BARE);
    const wanted = { ...BARE, ...config };
    expect((await lab.plan(wanted, { prior: running })).machineState).toBe("lost");
    const stopped = await stop(running);
    const answer = await lab.plan(wanted, { prior: stopped });
    expect(answer.machineState).toBe("lost");
    const summary = /^its hardware changed since its machine state was saved at \d\d:\d\d: it boots anew$/;
    expect(answer.demands?.map(({ change, cause }) => [change, cause.kind, cause.summary])).toEqual([
      ["live", "lab", expect.stringMatching(summary)],
    ]);
    const prepared = await lab.perform("prepare", { ...stopped, attributes: (await lab.planned(wanted)).attributes });
    const again = await start(prepared);
    expect(told).toEqual(["its hardware changed since its machine state was saved: it boots anew"]);
    expect(await ask(again, "query-status")).toMatchObject({ status: "running" });
    expect(notesOf(again).saved).toBeUndefined();
    expect(existsSync(fileOfState(again))).toBe(false);
  });

  it("is not saved where nothing is to go on from it", async () => {
    const stopped = await stop(await lab.running(BARE), { endsGuest: true });
    expect(notesOf(stopped).saved).toBeUndefined();
    expect(existsSync(fileOfState(stopped))).toBe(false);
    expect(told).toEqual([]);
  });

  it("that is gone is named by the plan, and the guest boots", async () => {
    const stopped = await stop(await lab.running(BARE));
    rmSync(fileOfState(stopped));
    const why = `its saved machine state is gone: ${fileOfState(stopped)}: it boots anew`;
    expect((await lab.plan(BARE, { prior: stopped })).demands?.[0]?.cause.summary).toBe(why);
    await start(stopped);
    expect(told).toEqual([why]);
  });

  it("that QEMU does not take is given up, and the guest boots", async () => {
    const stopped = await stop(await lab.running(BARE));
    execFileSync("qemu-img", ["create", "-q", "-f", "qcow2", fileOfState(stopped), "1M"]);
    const again = await start(stopped);
    expect(told).toEqual([
      expect.stringMatching(/^its saved machine state could not be loaded \(.*does not exist.*\): it boots anew$/),
    ]);
    expect(await ask(again, "query-status")).toMatchObject({ status: "running" });
    expect(existsSync(fileOfState(again))).toBe(false);
  });

  it("is readable by the owner alone: it holds the guest's memory", async () => {
    const stopped = await stop(await lab.running(BARE));
    expect(statSync(fileOfState(stopped)).mode & 0o077).toBe(0);
  });
});

describe("a save that fails", () => {
  const lost = async (running: Instance, words: string | RegExp) => {
    const stopped = await stop(running);
    expect(told).toEqual([typeof words === "string" ? words : expect.stringMatching(words)]);
    expect(lab.ports.processes.status(processOf(running))).toBe("gone");
    expect(notesOf(stopped).saved).toBeUndefined();
    expect(existsSync(fileOfState(running))).toBe(false);
  };

  it("for want of time cuts the power, and tells so", async () => {
    const running = await lab.running({ ...BARE, stop_timeout_s: 0 });
    await lost(running, "its machine state could not be saved within 0 s: its power is cut");
  });

  it("because QEMU hangs cuts the power, and tells so", async () => {
    const running = await lab.running(BARE);
    lab.ports.processes.signal(processOf(running), "SIGSTOP");
    const pid = processOf(running).pid;
    await lost(running, `QEMU (pid ${pid}) does not answer, so its machine state could not be saved: its power is cut`);
  });

  it("because QEMU refuses cuts the power, and tells why", async () => {
    // The plan refuses what it knows of; a card added by hand it does not see.
    const running = await lab.running(BARE);
    await ask(running, "blockdev-add", { driver: "null-co", "node-name": "none", size: 1024 * 1024 });
    await ask(running, "device_add", { driver: "nvme", drive: "none", serial: "none" });
    await lost(running, /^its machine state could not be saved: .*non-migratable device.*nvme.*\. Its power is cut$/);
  });

  it("because the user interrupts it leaves the node as it is", async () => {
    const running = await lab.running({ ...BARE, stop_timeout_s: 600 });
    lab.ports.processes.signal(processOf(running), "SIGSTOP");
    const abort = new AbortController();
    setTimeout(() => abort.abort(), 200);
    const words = await failureOf(stop(running, { signal: abort.signal }));
    expect(words).toContain("Saving the machine state of node.r1 was interrupted");
    expect(lab.ports.processes.status(processOf(running))).toBe("alive");
    expect(told).toEqual([]);
  });
});

describe("a run that is killed", () => {
  class Killed extends Error {}
  /** The record as it is on disk when labform dies at the `at`th of what an operation journals. */
  async function killed(operation: "stop" | "start", instance: Instance, at: number): Promise<Instance> {
    let record = instance;
    let reached = 0;
    const progress = async (one: Instance) => {
      record = one;
      if (++reached === at) throw new Killed();
    };
    const kill = vi.spyOn(lab.ports.processes, "signal").mockReturnValue(false);
    const wait = vi.spyOn(lab.ports.processes, "waitForExit").mockResolvedValue(false);
    await lab.perform(operation, instance, { ...hearing, progress }).catch(() => {});
    kill.mockRestore();
    wait.mockRestore();
    const pending = { operation, token: "", since: "" };
    return { ...record, pending };
  }

  it("after the state was saved leaves a guest that goes on in its QEMU, once", async () => {
    const running = await lab.running(BARE);
    const record = await killed("stop", running, 1);
    expect(notesOf(record).saved).toBeDefined();
    await expect.poll(async () => (await lab.read(record))[0]?.instance.attributes["power"]).toBe("suspended");
    const [live] = await lab.read(record);
    expect(live?.condition).toBe("present");
    const resumed = await lab.perform("update", changed(live?.instance as Instance, { power: "on" }));
    expect(notesOf(resumed)).toMatchObject({ process: { pid: processOf(running).pid } });
    expect(notesOf(resumed).saved).toBeUndefined();
    expect(existsSync(fileOfState(resumed))).toBe(false);
  });

  it("after the state was saved leaves a guest that is seen to stand still though the keeper is dead", async () => {
    const running = await lab.running(BARE);
    const record = await killed("stop", running, 1);
    const keeper = processOf(lab.instances.get("service.keeper") as Instance);
    lab.ports.processes.signal(keeper, "SIGKILL");
    await lab.ports.processes.waitForExit(keeper, 5000);
    const [live] = await lab.read(record);
    expect(live).toMatchObject({ condition: "present", instance: { attributes: { power: "suspended" } } });
  });

  it("after the state was saved, and whose QEMU then ended, leaves a guest that goes on at the next start", async () => {
    const running = await lab.running({ ...BARE, disk: { hda: diskOf({ size: "8M" }) } });
    const record = await killed("stop", running, 1);
    lab.ports.processes.signal(processOf(running), "SIGTERM");
    await lab.ports.processes.waitForExit(processOf(running), 5000);
    const [live] = await lab.read(record);
    expect(live?.condition).toBe("down");
    await start(live?.instance as Instance);
    expect(told.at(-1)).toMatch(GOES_ON);
  });

  it("while the state was loaded leaves it for the next start", async () => {
    const stopped = await stop(await lab.running(BARE));
    const record = await killed("start", stopped, 2);
    const [live] = await lab.read(record);
    expect(live).toMatchObject({ condition: "broken", cause: { summary: expect.stringContaining("never let run") } });
    const again = await stop(live?.instance as Instance);
    await start(changed(again, { power: "on" }));
    expect(told).toEqual([expect.stringMatching(GOES_ON)]);
  });

  it("right before the guest was let run leaves it in its QEMU, where it goes on or is saved again", async () => {
    const running = await lab.running(counting());
    await lab.perform("ready", running);
    const stopped = await stop(running);
    const before = lastCount(stopped);
    const record = await killed("start", stopped, 2);
    rmSync(fileOfState(stopped));
    const [live] = await lab.read(record);
    expect(live?.condition).toBe("present");
    const again = await stop(live?.instance as Instance);
    expect(notesOf(again).saved?.tag).not.toBe(notesOf(stopped).saved?.tag);
    const held = await killed("start", changed(again, { power: "on" }), 2);
    rmSync(fileOfState(stopped));
    const resumed = await lab.perform("update", held);
    await expect.poll(() => lastCount(resumed), { timeout: 20_000 }).toBeGreaterThan(before);
    expect(boots(resumed)).toBe(1);
    expect(notesOf(resumed).saved).toBeUndefined();
  });
});

describe("on_stop = save_vm_state", () => {
  it("is refused with a disk on nvme, and with an image of a format that QEMU does not save", async () => {
    execFileSync("qemu-img", ["create", "-q", "-f", "vmdk", `${lab.directories.lab}/old.vmdk`, "8M"]);
    const disk = { hda: diskOf({ image: "old.vmdk" }), hdb: diskOf({ size: "8M", interface: "nvme" }) };
    const { diagnostics } = await lab.plan({ ...BARE, disk });
    const words = messages(diagnostics.filter(({ severity }) => severity === "error"));
    expect(words).toContain('on_stop = "save_vm_state" cannot be had with the image of disk hda, a vmdk\n');
    expect(words).toContain(`QEMU saves no machine with a vmdk image: ${lab.directories.lab}/old.vmdk. Convert it,`);
    expect(words).toContain('on_stop = "save_vm_state" cannot be had with disk hdb on nvme\nQEMU saves no NVMe');
    const other = await lab.plan({ ...BARE, on_stop: "shutdown_signal", disk });
    expect(hasErrors(other.diagnostics)).toBe(false);
  });
});

function diskOf(rest: { readonly [name: string]: Json }): Json {
  return { ...defaults(qemuSchema.resources["node"]?.blocks?.["disk"] as BlockSchema), ...rest };
}

/** What the guest's driver would read of an e1000: bit 1 of its status register (Intel 8254x manual, 13.4.2). */
async function carrier(instance: Instance, adapter: number): Promise<boolean | undefined> {
  const devices = String(await ask(instance, "human-monitor-command", { "command-line": "info pci" })).split("Bus ");
  const device = devices.find((one) => one.includes(`id "nic${adapter}"`)) ?? "";
  const base = /BAR0: 32 bit memory at (0x[0-9a-f]+)/.exec(device)?.[1];
  if (base === undefined || base === "0xffffffff") return undefined;
  const line = `xp /1xw ${Number(base) + 8}`;
  const text = String(await ask(instance, "human-monitor-command", { "command-line": line }));
  const register = /: (0x[0-9a-f]{8})/.exec(text)?.[1];
  return register === undefined || Number(register) === 0 ? undefined : (Number(register) & 2) !== 0;
}
