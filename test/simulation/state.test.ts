import { beforeAll, describe, expect, test } from "vitest";
import { SimulatedHost } from "./host.ts";
import { labform, recorded } from "./labform.ts";
import type { Keeping } from "./programs/keeper.ts";
import { keeper } from "./programs/keeper.ts";
import type { Call } from "./run.ts";
import type { Scenario } from "./scenario.ts";
import { apply, command, destroy, expectGone, expectNothingStray, expectWhole, hostBefore, plan } from "./scenario.ts";
import { PAIR } from "./scenarios.ts";

const SEED = 11;
const FILE = "pair.lab.hcl";

async function run(host: SimulatedHost, ...words: readonly string[]): Promise<void> {
  const { ended, stdout, stderr } = await labform(host, words);
  if (ended !== 0) throw new Error(`labform ${words.join(" ")} ended with ${ended}:\n${stdout}${stderr}`);
}

async function begin(host: SimulatedHost, lab: string): Promise<void> {
  host.write(FILE, lab);
  await apply(host);
}

/** Modules that load while virtual time goes on would make one run differ from the next. */
beforeAll(async () => {
  const host = new SimulatedHost(SEED);
  await begin(host, PAIR);
  await run(host, "state", "mv", "-dry-run", 'node.r["a"]', "node.c");
  await run(host, "stop", "r[a]");
  await run(host, "state", "rm", "-dry-run", "node.r[a]");
  await plan(host);
  await destroy(host);
});

const processesOf = (host: SimulatedHost) => host.living().map((one) => `${one.pid} ${one.token}`);

test("what runs is moved without being touched: processes, adapters, ports and link", async () => {
  const host = new SimulatedHost(SEED);
  await begin(host, PAIR);
  const before = { processes: processesOf(host), state: await recorded(host) };
  await run(host, "state", "mv", "node.r", "node.router");
  await run(host, "state", "mv", "link.core", "link.main");
  host.write(FILE, PAIR.replaceAll("node.r", "node.router").replace('"r"', '"router"').replace('"core"', '"main"'));
  await expectWhole(host);
  expect(processesOf(host)).toEqual(before.processes);
  const { instances } = await recorded(host);
  for (const [was, is] of [
    ['node.r["a"]', 'node.router["a"]'],
    ["link.core", "link.main"],
  ] as const) {
    const { address: _, dependencies: __, ...old } = before.state.instances.get(was) ?? {};
    expect(instances.get(is)).toMatchObject(old);
  }
  await destroy(host);
  await expectGone(host);
});

const scenarios: readonly (Scenario & { readonly after: string })[] = [
  {
    name: "state mv of all that runs",
    before: (host) => begin(host, PAIR),
    words: ["state", "mv", "node.r", "node.router"],
    after: PAIR.replaceAll("node.r", "node.router").replace('"r"', '"router"'),
  },
  {
    name: "state rm of a node that is off",
    before: async (host) => {
      await begin(host, PAIR);
      await run(host, "stop", "r[a]");
    },
    words: ["state", "rm", "node.r[a]"],
    after: PAIR,
  },
  {
    name: "taint",
    before: (host) => begin(host, PAIR),
    words: ["taint", "node.r[a]"],
    after: PAIR,
  },
];

const NODES = "/lab/.labform/default/nodes";
const RELEASED = "/lab/.labform/released";

const namesIn = (host: SimulatedHost, directory: string) =>
  [...(host.disk.find(directory)?.entries.keys() ?? [])].sort();

describe.each(scenarios)("a kill in $name, at any call that changes the world,", (scenario) => {
  const callsOf = async () => {
    const calls: Call[] = [];
    const outcome = await command(await hostBefore(scenario, SEED), scenario, (call) => {
      if (call.changes) calls.push(call);
      return undefined;
    });
    expect(outcome).toMatchObject({ ended: 0, stderr: expect.stringMatching(/^(?:\s*Warning: link\.core [^]*)?$/) });
    return calls;
  };

  test.each(["kill", "power cut"] as const)(
    "leaves the one state or the other (%s), and all of the world with it",
    async (how) => {
      const calls = await callsOf();
      const faults: string[] = [];
      const seen = new Set<string>();
      for (const { index, name, subject } of calls) {
        const host = await hostBefore(scenario, SEED);
        host.disk.syncAll();
        const before = await recorded(host);
        const directories = namesIn(host, NODES);
        const outcome = await command(host, scenario, (call) =>
          call.index === index ? { fate: "kill after" } : undefined,
        );
        try {
          expect(outcome.ended).toBe("killed");
          await expectNothingStray(host);
          if (how === "power cut") host.reboot("power cut");
          const found = await recorded(host);
          seen.add(String(found.serial - before.serial));
          expect([before.serial, before.serial + 1]).toContain(found.serial);
          await plan(host);
          // The next command does what was left to do; no directory is lost, and none is taken for another's.
          await run(host, "untaint", 'node.r["b"]').catch(() => {});
          expect([...namesIn(host, NODES), ...namesIn(host, RELEASED)].sort()).toEqual(directories);
          const kept = [...(await recorded(host)).instances.values()]
            .filter((one) => one.kind === "node")
            .map((one) => one.id);
          expect(namesIn(host, NODES)).toEqual(kept.sort());
          if (found.serial > before.serial) host.write(FILE, scenario.after);
          await apply(host);
          await expectWhole(host);
          await destroy(host);
          await expectGone(host);
        } catch (error) {
          faults.push(`after ${name} ${subject.slice(subject.lastIndexOf("/") + 1)}: ${(error as Error).message}`);
        }
      }
      expect(faults).toEqual([]);
      expect([...seen].sort()).toEqual(["0", "1"]);
    },
    300_000,
  );
});

test("a node that was released holds no port, and its name is free for another", async () => {
  const host = new SimulatedHost(SEED);
  await begin(host, PAIR);
  await run(host, "stop", "r[a]");
  const { id } = (await recorded(host)).instances.get('node.r["a"]') ?? { id: "" };
  const served = () => host.living(keeper).flatMap((one) => [...(one.shown as Keeping).nodes.keys()]);
  expect(served()).toContain(id);
  await run(host, "state", "rm", "node.r[a]");
  expect(served()).not.toContain(id);
  expect(namesIn(host, RELEASED)).toEqual([id]);
  await apply(host);
  await expectWhole(host);
  expect((await recorded(host)).instances.get('node.r["a"]')?.id).toBe(id);
  await destroy(host);
  await expectGone(host);
  expect(namesIn(host, RELEASED)).toEqual([id]);
});
