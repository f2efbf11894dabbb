import { existsSync, readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { guest } from "../support/guest.ts";
import type { Result } from "../support/lab.ts";
import { TestLab } from "../support/lab.ts";

let lab: TestLab;

beforeEach(() => {
  lab = new TestLab();
});

afterEach(() => lab.close());

/** A guest that counts on its console, and keeps what it does when it is stopped. */
function write({ ram = 96, power = "on", rest = "" } = {}): void {
  const { kernel, initrd } = guest();
  const count = "(echo booted; i=0; while sleep 0.1; do i=$((i+1)); echo count $i; done) > /dev/console &";
  lab.write(
    "saved.lab.hcl",
    `
lab "saved" {}

node "r1" {
  on_stop             = "save_vm_state"
  power               = "${power}"
  ram                 = ${ram}
  adapters            = 0
  kernel_image        = "${kernel}"
  initrd              = "${initrd}"
  kernel_command_line = "console=ttyS0 quiet labform.run=\\"${count}\\""
  ${rest}

  disk "hda" {
    size = 8
  }

  ready {
    console = "count 3"
  }
}
`,
  );
}

async function run(...words: readonly string[]): Promise<Result> {
  const result = await lab.run(words);
  expect(result.exitCode, result.stdout + result.stderr).toBe(0);
  return result;
}

const apply = async () => (await run("apply", "-auto-approve")).stdout;
const planned = async () => (await run("plan")).stdout;
const console = () => readFileSync(`${lab.instance("node.r1").attributes.directory}/console.log`, "utf8");
const boots = () => console().split("booted").length - 1;
const count = () => Number([...console().matchAll(/count (\d+)/g)].at(-1)?.[1]);
const state = () => `${lab.instance("node.r1").attributes.directory}/machine.state`;

describe("on_stop = save_vm_state", () => {
  it("has a guest go on where it was, stopped and started by hand and in the file, until its machine changes", async () => {
    write();
    await apply();
    const { pid } = lab.instance("node.r1").attributes;

    expect((await run("stop", "node.r1")).stdout).toMatch(/node\.r1: its machine state is saved \(\d+ MiB\)/);
    const before = count();
    expect((await run("start", "node.r1")).stdout).toContain("node.r1: its guest goes on from where it was stopped at");
    await expect.poll(count, { timeout: 20_000 }).toBeGreaterThan(before);
    expect(lab.instance("node.r1").attributes.pid).not.toBe(pid);

    write({ power: "off" });
    expect(await planned()).toContain("# node.r1 will be turned off (its machine state is saved)");
    await apply();
    write();
    expect(await planned()).toContain("# node.r1 will be started (goes on from its saved machine state)");
    const turnedOff = count();
    await apply();
    await expect.poll(count, { timeout: 20_000 }).toBeGreaterThan(turnedOff);
    expect(boots()).toBe(1);

    write({ ram: 112 });
    expect(await planned()).toContain("# node.r1 will be updated (restarts the node: power cut and cold boot)");
    expect(await apply()).not.toContain("state is saved");
    expect(boots()).toBe(2);

    await run("stop", "node.r1");
    write({ ram: 128 });
    const plan = await planned();
    expect(plan).toContain("# node.r1 will be started (cold boot)");
    expect(plan).toMatch(/#\s+its hardware changed since its machine state was saved at \d\d:\d\d: it boots anew/);
    expect(await apply()).toContain("its hardware changed since its machine state was saved: it boots anew");
    expect(boots()).toBe(3);
    expect(existsSync(state())).toBe(false);
  });

  it("loses nothing when labform is killed while it saves, and is not saved when it is destroyed", async () => {
    write();
    await apply();
    const stopping = lab.start(["stop", "node.r1"]);
    await expect.poll(() => existsSync(state()), { timeout: 20_000, interval: 2 }).toBe(true);
    stopping.kill("SIGKILL");
    await stopping.result;
    const before = count();
    await apply();
    await expect.poll(count, { timeout: 20_000 }).toBeGreaterThan(before);
    expect(boots()).toBe(1);
    const { stdout } = await run("destroy", "-auto-approve");
    expect(stdout).not.toContain("state is saved");
  });
});
