import { expect, test } from "vitest";
import { Chance } from "./host/chance.ts";
import { LAB, SimulatedHost } from "./host.ts";
import { nameOf } from "./invariants.ts";
import { recorded } from "./labform.ts";
import type { Call } from "./run.ts";
import {
  apply,
  command,
  destroy,
  expectGone,
  expectNothingStray,
  expectWhole,
  hostBefore,
  plan,
  type Scenario,
} from "./scenario.ts";
import { PAIR } from "./scenarios.ts";
import { calm, strike } from "./trouble.ts";

const SEED = 11;

/** A QEMU that was killed, a node of which nothing is left, and a record of both as if they ran. */
const scenario: Scenario = {
  name: "apply -refresh-only",
  before: async (host) => {
    host.write("pair.lab.hcl", PAIR);
    await apply(host);
    for (const process of host.living()) if (nameOf(process).includes("QEMU")) process.die();
    const directories = host.disk.find(`${LAB}/.labform/default/nodes`)?.entries.keys() ?? [];
    const second = [...directories].find((name) => name.startsWith("r-b-"));
    expect(second).toBeDefined();
    host.disk.remove(`${LAB}/.labform/default/nodes/${second}`);
  },
  words: ["apply", "-refresh-only", "-auto-approve"],
};

test("-refresh-only starts and ends no process, and a second one finds nothing more", async () => {
  const host = await hostBefore(scenario, SEED);
  const running = host.living().map(({ pid }) => pid);
  const outcome = await command(host, scenario);
  expect(outcome.ended, outcome.stderr).toBe(0);
  expect(host.living().map(({ pid }) => pid)).toEqual(running);
  const { instances, serial } = await recorded(host);
  expect(instances.get('node.r["a"]')?.attributes.pid).toBeNull();
  expect(instances.has('node.r["b"]')).toBe(false);
  expect((await command(host, scenario)).ended).toBe(0);
  expect((await recorded(host)).serial).toBe(serial);
  await apply(host);
  await expectWhole(host);
});

test("after a kill in it, at any call that changes the world, nothing is lost and apply makes the lab whole", async () => {
  const calls: Call[] = [];
  const whole = await command(await hostBefore(scenario, SEED), scenario, (call) => {
    if (call.changes && call.name !== "sync") calls.push(call);
    return undefined;
  });
  expect(whole.ended).toBe(0);
  expect(calls.length).toBeGreaterThan(5);
  const faults: string[] = [];
  for (const { index, name, subject } of calls) {
    const host = await hostBefore(scenario, SEED);
    const outcome = await command(host, scenario, (call) =>
      call.index === index ? { fate: "kill after" } : undefined,
    );
    expect(outcome.ended).toBe("killed");
    const check = async () => {
      await expectNothingStray(host);
      await plan(host);
      await apply(host);
      await expectWhole(host);
      await destroy(host);
      await expectGone(host);
    };
    await check().catch((error: Error) => faults.push(`call ${index}, ${name} ${subject}: ${error.message}`));
  }
  expect(faults).toEqual([]);
}, 300_000);

test("whatever befell the host, what -refresh-only records is no hindrance to the next apply", async () => {
  const faults: string[] = [];
  for (let seed = 1; seed <= 30; seed++) {
    const chance = new Chance(seed);
    const host = new SimulatedHost(seed);
    host.write("pair.lab.hcl", PAIR);
    await apply(host);
    const blows = [strike(host, chance.branch()), strike(host, chance.branch())];
    // What was told to end does so in its own time.
    await host.scheduler.pass(1000);
    const check = async () => {
      const before = host.living().map(({ pid }) => pid);
      const { ended, stderr } = await command(host, scenario);
      if (ended !== 0) throw new Error(stderr);
      expect(host.living().map(({ pid }) => pid)).toEqual(before);
      await expectNothingStray(host);
      calm(host);
      await apply(host);
      await expectWhole(host);
      await destroy(host);
      await expectGone(host);
    };
    await check().catch((error: Error) => faults.push(`seed ${seed}, ${blows.join(", ")}: ${error.message}`));
  }
  expect(faults).toEqual([]);
}, 300_000);
