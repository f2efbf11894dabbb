import { once } from "node:events";
import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { nodeAttributes } from "../../../providers/qemu/attributes.ts";
import type { OperationContext } from "../../../src/core/provider.ts";
import type { Instance } from "../../../src/core/state.ts";
import type { Json } from "../../../src/core/values.ts";
import { guest } from "../../support/guest.ts";
import { failureOf, messages, TestLab } from "./support.ts";

let lab: TestLab;
let awaited: string[];
let hearing: Pick<OperationContext, "waiting">;

beforeEach(async () => {
  lab = await TestLab.open();
  awaited = [];
  hearing = { waiting: (what, line) => awaited.push(line === undefined ? what : `${what}: ${line}`) };
});

afterEach(() => lab.close());

function conditions(ready: { readonly [name: string]: Json }) {
  return { console: null, console_match: null, tcp: null, timeout_s: 10, ...ready };
}

function log(): string {
  return `${lab.directories.nodes}/r1-3f2a9c1d/console.log`;
}

function forwarding(label: string, rest: { readonly [name: string]: Json } = {}) {
  const forward = { [label]: { host: "127.0.0.1", host_port: null, ...rest } };
  return { adapter_settings: { "0": { user_network: { forward } } } };
}

function portOf(instance: Instance, label: string): number {
  return nodeAttributes(instance.attributes).forward?.[label]?.port as number;
}

describe("ready { console_match }", () => {
  async function search(expression: string, pieces: readonly string[]): Promise<Instance> {
    const ready = conditions({ console_match: expression, timeout_s: 0.5 });
    const running = await lab.running({ ram: 32, power: "suspended", ready });
    const resumed = { ...running, attributes: { ...running.attributes, power: "on" } };
    const done = lab.perform("ready", resumed, hearing);
    void done.catch(() => undefined);
    for (const piece of pieces) {
      appendFileSync(log(), piece);
      await lab.ports.clock.sleep(60);
    }
    return await done;
  }

  it("matches a line that came in pieces, coloured or not, and the one under way", async () => {
    await search("^r[0-9]+ login: $", ["r1 log", "in: r2\r\n\x1b[1;32mr1\x1b[0m lo", "gin: "]);
  });

  it("does not match across lines", async () => {
    const words = await failureOf(search("one.*two", ["one\r\ntwo\n", "one\ntwo\r", "one"]));
    expect(words).toContain("/one.*two/ matched no line of its console since it was started.");
    expect(words).toContain("\n  one");
    expect(awaited).toContain("/one.*two/ on its console: one");
  });

  it("takes time in proportion to the line, whatever the expression", async () => {
    const begun = performance.now();
    const words = await failureOf(search("(a+)+$", [`${"a".repeat(4000)}!\n`]));
    expect(words).toContain("/(a+)+$/ matched no line of its console since it was started.");
    expect(performance.now() - begun).toBeLessThan(5000);
  });
});

describe("ready", () => {
  it("waits for all its conditions, and says which are missing", async () => {
    const ready = conditions({ console: "one", console_match: "tw[o]", timeout_s: 0.4 });
    const running = await lab.running({ ram: 32, ready });
    appendFileSync(log(), "two\n");
    const words = await failureOf(lab.perform("ready", running, hearing));
    expect(words).toContain('node.r1 was not ready within 0.4 s\n"one" did not appear');
    expect(words).not.toContain("/tw[o]/");
    expect(awaited.at(-1)).toBe('"one" on its console: two');
    appendFileSync(log(), "one\n");
    await lab.perform("ready", running);
  });

  it("shows conditions that are sensitive nowhere", async () => {
    const ready = conditions({ console: "hush", console_match: "secre[t]", timeout_s: 0.3 });
    const running = await lab.running({ ram: 32, ready });
    const marked: Instance = { ...running, sensitive: [["ready", "console"], ["ready"]] };
    const words = await failureOf(lab.perform("ready", marked, hearing));
    expect(words).toContain("(sensitive value) did not appear on its console");
    expect(words).toContain("(sensitive value) matched no line of its console");
    expect(awaited).toContain("(sensitive value) on its console and (sensitive value) on its console");
    expect([words, ...awaited].join()).not.toMatch(/hush|secre/);
  });

  it("is no question of a node that is suspended", async () => {
    const held = await lab.running({ ram: 32, power: "suspended", ready: conditions({ console: "never" }) });
    await lab.perform("ready", held);
  });
});

describe("ready { tcp }", () => {
  const booting = {
    ...{ ram: 96, adapter_type: "virtio-net-pci", power: "on", ...forwarding("80") },
    ready: conditions({ tcp: 80, timeout_s: 60 }),
  };

  it("does not take QEMU's own accept for the guest's: a guest without a network is not ready", async () => {
    const running = await lab.running({ ...booting, ready: conditions({ tcp: 80, timeout_s: 3 }) });
    const words = await failureOf(lab.perform("ready", running, hearing));
    const port = portOf(running, "80");
    expect(words).toContain(`Port 80 of its guest (127.0.0.1:${port}) took no connection: the guest does not answer.`);
    expect(awaited).toContain("port 80 of its guest");
  });

  it("waits until the guest's program listens, and what it serves is reached from the host", async () => {
    const running = await lab.running({
      ...booting,
      kernel_image: guest().kernel,
      initrd: guest().initrd,
      kernel_command_line:
        'console=ttyS0 quiet labform.ip=10.0.2.15/24 labform.run="mkdir /www; echo hello > /www/index.html; (sleep 2; echo listening > /dev/ttyS0; httpd -h /www) &"',
    });
    const before = connect(portOf(running, "80"), "127.0.0.1");
    before.on("error", () => {});
    await lab.perform("ready", running, hearing);
    before.destroy();
    expect(awaited.some((line) => line.includes("labform guest guest ready") || line.includes("guest#"))).toBe(true);
    const client = connect(portOf(running, "80"), "127.0.0.1");
    client.write("GET / HTTP/1.0\r\n\r\n");
    let text = "";
    client.on("data", (chunk: Buffer) => {
      text += chunk.toString();
    });
    await once(client, "end");
    expect(text).toContain("hello");
  });
});

describe("a forwarded port", () => {
  it("is chosen once, another for each node, and kept over restarts; a written one is taken as it is", async () => {
    await lab.keeper();
    const config = { ram: 32, ...forwarding("22") };
    const r2 = { address: "node.r2", id: "r2-00000001", seed: "0".repeat(64) };
    const [first, second] = await Promise.all([
      lab.perform("prepare", await lab.planned(config)),
      lab.perform("prepare", await lab.planned(config, r2)),
    ]);
    const [low, high] = lab.settings["forward_ports"] as [number, number];
    expect(portOf(first, "22")).toBeGreaterThanOrEqual(low);
    expect(portOf(first, "22")).toBeLessThanOrEqual(high);
    expect(portOf(second, "22")).not.toBe(portOf(first, "22"));
    await lab.reload();
    const again = await lab.perform("prepare", await lab.planned(config, { prior: first }), { prior: first });
    expect(again.attributes["forward"]).toEqual(first.attributes["forward"]);
    const fixed = { ram: 32, ...forwarding("22", { host_port: 40_022 }) };
    expect((await lab.plan(fixed)).planned["forward"]).toEqual({ "22": { host: "127.0.0.1", port: 40_022 } });
  });

  it("is not chosen where a node of the lab has it that is off, nor where a stranger listens", async () => {
    const [low] = lab.settings["forward_ports"] as [number, number];
    lab.settings = { ...lab.settings, forward_ports: [low, low + 2] };
    await lab.keeper();
    const { sockets } = lab.ports;
    Object.assign(lab.ports, {
      sockets: { ...sockets, isPortFree: async (_: string, port: number) => port !== low },
    });
    const ids = ["r1-00000001", "r2-00000002", "r3-00000003"];
    const ports: number[] = [];
    for (const id of ids.slice(0, 2)) {
      await lab.reload();
      const node = { address: `node.${id.slice(0, 2)}`, id };
      ports.push(portOf(await lab.perform("prepare", await lab.planned({ ram: 32, ...forwarding("22") }, node)), "22"));
    }
    expect(new Set(ports)).toEqual(new Set([low + 1, low + 2]));
    const third = await lab.planned({ ram: 32, ...forwarding("22") }, { address: "node.r3", id: ids[2] as string });
    const words = await failureOf(lab.perform("prepare", third));
    expect(words).toContain(`No port from ${low} to ${low + 2} of 127.0.0.1 is free to be forwarded`);
  });

  it("that is taken when the node is to start is a failure that names who has it", async () => {
    await lab.keeper();
    const config = { ram: 32, ...forwarding("22") };
    const prepared = await lab.perform("prepare", await lab.planned(config));
    const port = portOf(prepared, "22");
    const squatter = (await import("node:net")).createServer().listen(port, "127.0.0.1");
    await once(squatter, "listening");
    const words = await failureOf(lab.perform("start", prepared));
    squatter.close();
    expect(words).toContain(
      `Port ${port} of 127.0.0.1, which is to lead to port 22 of node.r1, cannot be listened on\nIt is held by`,
    );
    expect(words).toContain(`(pid ${process.pid})`);
    const elsewhere = { ...prepared.attributes, forward: { "22": { host: "203.0.113.7", port } } };
    expect(await failureOf(lab.perform("start", { ...prepared, attributes: elsewhere }))).toContain(
      "203.0.113.7, where ports of node.r1 are to be forwarded from, is no address of this host",
    );
    await lab.perform("start", prepared);
  });

  it("from an address that this host does not have is a failure that says so", async () => {
    await lab.keeper();
    const planned = await lab.planned({ ram: 32, ...forwarding("22", { host: "203.0.113.7" }) });
    expect(await failureOf(lab.perform("prepare", planned))).toContain(
      "203.0.113.7, where ports of node.r1 are to be forwarded from, is no address of this host",
    );
  });

  it("that two nodes write is an error that names both, unless protocol or address keep them apart", async () => {
    const r2 = { address: "node.r2", id: "r2-00000002" };
    const write = (label: string, host: string, rest = {}) =>
      lab.plan({ ram: 32, ...forwarding(label, { host, host_port: 40_022 }) }, rest);
    expect((await write("22", "127.0.0.1")).diagnostics).toEqual([]);
    expect((await write("22/udp", "127.0.0.1", r2)).diagnostics).toEqual([]);
    expect((await write("22", "127.0.0.2", r2)).diagnostics).toEqual([]);
    for (const host of ["127.0.0.1", "0.0.0.0"]) {
      const { diagnostics } = await write("23", host, r2);
      expect(messages(diagnostics.filter((one) => one.severity === "error"))).toBe(
        `Port 40022 of this host is also forwarded by node.r1\nThere 127.0.0.1 leads to port 22 of that node, and here ${host} is to lead to port 23. Give one of them another host_port.`,
      );
    }
    expect((await write("22", "127.0.0.1")).diagnostics).toEqual([
      expect.objectContaining({ summary: "Port 40022 of this host is also forwarded by node.r2" }),
    ]);
  });

  it("is not chosen where another node of the run has it written, though that one comes later", async () => {
    const [low] = lab.settings["forward_ports"] as [number, number];
    lab.settings = { ...lab.settings, forward_ports: [low, low + 1] };
    await lab.keeper();
    const r2 = { address: "node.r2", id: "r2-00000002" };
    for (const written of [low, low + 1]) {
      await lab.reload();
      const first = await lab.planned({ ram: 32, ...forwarding("22") });
      await lab.plan({ ram: 32, ...forwarding("22", { host_port: written }) }, r2);
      expect(portOf(await lab.perform("prepare", first), "22")).toBe(written === low ? low + 1 : low);
    }
  });

  it("is chosen anew when the file that says so was cut off by a power cut", async () => {
    await lab.keeper();
    mkdirSync(lab.directories.run, { recursive: true });
    writeFileSync(`${lab.directories.run}/r9-00000009.forwards`, "[24");
    const prepared = await lab.perform("prepare", await lab.planned({ ram: 32, ...forwarding("22") }));
    expect(portOf(prepared, "22")).toBeGreaterThan(0);
  });
});
