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

/**
 * `kind` is stream (the built-in bridge), unix or udp (uBridge). Resolves with thousands of frames a second, and how many
 * megabytes the bridge had after each run; the first of two warms it.
 */
async function forwarded(work, kind, size, links, runs = [seconds]) {
  const run = mkdtempSync(join(work, "bridge-"));
  const port = 20_000 + Math.floor(Math.random() * 10_000);
  const target = kind === "stream" ? { path: join(run, "c") } : { host: "127.0.0.1", port };
  const bridge =
    kind === "stream"
      ? spawn(process.execPath, [resolve("dist/bridge.js"), run, "c"], { cwd: run, stdio: "ignore" })
      : spawn("ubridge", ["-H", `127.0.0.1:${port}`], { cwd: run, stdio: "ignore" });
  const figures = { kpps: 0, megabytes: [] };
  try {
    const control = await connected(target);
    for (const [round, time] of runs.entries()) {
      const first = port + 1 + round * 4 * links;
      const words = [kind, size, time, links, ...(kind === "udp" ? [first] : [])].map(String);
      const directory = mkdtempSync(join(run, "frames-"));
      const at = kind === "stream" ? run : directory;
      const generator = spawn(join(work, "frames"), words, { cwd: at, stdio: ["pipe", "pipe", "inherit"] });
      const lines = createInterface(generator.stdout)[Symbol.asyncIterator]();
      if ((await lines.next()).value !== "ready") throw new Error("the generator does not begin");
      for (let link = 0; link < links; link++) {
        await command(control, `bridge create l${link}`);
        for (const [end, letter] of ["a", "b"].entries()) await command(control, ends[kind](link, letter, end, first, at));
        await command(control, `bridge start l${link}`);
      }
      generator.stdin.write("\n");
      figures.kpps = Number((await lines.next()).value) / 1000;
      figures.megabytes.push(residentMegabytes(bridge));
      for (let link = 0; link < links; link++) await command(control, `bridge delete l${link}`);
      generator.kill();
      if (kind === "stream") for (let link = 0; link < links; link++) for (const end of "ab") rmSync(join(run, `${end}${link}`));
    }
    control.destroy();
    return figures;
  } finally {
    bridge.kill("SIGKILL");
  }
}
