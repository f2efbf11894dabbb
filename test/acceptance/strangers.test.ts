import { type ChildProcess, spawn } from "node:child_process";
import { accessSync, constants, existsSync, readFileSync, writeFileSync } from "node:fs";
import process from "node:process";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { bareLab } from "../support/bare.ts";
import { TestLab } from "../support/lab.ts";

interface Identity {
  pid: number;
  uid: number;
  startTime: string;
  bootId: string;
  pidNamespace: string;
  token: string;
}

let lab: TestLab;
let sleeps: ChildProcess[];
beforeEach(async () => {
  sleeps = [];
  lab = new TestLab({ "a.lab.hcl": bareLab(["a", "b"], { links: { ab: ["a", "b"] } }) });
  const applied = await lab.run(["apply", "-auto-approve"]);
  expect(applied.exitCode, applied.stderr).toBe(0);
});
afterEach(async () => {
  for (const one of sleeps) one.kill("SIGKILL");
  await lab.close();
});

/** A process that is no labform's; with `token` it carries what a process of labform's carries. */
function sleep(token?: string): ChildProcess {
  const child = spawn("sleep", ["600"], {
    stdio: "ignore",
    env: { PATH: process.env.PATH, ...(token === undefined ? {} : { LABFORM_TOKEN: token }) },
  });
  sleeps.push(child);
  return child;
}

const lives = (child: ChildProcess) => child.exitCode === null && child.signalCode === null;
const startTime = (pid: number) =>
  readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /, "")
    .split(" ")[19] as string;

async function killAll(): Promise<readonly number[]> {
  const pids = lab.processes().map((one) => one.pid);
  for (const pid of pids) process.kill(pid, "SIGKILL");
  while (lab.processes().length > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  return pids;
}

/** Puts what `edit` makes of an instance's recorded process into the state, as if it had been recorded so. */
function record(edit: (identity: Identity) => Identity, address = "node.a"): void {
  const path = lab.path(".labform/default/state.json");
  const document = JSON.parse(readFileSync(path, "utf8"));
  const instance = document.instances.find((one: { address: string }) => one.address === address);
  instance.private.process = edit(instance.private.process);
  if ("pid" in instance.attributes) instance.attributes.pid = instance.private.process.pid;
  writeFileSync(path, JSON.stringify(document, undefined, 2));
}

async function destroy(): Promise<void> {
  const destroyed = await lab.run(["destroy", "-auto-approve"]);
  expect(destroyed.exitCode, destroyed.stdout + destroyed.stderr).toBe(0);
  expect(lab.state().instances).toEqual([]);
}

describe("a process that is recorded but not proven to be ours is never signalled", () => {
  const token = "00112233445566778899aabbccddeeff";

  it("while one of which all parts agree is ended: what follows can fail", async () => {
    await killAll();
    const child = sleep(token);
    const { pid = 0 } = child;
    record((identity) => ({ ...identity, pid, startTime: startTime(pid), token }));
    expect((await lab.run(["status"])).stdout).toMatch(new RegExp(`node\\.a\\s+running\\s+${pid}`));
    await destroy();
    expect(lives(child)).toBe(false);
  });

  const wrong: readonly (readonly [what: string, edit: (identity: Identity) => Identity])[] = [
    ["start time", (identity) => ({ ...identity, startTime: String(BigInt(identity.startTime) - 1n) })],
    ["boot id", (identity) => ({ ...identity, bootId: "00000000-0000-4000-8000-000000000000" })],
    ["account", (identity) => ({ ...identity, uid: identity.uid + 1 })],
    ["token", (identity) => ({ ...identity, token: token.replace("00", "ff") })],
  ];
  it.each(wrong)("whose %s is another's", async (_what, edit) => {
    await killAll();
    const child = sleep(token);
    const { pid = 0 } = child;
    record((identity) => edit({ ...identity, pid, startTime: startTime(pid), token }));
    const plan = await lab.run(["plan"]);
    expect(plan.stdout, plan.stderr).toMatch(/node\.a will be (started|updated)/);
    await destroy();
    expect(lives(child)).toBe(true);
  });

  it("that carries no token, be it recorded as QEMU, keeper or bridge", async () => {
    await killAll();
    const children = ["node.a", "service.keeper", 'service.bridge["builtin"]'].map((address) => {
      const child = sleep();
      const { pid = 0 } = child;
      record((identity) => ({ ...identity, pid, startTime: startTime(pid) }), address);
      return child;
    });
    const status = await lab.run(["status"]);
    for (const address of ["node\\.a", "service\\.keeper", "service\\.bridge\\S*", "link\\.ab"]) {
      expect(status.stdout).toMatch(new RegExp(`^${address} +down`, "m"));
    }
    await destroy();
    expect(children.map(lives)).toEqual([true, true, true]);
  });

  const chooser = "/proc/sys/kernel/ns_last_pid";
  it.skipIf(!isWritable(chooser))("that got the pid of a QEMU that ended", async () => {
    const { pid } = lab.instance("node.a").attributes;
    await killAll();
    const child = await withPid(pid, chooser);
    const plan = await lab.run(["plan"]);
    expect(plan.stdout).toMatch(/node\.a will be/);
    expect((await lab.run(["status"])).stdout).not.toMatch(/node\.a\s+running/);
    await destroy();
    expect(lives(child)).toBe(true);
  });
});

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** The kernel gives out pids in order, so the next one can be chosen unless somebody else is quicker; then it is tried again. */
async function withPid(pid: number, chooser: string): Promise<ChildProcess> {
  const deadline = Date.now() + 10_000;
  for (;;) {
    if (!existsSync(`/proc/${pid}`)) {
      writeFileSync(chooser, String(pid - 1));
      const child = sleep();
      if (child.pid === pid) return child;
      child.kill("SIGKILL");
    }
    if (Date.now() > deadline) throw new Error(`pid ${pid} could not be had`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
