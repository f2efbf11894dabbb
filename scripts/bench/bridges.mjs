// What each bridge forwards, in thousands of frames a second. The frames come from frames.c, a program of its own, because
// one in Node offers fewer than a bridge takes; it speaks each bridge's kind of socket in the cheapest way there is, and
// of uBridge's two the faster counts. Everything shares the host's processors, so it is what they allow together.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import { join, resolve } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import { inPairs } from "./measure.mjs";

const seconds = 1.5;

/** False where no C compiler is. */
export function compileGenerator(work) {
  try {
    execFileSync("cc", ["-O2", "-pthread", "-o", join(work, "frames"), resolve("scripts/bench/frames.c")]);
    return true;
  } catch (error) {
    if (error.code === "ENOENT") return false;
    throw error;
  }
}

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

const residentMegabytes = ({ pid }) =>
  Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))[1]) / 1024;

/** How an end is added: `add_nio_…` and its words. */
const ADD = {
  stream: (letter, link) => `stream l${link} ${letter}${link}`,
  unix: (letter, link) => `unix l${link} ${letter}${link}p ${letter}${link}`,
  udp: (letter, link, port) => {
    const own = port + 4 * link + (letter === "b" ? 1 : 0);
    return `udp l${link} ${own + 2} 127.0.0.1 ${own}`;
  },
};

/**
 * `kind` is stream for the built-in bridge, unix or udp for uBridge. Resolves with thousands of frames a second, and the
 * bridge's megabytes a second after the first frame and after the last.
 */
async function forwarded(work, kind, size, links, time = seconds) {
  const run = mkdtempSync(join(work, "bridge-"));
  const control = 20_000 + Math.floor(Math.random() * 10_000);
  const port = control + 1;
  const words = [kind, size, time, links, ...(kind === "udp" ? [port] : [])].map(String);
  const generator = spawn(join(work, "frames"), words, { cwd: run, stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface(generator.stdout)[Symbol.asyncIterator]();
  const [program, ...args] =
    kind === "stream"
      ? [process.execPath, resolve("dist/bridge.js"), run, "c"]
      : ["ubridge", "-H", `127.0.0.1:${control}`];
  if ((await lines.next()).value !== "ready") throw new Error("the generator of frames does not begin");
  const bridge = spawn(program, args, { cwd: run, stdio: "ignore" });
  try {
    const socket = await connected(kind === "stream" ? { path: join(run, "c") } : { host: "127.0.0.1", port: control });
    for (let link = 0; link < links; link++) {
      await command(socket, `bridge create l${link}`);
      for (const letter of ["a", "b"]) await command(socket, `bridge add_nio_${ADD[kind](letter, link, port)}`);
      await command(socket, `bridge start l${link}`);
    }
    generator.stdin.write("\n");
    const counted = lines.next();
    await new Promise((done) => setTimeout(done, 1000));
    const early = residentMegabytes(bridge);
    const kpps = Number((await counted).value) / 1000;
    const late = residentMegabytes(bridge);
    socket.destroy();
    return { kpps, early, late };
  } finally {
    generator.kill("SIGKILL");
    bridge.kill("SIGKILL");
  }
}

const builtin = async (work, size, links) => (await forwarded(work, "stream", size, links)).kpps;

/** Over whichever of its sockets is the faster. */
async function ubridge(work, size) {
  const all = [await forwarded(work, "unix", size, 1), await forwarded(work, "udp", size, 1)];
  return Math.max(...all.map(({ kpps }) => kpps));
}

export const compareBridges = (work, size) =>
  inPairs(
    3,
    () => builtin(work, size, 1),
    () => ubridge(work, size),
  );

export const compareLinks = (work, size) =>
  inPairs(
    5,
    () => builtin(work, size, 8),
    () => builtin(work, size, 1),
  );

/** The built-in bridge's memory after ten million frames and after its first second. */
export async function memoryOfMany(work) {
  const { kpps } = await forwarded(work, "stream", 64, 1);
  const { early, late } = await forwarded(work, "stream", 64, 1, 10_000 / kpps + 1);
  return { first: late, second: early, ratio: late / early };
}
