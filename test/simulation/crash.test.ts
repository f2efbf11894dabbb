import { beforeAll, describe, expect, test } from "vitest";
import { expectGolden } from "./golden.ts";
import { SimulatedHost } from "./host.ts";
import { nameOf } from "./invariants.ts";
import type { Machine } from "./programs/qemu.ts";
import type { Call } from "./run.ts";
import {
  apply,
  command,
  destroy,
  expectGone,
  expectNothingStray,
  expectWhole,
  hostBefore,
  type PlannedChange,
  plan,
  type Scenario,
} from "./scenario.ts";
import { PAIR, scenarios } from "./scenarios.ts";

const SEED = 7;

/** A module that loads while virtual time goes on would make one run differ from the next. */
beforeAll(async () => {
  const host = new SimulatedHost(SEED);
  host.write("pair.lab.hcl", PAIR);
  await plan(host);
  await apply(host);
  await destroy(host);
});

/** The calls of the command when nothing goes wrong. */
async function callsOf(scenario: Scenario): Promise<readonly Call[]> {
  const calls: Call[] = [];
  const outcome = await command(await hostBefore(scenario, SEED), scenario, (call) => {
    if (call.changes) calls.push(call);
    return undefined;
  });
  expect(outcome.ended).toBe(0);
  return calls;
}

/** The host as a kill right after the call leaves it; of the very first, right before. */
async function hostAfter(scenario: Scenario, at: number): Promise<SimulatedHost> {
  const host = await hostBefore(scenario, SEED);
  const fate = at === 0 ? "kill before" : "kill after";
  const outcome = await command(host, scenario, ({ index }) => (index === at ? { fate } : undefined));
  expect(outcome.ended).toBe("killed");
  return host;
}

/** Every fault with the call it came after, so that one run shows them all. */
async function faultsOf(calls: readonly Call[], check: (call: Call) => Promise<void>): Promise<readonly string[]> {
  const faults: string[] = [];
  for (const call of calls) {
    await check(call).catch((error: Error) => faults.push(`call ${call.index}, ${titleOf(call)}: ${error.message}`));
  }
  return faults;
}

function titleOf({ name, subject, data }: Call): string {
  const place = subject.slice(subject.lastIndexOf("/") + 1);
  return name === "append" && place === "journal.jsonl" ? recordsOf(data) : `${name} ${place}`;
}

/** `intent node.r["a"] start`; several where they were written together. */
function recordsOf(lines: string): string {
  return lines
    .trimEnd()
    .split("\n")
    .map(
      (line) => JSON.parse(line.slice(9)) as { record?: string; instance?: RecordedInstance; [name: string]: unknown },
    )
    .flatMap((one) => (one.record === undefined ? [] : [recordOf(one)]))
    .join(" & ");
}

interface RecordedInstance {
  readonly address: string;
  readonly pending?: { readonly operation: string };
}

function recordOf({
  record,
  instance,
  operation,
  address,
}: {
  record?: string;
  instance?: RecordedInstance;
  operation?: unknown;
  address?: unknown;
}): string {
  return [record, instance?.address ?? address, operation ?? instance?.pending?.operation].filter(Boolean).join(" ");
}

function runningOn(host: SimulatedHost): string {
  const names = host.living().map((process) => {
    const held = (process.shown as Partial<Machine> | undefined)?.status === "prelaunch";
    return `${nameOf(process)
      .replace(/^the /, "")
      .replace(/^QEMU (.*)-[0-9a-f]{8}$/, "$1")}${held ? " (held)" : ""}`;
  });
  return names.join(", ") || "nothing";
}

function shown(changes: readonly PlannedChange[]): string {
  const parts = changes.map(
    ({ address, action, causes }) => `${action} ${address}${causes[0] ? ` (${causes[0]})` : ""}`,
  );
  return parts.join("; ") || "nothing to do";
}

/** A sync changes nothing that another process could see. */
const isVisible = ({ name }: Call) => name !== "sync";
const isJournal = ({ subject }: Call) => subject.endsWith("/journal.jsonl");

describe.each(scenarios)("after a kill in $name, at any call that changes the world,", (scenario) => {
  test("what runs is known, plan only looks, and apply makes it whole", async () => {
    const calls = (await callsOf(scenario)).filter(isVisible);
    const faults = await faultsOf(calls, async ({ index }) => {
      const host = await hostAfter(scenario, index);
      await expectNothingStray(host);
      await plan(host);
      await apply(host);
      await expectWhole(host);
    });
    expect(faults).toEqual([]);
  }, 300_000);

  test("destroy leaves nothing", async () => {
    const calls = (await callsOf(scenario)).filter((call) => isVisible(call) && call.name !== "send");
    const faults = await faultsOf(calls, async ({ index }) => {
      const host = await hostAfter(scenario, index);
      await destroy(host);
      await expectGone(host);
    });
    expect(faults).toEqual([]);
  }, 300_000);
});

describe.each(scenarios)("after a power cut in $name, before and after a record is synced,", (scenario) => {
  test("apply makes it whole, and destroy leaves nothing", async () => {
    const calls = (await callsOf(scenario)).filter(isJournal);
    const faults = await faultsOf(calls, async ({ index }) => {
      const host = await hostAfter(scenario, index);
      host.reboot("power cut");
      await plan(host);
      await apply(host);
      await expectWhole(host);
      await destroy(host);
      await expectGone(host);
    });
    expect(faults).toEqual([]);
  }, 300_000);
});

test("what the next plan says after a kill, record by record", async () => {
  const rows: string[] = [];
  for (const scenario of scenarios) {
    rows.push(`# ${scenario.name}`);
    const calls = (await callsOf(scenario)).filter((call) => isJournal(call) && call.name === "append");
    for (const call of calls) {
      const host = await hostAfter(scenario, call.index);
      const running = runningOn(host);
      rows.push(`${titleOf(call)} | ${running} | ${shown(await plan(host))}`);
    }
    rows.push("");
  }
  expectGolden("crash-table.txt", `record just written | running then | what the next plan says\n\n${rows.join("\n")}`);
}, 300_000);
