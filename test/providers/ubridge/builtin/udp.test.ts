import { createSocket, type Socket } from "node:dgram";
import { afterEach, beforeEach, expect, it } from "vitest";
import { parseStatistics } from "../../../../providers/ubridge/replies.ts";
import { until } from "../../../support/until.ts";
import { type Peer, Playground, ports, type Running } from "../support.ts";

let playground: Playground;
let bridge: Running;
let sockets: Socket[];

beforeEach(async () => {
  playground = new Playground();
  sockets = [];
  bridge = await playground.start("builtin");
});
afterEach(async () => {
  for (const socket of sockets) socket.close();
  expect(ports.processes.status(bridge.identity)).toBe("alive");
  await playground.clear();
});

const codes = (...lines: readonly string[]) =>
  bridge.talk((hypervisor) => Promise.all(lines.map(async (line) => (await hypervisor.request(line.split(" "))).code)));
const statistics = () =>
  bridge.talk(async (hypervisor) => parseStatistics((await hypervisor.request(["bridge", "get_stats", "l"])).lines));

async function socketOn(port: number): Promise<{ readonly socket: Socket; readonly heard: Buffer[] }> {
  const socket = createSocket("udp4");
  const heard: Buffer[] = [];
  socket.on("message", (message) => heard.push(message));
  sockets.push(socket);
  await new Promise<void>((done, failed) => {
    socket.once("error", failed);
    socket.bind(port, "127.0.0.1", done);
  });
  return { socket, heard };
}

/** A link from a node to a socket of another host, and the port that the bridge has for it. */
async function link(remotePort: number): Promise<{ readonly node: Peer; readonly port: number }> {
  const node = await playground.peer("a");
  await codes("bridge create l", "bridge add_nio_stream l a");
  for (let left = 10; left > 0; left--) {
    const port = 20_000 + Math.floor(Math.random() * 10_000);
    const [code] = await codes(`bridge add_nio_udp l ${port} 127.0.0.1 ${remotePort}`);
    if (code !== 100) continue;
    await codes("bridge start l");
    await node.until((one) => one.connected);
    await codes("hypervisor version");
    return { node, port };
  }
  throw new Error("no port is free");
}

it("takes frames of its peer alone, and of these no empty ones", async () => {
  const other = await socketOn(0);
  const stranger = await socketOn(0);
  const { node, port } = await link(other.socket.address().port);
  stranger.socket.send("from a stranger", port, "127.0.0.1");
  other.socket.send("", port, "127.0.0.1");
  other.socket.send("from the peer", port, "127.0.0.1");
  await node.until(() => node.frames.length > 0, 20_000);
  expect(node.texts).toEqual(["from the peer"]);
  expect((await statistics()).destination?.packetsIn).toBe(1);
});

it("carries frames as long as a datagram can be, and counts what is longer as dropped", async () => {
  const other = await socketOn(0);
  const { node, port } = await link(other.socket.address().port);
  const lengths = [9000, 65_507];
  for (const length of [...lengths, 65_535]) node.send("j".repeat(length));
  await until(async () => (await statistics()).destination?.dropped === 1);
  await until(() => other.heard.length === 2);
  expect(other.heard.map((one) => one.length)).toEqual(lengths);
  other.socket.send(Buffer.alloc(9000, "k"), port, "127.0.0.1");
  await node.until(() => node.frames.length === 1, 20_000);
  expect(node.texts).toEqual(["k".repeat(9000)]);
});

it("outlives a peer that is not there yet, goes and comes again", async () => {
  const first = await socketOn(0);
  const remote = first.socket.address().port;
  first.socket.close();
  sockets.pop();
  const { node } = await link(remote);
  for (let round = 0; round < 2; round++) {
    // Refused by the host: nobody is there.
    node.send("into the void", "into the void");
    await ports.clock.sleep(30);
    const peer = await socketOn(remote);
    // The first frame may still be told what became of those before it.
    await until(async () => {
      node.send("there?");
      await ports.clock.sleep(10);
      return peer.heard.some((one) => one.toString() === "there?");
    });
    peer.socket.close();
    sockets.pop();
  }
});

it("keeps no more than its queue holds while the link is stopped, and counts the rest", async () => {
  const other = await socketOn(0);
  const { node, port } = await link(other.socket.address().port);
  await codes("bridge stop l");
  const big = Buffer.alloc(60_000, "z");
  let sent = 0;
  await until(async () => {
    other.socket.send(big, port, "127.0.0.1");
    sent++;
    return ((await statistics()).destination?.dropped ?? 0) > 0;
  });
  await codes("bridge start l");
  await node.until(() => node.frames.length > 10, 20_000);
  expect(node.frames.length).toBeLessThan(sent);
});
