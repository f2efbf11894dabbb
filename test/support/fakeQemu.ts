import { rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";

/** The commands of a start in their order; `listen`: before it opens its sockets. `greeting`: before it says who it is. */
export type Moment = "listen" | "greeting" | "qmp_capabilities" | "query-status" | "set_link" | "cont";

/** What a QEMU does wrong, once: at its listening, or when it was asked something. */
export interface Misdeed {
  readonly at: Moment;
  /**
   * exit: ends with a word on its standard error. kill: is ended by SIGKILL. hang: does nothing any more. close: closes
   * the connection and lives on. garbage: answers what is no QMP. half: answers half a line and no more. refuse: says no.
   * running: says that its guest runs already.
   */
  readonly does: "exit" | "kill" | "hang" | "close" | "garbage" | "half" | "refuse" | "running";
  /** What it should do is done first. */
  readonly late?: boolean;
}

const REAL = "/usr/bin/qemu-system-x86_64";

/** An executable in a directory that says of itself what QEMU does, and as a machine does one thing wrong. */
export class FakeQemu {
  readonly path: string;
  readonly #behaviour: string;

  constructor(directory: string) {
    this.path = join(directory, "qemu-system-x86_64");
    this.#behaviour = join(directory, "misdeed.json");
    writeFileSync(this.path, program(this.#behaviour), { mode: 0o755 });
  }

  will(misdeed: Misdeed): void {
    writeFileSync(this.#behaviour, JSON.stringify(misdeed));
  }

  /** From now on the real one stands there. */
  mend(): void {
    rmSync(this.path);
    symlinkSync(REAL, this.path);
  }
}

function program(behaviour: string): string {
  return `#!${process.execPath}
const { spawnSync } = require("node:child_process");
const { readFileSync } = require("node:fs");
const { createServer } = require("node:net");
const args = process.argv.slice(2);
if (!args.includes("-S")) process.exit(spawnSync(${JSON.stringify(REAL)}, args, { stdio: "inherit" }).status ?? 1);
const { at, does, late = false } = JSON.parse(readFileSync(${JSON.stringify(behaviour)}, "utf8"));
const socketOf = (id) => args.find((one) => one.startsWith("socket,id=" + id + ","))?.match(/path=([^,]*)/)[1];
let peer, hangs = false;
const send = (message) => peer.write(JSON.stringify(message) + "\\r\\n");
const misdeeds = {
  exit() { process.stderr.write("qemu-system-x86_64: something is wrong with it\\n"); process.exit(1); },
  kill() { process.kill(process.pid, "SIGKILL"); },
  hang() { hangs = true; },
  close() { peer.destroy(); },
  garbage() { peer.write("Welcome to another program!\\r\\n"); },
  half() { peer.write('{"return": {"sta'); hangs = true; },
  refuse(id) { send({ id, error: { class: "GenericError", desc: "it will not" } }); },
  running(id) { send({ id, return: { status: "running", running: true } }); },
};
function doing(moment, id, act) {
  if (hangs) return;
  if (moment !== at) return act();
  if (late) act();
  if (late && does === "exit") setTimeout(misdeeds.exit, 50);
  else misdeeds[does](id);
}
function answer({ execute, id }) {
  const result = execute === "query-status" ? { status: "prelaunch", running: false } : {};
  doing(execute, id, () => send({ id, return: result }));
}
function listen() {
  createServer((one) => {
    peer = one;
    peer.on("error", () => {});
    let text = "";
    peer.on("data", (bytes) => {
      const lines = (text + bytes).split("\\n");
      text = lines.pop();
      for (const line of lines) answer(JSON.parse(line));
    });
    doing("greeting", undefined, () =>
      send({ QMP: { version: { qemu: { major: 7, minor: 2, micro: 22 } }, capabilities: [] } }));
  }).listen(socketOf("control"));
}
setInterval(() => {}, 1000);
doing("listen", undefined, listen);
`;
}
