import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, statfsSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { bareLab } from "../support/bare.ts";
import type { Misdeed } from "../support/fakeQemu.ts";
import { FakeQemu } from "../support/fakeQemu.ts";
import { canBeOthers, canMount } from "../support/host.ts";
import { TestLab } from "../support/lab.ts";
import { isAlive } from "../support/processes.ts";

let lab: TestLab;
const stopped = new Set<number>();

beforeEach(() => {
  lab = new TestLab();
});
afterEach(async () => {
  for (const pid of stopped) if (isAlive(pid)) process.kill(pid, "SIGCONT");
  stopped.clear();
  await lab.close();
});

/** It is there, holds its sockets, and answers nobody. */
function freeze(pid: number): void {
  process.kill(pid, "SIGSTOP");
  stopped.add(pid);
}

function write(rest: { readonly a?: string; readonly link?: string } = {}): void {
  const text = bareLab(["a", "b"], { links: { ab: ["a", "b"] } });
  lab.write(
    "a.lab.hcl",
    text
      .replace('node "a" {', `node "a" {\n  ${rest.a ?? ""}`)
      .replace('link "ab" {', `link "ab" {\n  ${rest.link ?? ""}`),
  );
}

async function apply(within = 120_000): Promise<string> {
  const started = performance.now();
  const { exitCode, stdout, stderr } = await lab.run(["apply", "-auto-approve"]);
  expect(exitCode, stdout + stderr).toBe(0);
  expect(performance.now() - started).toBeLessThan(within);
  return stdout;
}

async function unchanged(): Promise<void> {
  const { exitCode, stdout, stderr } = await lab.run(["plan", "-detailed-exitcode"]);
  expect(exitCode, stdout + stderr).toBe(0);
}

const pidOf = (node: string): number => lab.instance(`node.${node}`).attributes.pid;
const serviceOf = (name: string): number => {
  const service = lab.state().instances.find((one) => one.address.startsWith(`service.${name}`));
  return service?.private.process.pid as number;
};

describe("a QEMU that hangs", () => {
  it("because it was stopped is named by the plan, and let go on by the apply", async () => {
    write();
    await apply();
    const a = pidOf("a");
    freeze(a);
    expect((await lab.run(["plan"])).stdout).toContain(`its QEMU (pid ${a}) stands stopped by a signal (SIGSTOP)`);
    await apply();
    expect(pidOf("a")).toBe(a);
    expect((await lab.run(["monitor", "a", "info", "status"])).stdout).toBe("VM status: running\n");
    await unchanged();
  });

  it("is stopped all the same by a change that restarts it, within seconds, and its peer runs on", async () => {
    write();
    await apply();
    const [a, b] = [pidOf("a"), pidOf("b")];
    freeze(a);
    write({ a: "cpus = 2" });
    await apply(20_000);
    expect(isAlive(a)).toBe(false);
    expect(pidOf("b")).toBe(b);
    await unchanged();
  });

  it("that is to see its cable pulled is named within ten seconds, and the next apply does it once it answers", async () => {
    write();
    await apply();
    const a = pidOf("a");
    write({ link: "suspended = true" });
    expect((await lab.run(["plan", "-out=saved"])).exitCode).toBe(0);
    freeze(a);
    const started = performance.now();
    const failed = await lab.run(["apply", "saved"]);
    expect(performance.now() - started).toBeLessThan(10_000);
    expect(failed.exitCode).toBe(1);
    expect(failed.stderr).toContain("The cable of adapter 0 of node.a could not be plugged out");
    process.kill(a, "SIGCONT");
    await apply();
    expect(pidOf("a")).toBe(a);
    await unchanged();
  });

  it("is destroyed", async () => {
    write();
    await apply();
    const a = pidOf("a");
    freeze(a);
    const { exitCode, stderr } = await lab.run(["destroy", "-auto-approve"]);
    expect(exitCode, stderr).toBe(0);
    expect(isAlive(a)).toBe(false);
  });
});

describe("a QEMU that fails while it is started", () => {
  const misdeeds: readonly (readonly [string, Misdeed, string])[] = [
    ["ends", { at: "set_link", does: "exit" }, "qemu-system-x86_64: something is wrong with it"],
    ["is killed", { at: "cont", does: "kill" }, "QEMU said nothing: it was killed,"],
    ["answers garbage", { at: "query-status", does: "garbage" }, 'no QMP, "Welcome to another program!", when it was'],
    ["stops in the middle of an answer", { at: "cont", does: "half" }, "QEMU did not answer cont within 10 s."],
  ];

  it.each(misdeeds)(
    "because it %s is named within its limit, and the next apply mends it",
    async (_, misdeed, words) => {
      const qemu = new FakeQemu(lab.directory);
      qemu.will(misdeed);
      write({ a: `qemu_binary = ${JSON.stringify(qemu.path)}` });
      const started = performance.now();
      const failed = await lab.run(["apply", "-auto-approve"]);
      expect(failed.exitCode).toBe(1);
      expect(failed.stderr).toContain(words);
      expect(failed.stderr).toMatch(/node\.a/);
      expect(performance.now() - started).toBeLessThan(60_000);
      expect(lab.processes().filter(({ command }) => command.includes(qemu.path))).toEqual([]);
      const peer = pidOf("b");
      const plan = await lab.run(["plan"]);
      expect(plan.stdout).toContain("left half-done: it was being started");
      qemu.mend();
      await apply();
      expect(pidOf("b")).toBe(peer);
      await unchanged();
    },
  );
});

describe("a bridge that hangs", () => {
  it("is named by the plan, and replaced by the apply without touching a node", async () => {
    write();
    await apply();
    const [bridge, a] = [serviceOf("bridge"), pidOf("a")];
    freeze(bridge);
    const plan = await lab.run(["plan"]);
    expect(plan.stdout).toMatch(
      /# the built-in bridge does not\s+#?\s*work: no answer[^]*service\.bridge\S+ will be updated/,
    );
    await apply(20_000);
    expect(isAlive(bridge)).toBe(false);
    expect(pidOf("a")).toBe(a);
    await unchanged();
  });

  it("is replaced in the middle of the apply that meets it, and the change is made", async () => {
    write();
    await apply();
    const [bridge, a] = [serviceOf("bridge"), pidOf("a")];
    write({ link: "delay_ms = 5" });
    expect((await lab.run(["plan", "-out=saved"])).exitCode).toBe(0);
    freeze(bridge);
    const started = performance.now();
    const applied = await lab.run(["apply", "saved"]);
    expect(applied.exitCode, applied.stdout + applied.stderr).toBe(0);
    expect(performance.now() - started).toBeLessThan(20_000);
    expect(applied.stdout).toContain("it is started again, and what it carried is wired again");
    expect(isAlive(bridge)).toBe(false);
    expect(pidOf("a")).toBe(a);
    await unchanged();
  });
});

describe("a keeper that hangs", () => {
  it("is named by the plan and replaced by the next apply, on the same ports, without touching a node", async () => {
    write();
    await apply();
    const [keeper, a] = [serviceOf("keeper"), pidOf("a")];
    const front = lab.instance("node.a").attributes.console;
    freeze(keeper);
    const plan = await lab.run(["plan"]);
    expect(plan.exitCode, plan.stderr).toBe(0);
    expect(plan.stdout).toMatch(/# the keeper \(pid \d+\) does not answer\n +service\.keeper\n/);
    await apply(20_000);
    expect(isAlive(keeper)).toBe(false);
    expect(pidOf("a")).toBe(a);
    expect(lab.instance("node.a").attributes.console).toEqual(front);
    await unchanged();
  });
});

describe("an image", () => {
  const withKernel = (path: string) => `lab "x" {}\nnode "a" {\n  ram          = 16\n  kernel_image = "${path}"\n}\n`;

  it("that is a dangling link is refused with its role, path and target", async () => {
    symlinkSync("/nowhere/vmlinuz", lab.path("vmlinuz"));
    lab.write("a.lab.hcl", withKernel("vmlinuz"));
    const { exitCode, stderr } = await lab.run(["plan"]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain(`kernel image ${lab.path("vmlinuz")}`);
    expect(stderr).toContain("/nowhere/vmlinuz");
  });

  it.runIf(canBeOthers())("that this account may not read is refused with its role and path", async () => {
    lab.write("vmlinuz", "x");
    chmodSync(lab.path("vmlinuz"), 0o600);
    lab.write("a.lab.hcl", withKernel("vmlinuz"));
    chmodSync(lab.directory, 0o755);
    const home = mkdtempSync(join(tmpdir(), "labform-home-"));
    chmodSync(home, 0o777);
    const { exitCode, stderr } = await lab.run(["plan"], {
      uid: 65_533,
      environment: { XDG_STATE_HOME: home, HOME: home },
    });
    rmSync(home, { recursive: true, force: true });
    expect(exitCode).toBe(1);
    expect(stderr).toContain(`kernel image ${lab.path("vmlinuz")}`);
    expect(stderr).toContain("may not read this file");
  });
});

describe.runIf(canMount())("a disk that is full", () => {
  let disk: string;
  beforeEach(() => {
    disk = mkdtempSync(join(tmpdir(), "labform-full-"));
  });
  afterEach(() => rmSync(disk, { recursive: true, force: true }));

  it.each([4, 16, 40, 64, 160])(
    "with %i KiB left in the middle of apply: told, nothing lost, and the next apply goes on",
    async (left) => {
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=2m,mode=0700", "tmpfs", disk]);
      const environment = { LABFORM_DATA_DIR: join(disk, "data") };
      try {
        mkdirSync(environment.LABFORM_DATA_DIR);
        fill(left);
        write();
        const failed = await lab.run(["apply", "-auto-approve"], { environment });
        if (failed.exitCode !== 0) {
          expect(failed.stderr).toMatch(/no space left|ENOSPC|full/i);
          expect(failed.stderr).not.toMatch(/^\s+at .*\.[jt]s:\d+/m);
        }
        rmSync(join(disk, "filler"));
        const { exitCode, stdout, stderr } = await lab.run(["apply", "-auto-approve"], { environment });
        expect(exitCode, failed.stdout + failed.stderr + stdout + stderr).toBe(0);
        expect((await lab.run(["plan", "-detailed-exitcode"], { environment })).exitCode).toBe(0);
        const running = lab
          .processes()
          .filter((one) => one.command.startsWith("/usr/bin/qemu") || one.command.includes("qemu-system"));
        expect(running).toHaveLength(2);
        const destroyed = await lab.run(["destroy", "-auto-approve"], { environment });
        expect(destroyed.exitCode, destroyed.stderr).toBe(0);
        expect(lab.processes()).toEqual([]);
      } finally {
        await lab.run(["destroy", "-auto-approve"], { environment });
        execFileSync("umount", [disk]);
      }
    },
  );

  function fill(kibibytes: number): void {
    const { bavail, bsize } = statfsSync(disk);
    writeFileSync(join(disk, "filler"), Buffer.alloc(Math.max(0, bavail * bsize - kibibytes * 1024)));
  }
});
