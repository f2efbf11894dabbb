import { once } from "node:events";
import { copyFile, readFile, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { FakeQemu, keeperIn, OPENING, RawClient, request, runDirectory, someRange, start, until } from "./support.ts";

async function servedConsole(fields: Parameters<typeof request>[1] = {}) {
  const directory = await runDirectory();
  const path = join(directory, "r1.con");
  const qemu = await FakeQemu.at(path);
  const { child, client } = await keeperIn(directory);
  const { console } = await client.serve(request("r1", fields));
  const line = await qemu.connected();
  return { directory, path, child, client, qemu, line, port: console?.port as number };
}

test("two clients see the same bytes, and QEMU hears both", async () => {
  const { qemu, line, port } = await servedConsole();
  const [one, two] = [await RawClient.of(port), await RawClient.of(port)];
  await Promise.all([one.hears(OPENING), two.hears(OPENING)]);
  line.write("login: ");
  await Promise.all([one.hears("login: "), two.hears("login: ")]);
  one.socket.write("al");
  await until("the first client's keys", () => qemu.heard === "al");
  two.socket.write("ice");
  await until("the second client's keys", () => qemu.heard === "alice");
  expect(one.received).toEqual(two.received);
});

test("a byte 255 goes through doubled in both directions", async () => {
  const { qemu, line, port } = await servedConsole();
  const viewer = await RawClient.of(port);
  await viewer.hears(OPENING);
  line.write(Buffer.from([65, 255, 66]));
  await viewer.hears(`${OPENING}A\xff\xffB`);
  viewer.socket.write(Buffer.from([67, 255, 255, 68]));
  await until("one byte 255", () => qemu.heard === "C\xffD");
});

test("CR NUL and CR LF are one CR to the guest, unless the client speaks binary", async () => {
  const { qemu, port } = await servedConsole();
  const viewer = await RawClient.of(port);
  for (const part of ["a\r\0b\r\nc\r", "\nd\ne\r", "f"]) {
    viewer.socket.write(part);
    await sleep(20);
  }
  await until("lines as typed", () => qemu.heard === "a\rb\rc\rd\ne\rf");
  viewer.socket.write(Buffer.from([255, 251, 0, 13, 0, 13, 10]));
  await until("binary as it is", () => qemu.heard.endsWith("f\r\0\r\n"));
});

test("a telnet client's negotiation is answered and never reaches the guest", async () => {
  const { qemu, port } = await servedConsole();
  const viewer = await RawClient.of(port);
  await viewer.hears(OPENING);
  const windowSize = [255, 250, 31, 0, 80, 0, 24, 255, 240];
  viewer.socket.write(
    Buffer.from([255, 253, 1, 255, 251, 31, ...windowSize, 255, 251, 24, 255, 253, 5, 255, 241, 120]),
  );
  await until("the key", () => qemu.heard === "x");
  await viewer.hears(`${OPENING}\xff\xfe\x18\xff\xfc\x05`);
});

test("who comes late is shown the last whole lines, without what a terminal would answer", async () => {
  const { line, port } = await servedConsole();
  const early = await RawClient.of(port);
  line.write(`${"an old line\r\n".repeat(4000)}\x1b[6n\x1b[?1;2cBooted\r\nlogin: `);
  await early.hears("login: ");
  const late = await RawClient.of(port);
  await late.hears("login: ");
  const shown = late.text.slice(OPENING.length);
  expect(shown).toMatch(/^(an old line\r\n)+Booted\r\nlogin: $/);
  expect(shown.length).toBeGreaterThan(15 * 1024);
  expect(shown.length).toBeLessThanOrEqual(16 * 1024);
});

test("a client that never reads is cut; the guest and the others notice nothing", async () => {
  const { line, port } = await servedConsole();
  const asleep = await RawClient.of(port);
  await asleep.hears(OPENING);
  asleep.socket.pause();
  const awake = await RawClient.of(port);
  await awake.hears(OPENING);
  const block = Buffer.alloc(64 * 1024, "0123456789abcdef");
  let sent = 0;
  while (sent < 24 * 1024 * 1024) {
    if (!line.write(block)) await once(line, "drain");
    sent += block.length;
    while (awake.received.length > 1024 * 1024) awake.received = awake.received.subarray(0, 0);
  }
  line.write("the end");
  await awake.hears("the end");
  asleep.socket.resume();
  await until("the sleeper is gone", () => asleep.closed);
  expect(asleep.received.length).toBeLessThan(sent);
});

test("a QEMU that does not read holds its clients up, and nothing they typed is lost", async () => {
  const { qemu, line, port } = await servedConsole();
  line.pause();
  const typist = await RawClient.of(port);
  const text = "0123456789abcdef".repeat(1024 * 1024);
  typist.socket.write(text);
  await sleep(300);
  const heldUp = typist.socket.writableLength;
  expect(heldUp).toBe(text.length);
  line.write("output goes on");
  await typist.hears("output goes on");
  line.resume();
  await until("all that was typed", () => qemu.heard.length === text.length);
  expect(qemu.heard === text).toBe(true);
});

test("clients stay while the node is off, are told so, and go on when it starts again", async () => {
  const { path, qemu, port } = await servedConsole();
  const viewer = await RawClient.of(port);
  await viewer.hears(OPENING);
  qemu.quit();
  await viewer.hears("[console of node.r1: the node is off; this connection stays and goes on when it starts]");
  const late = await RawClient.of(port);
  await late.hears("the node is off");
  viewer.socket.write("typed into the void");
  const again = await FakeQemu.at(path);
  const line = await again.connected();
  await viewer.hears("[console of node.r1: the node runs]");
  line.write("second boot");
  await Promise.all([viewer.hears("second boot"), late.hears("second boot")]);
  expect(again.heard).toBe("");
});

test("a console that is served anew shows what QEMU logged before", async () => {
  const directory = await runDirectory();
  const consoleLog = join(directory, "console.log");
  await writeFile(consoleLog, "Booted an hour ago\r\n");
  const { client } = await keeperIn(directory);
  const { console } = await client.serve(request("r1", { consoleLog }));
  const viewer = await RawClient.of(console?.port as number);
  await viewer.hears("Booted an hour ago");
});

test("a console log that grew past 16 MiB is emptied in place, a smaller one is not", async () => {
  const { directory, client, line } = await servedConsole();
  const consoleLog = join(directory, "console.log");
  await writeFile(consoleLog, "");
  const { ino } = await stat(consoleLog);
  await client.serve(
    request("r1", { consoleLog, console: { type: "telnet", host: "127.0.0.1", port: null, range: [1024, 65535] } }),
  );
  await truncate(consoleLog, 15 * 1024 * 1024);
  const output = async () => {
    for (let sent = 0; sent < 17; sent++) line.write(Buffer.alloc(64 * 1024, "x"));
    await sleep(200);
  };
  await output();
  expect((await stat(consoleLog)).size).toBe(15 * 1024 * 1024);
  await truncate(consoleLog, 17 * 1024 * 1024);
  await output();
  await until("an empty log", async () => (await stat(consoleLog)).size === 0);
  expect((await stat(consoleLog)).ino).toBe(ino);
});

const asStranger = (port: number, then: string) =>
  start(
    process.execPath,
    "-e",
    `process.setgid(65534); process.setuid(65534);
     const socket = require("net").connect(${port}, "127.0.0.1", () => { ${then} });
     socket.pipe(process.stdout);`,
  );

async function everythingOf(child: ReturnType<typeof start>): Promise<string> {
  let text = "";
  child.stdout?.on("data", (chunk) => {
    text += chunk;
  });
  await once(child, "close");
  return text;
}

test.runIf(process.getuid?.() === 0)("another account is refused in one line, and never heard", async () => {
  const { qemu, line, port } = await servedConsole();
  line.write("secret\r\n");
  const refused = await everythingOf(asStranger(port, 'socket.write("reboot\\n")'));
  expect(refused).toBe(
    '[console of node.r1: this port is for processes of its owner\'s account on this host; console_access = "host" opens it to others]\r\n',
  );
  expect(qemu.heard).toBe("");
});

test.runIf(process.getuid?.() === 0)(
  "another account that is gone before it is looked up does not pass for root",
  async () => {
    const { child, qemu, port } = await servedConsole();
    child.kill("SIGSTOP");
    await everythingOf(asStranger(port, 'socket.write("reboot\\n", () => process.exit())'));
    await until("the kernel says root of what it left behind", async () => {
      const rows = (await readFile("/proc/net/tcp", "latin1")).split("\n").map((row) => row.trim().split(/\s+/));
      return rows.some((row) => row[2]?.endsWith(`:${port.toString(16).toUpperCase()}`) && row[7] === "0");
    });
    child.kill("SIGCONT");
    const viewer = await RawClient.of(port);
    viewer.socket.write("mine");
    await until("own keys", () => qemu.heard.endsWith("mine"));
    await sleep(200);
    expect(qemu.heard).toBe("mine");
  },
);

test.runIf(process.getuid?.() === 0)(
  "with access for the host another account is let in, but never to the monitor",
  async () => {
    const range = someRange();
    const { directory, client, qemu, port } = await servedConsole({ access: "host" });
    const welcomed = everythingOf(asStranger(port, 'socket.end("hello")'));
    await until("the stranger's keys", () => qemu.heard === "hello");
    await welcomed;
    const monitor = await FakeQemu.at(join(directory, "r1.mon"));
    const console = { type: "telnet", host: "127.0.0.1", port, range } as const;
    const both = await client.serve(
      request("r1", { console, access: "host", monitor: { host: "127.0.0.1", port: null, range } }),
    );
    const refused = await everythingOf(asStranger(both.monitor?.port as number, 'socket.write("quit\\n")'));
    expect(refused).toContain("monitor of node.r1: this port is for processes of its owner's account");
    expect(monitor.heard).toBe("");

    const child = asStranger(port, "");
    const stranger = everythingOf(child);
    await once(child.stdout as NodeJS.EventEmitter, "data");
    await client.serve(request("r1", { console, access: "owner" }));
    expect(await stranger).toContain("from now on for its owner only");
  },
);

const asOwner = (program: string, port: number, environment: readonly string[] = []) =>
  start(
    ...(["env", ...environment, program, "-e"] as const),
    `const socket = require("net").connect(${port}, "127.0.0.1", () => socket.write("mine"));
     socket.pipe(process.stdout);`,
  );

test("a guest that comes through its QEMU's user network does not pass for its owner", async () => {
  const { directory, qemu, line, port } = await servedConsole();
  line.write("secret\r\n");
  const program = join(directory, "qemu-system-x86_64");
  await copyFile(process.execPath, program);
  expect(await everythingOf(asOwner(program, port))).toMatch(/^\[console of node\.r1: this port is for .+\]\r\n$/);
  // A QEMU may have any name, but whatever labform starts has a token.
  const machine = asOwner(process.execPath, port, ["LABFORM_TOKEN=0123"]);
  expect(await everythingOf(machine)).toMatch(/^\[console of node\.r1: this port is for .+\]\r\n$/);
  expect(qemu.heard).toBe("");
  asOwner(process.execPath, port);
  await until("the owner's keys", () => qemu.heard === "mine");
});

test("a client of an IPv6 socket is known too", async () => {
  const { qemu, port } = await servedConsole({
    console: { type: "telnet", host: "::1", port: null, range: someRange() },
  });
  const viewer = await RawClient.of(port, "::1");
  viewer.socket.write("six");
  await until("its keys", () => qemu.heard === "six");
});
