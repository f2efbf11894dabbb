import { appendFileSync, existsSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { withQmp } from "../../../providers/qemu/node/qmp.ts";
import { notesOf } from "../../../providers/qemu/notes.ts";
import type { ProcessIdentity } from "../../../src/core/ports.ts";
import type { OperationContext } from "../../../src/core/provider.ts";
import type { Instance } from "../../../src/core/state.ts";
import type { Json } from "../../../src/core/values.ts";
import { guest } from "../../support/guest.ts";
import { failureOf, TestLab } from "./support.ts";

let lab: TestLab;
let told: string[];
let awaited: string[];
let hearing: Pick<OperationContext, "tell" | "waiting">;

beforeEach(async () => {
  lab = await TestLab.open();
  told = [];
  awaited = [];
  hearing = {
    tell: (message) => told.push(message),
    waiting: (what, line) => awaited.push(line === undefined ? what : `${what}: ${line}`),
  };
});

afterEach(() => lab.close());

function processOf(instance: Instance): ProcessIdentity {
  return notesOf(instance).process as ProcessIdentity;
}

function pidOf(instance: Instance): number {
  return processOf(instance).pid;
}

function statusOf(instance: Instance): string {
  return lab.ports.processes.status(processOf(instance));
}

function signal(instance: Instance, name: "SIGKILL" | "SIGSTOP" | "SIGCONT" | "SIGTERM") {
  lab.ports.processes.signal(processOf(instance), name);
}

function ask(instance: Instance, command: string): Promise<Json> {
  return withQmp(lab.ports, lab.directories.run, instance.id, 2000, (qmp) => qmp.execute(command));
}

function tell(instance: Instance, command: string, args: { readonly [name: string]: Json }): Promise<Json> {
  return withQmp(lab.ports, lab.directories.run, instance.id, 2000, (qmp) => qmp.execute(command, args));
}

function changed(instance: Instance, attributes: { readonly [name: string]: Json }): Instance {
  return { ...instance, attributes: { ...instance.attributes, ...attributes } };
}

async function timed<T>(act: Promise<T>): Promise<{ readonly result: T; readonly ms: number }> {
  const before = lab.ports.clock.monotonic();
  const result = await act;
  return { result, ms: lab.ports.clock.monotonic() - before };
}

/** What `read` finds, once the keeper has heard what QEMU did. */
async function untilPower(instance: Instance, power: string): Promise<Instance> {
  await expect.poll(async () => (await lab.read(instance))[0]?.instance.attributes["power"]).toBe(power);
  const [live] = await lab.read(instance);
  expect(live?.condition).toBe("present");
  return live?.instance as Instance;
}

function booting(initrd: string, rest: { readonly [name: string]: Json }) {
  return {
    ...{ ram: 96, adapters: 0, kernel_image: guest().kernel, initrd, kernel_command_line: "console=ttyS0 quiet" },
    ...{ on_stop: "shutdown_signal", ready: { console: "ready", console_match: null, tcp: null, timeout_s: 60 } },
    ...rest,
  };
}

it("a guest is reset, suspended, and ends at its power button within a second, all in one QEMU", async () => {
  const running = await lab.running(booting(guest().initrd, { stop_timeout_s: 30 }));
  await lab.perform("ready", running);
  const reset = await lab.perform("reload", running);
  expect(pidOf(reset)).toBe(pidOf(running));
  // What the console showed before the reset counts no more.
  const short = { console: "ready", console_match: null, tcp: null, timeout_s: 0.3 };
  expect(await failureOf(lab.perform("ready", changed(reset, { ready: short })))).toContain("not ready within 0.3 s");
  await lab.perform("ready", reset);
  const suspended = await lab.perform("update", changed(reset, { power: "suspended" }));
  const { ms } = await timed(lab.perform("stop", suspended, hearing));
  expect(ms).toBeLessThan(1500);
  expect(statusOf(running)).toBe("gone");
  expect(told).toEqual([]);
});

describe("stop with shutdown_signal", () => {
  it("cuts the power of a guest that does not obey once its time is over, and tells so", async () => {
    const running = await lab.running(booting(guest().initrdWithoutAcpi, { stop_timeout_s: 1 }));
    await lab.perform("ready", running);
    const { ms } = await timed(lab.perform("stop", running, hearing));
    expect(ms).toBeGreaterThan(950);
    expect(ms).toBeLessThan(3000);
    expect(statusOf(running)).toBe("gone");
    expect(told).toEqual(["the guest did not shut down within 1 s: its power is cut"]);
    expect(awaited).toContain("the guest to shut down: guest#");
  });

  it("does not cut the power when the user interrupts it", async () => {
    const running = await lab.running({ ram: 32, on_stop: "shutdown_signal", stop_timeout_s: 60 });
    const abort = new AbortController();
    const words = failureOf(lab.perform("stop", running, { ...hearing, signal: abort.signal }));
    await expect.poll(() => awaited).toContain("the guest to shut down");
    abort.abort();
    expect(await words).toContain("Its guest was asked to shut down and still runs");
    expect(statusOf(running)).toBe("alive");
    expect(told).toEqual([]);
  });

  it("does not wait for a guest that never ran", async () => {
    const held = await lab.running({ ram: 32, power: "suspended", on_stop: "shutdown_signal", stop_timeout_s: 60 });
    const { ms } = await timed(lab.perform("stop", held, hearing));
    expect(ms).toBeLessThan(1000);
    expect(told).toEqual([]);
  });

  it("cuts the power of a QEMU that does not answer, and tells so", async () => {
    const running = await lab.running({ ram: 32, on_stop: "shutdown_signal", stop_timeout_s: 60 });
    signal(running, "SIGSTOP");
    const { ms } = await timed(lab.perform("stop", running, hearing));
    expect(ms).toBeLessThan(3000);
    expect(statusOf(running)).toBe("gone");
    expect(told).toEqual([`QEMU (pid ${pidOf(running)}) does not answer: its power is cut`]);
  });

  it("is done when QEMU is gone already", async () => {
    const running = await lab.running({ ram: 32, on_stop: "shutdown_signal" });
    signal(running, "SIGKILL");
    await lab.ports.processes.waitForExit(processOf(running), 5000);
    expect((await lab.perform("stop", running, hearing)).attributes["pid"]).toBeNull();
    expect(told).toEqual([]);
  });
});

it("a QEMU that SIGTERM does not end is killed, and that is told", async () => {
  const running = await lab.running({ ram: 32 });
  const { processes } = lab.ports;
  const deaf = {
    ...processes,
    signal: (...[one, name]: Parameters<typeof processes.signal>) => name !== "SIGTERM" && processes.signal(one, name),
  };
  Object.assign(lab.ports, { processes: deaf });
  await lab.reload();
  await lab.perform("stop", running, hearing);
  Object.assign(lab.ports, { processes });
  expect(statusOf(running)).toBe("gone");
  expect(told).toEqual([`QEMU (pid ${pidOf(running)}) did not end within 3 s of SIGTERM: it is killed`]);
});

describe("power", () => {
  it("suspends and resumes a running node, whose process goes on", async () => {
    const running = await lab.running({ ram: 32 });
    const suspended = await lab.perform("update", changed(running, { power: "suspended" }));
    expect(await ask(running, "query-status")).toMatchObject({ status: "paused" });
    expect(await untilPower(suspended, "suspended")).toBe(suspended);
    const resumed = await lab.perform("update", changed(suspended, { power: "on" }));
    expect(await ask(running, "query-status")).toMatchObject({ status: "running" });
    expect(pidOf(resumed)).toBe(pidOf(running));
    expect(await untilPower(resumed, "on")).toBe(resumed);
  });

  it("is read as QEMU has it, whoever changed it; what runs is not off", async () => {
    const running = await lab.running({ ram: 32 });
    await ask(running, "stop");
    await untilPower(running, "suspended");
    await ask(running, "cont");
    await untilPower(changed(running, { power: "suspended" }), "on");
    await untilPower(changed(running, { power: "off" }), "on");
  });

  it("that is not as recorded has a cause: paused or resumed on the host, or a disk that could not be written", async () => {
    const running = await lab.running({ ram: 32 });
    const causeOf = async (instance: Instance) => {
      const [live] = await lab.read(instance);
      return live?.condition === "present" ? live.cause : undefined;
    };
    const events = `${lab.directories.run}/${running.id}.events`;
    expect(await causeOf(running)).toBeUndefined();
    await ask(running, "stop");
    await expect
      .poll(() => causeOf(running))
      .toMatchObject({
        path: ["power"],
        summary: expect.stringMatching(/^its guest was paused on the host at \d\d:\d\d$/),
      });
    const suspended = changed(running, { power: "suspended" });
    expect(await causeOf(suspended)).toBeUndefined();
    await ask(running, "cont");
    await expect
      .poll(() => causeOf(suspended))
      .toMatchObject({
        summary: expect.stringMatching(/^its guest was resumed on the host at/),
      });
    const data = {
      device: "hda",
      operation: "write",
      action: "stop",
      nospace: true,
      reason: "No space left on device",
    };
    appendFileSync(events, `${JSON.stringify({ time: new Date().toISOString(), event: "BLOCK_IO_ERROR", data })}\n`);
    await ask(running, "stop");
    await expect
      .poll(() => causeOf(running))
      .toMatchObject({
        summary: expect.stringMatching(/^QEMU paused its guest at \d\d:\d\d: a disk of it could not be written$/),
        evidence: ["BLOCK_IO_ERROR: hda: No space left on device"],
      });
  });

  it("is on again whatever a guest was stopped by, and a guest that only a restart mends is found broken", async () => {
    const running = await lab.running({ ram: 32 });
    const sink = createServer((socket) => socket.resume()).listen(`${lab.root}/sink`);
    await tell(running, "migrate", { uri: `unix:${lab.root}/sink` });
    await expect.poll(() => ask(running, "query-status")).toMatchObject({ status: "postmigrate" });
    sink.close();
    await untilPower(running, "suspended");
    await lab.perform("update", running);
    expect(await ask(running, "query-status")).toMatchObject({ status: "running" });
    await untilPower(running, "on");

    await tell(running, "set-action", { reboot: "shutdown", shutdown: "pause" });
    await ask(running, "system_reset");
    await expect.poll(() => ask(running, "query-status")).toMatchObject({ status: "shutdown" });
    await expect.poll(async () => (await lab.read(running))[0]?.condition).toBe("broken");
    expect(await lab.read(running)).toMatchObject([
      {
        instance: { attributes: { power: "on" } },
        cause: {
          summary: `QEMU (pid ${pidOf(running)}) stopped its guest for good (shutdown): only a restart mends it`,
        },
      },
    ]);
    expect(await failureOf(lab.perform("update", running))).toMatch(
      /^node\.r1 could not be resumed\nQEMU \(pid \d+\): QEMU refused cont: /,
    );
  });

  it("that does not come to be as wanted is a failure", async () => {
    const running = await lab.running({ ram: 32 });
    await ask(running, "stop");
    const { sockets } = lab.ports;
    // A QEMU that takes `cont` and stands still all the same.
    const deaf: typeof sockets.connect = async (...target) => {
      const connection = await sockets.connect(...target);
      const write = (data: Parameters<typeof connection.write>[0]) =>
        connection.write(String(data).replace('"cont"', '"stop"'));
      return { ...connection, write, close: () => connection.close(), incoming: connection.incoming };
    };
    Object.assign(lab.ports, { sockets: { ...sockets, connect: deaf } });
    await lab.reload();
    expect(await failureOf(lab.perform("update", running))).toBe(
      `node.r1 could not be resumed\nQEMU (pid ${pidOf(running)}) took cont, but its state is paused.`,
    );
  });

  it("is read as recorded while the keeper is down", async () => {
    const running = await lab.running({ ram: 32 });
    const keeper = lab.instances.get("service.keeper") as Instance;
    signal(keeper, "SIGKILL");
    await lab.ports.processes.waitForExit(processOf(keeper), 5000);
    const suspended = changed(running, { power: "suspended" });
    expect(await lab.read(suspended)).toEqual([{ condition: "present", instance: suspended }]);
  });

  it("holds a node that is started suspended before its first instruction, with its carriers set", async () => {
    const held = await lab.running({ ram: 32, adapters: 2, power: "suspended" }, {}, { plugged: new Set([1]) });
    expect(await ask(held, "query-status")).toMatchObject({ status: "prelaunch" });
    expect(await untilPower(held, "suspended")).toBe(held);
    const resumed = await lab.perform("update", changed(held, { power: "on" }));
    expect(await ask(resumed, "query-status")).toMatchObject({ status: "running" });
  });

  it("off is no fault of a node that is down", async () => {
    await lab.keeper();
    const off = await lab.perform("prepare", await lab.planned({ ram: 32, power: "off" }));
    expect(await lab.read(off)).toEqual([
      { condition: "down", instance: off, cause: { kind: "host", summary: "it is off" } },
    ]);
  });

  it("of a node that ended meanwhile is a failure that says why", async () => {
    const running = await lab.running({ ram: 32 });
    await ask(running, "quit").catch(() => undefined);
    await lab.ports.processes.waitForExit(processOf(running), 5000);
    const words = await failureOf(lab.perform("update", changed(running, { power: "suspended" })));
    expect(words).toMatch(/^node\.r1 ended before it could be changed\nWhat is known: QEMU was told to quit at/);
  });
});

describe("a QEMU that hangs", () => {
  it("fails what is done to it within five seconds, is found broken, and is sound again once it answers", async () => {
    const running = await lab.running({ ram: 32 });
    signal(running, "SIGSTOP");
    // What was stopped by a signal would be let go on.
    Object.assign(lab.ports, { processes: { ...lab.ports.processes, isStopped: () => false } });
    expect(await lab.read(running)).toEqual([{ condition: "present", instance: running }]);
    const { result: words, ms } = await timed(
      failureOf(lab.perform("update", changed(running, { power: "suspended" }))),
    );
    expect(ms).toBeLessThan(5000);
    expect(words).toContain(`node.r1 could not be suspended\nQEMU (pid ${pidOf(running)}) hangs`);
    expect(words).toContain("the next apply ends it and starts the node anew");
    const [broken] = await lab.read(running);
    expect(broken).toMatchObject({
      condition: "broken",
      cause: { summary: `QEMU (pid ${pidOf(running)}) does not answer: it hangs, or was stopped by a signal` },
    });
    signal(running, "SIGCONT");
    expect((await lab.read(running))[0]?.condition).toBe("present");
    await lab.perform("update", running);
    expect(existsSync(`${lab.directories.run}/${running.id}.silent`)).toBe(false);
  });

  it("is found broken after a cable could not be plugged, and a restart mends that", async () => {
    const running = await lab.running({ ram: 32 });
    signal(running, "SIGSTOP");
    const { clock } = lab.ports;
    Object.assign(lab.ports, {
      clock: { ...clock, sleep: (ms: number, end?: AbortSignal) => clock.sleep(ms / 20, end) },
    });
    const words = await failureOf(lab.provider.attachment?.(running, 0).setCarrier(true) as Promise<void>);
    expect(words).toContain("The cable of adapter 0 of node.r1 could not be plugged in");
    expect((await lab.read(running))[0]?.condition).toBe("broken");
    Object.assign(lab.ports, { clock });
    const started = await lab.perform("start", await lab.perform("stop", running));
    expect((await lab.read(started))[0]?.condition).toBe("present");
  });

  it("is ended again when it hangs at its start", async () => {
    const program = `${lab.directories.lab}/qemu-system-x86_64`;
    const real = String((await lab.plan({ ram: 32 })).planned["qemu_binary"]);
    writeFileSync(program, `#!/bin/sh\ncase "$*" in *-nodefaults*) kill -STOP $$;; esac\nexec ${real} "$@"\n`, {
      mode: 0o755,
    });
    await lab.keeper();
    const { clock } = lab.ports;
    const prepared = await lab.perform("prepare", await lab.planned({ ram: 32, qemu_binary: program }));
    let skippedMs = 0;
    Object.assign(lab.ports, { clock: { ...clock, monotonic: () => clock.monotonic() + skippedMs } });
    await lab.reload();
    const words = failureOf(lab.perform("start", prepared));
    await expect.poll(() => notesOf(lab.instances.get("node.r1") as Instance).process).toBeDefined();
    skippedMs = 30_000;
    expect(await words).toContain("QEMU did not open its control socket within 20 s");
    expect(statusOf(lab.instances.get("node.r1") as Instance)).toBe("gone");
    Object.assign(lab.ports, { clock });
  });
});
