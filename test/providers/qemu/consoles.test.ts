import { chmodSync, readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { listener } from "../../../providers/qemu/attributes.ts";
import { notesOf } from "../../../providers/qemu/notes.ts";
import type { ProcessIdentity } from "../../../src/core/ports.ts";
import type { Instance } from "../../../src/core/state.ts";
import type { Json } from "../../../src/core/values.ts";
import { UNKNOWN } from "../../../src/core/values.ts";
import { floodingDisk } from "../../support/flood.ts";
import { failureOf, messages, TestLab } from "./support.ts";

let lab: TestLab;
const sockets: Socket[] = [];

beforeEach(async () => {
  lab = await TestLab.open();
});

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await lab.close();
});

/** A client that takes bytes as they come; the newest of them are kept. */
class Client {
  readonly socket: Socket;
  received = Buffer.alloc(0);
  closed = false;

  constructor(port: number) {
    this.socket = connect(port, "127.0.0.1");
    sockets.push(this.socket);
    this.socket.on("data", (chunk) => {
      this.received = Buffer.concat([this.received, chunk]).subarray(-64 * 1024);
    });
    this.socket.on("error", () => {});
    this.socket.on("close", () => {
      this.closed = true;
    });
  }

  get text(): string {
    return this.received.toString("latin1");
  }

  async bytes(count: number): Promise<Buffer> {
    await within(() => {
      if (this.received.length < count) throw new Error(`${this.received.length} of ${count} bytes came`);
    });
    const taken = this.received.subarray(0, count);
    this.received = this.received.subarray(count);
    return taken;
  }
}

async function within(look: () => void): Promise<void> {
  await vi.waitFor(look, { timeout: 20_000, interval: 20 });
}

function portOf(node: Instance, name: "console" | "aux" | "monitor"): number {
  return listener(node.attributes[name])?.port as number;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { readonly port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** To the first message of the server's own: RFC 6143, 7.1 and 7.3. */
async function shakeHands(viewer: Client): Promise<{ readonly width: number; readonly height: number }> {
  expect((await viewer.bytes(12)).toString()).toBe("RFB 003.008\n");
  viewer.socket.write("RFB 003.008\n");
  expect([...(await viewer.bytes(2))]).toEqual([1, 1]);
  viewer.socket.write(Buffer.from([1]));
  expect([...(await viewer.bytes(4))]).toEqual([0, 0, 0, 0]);
  // It asks to be alone, and is not heeded.
  viewer.socket.write(Buffer.from([0]));
  const init = await viewer.bytes(24);
  await viewer.bytes(init.readUInt32BE(20));
  return { width: init.readUInt16BE(0), height: init.readUInt16BE(2) };
}

/** A whole picture of so many pixels at the upper left, uncompressed. */
async function picture(viewer: Client): Promise<void> {
  viewer.socket.write(Buffer.from([3, 0, 0, 0, 0, 0, 0, 64, 0, 64]));
  await viewer.bytes(64 * 64 * 4);
}

describe("a screen", () => {
  it("by VNC is watched by several at once, each by an address of the lab's console ports", async () => {
    const node = await lab.running({ ram: 32, adapters: 0, console_type: "vnc" });
    const [low, high] = lab.settings["console_ports"] as readonly [number, number];
    expect(portOf(node, "console")).toBeGreaterThanOrEqual(low);
    expect(portOf(node, "console")).toBeLessThanOrEqual(high);
    const viewers = [new Client(portOf(node, "console")), new Client(portOf(node, "console"))];
    const sizes = await Promise.all(viewers.map(shakeHands));
    for (const { width, height } of sizes) expect(Math.min(width, height)).toBeGreaterThan(300);
    await Promise.all(viewers.map(picture));
    viewers[0]?.socket.pause();
    for (let frame = 0; frame < 3; frame++) await picture(viewers[1] as Client);
    expect(viewers.map(({ closed }) => closed)).toEqual([false, false]);
    expect(await lab.read(node)).toEqual([{ condition: "present", instance: node }]);
    await lab.perform("stop", node);
    await within(() => expect((viewers[1] as Client).closed).toBe(true));
    const late = new Client(portOf(node, "console"));
    await within(() => expect(late.text).toContain("console of node.r1: the node is off"));
  });

  it("by SPICE answers as SPICE, beside a serial console", async () => {
    const node = await lab.running({ ram: 32, adapters: 0, aux_console: "spice+agent" });
    const viewer = new Client(portOf(node, "aux"));
    // SpiceLinkMess of the main channel (spice-protocol: spice/protocol.h).
    const link = Buffer.alloc(34);
    link.write("REDQ");
    for (const [at, value] of [
      [4, 2],
      [8, 2],
      [12, 18],
      [30, 18],
    ] as const)
      link.writeUInt32LE(value, at);
    link[20] = 1;
    viewer.socket.write(link);
    expect((await viewer.bytes(4)).toString()).toBe("REDQ");
    const reader = new Client(portOf(node, "console"));
    await within(() => expect(reader.received.length).toBeGreaterThan(0));
  });

  it("is there on an arm board too", async () => {
    const platform = { platform: "aarch64", cpu_model: "cortex-a57" };
    const node = await lab.running({ ...platform, ram: 64, adapters: 0, console_type: "vnc", aux_console: "telnet" });
    await shakeHands(new Client(portOf(node, "console")));
    expect(await lab.read(node)).toEqual([{ condition: "present", instance: node }]);
  });

  it("needs devices that the binary may lack, and then says which and who needs it", async () => {
    const path = join(lab.root, "qemu-system-x86_64");
    const text = `#!/bin/sh\ncase "$*" in "-device help") qemu-system-x86_64 -device help | grep -v qxl;; *) exec qemu-system-x86_64 "$@";; esac\n`;
    writeFileSync(path, text);
    chmodSync(path, 0o755);
    const { diagnostics } = await lab.plan({ qemu_binary: path, console_type: "spice" });
    expect(messages(diagnostics)).toMatch(
      /qemu-system-x86_64 has no qxl-vga, which console_type = "spice" needs\n.*qemu-system-modules-spice/,
    );
    expect((await lab.plan({ qemu_binary: path, console_type: "vnc" })).diagnostics).toEqual([]);
  });
});

describe("an aux console", () => {
  it("has a port and a log of its own, and both are freed with the node", async () => {
    const node = await lab.running({ ram: 32, adapters: 0, aux_console: "telnet" });
    expect(new Set([portOf(node, "console"), portOf(node, "aux"), portOf(node, "monitor")]).size).toBe(3);
    expect(lab.provider.logs?.(node)).toMatchObject({ aux: expect.stringMatching(/\/aux\.log$/) });
    expect(statSync(String(lab.provider.logs?.(node).aux)).size).toBe(0);
    expect(await lab.read(node)).toEqual([{ condition: "present", instance: node }]);
    await lab.perform("remove", await lab.perform("stop", node));
    expect(await lab.ports.sockets.isPortFree("127.0.0.1", portOf(node, "aux"))).toBe(true);
  });

  it("moves to another port while the node runs, and one that is lost is served again", async () => {
    const node = await lab.running({ ram: 32, adapters: 0, aux_console: "telnet" });
    const free = await freePort();
    const config = { ram: 32, adapters: 0, aux_console: "telnet", aux_console_port: free };
    const { planned } = await lab.plan(config, { prior: node });
    expect([planned["aux"], planned["console"]]).toEqual([
      { host: "127.0.0.1", port: free },
      node.attributes["console"],
    ]);
    const wanted = { ...node.attributes, ...(planned as Instance["attributes"]) };
    const moved = await lab.perform("update", { ...node, attributes: wanted }, { wanted, prior: node });
    expect(moved.attributes).toMatchObject({ pid: node.attributes["pid"], aux: { port: free } });
    expect(await lab.ports.sockets.isPortFree("127.0.0.1", portOf(node, "aux"))).toBe(true);
    expect(await lab.ports.sockets.isPortFree("127.0.0.1", free)).toBe(false);
    const identity = notesOf(lab.instances.get("service.keeper") as Instance).process as ProcessIdentity;
    lab.ports.processes.signal(identity, "SIGKILL");
    await lab.ports.processes.waitForExit(identity, 5000);
    await lab.keeper();
    const [live] = await lab.read(moved);
    const found = live?.instance as Instance;
    expect(found.attributes).toMatchObject({ console: null, aux: null, monitor: null });
    const again = await lab.plan(config, { prior: found });
    const mended = { ...found.attributes, ...(again.planned as Instance["attributes"]) };
    const served = await lab.perform("update", { ...found, attributes: mended }, { wanted: mended, prior: found });
    expect(served.attributes).toEqual(moved.attributes);
    expect(await lab.read(served)).toEqual([{ condition: "present", instance: served }]);
  });

  it("is refused at the start by a machine that has one serial port", async () => {
    await lab.keeper();
    const config = { machine: "microvm", ram: 32, adapters: 0, aux_console: "telnet" };
    const prepared = await lab.perform("prepare", await lab.planned(config));
    expect(await failureOf(lab.perform("start", prepared))).toContain(
      'aux_console = "telnet" needs a second serial port, and machine type microvm of x86_64 has none',
    );
  });
});

describe("the arguments of consoles", () => {
  async function complaints(config: { readonly [name: string]: Json | typeof UNKNOWN }): Promise<string> {
    return messages((await lab.plan(config)).diagnostics);
  }

  it("that contradict each other are refused with what to do", async () => {
    expect(await complaints({ aux_console_port: 5000 })).toMatch(
      /^aux_console_port is set, but aux_console is "none"\n.*Remove aux_console_port, or say what it is/,
    );
    expect(await complaints({ console_type: "none", console_port: 5000 })).toMatch(/^console_port is set, but/);
    expect(await complaints({ console_type: "spice", aux_console: "spice+agent" })).toMatch(
      /^console_type is "spice", and aux_console "spice\+agent"\nBoth are the node's screen by SPICE/,
    );
    const same = { aux_console: "telnet", console_port: 5000, aux_console_port: 5000 };
    expect(await complaints(same)).toMatch(/^console_port and aux_console_port are both 5000\n/);
    for (const [type, aux] of [
      ["telnet", "telnet"],
      ["vnc", "spice"],
      ["none", "vnc"],
    ] as const) {
      expect(await complaints({ console_type: type, aux_console: aux })).toBe("");
    }
  });

  it("say why a text cannot be waited for", async () => {
    const ready = { console: "login:", console_match: null, tcp: null, guest_agent: null, timeout_s: 10 };
    expect(await complaints({ ready, console_type: "vnc" })).toMatch(
      /^ready waits for a console text, but console_type is "vnc"\nA screen shows a picture.*aux_console = "vnc"/,
    );
    expect(await complaints({ ready, console_type: "none", aux_console: "telnet" })).toMatch(
      /^ready waits for a console text, but console_type is "none"/,
    );
  });

  it("that are not known yet leave their ports unknown", async () => {
    const { planned } = await lab.plan({ console_type: UNKNOWN, aux_console: UNKNOWN });
    expect([planned["console"], planned["aux"]]).toEqual([UNKNOWN, UNKNOWN]);
  });
});

describe("a guest that floods its consoles", () => {
  const MIB = 1024 * 1024;

  it("costs bounded memory and disk, is held up by nobody, and is seen by who reads", async () => {
    const image = join(lab.directories.lab, "flood.img");
    writeFileSync(image, floodingDisk());
    await lab.keeper();
    const disk = { hda: { image, interface: "ide", linked_clone: true, readonly: false, size: null, format: "raw" } };
    const config = { ram: 32, adapters: 0, aux_console: "telnet", disk };
    const prepared = await lab.perform("prepare", await lab.planned(config));
    const [console, aux] = ["console", "aux"].map((name) =>
      join(String(prepared.attributes["directory"]), `${name}.log`),
    );
    if (!console || !aux) throw new Error("there are two logs");
    for (const log of [console, aux]) {
      writeFileSync(log, "", { mode: 0o600 });
      // As after an hour: close to what the keeper lets it grow to.
      truncateSync(log, 16 * MIB - 64 * 1024);
    }
    const node = await lab.perform("start", prepared);
    const keeper = notesOf(lab.instances.get("service.keeper") as Instance).process?.pid;
    const memory = () => Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${keeper}/status`, "utf8"))?.[1]);
    const asleep = (["console", "aux"] as const).map((name) => new Client(portOf(node, name)));
    for (const client of asleep) client.socket.pause();
    const awake = (["console", "aux"] as const).map((name) => new Client(portOf(node, name)));
    const count = (client: Client) => Number.parseInt(/\n([0-9a-f]{8})\r\n[^\n]*$/.exec(client.text)?.[1] ?? "0", 16);
    await within(() => expect(Math.min(...awake.map(count))).toBeGreaterThan(100));
    const before = { memory: memory(), counts: awake.map(count) };
    let largest = 0;
    const emptied = new Set<string>();
    await expect
      .poll(
        () => {
          for (const log of [console, aux]) {
            const { size } = statSync(log);
            largest = Math.max(largest, size);
            if (size < 8 * MIB) emptied.add(log);
          }
          return emptied.size;
        },
        { timeout: 120_000, interval: 100 },
      )
      .toBe(2);
    // Looked at after each quarter of a MiB, and what comes meanwhile.
    expect(largest).toBeLessThan(18 * MIB);
    for (const [at, client] of awake.entries()) {
      await expect.poll(() => count(client), { timeout: 20_000 }).toBeGreaterThan((before.counts[at] as number) + 1000);
    }
    expect(memory() - before.memory).toBeLessThan(48 * 1024);
    expect(await lab.read(node)).toMatchObject([{ condition: "present" }]);
  }, 200_000);
});
