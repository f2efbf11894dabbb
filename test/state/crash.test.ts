import { cpSync, existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Instance, JournalRecord } from "../../src/core/state.ts";
import type { StateStore } from "../../src/core/workspace.ts";
import { begun, intentOf, makeWorld, nodeOf, outcomeOf, type World } from "./support.ts";

/**
 * Every call that writes is a point where a kill may fall. The files as they are just before each are kept, with what
 * was acknowledged by then; each copy is then read, and worked on, as the next command would.
 */
interface Moment {
  readonly before: string;
  readonly copy: string;
  /** Records acknowledged, of those in `story`. */
  readonly acknowledged: number;
}

const story: readonly JournalRecord[] = [
  intentOf(nodeOf("a"), "ta"),
  outcomeOf(nodeOf("a")),
  intentOf(nodeOf("b", { dependencies: ["node.a"] }), "tb"),
  { record: "outputs", outputs: { x: { sensitive: false, type: "string", value: "y" } } },
  outcomeOf(nodeOf("b")),
  { record: "gone", address: "node.a" },
  outcomeOf(nodeOf("a", { id: "a-11111111", attributes: { ram: 512 } })),
  { record: "gone", address: "node.b" },
];

/** What the instances are after each number of records. */
const chapters: readonly (readonly Instance[])[] = story.reduce<Instance[][]>(
  (all, record) => {
    const now = new Map((all.at(-1) as Instance[]).map((one) => [one.address, one]));
    if (record.record === "gone") now.delete(record.address);
    if (record.record === "intent" || record.record === "outcome") now.set(record.instance.address, record.instance);
    return [...all, [...now.values()]];
  },
  [[]],
);

async function tell(
  world: World,
  act: (store: StateStore, record: JournalRecord, index: number) => Promise<StateStore>,
) {
  const moments: Moment[] = [];
  let acknowledged = 0;
  world.before = (call, path) => {
    if (call === "readText" || !path.startsWith(world.data) || !existsSync(world.data)) return;
    const copy = join(world.root, `moment-${moments.length}`);
    cpSync(world.data, copy, { recursive: true });
    moments.push({ before: `${call} ${path.slice(world.data.length + 1)}`, copy, acknowledged });
  };
  let store = await begun(world);
  for (const [index, record] of story.entries()) {
    store = await act(store, record, index);
    acknowledged = index + 1;
  }
  await store.checkpoint();
  await store.close();
  world.before = () => {};
  return moments;
}

/** The copy is the state after some number of records, at least those acknowledged; a command can go on from it. */
async function examine(world: World, { before, copy, acknowledged }: Moment): Promise<void> {
  await rm(world.data, { recursive: true });
  cpSync(copy, world.data, { recursive: true });
  const { state } = await world.access.load();
  const possible = chapters.slice(acknowledged).map(sorted);
  expect(possible, `killed before ${before}`).toContainEqual(sorted(state.instances.values()));
  const next = await begun(world);
  expect(next.state.serial).toBe(state.serial + 1);
  await next.record(outcomeOf(nodeOf("z")));
  await next.close();
  const after = (await world.access.load()).state;
  expect(sorted(after.instances.values())).toEqual(sorted([...state.instances.values(), nodeOf("z")]));
}

function sorted(instances: Iterable<Instance>): Instance[] {
  return [...instances].sort((a, b) => (a.address < b.address ? -1 : 1));
}

test("a kill at any write of one command loses nothing that was acknowledged", async () => {
  const world = await makeWorld();
  const moments = await tell(world, async (store, record, index) => {
    await store.record(record);
    if (index === 3) await store.checkpoint();
    return store;
  });
  expect(moments.map(({ before }) => before)).toContain("truncate journal.jsonl");
  for (const moment of moments) await examine(world, moment);
});

test("a kill at any write loses nothing when each earlier command was killed too", async () => {
  const world = await makeWorld();
  const moments = await tell(world, async (store, record) => {
    await store.record(record);
    // Without a checkpoint, as a kill leaves it; closing only frees the lock.
    await store.close();
    return await begun(world);
  });
  expect(moments.filter(({ before }) => before === "truncate journal.jsonl").length).toBe(story.length + 1);
  for (const moment of moments) await examine(world, moment);
});
