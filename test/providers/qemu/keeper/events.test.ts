import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { FakeQemu, keeperIn, request, runDirectory, until } from "./support.ts";

interface Recorded {
  readonly time: string;
  readonly event: string;
  readonly data: unknown;
}

async function recorded(file: string): Promise<Recorded[]> {
  const text = await readFile(file, "utf8").catch(() => "");
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Recorded);
}

async function servedEvents() {
  const directory = await runDirectory();
  const path = join(directory, "r1.evt");
  const file = join(directory, "r1.events");
  const qemu = await FakeQemu.at(path);
  const keeper = await keeperIn(directory);
  await keeper.client.serve(request("r1", { console: null }));
  const socket = await qemu.connected();
  return { directory, path, file, qemu, socket, ...keeper };
}

const GREETING = '{"QMP": {"version": {}, "capabilities": ["oob"]}}\r\n';

function event(name: string, data: unknown = {}): string {
  return `${JSON.stringify({ timestamp: { seconds: 1_700_000_000, microseconds: 250_000 }, event: name, data })}\r\n`;
}

test("what QEMU says of itself is written down with QEMU's time", async () => {
  const { file, qemu, socket, client } = await servedEvents();
  socket.write(GREETING);
  await until("capabilities", () => qemu.heard === '{"execute": "qmp_capabilities"}\n{"execute": "query-status"}\n');
  expect((await client.list()).nodes[0]?.connected).toBe(true);
  const text = `{"return": {}}\r\n${event("RESUME")}${event("SHUTDOWN", { guest: true, reason: "guest-shutdown" })}`;
  socket.write(text.slice(0, 40));
  socket.write(text.slice(40));
  expect(await until("two events", async () => (await recorded(file))[1] && recorded(file))).toEqual([
    { time: "2023-11-14T22:13:20.250Z", event: "RESUME", data: {} },
    { time: "2023-11-14T22:13:20.250Z", event: "SHUTDOWN", data: { guest: true, reason: "guest-shutdown" } },
  ]);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  socket.destroy();
  await until("the end is seen", async () => (await client.list()).nodes[0]?.connected === false);
  expect(await recorded(file)).toHaveLength(2);
});

test("it is known whether a guest stands still, from QEMU's answer and its events on", async () => {
  const { qemu, socket, client } = await servedEvents();
  const paused = async () => (await client.list()).nodes[0]?.paused;
  expect(await paused()).toBeNull();
  socket.write(GREETING);
  await until("the question", () => qemu.heard.includes("query-status"));
  expect(await paused()).toBeNull();
  const says = async (text: string, expected: boolean) => {
    socket.write(text);
    await until(`paused is ${expected} after ${text}`, async () => (await paused()) === expected);
  };
  await says('{"return": {}}\r\n{"return": {"status": "prelaunch", "running": false}}\r\n', true);
  await says(event("RESUME"), false);
  await says(event("STOP"), true);
  await says('{"return": {"status": "suspended", "running": false}}\r\n', false);
  socket.destroy();
  await until("it is forgotten", async () => (await paused()) === null);
});

test("a QEMU that went without a word is noted as ended, a keeper that goes is not", async () => {
  const { directory, path, file, qemu, socket, client } = await servedEvents();
  socket.write(GREETING);
  await until("capabilities", () => qemu.heard !== "");
  qemu.quit();
  const [ended] = await until("a note", async () => (await recorded(file)).length > 0 && recorded(file));
  expect(ended).toEqual({ time: expect.any(String), event: "ended", data: {} });
  expect(Math.abs(Date.parse(ended?.time as string) - Date.now())).toBeLessThan(5000);

  const again = await FakeQemu.at(path);
  (await again.connected()).write(GREETING);
  await until("capabilities again", () => again.heard !== "");
  await client.stop();
  await until(
    "the keeper is gone",
    async () => (await stat(join(directory, "keeper.sock")).catch(() => null)) === null,
  );
  expect(await recorded(file)).toHaveLength(1);
});

test("garbage, endless lines and half documents harm nothing", async () => {
  const { file, qemu, socket } = await servedEvents();
  socket.write(`garbage\n\n[]\nnull\n{"event": 7}\n{"QMP"\n${"x".repeat(600 * 1024)}\n${GREETING}`);
  await until("capabilities", () => qemu.heard !== "");
  socket.write('{"timestamp": {"seconds": -1, "microseconds": -1}, "event": "STOP"}\n');
  const events = await until("an event", async () => (await recorded(file)).length > 0 && recorded(file));
  expect(events).toMatchObject([{ event: "STOP", data: {} }]);
  expect(Math.abs(Date.parse(events[0]?.time as string) - Date.now())).toBeLessThan(5000);
});

test("the file keeps the last 200 kB, in whole lines, and half a line of a killed keeper spoils none", async () => {
  const { file, qemu, socket } = await servedEvents();
  await writeFile(file, '{"time": "half a li');
  socket.write(GREETING);
  await until("capabilities", () => qemu.heard !== "");
  for (let number = 0; number < 6000; number++) socket.write(event("RTC_CHANGE", { offset: number }));
  const text = await until("the last event", async () => {
    const content = await readFile(file, "utf8");
    return content.includes('"offset":5999') && content;
  });
  expect(text.length).toBeGreaterThan(200 * 1024);
  expect(text.length).toBeLessThanOrEqual(300 * 1024);
  const offsets = (await recorded(file)).map((line) => (line.data as { offset: number }).offset);
  expect(offsets).toEqual(Array.from({ length: offsets.length }, (_, at) => 6000 - offsets.length + at));
});
