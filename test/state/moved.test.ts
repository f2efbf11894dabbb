import { describe, expect, it, test } from "vitest";
import type { Instance, JournalRecord, State } from "../../src/core/state.ts";
import { emptyState } from "../../src/core/state.ts";
import { formatHeader, formatRecord, parseJournal } from "../../state/journal.ts";
import { LiveState } from "../../state/liveState.ts";
import { applyRecord, replay } from "../../state/replay.ts";
import { begun, makeWorld, nodeOf, openOptions, outcomeOf } from "./support.ts";

const place = { role: "journal", path: "/j" };

function stateOf(...instances: readonly Instance[]): State {
  const named = new Map(instances.map((one) => [one.address, one]));
  return { ...emptyState("0.1.0"), lineage: "l", serial: 1, instances: named };
}

const moved = (...moves: readonly (readonly [Instance, string])[]): JournalRecord => ({
  record: "moved",
  moves: moves.map(([{ address, id }, to]) => ({ id, from: address, to })),
});

const addresses = ({ instances }: State) => [...instances].map(([address, { id }]) => `${address}: ${id}`);

describe("a record of moves", () => {
  const [a, b] = [nodeOf("a"), nodeOf("b", { dependencies: ["node.a"] })];

  it("is read as it was written", () => {
    const record = moved([a, "node.c"]);
    const text = formatHeader("l", 1, "0.1.0") + formatRecord(record);
    expect(parseJournal(text, place, "0.1.0")?.records).toEqual([record]);
  });

  it("gives instances other addresses, in their order, and those who depend on them with it", () => {
    const before = stateOf(a, b);
    const instances = new Map(before.instances);
    const after = applyRecord({ ...before, instances }, instances, moved([a, "node.c"]));
    expect(addresses(after)).toEqual([`node.c: ${a.id}`, `node.b: ${b.id}`]);
    expect(after.instances.get("node.b")?.dependencies).toEqual(["node.c"]);
    expect(after.instances.get("node.c")).toEqual({ ...a, address: "node.c" });
  });

  it("moves on what stood where another goes", () => {
    const before = stateOf(a, b);
    const instances = new Map(before.instances);
    const after = applyRecord({ ...before, instances }, instances, moved([a, "node.b"], [b, "node.c"]));
    expect(addresses(after)).toEqual([`node.b: ${a.id}`, `node.c: ${b.id}`]);
  });

  it("changes nothing when it is read again over a checkpoint that has it, whatever was made since", () => {
    const anew = nodeOf("a", { id: "another" });
    const records = [moved([a, "node.c"]), outcomeOf(anew)];
    const journal = { lineage: "l", serial: 1, records };
    const once = replay(stateOf(a, b), journal, place);
    expect(addresses(once)).toEqual([`node.c: ${a.id}`, `node.b: ${b.id}`, "node.a: another"]);
    expect(replay(once, journal, place)).toEqual(once);
  });

  it("keeps count of the names that are taken", () => {
    const live = new LiveState(stateOf(a, b));
    live.apply(moved([a, "node.c"]));
    expect(() => live.apply(outcomeOf({ ...a, address: "node.d" }))).toThrow("contradicts itself");
    live.apply(outcomeOf({ ...a, address: "node.c" }));
    live.apply({ record: "gone", address: "node.c" });
    live.apply(outcomeOf({ ...a, address: "node.d" }));
    expect([...live.state.instances.keys()]).toEqual(["node.b", "node.d"]);
  });
});

test("what is to be released is moved once its record is gone, by this command or the next", async () => {
  const world = await makeWorld();
  const store = await begun(world);
  const [gone, kept] = [nodeOf("gone"), nodeOf("kept")];
  for (const one of [gone, kept]) {
    await store.record(outcomeOf(one));
    await world.ports.files.makeDirectory(`${store.directories.nodes}/${one.id}`);
  }
  await store.planReleases([gone.id, kept.id]);
  expect(await store.finishReleases()).toEqual(new Map());
  await store.planReleases([gone.id, kept.id]);
  await store.record({ record: "gone", address: gone.address });
  const released = await store.finishReleases();
  expect([...released.keys()]).toEqual([gone.id]);
  expect(await world.ports.files.list(store.directories.nodes)).toEqual([kept.id]);
  await store.planReleases([kept.id]);
  await store.record({ record: "gone", address: kept.address });
  await store.close();
  const next = await world.access.open(openOptions());
  expect(await world.ports.files.list(next.directories.nodes)).toEqual([]);
  await next.close();
});
