import { mkdirSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { notesOf } from "../../../providers/qemu/notes.ts";
import type { Ports, ProcessIdentity } from "../../../src/core/ports.ts";
import type { Instance } from "../../../src/core/state.ts";
import type { Misdeed } from "../../support/fakeQemu.ts";
import { FakeQemu } from "../../support/fakeQemu.ts";
import { failureOf, TestLab } from "./support.ts";

/** labform's seconds are so many times shorter here, so that no limit takes long. */
const PACE = 10;

let lab: TestLab;
let qemu: FakeQemu;

beforeEach(async () => {
  lab = await TestLab.open({}, hurried);
  mkdirSync(`${lab.root}/bin`);
  qemu = new FakeQemu(`${lab.root}/bin`);
});

afterEach(() => lab.close());

function hurried(ports: Ports): Ports {
  const { clock } = ports;
  return {
    ...ports,
    clock: {
      now: () => clock.now(),
      monotonic: () => clock.monotonic() * PACE,
      sleep: (ms, signal) => clock.sleep(ms / PACE, signal),
    },
  };
}

async function prepared(): Promise<Instance> {
  await lab.keeper();
  return await lab.perform("prepare", await lab.planned({ ram: 16, adapters: 2, qemu_binary: qemu.path }));
}

/** How long it took in labform's seconds, and what it came to say. */
async function failing(node: Instance): Promise<{ readonly words: string; readonly seconds: number }> {
  const before = lab.ports.clock.monotonic();
  const words = await failureOf(lab.perform("start", node));
  return { words, seconds: (lab.ports.clock.monotonic() - before) / 1000 };
}

/** Nothing is left of it, the next command finds that it is down, and with a sound QEMU the same start succeeds. */
async function expectMended(): Promise<void> {
  const left = lab.instances.get("node.r1") as Instance;
  const { process } = notesOf(left);
  expect(process && lab.ports.processes.status(process)).toBe("gone");
  const [live] = await lab.read(left);
  expect(live).toMatchObject({
    condition: "down",
    cause: { kind: "unfinished", summary: "left half-done: it was being started" },
  });
  qemu.mend();
  await lab.reload();
  const again = await lab.perform("start", await lab.perform("prepare", live?.instance as Instance));
  expect((await lab.read(again))[0]).toMatchObject({ condition: "present" });
}

interface Case {
  readonly name: string;
  readonly misdeed: Misdeed;
  /** What is said of it, without its log. */
  readonly words: RegExp;
}

const ENDED =
  /^QEMU of node\.r1 ended at its start\nQEMU said:\n {2}qemu-system-x86_64: something is wrong with it\nIts log/;

const early: readonly Case[] = [
  {
    name: "never opens its socket",
    misdeed: { at: "listen", does: "hang" },
    words: /^node\.r1 could not be started\nQEMU did not open its control socket within 20 s\. It was ended;/,
  },
  { name: "ends before its socket is there", misdeed: { at: "listen", does: "exit" }, words: ENDED },
  {
    name: "is killed before its socket is there",
    misdeed: { at: "listen", does: "kill" },
    words:
      /ended at its start\nIt had not opened its control socket yet\. QEMU said nothing: it was killed, or crashed\./,
  },
  {
    name: "never greets",
    misdeed: { at: "greeting", does: "hang" },
    words:
      /QEMU did not greet within [\d.]+ s\. It was ended; the next apply starts it once more\. QEMU said nothing\./,
  },
  {
    name: "greets as another program",
    misdeed: { at: "greeting", does: "garbage" },
    words: /QEMU said what is no QMP, "Welcome to another program!", before its greeting\. It was ended;/,
  },
  {
    name: "closes instead of a greeting",
    misdeed: { at: "greeting", does: "close" },
    words: /QEMU('s control socket failed.*| closed its control socket) before its greeting\. It was ended;/,
  },
  { name: "ends instead of a greeting", misdeed: { at: "greeting", does: "exit" }, words: ENDED },
  {
    name: "lets its guest run unasked",
    misdeed: { at: "query-status", does: "running" },
    words: /QEMU was to wait, but its status is .*running.*\. It was ended;/,
  },
];

const later: readonly Case[] = (["qmp_capabilities", "query-status", "set_link", "cont"] as const).flatMap((at) => {
  const silent = new RegExp(`QEMU did not answer ${at} within [\\d.]+ s\\. It was ended;`);
  const gone = `QEMU('s control socket failed.*| closed its control socket) when it was asked ${at}\\.`;
  return [
    { name: `hangs when it is asked ${at}`, misdeed: { at, does: "hang" }, words: silent },
    { name: `stops in the middle of its answer to ${at}`, misdeed: { at, does: "half" }, words: silent },
    {
      name: `answers ${at} with garbage`,
      misdeed: { at, does: "garbage" },
      words: new RegExp(`no QMP, "Welcome to another program!", when it was asked ${at}\\. It was ended;`),
    },
    {
      name: `closes its socket when it is asked ${at}`,
      misdeed: { at, does: "close" },
      words: new RegExp(`${gone} It was ended;`),
    },
    {
      name: `refuses ${at}`,
      misdeed: { at, does: "refuse" },
      words: new RegExp(`QEMU refused ${at}: it will not\\. It was ended;`),
    },
    { name: `ends when it is asked ${at}`, misdeed: { at, does: "exit" }, words: ENDED },
    {
      name: `is killed when it is asked ${at}`,
      misdeed: { at, does: "kill" },
      words: new RegExp(`ended at its start\\n${gone} QEMU said nothing: it was killed, or crashed\\.`),
    },
  ] satisfies Case[];
});

describe("a QEMU that, when it is started,", () => {
  it.each([...early, ...later])("$name", async ({ misdeed, words }) => {
    qemu.will(misdeed);
    const failed = await failing(await prepared());
    expect(failed.words).toMatch(words);
    // Its limit, what a slow host adds, and the patience with a process that is to end.
    expect(failed.seconds).toBeLessThan(2 * 20);
    await expectMended();
  });
});

it("a QEMU that ends right after it let its guest run is found down by the next command, and started again", async () => {
  qemu.will({ at: "cont", does: "exit", late: true });
  const started = await lab.perform("start", await prepared());
  expect(await lab.ports.processes.waitForExit(notesOf(started).process as ProcessIdentity, 10_000)).toBe(true);
  const [live] = await lab.read(started);
  expect(live).toMatchObject({ condition: "down" });
  expect(live && "cause" in live && live.cause?.evidence).toContain("qemu-system-x86_64: something is wrong with it");
  qemu.mend();
  await lab.reload();
  await lab.perform("start", await lab.perform("prepare", live?.instance as Instance));
});
