import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import type { ServeRequest } from "../../../../providers/qemu/keeper/client.ts";
import { FakeQemu, keeperIn, RawClient, request, runDirectory, someRange, start, until } from "./support.ts";

const HANDSHAKE = "RFB 003.008\n";

async function served(type: "vnc" | "spice", fields: Partial<ServeRequest> = {}) {
  const directory = await runDirectory();
  const path = join(directory, `r1.${type}`);
  const { child, client } = await keeperIn(directory);
  const console = { type, host: "127.0.0.1", port: null, range: someRange() } as const;
  const result = await client.serve(request("r1", { console, ...fields }));
  return { directory, path, child, client, console, port: result.console?.port as number };
}

const asStranger = (port: number) =>
  start(
    process.execPath,
    "-e",
    `process.setgid(65534); process.setuid(65534);
     const socket = require("net").connect(${port}, "127.0.0.1", () => socket.write("hello"));
     socket.pipe(process.stdout);`,
  );

async function everythingOf(child: ReturnType<typeof start>): Promise<string> {
  let text = "";
  child.stdout?.setEncoding("latin1").on("data", (chunk) => {
    text += chunk;
  });
  await once(child, "close");
  return text;
}

test("each viewer of a screen has a connection of its own, and bytes go through as they are", async () => {
  const { path, port } = await served("vnc");
  const qemu = await FakeQemu.at(path);
  const one = await RawClient.of(port);
  await until("a connection for the first", () => qemu.connections.length === 1);
  const two = await RawClient.of(port);
  await until("a connection for the second", () => qemu.connections.length === 2);
  const every = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
  qemu.connections[0]?.write(every);
  qemu.connections[1]?.write("for the second");
  await until("every byte", () => one.received.length === 256);
  await two.hears("for the second");
  expect(one.received).toEqual(every);
  two.socket.write(every);
  await until("every byte at the other end", () => qemu.heard.length === 256);
  expect(Buffer.from(qemu.heard, "latin1")).toEqual(every);
  one.socket.destroy();
  await until("its connection ends", () => qemu.connections[0]?.destroyed === true);
  expect(two.closed).toBe(false);
});

test("a viewer that does not read holds up its own connection alone, and costs the keeper nothing", async () => {
  const { path, port, child } = await served("vnc");
  const qemu = await FakeQemu.at(path);
  const asleep = await RawClient.of(port);
  asleep.socket.pause();
  const slow = await qemu.connected();
  const awake = await RawClient.of(port);
  await until("both are there", () => qemu.connections.length === 2);
  const memory = () => Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${child.pid}/status`, "utf8"))?.[1]);
  const before = memory();
  const block = Buffer.alloc(64 * 1024, "0123456789abcdef");
  let taken = 0;
  const pour = () => {
    while (taken < 256 * 1024 * 1024 && slow.write(block, () => (taken += block.length))) {
      if (slow.writableLength > 1024 * 1024) break;
    }
  };
  slow.on("drain", pour);
  pour();
  for (let sent = 0; sent < 16 * 1024 * 1024; sent += block.length) {
    const line = qemu.connections[1];
    if (!line?.write(block)) await once(line as NodeJS.EventEmitter, "drain");
    if (awake.received.length > 1024 * 1024) awake.received = Buffer.alloc(0);
  }
  qemu.connections[1]?.write("the end");
  await awake.hears("the end");
  // What the kernel holds, on both sides of the keeper, and two pieces in it.
  expect(taken).toBeLessThan(24 * 1024 * 1024);
  expect(asleep.closed).toBe(false);
  expect(memory() - before).toBeLessThan(64 * 1024);
});

test("viewers are closed when QEMU is gone, and one that comes then is told why in its own protocol", async () => {
  const { path, port } = await served("vnc");
  const qemu = await FakeQemu.at(path);
  const viewer = await RawClient.of(port);
  (await qemu.connected()).write("last words");
  await viewer.hears("last words");
  qemu.quit();
  await until("the viewer is closed", () => viewer.closed);
  const late = await RawClient.of(port);
  const reason = "console of node.r1: the node is off";
  await late.hears(`${HANDSHAKE}\0\0\0\0${String.fromCharCode(reason.length)}${reason}`);
  await until("it is closed", () => late.closed);
  const again = await FakeQemu.at(path);
  await RawClient.of(port);
  await again.connected();
});

test("a SPICE viewer of a node that is off is closed", async () => {
  const { port } = await served("spice");
  const viewer = await RawClient.of(port);
  await until("the viewer is closed", () => viewer.closed);
  expect(viewer.text).toBe("[console of node.r1: the node is off]\r\n");
});

test.runIf(process.getuid?.() === 0)("another account sees no screen, unless the host is admitted", async () => {
  const { path, port, client, console } = await served("vnc");
  const qemu = await FakeQemu.at(path);
  const refused = await everythingOf(asStranger(port));
  expect(refused).toContain(`${HANDSHAKE}\0`);
  expect(refused).toContain("console of node.r1: this port is for processes of its owner's account on this host");
  expect(qemu.connections).toEqual([]);
  await client.serve(request("r1", { console, access: "host" }));
  const welcomed = asStranger(port);
  await until("it is let in", () => qemu.heard === "hello");
  const owners = await RawClient.of(port);
  await until("both are there", () => qemu.connections.length === 2);
  await client.serve(request("r1", { console, access: "owner" }));
  await once(welcomed, "close");
  await until("so is everybody, to come again", () => owners.closed);
});

test("a console that becomes another type keeps its port, and who was connected is sent away", async () => {
  const { directory, path, port, client, console } = await served("vnc");
  const qemu = await FakeQemu.at(path);
  const viewer = await RawClient.of(port);
  await qemu.connected();
  const serial = await FakeQemu.at(join(directory, "r1.con"));
  const telnet = { ...console, type: "telnet" } as const;
  expect((await client.serve(request("r1", { console: telnet }))).console?.port).toBe(port);
  await until("the viewer is closed", () => viewer.closed);
  const line = await serial.connected();
  const reader = await RawClient.of(port);
  line.write("login: ");
  await reader.hears("login: ");
  await client.serve(request("r1", { console }));
  await reader.hears("this console has become another");
  await until("the reader is closed", () => reader.closed);
  // Its line is given up too.
  await until("the serial line is free", () => line.destroyed);
});

test("a port that is to be chosen is none that another door of the node asks for", async () => {
  const directory = await runDirectory();
  const { client } = await keeperIn(directory);
  const range = someRange();
  const place = { type: "telnet", host: "127.0.0.1", range } as const;
  const { console, aux } = await client.serve(
    request("r1", { console: { ...place, port: null }, aux: { ...place, port: range[0] } }),
  );
  expect([console?.port, aux?.port]).toEqual([range[0] + 1, range[0]]);
});

test("an aux console beside it has its own port, line and log, and is given up with the rest", async () => {
  const { directory, client, console, port } = await served("vnc");
  const range = someRange();
  const aux = { type: "telnet", host: "127.0.0.1", port: null, range } as const;
  const served2 = await client.serve(request("r1", { console, aux }));
  expect(served2.console?.port).toBe(port);
  const qemu = await FakeQemu.at(join(directory, "r1.aux"));
  const reader = await RawClient.of(served2.aux?.port as number);
  (await qemu.connected()).write("ttyS1");
  await reader.hears("ttyS1");
  expect((await client.list()).nodes).toMatchObject([{ node: "r1", console: { port }, aux: served2.aux }]);
  const taken = { ...aux, port: served2.aux?.port as number };
  await expect(client.serve(request("r2", { aux: taken, console: null }))).rejects.toThrow(
    `port ${taken.port} of 127.0.0.1 is taken by the aux console of node.r1`,
  );
  await client.release("r1");
  await until("it is closed", () => reader.closed);
  await sleep(10);
  expect((await client.serve(request("r2", { aux: taken, console: null }))).aux?.port).toBe(taken.port);
});
