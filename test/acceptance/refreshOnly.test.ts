import process from "node:process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bareLab } from "../support/bare.ts";
import { TestLab } from "../support/lab.ts";
import { isAlive } from "../support/processes.ts";

describe("-refresh-only on real machines", () => {
  let lab: TestLab;
  const extra = 'output "a" {\n  value = node.a.pid\n}\noutput "b" {\n  value = node.b.power\n}\n';

  const labform = async (...words: readonly string[]): Promise<string> => {
    const { exitCode, stdout, stderr } = await lab.run(words);
    expect(exitCode, stdout + stderr).toBe(0);
    return stdout.replaceAll(/\n +#? */g, " ");
  };
  const pid = (address: string): number => lab.instance(address).attributes.pid;

  beforeAll(async () => {
    lab = new TestLab({ "a.lab.hcl": bareLab(["a", "b"], { links: { ab: ["a", "b"] }, extra }) });
    await labform("apply", "-auto-approve");
  });
  afterAll(() => lab.close());

  it("records a QEMU that was killed and a guest that was stopped at its monitor, touches neither, and the next plan still knows why", async () => {
    const killed = pid("node.a");
    const stopped = pid("node.b");
    process.kill(killed, "SIGKILL");
    while (isAlive(killed)) await new Promise((resolve) => setTimeout(resolve, 5));
    await labform("monitor", "b", "stop");
    const shown = await labform("plan", "-refresh-only");
    expect(shown).toContain("What is not as the last apply left it:");
    expect(shown).toContain(`- pid = ${killed} -> null`);
    expect(shown).toContain('~ power = "on" -> "suspended"');

    await labform("apply", "-refresh-only", "-auto-approve");
    expect(pid("node.a")).toBeNull();
    expect(lab.instance("node.b").attributes.power).toBe("suspended");
    expect(pid("node.b")).toBe(stopped);
    expect(isAlive(stopped)).toBe(true);
    expect(JSON.parse(await labform("output", "-json", "a"))).toBeNull();
    expect(JSON.parse(await labform("output", "-json", "b"))).toBe("suspended");
    expect(await labform("plan", "-refresh-only", "-detailed-exitcode")).toContain("No changes.");

    const plan = await labform("plan");
    expect(plan).toMatch(/QEMU .* (killed|ended|signal)/);
    expect(plan).not.toContain("changed in the lab files");
    expect(plan).toContain("Plan: 0 to add, 2 to change, 0 to destroy (1 to start).");
    await labform("apply", "-auto-approve");
    expect(pid("node.b")).toBe(stopped);
  });
});
