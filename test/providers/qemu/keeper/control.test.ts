import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { stat } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { KeeperClient, KeeperError, KeeperSilent } from "../../../../providers/qemu/keeper/client.ts";
import { PROTOCOL } from "../../../../providers/qemu/keeper/protocol.ts";
import {
  afterTest,
  FakeQemu,
  keeperIn,
  RawClient,
  request,
  runDirectory,
  sockets,
  someRange,
  start,
  startKeeper,
  until,
} from "./support.ts";

/** Sends text as it is and returns the answers. */
async function say(directory: string, text: string, answers: number): Promise<unknown[]> {
  const socket = connect(join(directory, "keeper.sock"));
  afterTest(() => socket.destroy());
  socket.on("error", () => {});
  let heard = "";
  socket.on("data", (chunk) => {
    heard += chunk;
  });
  socket.end(text);
  await until("all answers", () => heard.split("\n").length > answers);
  return heard
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as unknown);
}

test("a keeper says who it is, and its socket is its owner's alone", async () => {
  const directory = await runDirectory();
  const { child, client } = await keeperIn(directory);
  expect(await client.ping()).toEqual({ version: expect.stringMatching(/^\d+\.\d+\.\d+/), pid: child.pid, nodes: 0 });
  expect((await stat(join(directory, "keeper.sock"))).mode & 0o777).toBe(0o600);
});

test("requests that make no sense are answered, each with what is wrong", async () => {
  const directory = await runDirectory();
  const { client } = await keeperIn(directory);
  const lines = [
    "nonsense",
    "[]",
    '{"id": 1, "command": 7}',
    '{"id": 2, "command": "dance"}',
    '{"id": 3, "command": "serve"}',
    `{"id": 4, "command": "serve", "arguments": ${JSON.stringify(request("../up"))}}`,
    `{"id": 5, "command": "serve", "arguments": ${JSON.stringify({ ...request("r1"), access: "everybody" })}}`,
    '{"id": "six", "command": "ping"}',
  ];
  const answers = await say(directory, `${lines.join("\n")}\n`, lines.length);
  expect(answers).toMatchObject([
    { id: null, error: { code: "malformed" } },
    { id: null, error: { code: "malformed" } },
    { id: null, error: { code: "malformed" } },
    { id: 2, error: { code: "unknown-command", message: 'unknown command "dance"' } },
    { id: 3, error: { code: "bad-arguments", message: "node must be 1 to 48 of the characters a-z, 0-9 and -" } },
    { id: 4, error: { code: "bad-arguments" } },
    { id: 5, error: { code: "bad-arguments", message: 'access must be "owner" or "host"' } },
    { id: "six", result: { nodes: 0 } },
  ]);
  expect((await client.ping()).nodes).toBe(0);
});

test("a request without end is cut off with an answer", async () => {
  const directory = await runDirectory();
  await keeperIn(directory);
  const [answer] = await say(directory, "x".repeat(1024 * 1024 + 10), 1);
  expect(answer).toMatchObject({ id: null, error: { code: "malformed" } });
});

test("a killed keeper's successor replaces its socket and serves the node again at its port", async () => {
  const directory = await runDirectory();
  const qemu = await FakeQemu.at(join(directory, "r1-0.con"));
  const first = await keeperIn(directory);
  const served = await first.client.serve(request("r1-0"));
  const port = served.console?.port as number;
  await qemu.connected();
  first.child.kill("SIGKILL");
  await once(first.child, "exit");
  await expect(first.client.ping()).rejects.toThrow(KeeperSilent);

  const second = await keeperIn(directory);
  const wanted = { type: "telnet", host: "127.0.0.1", port, range: someRange() } as const;
  expect(await second.client.serve(request("r1-0", { console: wanted }))).toEqual(served);
  await until("the successor connects to QEMU", () => qemu.connections.length === 2);
  const viewer = await RawClient.of(port);
  qemu.connections[1]?.write("still here\r\n");
  await viewer.hears("still here");
});

test("a second keeper leaves a living one alone", async () => {
  const directory = await runDirectory();
  const { client } = await keeperIn(directory);
  const second = startKeeper(directory);
  let log = "";
  second.stderr?.on("data", (chunk) => {
    log += chunk;
  });
  expect(await once(second, "exit")).toEqual([1, null]);
  expect(log).toContain("another keeper listens");
  expect((await client.ping()).nodes).toBe(0);
});

test("stop is answered, closes what was open and leaves no socket", async () => {
  const directory = await runDirectory();
  const { child, client } = await keeperIn(directory);
  const { console } = await client.serve(request("r1"));
  const viewer = await RawClient.of(console?.port as number);
  await viewer.hears("node is off");
  const exit = once(child, "exit");
  await client.stop();
  expect(await exit).toEqual([0, null]);
  await viewer.hears("the keeper of this lab ends");
  await expect(stat(join(directory, "keeper.sock"))).rejects.toThrow("ENOENT");
});

test("a keeper that does not answer is silent after the time given to it", async () => {
  const directory = await runDirectory();
  const { child, client } = await keeperIn(directory);
  child.kill("SIGSTOP");
  const impatient = await KeeperClient.connect(sockets, directory, 100);
  afterTest(() => impatient.close());
  const before = performance.now();
  await expect(impatient.ping()).rejects.toThrow('the keeper did not answer "ping" in 100 ms');
  expect(performance.now() - before).toBeLessThan(1000);
  child.kill("SIGCONT");
  expect((await client.ping()).pid).toBe(child.pid);
});

test("where no keeper is, connecting says so", async () => {
  const directory = await runDirectory();
  await expect(KeeperClient.connect(sockets, directory)).rejects.toThrow(
    "the keeper does not listen on its socket (ENOENT)",
  );
});

test("what is no answer counts as silence", async () => {
  const directory = await runDirectory();
  const stranger = createServer((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n"));
  stranger.listen(join(directory, "keeper.sock"));
  await once(stranger, "listening");
  afterTest(() => stranger.close());
  const client = await KeeperClient.connect(sockets, directory);
  await expect(client.ping()).rejects.toThrow(KeeperSilent);
});

test("each node gets the first free port of the range, and keeps it when it is served again", async () => {
  const directory = await runDirectory();
  const { client } = await keeperIn(directory);
  const range = someRange();
  const squatter = createServer().listen(range[0], "127.0.0.1");
  afterTest(() => squatter.close());
  await once(squatter, "listening");
  const place = { host: "127.0.0.1", port: null, range };
  const both = { console: { type: "telnet", ...place } as const, monitor: place };
  expect(await client.serve(request("r1", both))).toEqual({
    console: { host: "127.0.0.1", port: range[0] + 1 },
    aux: null,
    monitor: { host: "127.0.0.1", port: range[0] + 2 },
  });
  const second = await client.serve(request("r2", both));
  expect(second.console?.port).toBe(range[0] + 3);
  expect(await client.serve(request("r2", both))).toEqual(second);
  expect(await client.list()).toEqual({
    protocol: PROTOCOL,
    nodes: [
      {
        node: "r1",
        connected: false,
        paused: null,
        console: { host: "127.0.0.1", port: range[0] + 1 },
        aux: null,
        monitor: { host: "127.0.0.1", port: range[0] + 2 },
      },
      { node: "r2", connected: false, paused: null, ...second },
    ],
  });
  await client.release("r1");
  await client.release("r1");
  await expect(RawClient.of(range[0] + 1)).rejects.toThrow("ECONNREFUSED");
  expect((await client.serve(request("r3", both))).console?.port).toBe(range[0] + 1);
});

test("a port that is taken is an error that names who has it, and changes nothing", async () => {
  const directory = await runDirectory();
  const { client } = await keeperIn(directory);
  const first = await client.serve(request("r1"));
  const taken = first.console?.port as number;
  const range = [taken, taken] as const;
  const error = await client
    .serve(request("r2", { console: { type: "telnet", host: "127.0.0.1", port: taken, range } }))
    .catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(KeeperError);
  expect(error).toMatchObject({
    code: "port-taken",
    message: `port ${taken} of 127.0.0.1 is taken by the console of node.r1`,
  });

  const stranger = start(
    process.execPath,
    "-e",
    "require('net').createServer().listen(0, '127.0.0.1', function () { console.log(this.address().port) })",
  );
  const [announced] = (await once(stranger.stdout as NodeJS.EventEmitter, "data")) as [Buffer];
  const port = Number(announced.toString());
  const free = someRange();
  const half = client.serve(
    request("r2", {
      console: { type: "telnet", host: "127.0.0.1", port: null, range: free },
      monitor: { host: "127.0.0.1", port, range: free },
    }),
  );
  await expect(half).rejects.toThrow(`port ${port} of 127.0.0.1 is taken by node (pid ${stranger.pid})`);
  await expect(RawClient.of(free[0])).rejects.toThrow("ECONNREFUSED");
  expect((await client.list()).nodes.map((node) => node.node)).toEqual(["r1"]);

  const none = client.serve(request("r2", { console: { type: "telnet", host: "127.0.0.1", port: null, range } }));
  await expect(none).rejects.toThrow(`every port of 127.0.0.1 from ${taken} to ${taken} is taken`);
  const nowhere = client.serve(
    request("r2", { console: { type: "telnet", host: "192.0.2.1", port: null, range: free } }),
  );
  await expect(nowhere).rejects.toMatchObject({ code: "address-unavailable" });
});

test("a console that moves to another port keeps its clients", async () => {
  const directory = await runDirectory();
  const qemu = await FakeQemu.at(join(directory, "r1.con"));
  const { client } = await keeperIn(directory);
  const before = await client.serve(request("r1"));
  const line = await qemu.connected();
  const viewer = await RawClient.of(before.console?.port as number);
  await viewer.hears("\xff");
  const after = await client.serve(
    request("r1", { console: { type: "telnet", host: "127.0.0.1", port: null, range: [30_000, 30_100] } }),
  );
  expect(after.console?.port).toBeGreaterThanOrEqual(30_000);
  await expect(RawClient.of(before.console?.port as number)).rejects.toThrow("ECONNREFUSED");
  line.write("moved\r\n");
  await viewer.hears("moved");
  await client.serve(request("r1", { console: null }));
  await viewer.hears("no longer served");
  await until("the viewer is gone", () => viewer.closed);
});

test("noise on every socket leaves the keeper as it was", async () => {
  const directory = await runDirectory();
  const [serial, monitor, events] = [
    await FakeQemu.at(join(directory, "r1.con")),
    await FakeQemu.at(join(directory, "r1.mon")),
    await FakeQemu.at(join(directory, "r1.evt")),
  ];
  const { client } = await keeperIn(directory);
  const place = { host: "127.0.0.1", port: null, range: someRange() };
  const served = await client.serve(request("r1", { console: { type: "telnet", ...place }, monitor: place }));
  const viewers = [
    await RawClient.of(served.console?.port as number),
    await RawClient.of(served.monitor?.port as number),
  ];
  const control = connect(join(directory, "keeper.sock"));
  control.on("error", () => {});
  afterTest(() => control.destroy());
  const ends = [control, ...viewers.map((viewer) => viewer.socket)];
  for (const qemu of [serial, monitor, events]) ends.push(await qemu.connected());
  for (let round = 0; round < 50; round++) {
    for (const end of ends) if (!end.destroyed) end.write(randomBytes(4096));
    await sleep(2);
  }
  for (const end of ends) end.destroy();
  await RawClient.of(served.console?.port as number);
  expect(await client.list()).toMatchObject({ nodes: [{ node: "r1", ...served }] });
});
