import { beforeAll, describe, expect, test } from "vitest";
import type { SimulatedHost } from "./host.ts";
import { labform, recorded } from "./labform.ts";
import type { Call } from "./run.ts";
import type { Scenario } from "./scenario.ts";
import { apply, command, destroy, expectGone, expectNothingStray, expectWhole, hostBefore, plan } from "./scenario.ts";
import { PAIR } from "./scenarios.ts";

const SEED = 13;
const FILE = "pair.lab.hcl";

/** All of PAIR under other addresses, and one thing changed besides. */
const MOVED = `${PAIR.replaceAll("node.r", "node.router").replace('"r"', '"router"').replace('"core"', '"main"')}
moved {
  from = node.r
  to   = node.router
}

moved {
  from = link.core
  to   = link.main
}
`;

const OFF = `
node "old" {
  power = "off"
}

node "older" {
  power = "off"
}
`;

const FORGOTTEN = `${PAIR}
removed {
  from = node.old
  lifecycle {
    destroy = false
  }
}

removed {
  from = node.older
  lifecycle {
    destroy = false
  }
}
`;

async function begin(host: SimulatedHost, before: string, after: string): Promise<void> {
  host.write(FILE, before);
  await apply(host);
  host.write(FILE, after);
}

const scenarios: readonly (Scenario & { readonly after: string })[] = [
  {
    name: "apply of moved blocks alone",
    before: (host) => begin(host, PAIR, MOVED),
    words: ["apply", "-auto-approve"],
    after: MOVED,
  },
  {
    name: "apply of moved blocks and of a change",
    before: (host) => begin(host, PAIR, MOVED.replace("delay_ms  = 5", "delay_ms  = 9")),
    words: ["apply", "-auto-approve"],
    after: MOVED,
  },
  {
    name: "apply of removed blocks",
    before: (host) => begin(host, PAIR + OFF, FORGOTTEN),
    words: ["apply", "-auto-approve"],
    after: FORGOTTEN,
  },
];

/** Modules that load while virtual time goes on would make one run differ from the next. */
beforeAll(async () => {
  for (const scenario of scenarios) {
    const host = await hostBefore(scenario, SEED);
    await plan(host);
    await apply(host);
    await destroy(host);
  }
}, 120_000);

const NODES = "/lab/.labform/default/nodes";
const RELEASED = "/lab/.labform/released";

const namesIn = (host: SimulatedHost, directory: string) =>
  [...(host.disk.find(directory)?.entries.keys() ?? [])].sort();

const machines = (host: SimulatedHost) =>
  host
    .living()
    .filter(({ command: program }) => program.endsWith("qemu-system-x86_64"))
    .map((one) => `${one.pid} ${one.token}`);

const names = async (host: SimulatedHost) => [...(await recorded(host)).instances.keys()].sort();

async function callsOf(scenario: Scenario): Promise<readonly Call[]> {
  const calls: Call[] = [];
  const outcome = await command(await hostBefore(scenario, SEED), scenario, (call) => {
    if (call.changes) calls.push(call);
    return undefined;
  });
  if (outcome.ended !== 0) throw new Error(outcome.stdout + outcome.stderr);
  return calls;
}

describe.each(scenarios)("a kill in $name, at any call that changes the world,", (scenario) => {
  test.each(["kill", "power cut"] as const)(
    "leaves every address as it was or as it becomes (%s), and the next apply makes all whole",
    async (how) => {
      const faults: string[] = [];
      const whole = await hostBefore(scenario, SEED);
      const [former, directories] = [await names(whole), namesIn(whole, NODES)];
      await apply(whole);
      const present = await names(whole);
      const steps = new Set<string>();
      for (const { index, name, subject } of await callsOf(scenario)) {
        const host = await hostBefore(scenario, SEED);
        host.disk.syncAll();
        const before = machines(host);
        try {
          const outcome = await command(host, scenario, (call) =>
            call.index === index ? { fate: "kill after" } : undefined,
          );
          expect(outcome.ended).toBe("killed");
          await expectNothingStray(host);
          expect(machines(host)).toEqual(before);
          if (how === "power cut") host.reboot("power cut");
          const found = await names(host);
          steps.add(found.join(" "));
          // What is moved is moved as one; what is forgotten goes one by one.
          if (!scenario.name.includes("removed")) expect([former, present]).toContainEqual(found);
          else expect(former).toEqual(expect.arrayContaining(found));
          await plan(host);
          await apply(host);
          expect(await names(host)).toEqual(present);
          await expectWhole(host);
          if (how === "kill") expect(machines(host)).toEqual(before);
          expect([...namesIn(host, NODES), ...namesIn(host, RELEASED)].sort()).toEqual(directories);
          await destroy(host);
          await expectGone(host);
        } catch (error) {
          faults.push(`call ${index}, ${name} ${subject}: ${(error as Error).message}`);
        }
      }
      expect(faults).toEqual([]);
      expect(steps.has(former.join(" ")) && steps.has(present.join(" "))).toBe(true);
    },
    600_000,
  );
});

test("a forgotten node that was killed over is released by whichever command locks the lab next", async () => {
  const scenario = scenarios[2] as (typeof scenarios)[number];
  const rename = (await callsOf(scenario)).find(
    ({ name, subject }) => name === "rename" && subject.startsWith(RELEASED),
  );
  const host = await hostBefore(scenario, SEED);
  await command(host, scenario, ({ index }) => (index === rename?.index ? { fate: "kill before" } : undefined));
  expect(namesIn(host, RELEASED)).toEqual([]);
  const { ended } = await labform(host, ["taint", 'node.r["a"]']);
  expect(ended).toBe(0);
  expect(namesIn(host, RELEASED)).toHaveLength(2);
});
