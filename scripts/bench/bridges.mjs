// Frames a second that each bridge forwards on one link, 64 bytes each. The generators are Node programs over each
// bridge's own kind of socket: framed Unix streams for the built-in one, UDP for uBridge.
import { spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { existsSync, mkdtempSync } from "node:fs";
import { connect, createServer } from "node:net";
import { join, resolve } from "node:path";
import process from "node:process";
import { inPairs } from "./measure.mjs";

const seconds = 2;
const size = 64;

async function command(socket, text) {
  socket.write(`${text}\n`);
  const [answer] = await once(socket, "data");
  if (!/^100-/m.test(answer.toString())) throw new Error(`${text}: ${answer}`);
}

async function connected(target) {
  for (let tries = 0; tries < 400; tries++) {
    const socket = connect(target);
    try {
      await once(socket, "connect");
      return socket;
    } catch {
      await new Promise((done) => setTimeout(done, 5));
    }
  }
  throw new Error(`nothing listens on ${JSON.stringify(target)}`);
}

async function builtin(work) {
  const run = mkdtempSync(join(work, "b-"));
  const bridge = spawn(process.execPath, [resolve("dist/bridge.js"), run, "c"], { cwd: run, stdio: "ignore" });
  const ends = await Promise.all(
    ["a", "b"].map(async (name) => {
      const server = createServer().listen(join(run, name));
      await once(server, "listening");
      return server;
    }),
  );
  try {
    const control = await connected(join(run, "c"));
    await command(control, "bridge create x");
    const accepted = ends.map((server) => once(server, "connection"));
    await command(control, `bridge add_nio_stream x a`);
    await command(control, `bridge add_nio_stream x b`);
    await command(control, "bridge start x");
    const [[sender], [receiver]] = await Promise.all(accepted);
    const frame = Buffer.alloc(4 + size);
    frame.writeUInt32BE(size);
    const batch = Buffer.concat(Array.from({ length: 256 }, () => frame));
    let bytes = 0;
    receiver.on("data", (chunk) => (bytes += chunk.length));
    const end = performance.now() + seconds * 1000;
    while (performance.now() < end) if (!sender.write(batch)) await once(sender, "drain");
    control.destroy();
    sender.destroy();
    receiver.destroy();
    return bytes / (4 + size) / seconds / 1000;
  } finally {
    bridge.kill("SIGKILL");
    for (const server of ends) server.close();
  }
}

async function ubridge() {
  const port = 20_000 + Math.floor(Math.random() * 10_000);
  const bridge = spawn("ubridge", ["-H", `127.0.0.1:${port}`], { stdio: "ignore" });
  const [sender, receiver] = [createSocket("udp4"), createSocket("udp4")];
  try {
    const control = await connected({ host: "127.0.0.1", port });
    await new Promise((done) => sender.bind(port + 1, "127.0.0.1", done));
    await new Promise((done) => receiver.bind(port + 2, "127.0.0.1", done));
    await command(control, "bridge create x");
    await command(control, `bridge add_nio_udp x ${port + 3} 127.0.0.1 ${port + 1}`);
    await command(control, `bridge add_nio_udp x ${port + 4} 127.0.0.1 ${port + 2}`);
    await command(control, "bridge start x");
    let frames = 0;
    receiver.on("message", () => frames++);
    const frame = Buffer.alloc(size, 1);
    const end = performance.now() + seconds * 1000;
    while (performance.now() < end) {
      for (let at = 0; at < 32; at++) sender.send(frame, port + 3, "127.0.0.1");
      await new Promise((done) => setImmediate(done));
    }
    control.write("hypervisor close\n");
    return frames / seconds / 1000;
  } finally {
    sender.close();
    receiver.close();
    bridge.kill("SIGKILL");
  }
}

export function compareBridges(work) {
  if (!existsSync("dist/bridge.js")) throw new Error("build first");
  return inPairs(3, () => builtin(work), ubridge);
}
