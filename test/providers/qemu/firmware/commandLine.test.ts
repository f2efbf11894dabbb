import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { fail } from "../../../../src/core/diagnostics.ts";
import { guest } from "../../../support/guest.ts";
import { failureOf, messages, TestLab } from "../support.ts";

const SENSITIVE = [["kernel_command_line"]];

let lab: TestLab;

afterEach(async () => {
  await lab.close();
});

describe("a sensitive kernel_command_line", () => {
  it("reaches the kernel, and no process list, log or file", async () => {
    lab = await TestLab.open();
    await lab.keeper();
    const { kernel, initrd } = guest();
    const secret = "token=it's,a=secret";
    const kernel_command_line = `console=ttyS0 ${secret}`;
    const planned = await lab.planned({ ram: 96, adapters: 0, kernel_image: kernel, initrd, kernel_command_line });
    const prepared = await lab.perform("prepare", { ...planned, sensitive: SENSITIVE });
    const node = await lab.perform("start", prepared);
    const shown = readFileSync(`/proc/${Number(node.attributes["pid"])}/cmdline`, "utf8");
    expect(shown).toContain(`-readconfig\0${node.id}.boot\0`);
    expect(shown + String(node.attributes["command_line"])).not.toContain(secret);
    const directory = join(lab.directories.nodes, node.id);
    expect(readFileSync(join(directory, "qemu.log"), "utf8")).not.toContain(secret);
    expect(existsSync(join(lab.directories.run, `${node.id}.boot`))).toBe(false);
    const console = () => readFileSync(join(directory, "console.log"), "utf8");
    for (const end = Date.now() + 60_000; !console().includes("Command line:") && Date.now() < end; ) {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    expect(console()).toMatch(new RegExp(`Command line: .*${secret}`));
  });

  it("stays in no file of a start that fails, nor of one that was killed once the node is stopped", async () => {
    lab = await TestLab.open();
    await lab.keeper();
    const { kernel, initrd } = guest();
    const config = { ram: 16, adapters: 0, kernel_image: kernel, initrd, kernel_command_line: "token=secret" };
    const planned = await lab.planned(config);
    const prepared = await lab.perform("prepare", { ...planned, sensitive: SENSITIVE });
    const file = join(lab.directories.run, `${prepared.id}.boot`);
    await failureOf(lab.perform("start", prepared, { progress: () => fail("the disk is full") }));
    expect(existsSync(file)).toBe(false);
    const spawn = vi.spyOn(lab.ports.processes, "spawn").mockRejectedValue(new Error("Permission denied"));
    expect(await failureOf(lab.perform("start", prepared))).toContain("could not be executed");
    expect(spawn).toHaveBeenCalledOnce();
    spawn.mockRestore();
    expect(existsSync(file)).toBe(false);
    writeFileSync(file, "left by a run that was killed");
    await lab.perform("stop", prepared);
    expect(existsSync(file)).toBe(false);
  });

  it.each([
    ['a="b c"', "it can have no double quote"],
    ["a\nb", "it can have one line only"],
    ["x".repeat(1001), "it can have 1000 bytes at most"],
  ])("is refused where QEMU's file cannot have it, and is not shown (%#)", async (kernel_command_line, why) => {
    lab = await TestLab.open();
    const config = { kernel_image: guest().kernel, kernel_command_line };
    const found = messages((await lab.plan(config, { sensitive: SENSITIVE })).diagnostics);
    expect(found).toContain("kernel_command_line is sensitive and cannot be kept secret as it is");
    expect(found).toContain(why);
    expect(found).not.toContain(kernel_command_line);
    expect(messages((await lab.plan(config)).diagnostics)).not.toContain(why);
  });
});
