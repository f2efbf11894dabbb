import { readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parseStatistics } from "../../../../providers/ubridge/replies.ts";
import { frame, type Peer, Playground, ports, type Running, readCapture } from "../support.ts";

let playground: Playground;
let bridge: Running;

beforeEach(async () => {
  playground = new Playground();
  bridge = await playground.start("builtin");
});
afterEach(() => playground.clear());

const command = (line: string) => bridge.talk(async (hypervisor) => (await hypervisor.request(line.split(" "))).code);
const commands = (...lines: readonly string[]) =>
  bridge.talk((hypervisor) => Promise.all(lines.map(async (line) => (await hypervisor.request(line.split(" "))).code)));
const statistics = () =>
  bridge.talk(async (hypervisor) => parseStatistics((await hypervisor.request(["bridge", "get_stats", "l"])).lines));

/** A link `l` between the peers `a` and `b`, started, both ends connected. */
async function link(...filters: readonly string[]): Promise<[Peer, Peer]> {
  const a = await playground.peer("a");
  const b = await playground.peer("b");
  await commands(
    "bridge create l",
    "bridge add_nio_stream l a",
    "bridge add_nio_stream l b",
    ...filters.map((filter, at) => `bridge add_packet_filter l f${at} ${filter}`),
    "bridge start l",
  );
  await connected(a, b);
  return [a, b];
}

/** Both sides know: the bridge answers a question only after it saw the connection that the peer saw before. */
async function connected(...peers: readonly Peer[]): Promise<void> {
  await Promise.all(peers.map((peer) => peer.until((one) => one.connected)));
  await command("hypervisor version");
}

const numbered = (count: number) => Array.from({ length: count }, (_, at) => `frame ${at}`);

describe("a link of the built-in bridge", () => {
  it("carries frames both ways, whole and in order", async () => {
    const [a, b] = await link();
    const sent = numbered(5000);
    a.send(...sent);
    b.send("back", "x".repeat(65_000));
    await Promise.all([b.until(() => b.frames.length === 5000), a.until(() => a.frames.length === 2)]);
    expect(b.texts).toEqual(sent);
    expect(a.texts).toEqual(["back", "x".repeat(65_000)]);
  });

  it("counts frames and bytes as uBridge does", async () => {
    const [a, b] = await link();
    a.send("12345", "678");
    await b.until(() => b.frames.length === 2);
    expect(await statistics()).toEqual({
      source: { packetsIn: 2, bytesIn: 8, packetsOut: 0, bytesOut: 0, dropped: 0 },
      destination: { packetsIn: 0, bytesIn: 0, packetsOut: 2, bytesOut: 8, dropped: 0 },
    });
    await command("bridge reset_stats l");
    expect((await statistics()).source?.packetsIn).toBe(0);
  });

  it("never passes on an empty frame, which would end the other side's netdev", async () => {
    const [a, b] = await link();
    a.send("one", "", "", "two", "");
    await b.until(() => b.frames.length === 2);
    expect(b.texts).toEqual(["one", "two"]);
  });

  it("drops a peer that sends what no frame can be, and connects to it again", async () => {
    const [a, b] = await link();
    a.send("good", Buffer.from([0x7f, 0xff, 0xff, 0xff]), "lost");
    await a.until(() => a.connections === 2);
    await connected(a);
    a.send("good again");
    await b.until(() => b.frames.length === 2);
    expect(b.texts).toEqual(["good", "good again"]);
    expect(b.connections).toBe(1);
  });

  it("waits for a node that starts later", async () => {
    await commands("bridge create l", "bridge add_nio_stream l a", "bridge add_nio_stream l b", "bridge start l");
    await ports.clock.sleep(300);
    const started = performance.now();
    const [a, b] = [await playground.peer("a"), await playground.peer("b")];
    await connected(a, b);
    expect(performance.now() - started).toBeLessThan(1500);
    a.send("hello");
    await b.until(() => b.texts.includes("hello"));
  });

  it("finds a node that restarts, also where a dead socket was left, and half a frame of before harms nobody", async () => {
    const [a, b] = await link();
    a.send("before", frame("never finished").subarray(0, 9));
    await b.until(() => b.frames.length === 1);
    a.close();
    await a.until((one) => !one.connected);
    writeFileSync(join(playground.host.run, "a"), "what a killed QEMU left");
    await ports.clock.sleep(150);
    await ports.files.remove(join(playground.host.run, "a"));
    await a.listen();
    await connected(a);
    a.send("after");
    await b.until(() => b.frames.length === 2);
    expect(b.texts).toEqual(["before", "after"]);
  });

  it("drops and counts what is sent to a node that is off", async () => {
    const [a, b] = await link();
    b.close();
    await b.until((one) => !one.connected);
    await ports.clock.sleep(50);
    a.send(...numbered(10));
    let dropped = 0;
    for (let turn = 0; turn < 100 && dropped < 10; turn++) {
      await ports.clock.sleep(10);
      dropped = (await statistics()).destination?.dropped ?? 0;
    }
    expect(dropped).toBe(10);
  });

  it("keeps a stalled peer from stopping its sender, within bounds, and counts what it loses", async () => {
    const [a, b] = await link();
    b.readingPaused(true);
    const big = "z".repeat(60_000);
    for (let turn = 0; turn < 100; turn++) a.send(big);
    let taken = 0;
    for (let turn = 0; turn < 200 && taken < 100; turn++) {
      await ports.clock.sleep(10);
      taken = (await statistics()).source?.packetsIn ?? 0;
    }
    expect(taken).toBe(100);
    b.readingPaused(false);
    a.send("last");
    const { destination } = await statistics();
    const lost = destination?.dropped ?? 0;
    expect(lost).toBeGreaterThan(50);
    await b.until(() => b.frames.length === 101 - lost);
    expect(b.texts.at(-1)).toBe("last");
  });

  it("drops what is under way when it is suspended: it does not come later", async () => {
    const [a, b] = await link("delay 100");
    a.send("under way");
    for (let turn = 0; turn < 100 && (await statistics()).source?.packetsIn !== 1; turn++) await ports.clock.sleep(1);
    expect(await command("bridge add_packet_filter l off frequency_drop -1")).toBe(100);
    expect(await command("bridge delete_packet_filter l off")).toBe(100);
    a.send("later");
    await b.until(() => b.frames.length > 0);
    expect(b.texts).toEqual(["later"]);
  });

  it("captures the start of a frame that is longer than a capture takes, and how long it was", async () => {
    const file = join(playground.host.run, "long.pcap");
    const [a, b] = await link();
    expect(await command(`bridge start_capture l ${file}`)).toBe(100);
    a.send("short", "x".repeat(65_600), "y");
    await b.until(() => b.frames.length === 3);
    expect(readCapture(file).frames.map((one) => [one.text.length, one.length])).toEqual([
      [5, 5],
      [65_535, 65_600],
      [1, 1],
    ]);
  });

  it("does not capture through a link", async () => {
    await link();
    const [victim, trap] = ["victim", "trap.pcap"].map((name) => join(playground.host.run, name)) as [string, string];
    writeFileSync(victim, "precious");
    symlinkSync(victim, trap);
    expect(await command(`bridge start_capture l ${trap}`)).toBe(209);
    expect(readFileSync(victim, "utf8")).toBe("precious");
  });

  it("captures to a name of any letters, and not to a full disk", async () => {
    const [a, b] = await link();
    expect(await command("bridge start_capture l /dev/full")).toBe(209);
    const file = join(playground.host.run, "Aufnahme-\u00fc-\u2603.pcap");
    expect(await command(`bridge start_capture l ${file}`)).toBe(100);
    a.send("one");
    await b.until(() => b.frames.length === 1);
    expect(readCapture(file).frames).toHaveLength(1);
  });

  it("holds frames back while it is stopped, and delivers them when it starts again", async () => {
    const [a, b] = await link();
    await command("bridge stop l");
    a.send("held");
    await ports.clock.sleep(50);
    expect(b.frames).toEqual([]);
    await command("bridge start l");
    await b.until(() => b.frames.length === 1);
  });

  it("is gone with its connections when it is deleted", async () => {
    const [a, b] = await link();
    await command("bridge delete l");
    await Promise.all([a.until((one) => !one.connected), b.until((one) => !one.connected)]);
  });
});

describe("impairments of the built-in bridge", () => {
  it("delays a thousand frames a second by 50 ms, and loses none and reorders none", async () => {
    const [a, b] = await link("delay 50");
    const sentAt: number[] = [];
    for (let batch = 0; batch < 50; batch++) {
      for (let at = 0; at < 10; at++) sentAt.push(performance.now());
      a.send(...Array.from({ length: 10 }, (_, at) => `frame ${batch * 10 + at}`));
      await ports.clock.sleep(10);
    }
    await b.until(() => b.frames.length === 500);
    expect(b.texts).toEqual(numbered(500));
    const delays = b.frames.map((one, at) => one.at - (sentAt[at] as number)).toSorted((x, y) => x - y);
    expect(delays[0]).toBeGreaterThanOrEqual(49);
    expect(delays[250]).toBeLessThan(200);
  });

  it("delays both directions", async () => {
    const [a, b] = await link("delay 40");
    const started = performance.now();
    a.send("ping");
    await b.until(() => b.frames.length === 1);
    b.send("pong");
    await a.until(() => a.frames.length === 1);
    expect(performance.now() - started).toBeGreaterThanOrEqual(79);
  });

  it("jitters without reordering", async () => {
    const [a, b] = await link("delay 20 20");
    const sent = numbered(2000);
    a.send(...sent);
    await b.until(() => b.frames.length === 2000);
    expect(b.texts).toEqual(sent);
  });

  it("loses the share it is told", async () => {
    const [a, b] = await link("packet_loss 10");
    a.send(...numbered(20_000));
    await a.until(() => a.connected);
    await ports.clock.sleep(300);
    const { source } = await statistics();
    expect(source?.packetsIn).toBe(20_000);
    // Five standard deviations of a fair toss on either side.
    expect(Math.abs(20_000 - b.frames.length - 2000)).toBeLessThan(215);
    expect(b.texts).toEqual([...b.texts].toSorted((x, y) => Number(x.slice(6)) - Number(y.slice(6))));
  });

  it("loses nothing at 0 and everything at 100 percent", async () => {
    const [a, b] = await link("packet_loss 0");
    a.send(...numbered(1000));
    await b.until(() => b.frames.length === 1000);
    await commands("bridge reset_packet_filters l", "bridge add_packet_filter l all packet_loss 100");
    a.send(...numbered(1000));
    await ports.clock.sleep(100);
    expect(b.frames.length).toBe(1000);
  });

  it("changes under way without loss or reordering", async () => {
    const [a, b] = await link("delay 80");
    a.send(...numbered(100));
    await ports.clock.sleep(20);
    await commands("bridge stop l", "bridge reset_packet_filters l", "bridge start l");
    a.send("later");
    await b.until(() => b.frames.length === 101);
    expect(b.texts).toEqual([...numbered(100), "later"]);
  });
});

describe("the built-in bridge's process", () => {
  const socket = () => join(playground.host.run, "bridge-builtin.sock");

  it("serves a private socket, logs where it was told, and leaves nothing when it is stopped", async () => {
    expect(statSync(socket()).mode & 0o777).toBe(0o600);
    await bridge.talk((hypervisor) => hypervisor.request(["hypervisor", "stop"]));
    expect(await ports.processes.waitForExit(bridge.identity, 2000)).toBe(true);
    expect(() => statSync(socket())).toThrow("ENOENT");
    expect(readFileSync(join(playground.host.run, "bridge-builtin.log"), "utf8")).toContain("serves");
  });

  it("ends on SIGTERM with links on it", async () => {
    await link("delay 1000");
    ports.processes.signal(bridge.identity, "SIGTERM");
    expect(await ports.processes.waitForExit(bridge.identity, 2000)).toBe(true);
  });

  it("replaces the socket of a dead predecessor, and yields to a living one", async () => {
    await expect(playground.start("builtin")).rejects.toThrow("Another bridge serves this lab already");
    ports.processes.signal(bridge.identity, "SIGKILL");
    await ports.processes.waitForExit(bridge.identity, 2000);
    expect(statSync(socket()).isSocket()).toBe(true);
    bridge = await playground.start("builtin");
    expect(await command("hypervisor version")).toBe(100);
  });

  it("survives what clients do: nonsense, endless lines, leaving in the middle", async () => {
    const rude = connect(socket());
    rude.on("error", () => {});
    const heard = new Promise<string>((resolve) => rude.once("data", (chunk) => resolve(chunk.toString())));
    rude.write(Buffer.alloc(200_000, 0x61));
    expect(await heard).toBe("200-Parse error: line too long\r\n");
    rude.write(Buffer.from([0, 0xff, 0x0a, 0x0d, 0x0a, 0x22, 0x0a]));
    rude.write("bridge show l\nbridge cre");
    rude.destroy();
    const deaf = connect(socket());
    deaf.on("error", () => {});
    deaf.pause();
    for (let turn = 0; turn < 20; turn++) deaf.write("bridge list\n".repeat(1000));
    await ports.clock.sleep(100);
    deaf.destroy();
    expect(await command("hypervisor version")).toBe(100);
  });
});
