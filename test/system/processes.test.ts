import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { build } from "esbuild";
import { expect, test } from "vitest";
import type { ProcessIdentity } from "../../src/core/ports.ts";
import { createPorts } from "../../src/system/index.ts";
import { parseStat } from "../../src/system/procfs.ts";
import { afterThisTest, temporaryDirectory } from "./support.ts";

const { processes, clock, random } = createPorts();

async function start(command: readonly string[], change: { token?: string; logFile?: string } = {}) {
  const identity = await processes.spawn({
    command: command[0] as string,
    arguments: command.slice(1),
    directory: "/",
    token: change.token ?? random.hex(16),
    logFile: change.logFile ?? "/dev/null",
  });
  afterThisTest(() => killSession(identity.pid));
  return identity;
}

/** With the children it started, which its own end does not end. */
function killSession(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // It has ended already.
  }
}

const statField = (pid: number, field: number) =>
  readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /, "")
    .split(" ")[field - 3];

test("a spawned process is alone in its session, without a terminal, and sees only what it is allowed to", async () => {
  process.env.LABFORM_TEST_SECRET = "secret";
  const { pid, token } = await start(["sleep", "60"]);
  expect(statField(pid, 6)).toBe(String(pid));
  expect(statField(pid, 7)).toBe("0");
  const environment = readFileSync(`/proc/${pid}/environ`, "utf8").split("\0").filter(Boolean);
  expect(environment).toContain(`LABFORM_TOKEN=${token}`);
  const names = environment.map((entry) => entry.slice(0, entry.indexOf("=")));
  expect(["PATH", "HOME", "LANG", "TMPDIR", "LABFORM_TOKEN"]).toEqual(expect.arrayContaining(names));
});

test("its output is appended to the log, its input is empty", async () => {
  const logFile = join(await temporaryDirectory(), "log");
  writeFileSync(logFile, "header\n");
  const identity = await start(["sh", "-c", "cat; echo out; echo err >&2; pwd"], { logFile });
  expect(await processes.waitForExit(identity, 5000)).toBe(true);
  expect(readFileSync(logFile, "utf8")).toBe("header\nout\nerr\n/\n");
});

test("its use of the host is told while it lives: the memory it has, and when it was started", async () => {
  const before = clock.now();
  const identity = await start(["sleep", "60"]);
  // A program that is being loaded has more from one moment to the next.
  processes.signal(identity, "SIGSTOP");
  while (statField(identity.pid, 3) !== "T") await clock.sleep(2);
  const usage = processes.usage(identity);
  const kibibytes = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${identity.pid}/status`, "utf8"))?.[1];
  expect(usage?.residentBytes).toBe(Number(kibibytes) * 1024);
  // The kernel counts in hundredths of a second.
  expect(Math.abs((usage?.startedMs ?? 0) - before)).toBeLessThan(1000);
  expect(processes.usage({ ...identity, token: "another" })).toBeUndefined();
  processes.signal(identity, "SIGKILL");
  await processes.waitForExit(identity, 5000);
  expect(processes.usage(identity)).toBeUndefined();
});

test("a process that ends at once still has an identity, and is gone", async () => {
  const identity = await start(["true"]);
  expect(identity.startTime).toMatch(/^\d+$/);
  expect(await processes.waitForExit(identity, 5000)).toBe(true);
  expect(processes.status(identity)).toBe("gone");
  expect(processes.signal(identity, "SIGTERM")).toBe(false);
});

test("what cannot be executed is told with its reason", async () => {
  const directory = await temporaryDirectory();
  const plain = join(directory, "plain");
  writeFileSync(plain, "", { mode: 0o600 });
  await expect(start(["/no/such/program"])).rejects.toMatchObject({ code: "ENOENT" });
  await expect(start([plain])).rejects.toMatchObject({ code: "EACCES" });
  const request = { command: "true", arguments: [], token: "t", logFile: "/dev/null" };
  const missing = join(directory, "missing");
  await expect(processes.spawn({ ...request, directory: missing })).rejects.toThrow(missing);
  await expect(processes.spawn({ ...request, directory: "/", logFile: missing + "/log" })).rejects.toThrow(missing);
});

test("signals reach the process, and its end is noticed", async () => {
  const identity = await start(["sleep", "60"]);
  expect(processes.status(identity)).toBe("alive");
  expect(await processes.waitForExit(identity, 30)).toBe(false);
  const waiting = processes.waitForExit(identity, 5000);
  expect(processes.signal(identity, "SIGTERM")).toBe(true);
  expect(await waiting).toBe(true);
  expect(processes.status(identity)).toBe("gone");
});

test("a stopped process is alive", async () => {
  const identity = await start(["sleep", "60"]);
  processes.signal(identity, "SIGSTOP");
  while (statField(identity.pid, 3) !== "T") await clock.sleep(2);
  expect(processes.status(identity)).toBe("alive");
});

test("waiting for an end is aborted with the signal's reason", async () => {
  const identity = await start(["sleep", "60"]);
  const controller = new AbortController();
  const waiting = processes.waitForExit(identity, 60_000, controller.signal);
  controller.abort(new Error("enough"));
  await expect(waiting).rejects.toThrow("enough");
});

test.each<[string, Partial<ProcessIdentity>, string]>([
  ["with another start time is gone: the pid is a new process's", { startTime: "1" }, "gone"],
  ["of another account is gone", { uid: 54321 }, "gone"],
  ["with another token is gone", { token: "other" }, "gone"],
  ["under a pid nobody has is gone", { pid: 4_194_304 }, "gone"],
  ["of another boot is known to be of that boot", { bootId: "other" }, "rebooted"],
  ["of another pid namespace is neither alive nor gone", { pidNamespace: "pid:[1]" }, "elsewhere"],
])("a process %s, and is never signalled", async (_, change, status) => {
  const identity = await start(["sleep", "60"]);
  const other = { ...identity, ...change };
  expect(processes.status(other)).toBe(status);
  expect(processes.signal(other, "SIGKILL")).toBe(false);
  expect(await processes.waitForExit(other, 20)).toBe(status !== "elsewhere");
  expect(processes.socketInodes(other)).toBeUndefined();
  await clock.sleep(20);
  expect(processes.status(identity)).toBe("alive");
});

test("a zombie is gone", async () => {
  const token = random.hex(16);
  // The shell becomes a program that never reaps what the shell started.
  const parent = await start(["sh", "-c", `LABFORM_TOKEN=${token} sleep 0.2 & exec sleep 60`]);
  let child: ProcessIdentity | undefined;
  while (!child) {
    await clock.sleep(5);
    child = processes.findByTokens(new Set([token])).get(token);
  }
  expect(processes.status(child)).toBe("alive");
  expect(await processes.waitForExit(child, 5000)).toBe(true);
  expect(statField(child.pid, 3)).toBe("Z");
  expect(process.kill(child.pid, 0)).toBe(true);
  expect(processes.status(child)).toBe("gone");
  expect(processes.findByTokens(new Set([token])).size).toBe(0);
  expect(processes.status(parent)).toBe("alive");
});

test("processes are found by their tokens, in one pass, with the identity they were started with", async () => {
  const [one, other] = [await start(["sleep", "60"]), await start(["sleep", "60"])];
  await start(["sleep", "60"]);
  const found = processes.findByTokens(new Set([one.token, other.token, "nobody's"]));
  expect([...found]).toHaveLength(2);
  expect(found.get(one.token)).toEqual(one);
  expect(found.get(other.token)).toEqual(other);
  expect(processes.findByTokens(new Set()).size).toBe(0);
});

test("of a program and its children it is the program that is found", async () => {
  const identity = await start(["sh", "-c", "sleep 60 & sleep 60 & wait"]);
  await clock.sleep(50);
  expect(processes.findByTokens(new Set([identity.token])).get(identity.token)).toEqual(identity);
});

test("a token in the arguments proves nothing", async () => {
  const token = random.hex(16);
  await start(["sh", "-c", "sleep 60 & wait", `LABFORM_TOKEN=${token}`]);
  expect(processes.findByTokens(new Set([token])).size).toBe(0);
});

test("a program's name may hold spaces and parentheses", async () => {
  const directory = await temporaryDirectory();
  const program = join(directory, "a) R (1 2");
  copyFileSync("/bin/sleep", program);
  const identity = await start([program, "60"]);
  expect(processes.status(identity)).toBe("alive");
  const fields = Array.from({ length: 30 }, (_, index) => index + 4);
  expect(parseStat(`12 (x) Z) S ${fields.join(" ")}`)).toEqual({ state: "S", startTime: "22", threads: 20 });
  expect(parseStat("")).toBeUndefined();
});

test("the sockets a process holds are known by inode", async () => {
  const directory = await temporaryDirectory();
  const script = `require("net").createServer().listen(${JSON.stringify(join(directory, "s"))})`;
  const identity = await start([process.execPath, "-e", script]);
  while (!existsSync(join(directory, "s"))) await clock.sleep(5);
  const listed = readFileSync("/proc/net/unix", "utf8")
    .split("\n")
    .find((line) => line.endsWith(`${directory}/s`));
  const inode = Number(listed?.trim().split(/\s+/)[6]);
  expect(processes.socketInodes(identity)).toContain(inode);
  const server = createServer().listen(join(directory, "own"));
  afterThisTest(() => server.close());
  expect(processes.socketInodes(await start(["sleep", "60"]))?.size).toBe(0);
});

test("a command is run to its end, with what it wrote and how it ended", async () => {
  process.env.LABFORM_TEST_SECRET = "secret";
  const directory = await temporaryDirectory();
  const script = 'pwd; echo "$LABFORM_TEST_SECRET" >&2; exit 3';
  expect(await processes.run("sh", ["-c", script], { directory })).toEqual({
    exitCode: 3,
    signal: null,
    stdout: `${directory}\n`,
    stderr: "\n",
  });
  expect(await processes.run("sh", ["-c", "kill -TERM $$"])).toMatchObject({ exitCode: null, signal: "SIGTERM" });
  await expect(processes.run("/no/such/program", [])).rejects.toMatchObject({ code: "ENOENT" });
});

test("a command that takes too long is killed with everything that holds its output", async () => {
  const begin = performance.now();
  const result = await processes.run("sh", ["-c", "echo early; sleep 30 & sleep 30; wait"], { timeoutMs: 200 });
  expect(performance.now() - begin).toBeLessThan(5000);
  expect(result).toMatchObject({ exitCode: null, signal: "SIGKILL", stdout: "early\n" });
});

test("what is run is killed with its children when its signal aborts, also one that aborted before", async () => {
  const begin = performance.now();
  const controller = new AbortController();
  const command = ["-c", "echo early; sleep 30 & sleep 30; wait"];
  const running = processes.run("sh", command, { signal: controller.signal });
  setTimeout(() => controller.abort(), 200);
  expect(await running).toMatchObject({ exitCode: null, signal: "SIGKILL", stdout: "early\n" });
  expect(await processes.run("sh", command, { signal: controller.signal })).toMatchObject({ signal: "SIGKILL" });
  expect(performance.now() - begin).toBeLessThan(5000);
});

test("programs are found on PATH or in a directory, when they can be executed", async () => {
  const directory = await temporaryDirectory();
  writeFileSync(join(directory, "tool"), "", { mode: 0o700 });
  writeFileSync(join(directory, "data"), "", { mode: 0o600 });
  symlinkSync("/no/such/program", join(directory, "dangling"));
  expect(await processes.find("tool", directory)).toBe(join(directory, "tool"));
  expect(await processes.find("data", directory)).toBeUndefined();
  expect(await processes.find("dangling", directory)).toBeUndefined();
  expect(await processes.find("sh", directory)).toBeUndefined();
  expect(await processes.find("sh")).toMatch(/^\/.*\/sh$/);
  expect(await processes.find("no-such-program")).toBeUndefined();
  expect(await processes.find(join(directory, "tool"))).toBe(join(directory, "tool"));
  expect(await processes.find("/tmp")).toBeUndefined();
});

test("what was started outlives the process that started it, which ends without waiting", async () => {
  const bundle = "node_modules/.cache/labform-test/starter.mjs";
  const contents = `
    import { createPorts } from "./src/system/index.ts";
    const request = { command: "sleep", arguments: ["60"], directory: "/", token: "outlives", logFile: "/dev/null" };
    console.log(JSON.stringify(await createPorts().processes.spawn(request)));`;
  const stdin = { contents, resolveDir: process.cwd() };
  await build({ stdin, outfile: bundle, bundle: true, format: "esm", platform: "node", packages: "external" });
  const identity = JSON.parse(execFileSync(process.execPath, [bundle], { encoding: "utf8", timeout: 10_000 }));
  afterThisTest(() => processes.signal(identity, "SIGKILL"));
  expect(processes.status(identity)).toBe("alive");
  expect(processes.findByTokens(new Set(["outlives"])).get("outlives")).toEqual(identity);
});
