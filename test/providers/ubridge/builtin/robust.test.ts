import { appendFileSync, statSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { parseStatistics } from "../../../../providers/ubridge/replies.ts";
import { until } from "../../../support/until.ts";
import { frame, type Peer, Playground, ports, type Running } from "../support.ts";

let playground: Playground;
let bridge: Running;

beforeEach(async () => {
  playground = new Playground();
  bridge = await playground.start("builtin");
});
afterEach(async () => {
  expect(ports.processes.status(bridge.identity)).toBe("alive");
  await playground.clear();
});

const commands = (...lines: readonly string[]) =>
  bridge.talk((hypervisor) => Promise.all(lines.map(async (line) => (await hypervisor.request(line.split(" "))).code)));
const statistics = (name: string) =>
  bridge.talk(async (hypervisor) => parseStatistics((await hypervisor.request(["bridge", "get_stats", name])).lines));

async function link(name: string): Promise<[Peer, Peer]> {
  const ends: [Peer, Peer] = [await playground.peer(`${name}a`), await playground.peer(`${name}b`)];
  await commands(
    `bridge create ${name}`,
    `bridge add_nio_stream ${name} ${name}a`,
    `bridge add_nio_stream ${name} ${name}b`,
    `bridge start ${name}`,
  );
  await Promise.all(ends.map((end) => end.until((one) => one.connected)));
  // It answers only after it saw the connections that its peers saw before.
  await commands("hypervisor version");
  return ends;
}

/** Numbers that look drawn and are the same each time. */
function* drawn(seed: number): Generator<number, never> {
  for (let state = seed; ; ) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    yield state / 2 ** 32;
  }
}

it("frames come out as they went in, however their bytes were cut", async () => {
  const [a, b] = await link("l");
  const random = drawn(7);
  const sent = Array.from({ length: 300 }, (_, at) => `${at} `.padEnd(Math.floor(random.next().value * 3000), "."));
  const bytes = Buffer.concat(sent.map(frame));
  for (let at = 0; at < bytes.length; ) {
    const length = 1 + Math.floor(random.next().value ** 4 * 20_000);
    a.send(bytes.subarray(at, at + length));
    at += length;
    await new Promise((resolve) => setImmediate(resolve));
  }
  await b.until(() => b.frames.length === sent.length, 20_000);
  expect(b.texts).toEqual(sent);
});

it("frames of 9,000 and 65,535 bytes pass, and the largest that a netdev takes; what is longer ends only its sender's connection", async () => {
  const [a, b] = await link("l");
  const sent = [9000, 65_535, 4096 + 65_536, 64].map((length) => "j".repeat(length));
  a.send(...sent);
  await b.until(() => b.frames.length === 4);
  expect(b.texts).toEqual(sent);
  a.send("j".repeat(4096 + 65_537));
  await a.until(() => a.connections === 2);
  expect(b.connections).toBe(1);
});

it("a stalled reader loses what is too much for its queue, and no other link notices", async () => {
  const [a, stalled] = await link("l");
  const [c, d] = await link("m");
  stalled.readingPaused(true);
  const big = "z".repeat(60_000);
  for (let turn = 0; turn < 100; turn++) {
    a.send(big);
    c.send(`frame ${turn}`);
  }
  await d.until(() => d.frames.length === 100, 20_000);
  await until(async () => (await statistics("l")).source?.packetsIn === 100);
  expect((await statistics("l")).destination?.dropped).toBeGreaterThan(50);
  expect((await statistics("m")).destination?.dropped).toBe(0);
});

it("its log is emptied when it has grown, whatever goes on", async () => {
  const [a] = await link("l");
  const log = join(playground.host.run, "bridge-builtin.log");
  appendFileSync(log, "a line like any other\n".repeat(20_000));
  a.send(Buffer.from([0xff, 0xff, 0xff, 0xff]));
  await until(() => statSync(log).size < 10_000);
  // What stands there is the newest line, and not behind a hole where the others were.
  expect((await ports.files.readText(log)).split(" ")[1]).toMatch(/^la:/);
});

const NAMES = ["l", "l", "m", "s", "nobody", ""];

/** Words that commands know and words that they do not. */
const MODULES = ["bridge", "bridge", "bridge", "switch", "hypervisor", "nothing", "", "#", '"'];
const VERBS = [
  ...["create", "delete", "start", "stop", "rename", "list", "show", "get_stats", "reset_stats", "cmd_list", "version"],
  ...["add_nio_stream", "delete_nio_stream", "add_nio_udp", "delete_nio_udp", "add_nio_switch", "set_switch_port"],
  ...["start_capture", "append_capture", "limit_capture", "stop_capture", "reset", "module_list", "set_aging"],
  ...["add_packet_filter", "delete_packet_filter", "add_packet_filter_toward", "reset_packet_filters", "mac_table"],
  ...["delete_packet_filter_toward", "no_such_command"],
];
const ARGUMENTS = [
  ...["l", "m", "s", "x", "a/b", "../up", "", '""', '"two words"', '"', "#", "!", "\t", "\r", "\0", "\xff\xfe"],
  ...["0", "1", "-1", "2", "100", "101", "1e9", "999999999", "0.000001", "65535", "65536", "4294967296", "NaN"],
  ...["127.0.0.1", "::1", "delay", "rate", "packet_loss", "corrupt", "frequency_drop", "bpf", "EN10MB", "NOTYPE"],
  ...["plain", "access", "trunk", "1-4094", "10,20-29", "20-10", "c.pcap", "/nowhere/c.pcap", ".", "x".repeat(300)],
];

it("any line of words gets one reply with a code, three thousand of them, and the bridge lives", async () => {
  const random = drawn(20_260);
  const one = (words: readonly string[]) => words[Math.floor(random.next().value * words.length)] as string;
  const lines = Array.from({ length: 3000 }, () => {
    const [module, verb] = [one(MODULES), one(VERBS)];
    const words = Array.from({ length: Math.floor(random.next().value * 5) }, () => one(ARGUMENTS));
    // What ends the bridge or empties it is tried elsewhere.
    if (module === "hypervisor") return [module, /^(stop|reset)$/.test(verb) ? "version" : verb, ...words].join(" ");
    return [module, verb, one(NAMES), ...words].join(" ");
  });
  lines.unshift("switch create s 300", "bridge create l", "bridge create m");
  const [a, b] = await link("kept");
  const client = connect(join(playground.host.run, bridge.control));
  const replies: string[] = [];
  let rest = "";
  client.on("data", (chunk) => {
    const parts = (rest + chunk.toString("latin1")).split("\r\n");
    rest = parts.pop() ?? "";
    replies.push(...parts.filter((part) => !part.startsWith("101 ")));
  });
  try {
    for (let at = 0; at < lines.length; at += 100) {
      client.write(`${lines.slice(at, at + 100).join("\n")}\n`, "latin1");
      await until(() => replies.length >= Math.min(lines.length, at + 100));
    }
    expect(replies).toHaveLength(lines.length);
    for (const [at, reply] of replies.entries()) expect(reply, lines[at] as string).toMatch(/^(100|2\d\d)-/);
    expect(new Set(replies.map((reply) => reply.slice(0, 3))).size).toBeGreaterThanOrEqual(8);
  } finally {
    client.destroy();
  }
  a.send("still there");
  await b.until(() => b.frames.length === 1);
});
