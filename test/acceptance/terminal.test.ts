import { execFile, execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { resolve } from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { guest } from "../support/guest.ts";
import { TestLab } from "../support/lab.ts";
import { TelnetClient } from "../support/telnet.ts";
import { TerminalRun } from "../support/terminal.ts";

const CTRL_C = "\x03";
const CTRL_BRACKET = "\x1d";

let lab: TestLab;
const runs: TerminalRun[] = [];
/** Another try sees on the console what the one before it did. */
let naps = 0;

beforeAll(async () => {
  const { kernel, initrd } = guest();
  lab = new TestLab({
    "a.lab.hcl": `
lab "terminal" {}
provider "ubridge" {
  engine = "builtin"
}
node "r1" {
  adapters            = 1
  ram                 = 96
  adapter_type        = "virtio-net-pci"
  kernel_image        = ${JSON.stringify(kernel)}
  initrd              = ${JSON.stringify(initrd)}
  kernel_command_line = "console=ttyS0 labform.name=r1 labform.ip=10.0.0.1/24"
  ready {
    console = "ready"
  }
}
node "bare" {
  for_each = toset(["x", "y"])
  ram      = 16
}
link "ab" {
  endpoints = [node.r1.adapter[0], node.bare["x"].adapter[0]]
  delay_ms  = 20
}
`,
  });
  const { exitCode, stderr } = await lab.run(["apply", "-auto-approve"]);
  expect(exitCode, stderr).toBe(0);
});
afterEach(() => {
  for (const run of runs.splice(0)) run.close();
});
afterAll(() => lab.close());

function onTerminal(...args: readonly string[]): TerminalRun {
  // What the terminal is like afterwards is asked of the terminal itself.
  const settings = "stty -a | tr ' ' '\\n' | grep -xE -e '-?(icanon|echo|isig|opost)'";
  const command = ["sh", "-c", `trap : INT; "$@"; echo "STATUS=$?"; ${settings}`, "sh"];
  const run = new TerminalRun(lab, args, command);
  runs.push(run);
  return run;
}

const COOKED = ["opost", "isig", "icanon", "echo"];

async function ended(run: TerminalRun) {
  const { screen } = await run.end();
  const lines = screen.lines.map((line) => line.trimEnd()).filter((line) => line !== "");
  const at = lines.findIndex((line) => line.startsWith("STATUS="));
  return { screen, before: lines.slice(0, at), status: lines[at], settings: lines.slice(at + 1) };
}

test("a console shows its last lines below the hint, gives every key to the guest, and leaves the terminal as it was", async () => {
  const run = onTerminal("console", "r1");
  const screen = await run.shows(/ready/);
  expect(screen.lines[0]).toBe("Connected to node.r1's console. Ctrl-] leaves.");
  expect(screen.lines.findLastIndex((line) => line !== "")).toBeLessThan(24);
  run.type("\r");
  await run.shows(/r1# $/m);
  // In a shell of its own: one interrupt ends it, whether it sleeps yet or not.
  const nap = `asleep-${++naps}-`;
  run.type(`(echo ${nap}$((1+1)); exec sleep 1000)\r`);
  await run.shows(new RegExp(`^${nap}2`, "m"));
  run.type(CTRL_C);
  // Whether the key is echoed is decided between the guest's kernel and its shell, which takes the terminal back.
  await run.shows(new RegExp(`^${nap}2\\s+(\\^C\\s*)?r1# $`, "m"));
  run.type("echo a$((1+1))b\r");
  await run.shows(/^a2b/m);
  run.resize(100, 30);
  run.type("printf '\\033[?1049h\\033[31m\\033[?25l\\033[?1000h\\033[?2004hle%s\\n' ft\r");
  await run.shows(/^left/m);
  run.type(CTRL_BRACKET);
  const { screen: after, before, status, settings } = await ended(run);
  expect(before.at(-1)).toBe("Left node.r1's console.");
  expect(before).toContain("a2b");
  expect(before.join("\n")).not.toMatch(/^left/m);
  expect(after.cursor.visible).toBe(true);
  expect(status).toBe("STATUS=0");
  expect(settings).toEqual(COOKED);
});

test("a console client that never reads does not stop the guest", async () => {
  const { host, port } = lab.instance("node.r1").attributes.console;
  const asleep = connect({ host, port });
  asleep.on("error", () => {});
  asleep.pause();
  const awake = connect({ host, port });
  let tail = "";
  let length = 0;
  awake.on("data", (chunk: Buffer) => {
    length += chunk.length;
    tail = (tail + chunk.toString("latin1")).slice(-2000);
  });
  awake.write("yes 0123456789abcdef0123456789abcdef | head -n 4000; echo done-$((40+2))\r");
  await expect.poll(() => tail, { timeout: 50_000 }).toContain("done-42");
  expect(length).toBeGreaterThan(130_000);
  awake.destroy();
  asleep.destroy();
});

test("a console stays through the end and the next start of its node", async () => {
  const run = onTerminal("console", "r1");
  await run.shows(/Connected/);
  expect((await lab.run(["stop", "r1"])).exitCode).toBe(0);
  await run.shows(/the node is off; this connection stays/);

  const piped = await lab.run(["console", "r1"], { input: "reboot\n" });
  expect(piped.exitCode).toBe(1);
  expect(piped.stderr).toMatch(/node\.r1 is off: stopped by hand/);
  const late = onTerminal("console", "r1");
  await late.shows(/node\.r1 is off: stopped by hand .*goes on here when\s+it starts/);
  expect((await lab.run(["monitor", "r1", "info status"])).stderr).toContain("node.r1 is off");
  const unready = await lab.run(["wait", "r1"]);
  expect(unready.exitCode).toBe(1);
  expect(unready.stderr).toContain("It is off: stopped by hand");

  const log = lab.start(["logs", "r1", "-f", "-lines=0"]);
  const starting = lab.run(["start", "r1"]);
  const waited = await lab.run(["wait", "r1", "-timeout=60s"]);
  expect(waited.exitCode, waited.stderr).toBe(0);
  expect((await starting).exitCode).toBe(0);
  await run.shows(/the node runs\][\s\S]*guest r1 ready/);
  await late.shows(/guest r1 ready/);
  await sleep(600);
  log.kill("SIGINT");
  const followed = await log.result;
  expect(followed.exitCode, followed.stderr).toBe(0);
  expect(followed.stdout).toContain("guest r1 ready");
});

test("logs are printed as they were written, harmless on a terminal, and followed when they are emptied", async () => {
  const path = `${lab.instance("node.r1").attributes.directory}/console.log`;
  const { host, port } = lab.instance("node.r1").attributes.console;
  const guestShell = await TelnetClient.connect(host, port);
  await guestShell.command("printf '\\033[2J\\033]0;title\\007\\033[32mgreen\\033[0m-%s\\n' end");
  const whole = await lab.run(["logs", "node.r1"]);
  expect(whole.exitCode, whole.stderr).toBe(0);
  expect(whole.stdout).toBe(readFileSync(path, "utf8"));
  expect((await lab.run(["logs", "r1", "-lines=3"])).stdout).toBe(
    readFileSync(path, "utf8").split("\n").slice(-3).join("\n"),
  );
  expect((await lab.run(["logs", "r1", "-qemu"])).stdout).toContain("qemu-system-x86_64 -name");

  const run = onTerminal("logs", "r1", "-f");
  const shown = await run.shows(/green-end/);
  expect(shown.lines.length).toBeGreaterThan(24);
  execFileSync("truncate", ["-s", "0", path]);
  await guestShell.command("echo after-$((1+1))-emptied");
  await run.shows(/^after-2-emptied/m);
  run.type(CTRL_C);
  expect((await ended(run)).status).toBe("STATUS=0");
  guestShell.close();
});

test("a log whose reader leaves ends without a word", async () => {
  const line = '"$@" | head -n 1; echo "STATUS=${PIPESTATUS[0]}"';
  const labform = [process.execPath, resolve("dist/labform.js"), "logs", "r1", "-f"];
  const options = { cwd: lab.directory, env: lab.environment() };
  const piped = promisify(execFile)("bash", ["-c", line, "bash", ...labform], options);
  await sleep(1000);
  const { host, port } = lab.instance("node.r1").attributes.console;
  const guestShell = await TelnetClient.connect(host, port);
  await guestShell.command("echo something more");
  guestShell.close();
  const { stdout, stderr } = await piped;
  expect(stdout).toMatch(/^[^\n]*\nSTATUS=0\n$/);
  expect(stderr).toBe("");
});

test("the monitor answers a command, says what it could not do, and can be attached to", async () => {
  const network = await lab.run(["monitor", "r1", "info", "network"]);
  expect(network.exitCode, network.stderr).toBe(0);
  expect(network.stdout).toMatch(/^nic0: .*virtio-net-pci/);
  expect(network.stdout).not.toContain("\r");
  expect((await lab.run(["monitor", "bare[x]", "--", "info", "block", "-v"])).exitCode).toBe(0);
  for (const [line, words] of [
    ["no_such_command", "unknown command: 'no_such_command'"],
    ["device_del nothing", "Error: Device 'nothing' not found"],
    ["set_link nic0", "Expected 'on' or 'off'"],
  ] as const) {
    const { exitCode, stderr, stdout } = await lab.run(["monitor", 'node.bare["x"]', line]);
    expect([exitCode, stdout]).toEqual([1, ""]);
    expect(stderr).toContain(words);
  }
  const run = onTerminal("monitor", "r1");
  await run.shows(/Connected to node\.r1's monitor/);
  run.type("info status\r");
  await run.shows(/VM status: running/);
  run.type(CTRL_C);
  run.type(CTRL_BRACKET);
  const { status, settings, before } = await ended(run);
  expect(before.at(-1)).toBe("Left node.r1's monitor.");
  expect([status, ...settings]).toEqual(["STATUS=0", ...COOKED]);
  expect((await lab.run(["monitor", "bare[y]", "quit"])).exitCode).toBe(0);
  expect((await lab.run(["status"])).stdout).toMatch(/^node\.bare\["y"\] +down.*told to quit/m);
});

test("the status on a terminal follows what happens and the terminal's size, and stays when it is left", async () => {
  const run = onTerminal("status", "-watch=300ms");
  await run.shows(/^node\.r1 +running .*\n[\s\S]*service\.keeper +running/m);
  await run.shows(/^link\.ab +up .*delay_ms=20/m);
  expect((await lab.run(["monitor", "r1", "stop"])).exitCode).toBe(0);
  expect((await lab.run(["monitor", "r1", "cont"])).exitCode).toBe(0);
  run.type("keys that are not shown\r");
  run.resize(50, 6);
  const small = await run.shows(/… and \d+ more/);
  expect(small.view.filter((line) => line !== "").length).toBeLessThanOrEqual(6);
  run.resize(120, 30);
  await run.shows(/service\.keeper +running/);
  expect((await lab.run(["stop", 'bare["x"]'])).exitCode).toBe(0);
  await run.shows(/^node\.bare\["x"\] +off .*stopped by hand/m);
  run.type(CTRL_C);
  const { screen, before, status, settings } = await ended(run);
  expect([status, ...settings]).toEqual(["STATUS=0", ...COOKED]);
  // A terminal that shrinks may scroll a line of the table off before the program knows of it; no painting adds one.
  expect(before.filter((line) => line.startsWith("ADDRESS")).length).toBeLessThanOrEqual(2);
  expect(before.at(-1)).toMatch(/^service\.keeper +running/);
  expect(before.join("\n")).not.toContain("keys that are not shown");
  expect(screen.cursor.visible).toBe(true);
});

test("the status can be watched as documents, a line each", async () => {
  const watching = lab.start(["status", "-watch=300ms", "-json"]);
  await sleep(2000);
  watching.kill("SIGINT");
  const { exitCode, stdout } = await watching.result;
  expect(exitCode).toBe(0);
  const documents = stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(documents.length).toBeGreaterThan(2);
  for (const { format_version, instances } of documents) {
    expect(format_version).toBe("1.0");
    expect(instances.find((one: { address: string }) => one.address === "node.r1")).toMatchObject({
      condition: "running",
      ready: true,
      pid: expect.any(Number),
      started: expect.stringMatching(/^\d{4}-/),
      console: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
    });
  }
});
