import { statSync } from "node:fs";
import type { Server } from "node:net";
import { connect, createServer } from "node:net";
import process from "node:process";
import { afterEach, beforeEach, expect, it } from "vitest";
import { TestLab } from "../support/lab.ts";

/** Ports of its own: other labs of this host may run beside it. */
const range = [31_000 + 20 * (process.pid % 80), 31_019 + 20 * (process.pid % 80)] as const;

function text(settings: string): string {
  return `lab "consoles" {}
provider "qemu" {
  console_ports = [${range.join(", ")}]
}
node "a" {
  ram      = 16
  adapters = 0

  disk "hda" {
    size = "1M"
  }
  ${settings}
}
`;
}

let lab: TestLab;
let server: Server | undefined;

beforeEach(async () => {
  lab = new TestLab({ "a.lab.hcl": text('console_type = "vnc"\n  aux_console  = "telnet"') });
  await apply();
});

afterEach(async () => {
  server?.close();
  server = undefined;
  await lab.close();
});

async function apply(): Promise<void> {
  const { exitCode, stderr } = await lab.run(["apply", "-auto-approve"]);
  expect([exitCode, stderr]).toEqual([0, ""]);
}

function node() {
  const { pid, console: front, aux, uuid } = lab.instance("node.a").attributes;
  const overlay = statSync(`${lab.instance("node.a").attributes.directory}/hda.qcow2`);
  return { pid, console: front.port as number, aux: aux?.port as number, uuid, disk: overlay.ino };
}

/** What is said first to who connects; undefined where nobody listens. */
function firstWord(port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.on("data", (chunk) => {
      resolve(chunk.toString("latin1"));
      socket.destroy();
    });
    socket.on("error", () => resolve(undefined));
    socket.on("close", () => resolve(""));
  });
}

it("a screen and a serial port are shown, told apart, and reached by the commands", async () => {
  const { console: screen, aux } = node();
  expect(await firstWord(screen)).toBe("RFB 003.008\n");
  const { stdout: table } = await lab.run(["status"]);
  expect(table).toContain(`vnc://127.0.0.1:${screen}`);
  expect(table).toMatch(new RegExp(`AUX.*\\n(.*\\n)*node\\.a .*127\\.0\\.0\\.1:${aux}`));
  const { instances } = JSON.parse((await lab.run(["status", "-json"])).stdout);
  expect(instances.find((one: { address: string }) => one.address === "node.a")).toMatchObject({
    console: `vnc://127.0.0.1:${screen}`,
    aux: `127.0.0.1:${aux}`,
  });
  expect(await lab.run(["console", "a"])).toEqual({
    exitCode: 0,
    signal: null,
    stdout: `vnc://127.0.0.1:${screen}\n`,
    stderr: "The console of node.a is a screen, for a viewer such as remote-viewer or vncviewer:\n",
  });
  expect(await lab.run(["console", "-aux", "a"], { input: "\n" })).toMatchObject({ exitCode: 0, stderr: "" });
  expect(await lab.run(["logs", "-aux", "a"])).toMatchObject({ exitCode: 0, stderr: "" });
  expect((await lab.run(["logs", "a"])).stderr).toContain('its console_type is not "telnet"');
});

it("a port moves while the node runs, a type restarts it and keeps its disk and its ports", async () => {
  const before = node();
  const free = Array.from({ length: 20 }, (_, at) => range[1] - at).find((port) => port !== before.aux) as number;
  lab.write("a.lab.hcl", text(`console_type = "vnc"\n  console_port = ${free}\n  aux_console  = "telnet"`));
  expect((await lab.run(["plan"])).stdout).toMatch(/node\.a will be updated/);
  await apply();
  expect(node()).toEqual({ ...before, console: free });
  expect([await firstWord(before.console), await firstWord(free)]).toEqual([undefined, "RFB 003.008\n"]);

  lab.write("a.lab.hcl", text('aux_console  = "vnc"'));
  expect((await lab.run(["plan"])).stdout).toContain("restart");
  await apply();
  const after = node();
  expect(after.pid).not.toBe(before.pid);
  expect(after).toEqual({ ...before, console: free, pid: after.pid });
  expect(await firstWord(after.aux)).toBe("RFB 003.008\n");
  expect(await firstWord(after.console)).toMatch(/^\xff\xfb/);

  lab.write("a.lab.hcl", text('console_type = "none"'));
  await apply();
  expect(lab.instance("node.a").attributes).toMatchObject({ console: null, aux: null, uuid: before.uuid });
  expect([await firstWord(after.console), await firstWord(after.aux)]).toEqual([undefined, undefined]);
});

it("a port that was taken while the keeper was gone is given up for another, in one apply", async () => {
  const before = node();
  const keeper = lab.instance("service.keeper").attributes.pid as number;
  process.kill(keeper, "SIGKILL");
  await expect.poll(() => firstWord(before.console)).toBe(undefined);
  server = createServer();
  await new Promise<void>((resolve) => void server?.listen(before.console, "127.0.0.1", resolve));
  const { stdout } = await lab.run(["plan"]);
  expect(stdout).toContain("service.keeper");
  expect(stdout).toMatch(/node\.a will be updated/);
  expect(stdout).not.toMatch(/restart|replaced/);
  await apply();
  const after = node();
  expect(after.console).not.toBe(before.console);
  expect(after).toEqual({ ...before, console: after.console });
  expect(await firstWord(after.console)).toBe("RFB 003.008\n");
});
