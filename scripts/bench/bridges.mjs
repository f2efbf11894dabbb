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

/** Seconds that a process was on a processor; the clock's ticks are hundredths. */
function processorSeconds({ pid }) {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** How an end is added: `add_nio_…` and its words. */
const ADD = {
  stream: (letter, link) => `stream l${link} ${letter}${link}`,
  single: (letter, link) => `stream l${link} ${letter}${link}`,
  unix: (letter, link) => `unix l${link} ${letter}${link}p ${letter}${link}`,
  udp: (letter, link, port) => {
    const own = port + 4 * link + (letter === "b" ? 1 : 0);
    return `udp l${link} ${own + 2} 127.0.0.1 ${own}`;
  },
};

/**
 * `kind` is stream or single for the built-in bridge, unix or udp for uBridge. Resolves with thousands of frames a second, of
 * time and of the bridge's own on a processor, and its megabytes a second after the first frame and after the last.
 */
async function forwarded(work, kind, size, links, time = seconds) {
  const run = mkdtempSync(join(work, "bridge-"));
  const control = 20_000 + Math.floor(Math.random() * 10_000);
  const port = control + 1;
  const words = [kind, size, time, links, ...(kind === "udp" ? [port] : [])].map(String);
  const generator = spawn(join(work, "frames"), words, { cwd: run, stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface(generator.stdout)[Symbol.asyncIterator]();
  const builtin = kind === "stream" || kind === "single";
  const [program, ...args] = builtin
    ? [process.execPath, resolve("dist/bridge.js"), run, "c"]
    : ["ubridge", "-H", `127.0.0.1:${control}`];
  if ((await lines.next()).value !== "ready") throw new Error("the generator of frames does not begin");
  const bridge = spawn(program, args, { cwd: run, stdio: "ignore" });
  try {
    const socket = await connected(builtin ? { path: join(run, "c") } : { host: "127.0.0.1", port: control });
    for (let link = 0; link < links; link++) {
      await command(socket, `bridge create l${link}`);
      for (const letter of ["a", "b"]) await command(socket, `bridge add_nio_${ADD[kind](letter, link, port)}`);
      await command(socket, `bridge start l${link}`);
    }
    generator.stdin.write("\n");
    const counted = lines.next();
    await new Promise((done) => setTimeout(done, 1000));
    // By then what runs often is compiled.
    const begun = { at: performance.now(), used: processorSeconds(bridge) };
    const early = residentMegabytes(bridge);
    const kpps = Number((await counted).value) / 1000;
    const late = residentMegabytes(bridge);
    const used = (processorSeconds(bridge) - begun.used) / ((performance.now() - begun.at) / 1000);
    socket.destroy();
    return { kpps, busyKpps: kpps / used, early, late };
  } finally {
    generator.kill("SIGKILL");
    bridge.kill("SIGKILL");
  }
}

const carried = async (work, kind, size, links) => (await forwarded(work, kind, size, links)).kpps;

/** Over whichever of its sockets is the faster. */
async function ubridge(work, size) {
  const all = [await forwarded(work, "unix", size, 1), await forwarded(work, "udp", size, 1)];
  return Math.max(...all.map(({ kpps }) => kpps));
}

export const compareBridges = (work, kind, size) =>
  inPairs(
    3,
    () => carried(work, kind, size, 1),
    () => ubridge(work, size),
  );

/** `figure` is kpps, or busyKpps: a host that is busy with something else spoils the first. */
export const compareLinks = (work, size, figure) =>
  inPairs(
    7,
    async () => (await forwarded(work, "stream", size, 8))[figure],
    async () => (await forwarded(work, "stream", size, 1))[figure],
  );

/** The built-in bridge's memory after ten million frames and after its first second. */
export async function memoryOfMany(work) {
  const { kpps } = await forwarded(work, "stream", 64, 1);
  const { early, late } = await forwarded(work, "stream", 64, 1, 10_000 / kpps + 1);
  return { first: late, second: early, ratio: late / early };
}
