import { beforeAll, expect, test } from "vitest";
import { SimulatedHost } from "./host.ts";
import { labform } from "./labform.ts";
import type { Call } from "./run.ts";
import { apply, expectGone, expectNone, expectWhole } from "./scenario.ts";
import { PAIR } from "./scenarios.ts";

const SEED = 13;

async function run(host: SimulatedHost, ...words: readonly string[]): Promise<string> {
  const { ended, stdout, stderr } = await labform(host, words);
  if (ended !== 0) throw new Error(`labform ${words.join(" ")} ended with ${ended}:\n${stdout}${stderr}`);
  return stdout;
}

/** The lab in two workspaces; with a reboot nothing of it runs any more. */
async function twice(): Promise<SimulatedHost> {
  const host = new SimulatedHost(SEED);
  host.write("pair.lab.hcl", PAIR);
  await apply(host);
  await run(host, "-workspace=blue", "apply", "-auto-approve");
  return host;
}

const FORCED = ["workspace", "delete", "-force", "blue"] as const;

/** Modules that load while virtual time goes on would make one run differ from the next. */
beforeAll(async () => {
  const host = await twice();
  await run(host, "labs");
  await run(host, "workspace", "list");
  host.reboot("in order");
  await run(host, ...FORCED);
  await run(host, "destroy", "-auto-approve");
});

test("two workspaces run side by side, and each is destroyed without touching the other", async () => {
  const host = await twice();
  expect(host.living()).toHaveLength(8);
  expect(await run(host, "labs")).toMatch(/pair {2,}blue {2,}2\/2 .*\npair {2,}default {2,}2\/2 /);
  const refused = await labform(host, FORCED);
  expect(refused.ended).toBe(1);
  expect(refused.stderr).toContain('Workspace "blue" still runs');
  await run(host, "-workspace=blue", "destroy", "-auto-approve");
  expect(host.living()).toHaveLength(4);
  await expectWhole(host);
  await run(host, "destroy", "-auto-approve");
  await expectGone(host);
});

test("a delete that is killed at any call is finished by the next, and the other workspace stays as it is", async () => {
  const calls: Call[] = [];
  const whole = await twice();
  whole.reboot("in order");
  await labform(whole, FORCED, (call) => {
    if (call.changes) calls.push(call);
    return undefined;
  });
  expect(calls.length).toBeGreaterThan(3);
  const faults: string[] = [];
  for (const { index, name } of calls) {
    const host = await twice();
    host.reboot("in order");
    const killed = await labform(host, FORCED, (call) => (call.index === index ? { fate: "kill after" } : undefined));
    try {
      expect(killed.ended).toBe("killed");
      if ((await run(host, "workspace", "list")).includes("blue")) await run(host, ...FORCED);
      expect(await run(host, "workspace", "list")).toBe("* default\n");
      expect(await run(host, "labs")).not.toContain("blue");
      await apply(host);
      await expectWhole(host);
    } catch (error) {
      faults.push(`call ${index}, ${name}: ${(error as Error).message}`);
    }
  }
  expectNone("kills of workspace delete", faults);
});
