import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Target } from "../../src/core/addresses.ts";
import { formatTarget, parseAddress, parseTarget } from "../../src/core/addresses.ts";
import { moveInstances } from "../../src/core/moves.ts";
import type { Captured } from "../../src/core/plan.ts";
import type { Instance, OutputState, State } from "../../src/core/state.ts";
import { emptyState } from "../../src/core/state.ts";

function stateOf(addresses: readonly string[], dependencies: { readonly [address: string]: readonly string[] } = {}) {
  const instances = new Map<string, Instance>();
  for (const address of addresses) {
    instances.set(address, {
      address,
      kind: parseAddress(address)?.kind ?? "node",
      provider: "memory",
      schemaVersion: 1,
      id: `id of ${address}`,
      status: "ok",
      attributes: { mac: `mac of ${address}` },
      sensitive: [],
      dependencies: dependencies[address] ?? [],
      private: { note: address },
    });
  }
  return { ...emptyState("0.1.0"), lineage: "l", instances };
}

function target(text: string): Target {
  const parsed = parseTarget(text);
  if (!parsed) throw new Error(`${text} is no address`);
  return parsed;
}

const move = (state: State, from: string, to: string) => moveInstances(state, target(from), target(to));

/** `node.a → node.b`, or why not. */
function told(addresses: readonly string[], from: string, to: string): string {
  const result = move(stateOf(addresses), from, to);
  if ("refused" in result) {
    const { refused, ...rest } = result;
    return [refused, ...Object.values(rest).flat()].join(" ");
  }
  return [...result.moves].map((pair) => pair.join(" → ")).join(", ");
}

describe("what moves where", () => {
  it.each([
    ["node.a", "node.a", "node.b", "node.a → node.b"],
    ["node.a", "node.a", "node.b[0]", "node.a → node.b[0]"],
    ["node.a[0]", "node.a[0]", "node.a", "node.a[0] → node.a"],
    ["node.a[0] node.a[1]", "node.a", "node.b", "node.a[0] → node.b[0], node.a[1] → node.b[1]"],
    ["node.a[0] node.a[1]", "node.a[1]", 'node.a["x"]', 'node.a[1] → node.a["x"]'],
    ["node.a node.ab", "node.a", "module.m.node.a", "node.a → module.m.node.a"],
    ["module.m.node.a node.a", "module.m.node.a", "node.b", "module.m.node.a → node.b"],
    ["module.m[0].node.a", "module.m[0].node.a", "module.m[1].node.a", "module.m[0].node.a → module.m[1].node.a"],
    [
      "module.m.node.a module.m.module.n.link.l[2]",
      "module.m",
      'module.p["x"]',
      'module.m.node.a → module.p["x"].node.a, module.m.module.n.link.l[2] → module.p["x"].module.n.link.l[2]',
    ],
    [
      "module.m[0].node.a module.m[1].node.a",
      "module.m",
      "module.p",
      "module.m[0].node.a → module.p[0].node.a, module.m[1].node.a → module.p[1].node.a",
    ],
    ["module.m[0].node.a module.m[1].node.a", "module.m[1]", "module.p", "module.m[1].node.a → module.p.node.a"],
  ])("of %s: %s to %s", (addresses, from, to, expected) => {
    expect(told(addresses.split(" "), from, to)).toBe(expected);
  });

  it.each([
    ["node.a", "node.b", "node.c", "nothing"],
    ["node.a[0]", "node.a[1]", "node.c", "nothing"],
    ["module.m[0].node.a", "module.m.node.a", "node.c", "nothing"],
    ["node.a", "node.a", "node.a", "same"],
    ["node.a", "node.a", "link.a", "kinds"],
    ["node.a", "node.a", "module.a", "kinds"],
    ["service.keeper", "service.keeper", "service.other", "service"],
    ["module.m.node.a", "module.m", "module.m.module.n", "inside"],
    ["module.m.module.n.node.a", "module.m.module.n", "module.m", "inside"],
    ["node.a[0] node.a[1]", "node.a", "node.b[0]", "several node.a[0] node.a[1]"],
    ["node.a node.b", "node.a", "node.b", "taken node.b"],
    ['node.a node.b["x"]', "node.a", "node.b", 'taken node.b["x"]'],
    ["node.a node.b[1]", "node.a", "node.b[0]", "node.a → node.b[0]"],
    ["module.m.node.a module.n.node.z", "module.m", "module.n", "taken module.n.node.z"],
    ["module.m.node.a module.n[1].node.z", "module.m", "module.n[0]", "module.m.node.a → module.n[0].node.a"],
  ])("of %s: %s to %s is %s", (addresses, from, to, expected) => {
    expect(told(addresses.split(" "), from, to)).toBe(expected);
  });
});

describe("what moves along", () => {
  it("only addresses change, in the instance and where others depend on it", () => {
    const before = stateOf(["link.l", "node.a", "node.b"], { "link.l": ["node.a", "node.b"], "node.b": ["node.a"] });
    const result = move(before, "node.a", "node.c");
    if ("refused" in result) throw new Error(result.refused);
    const { instances } = result.state;
    expect([...instances.keys()]).toEqual(["link.l", "node.c", "node.b"]);
    expect(instances.get("node.c")).toEqual({ ...before.instances.get("node.a"), address: "node.c" });
    expect(instances.get("link.l")?.dependencies).toEqual(["node.c", "node.b"]);
    expect(instances.get("node.b")?.dependencies).toEqual(["node.c"]);
  });

  const outputOf = (captured: Captured): OutputState => ({
    sensitive: false,
    type: "number",
    value: 7,
    deferred: { text: "it", at: "a.lab.hcl:1:1", captured: { "node.r": captured } },
  });
  const afterwards = (captured: Captured, from: string, to: string) => {
    const before = { ...stateOf(['node.r["x"]', "node.s"]), outputs: { out: outputOf(captured) } };
    const result = move(before, from, to);
    if ("refused" in result) throw new Error(result.refused);
    return result.state.outputs["out"];
  };
  const map = (address: string): Captured => ({ kind: "resource", shape: "map", instances: [address] });

  it("an output finds a moved instance by its new address, wherever it captured it", () => {
    expect(afterwards(map('node.r["x"]'), "node.r", "node.q")).toEqual(outputOf(map('node.q["x"]')));
    const single = (address: string): Captured => ({ kind: "resource", shape: "single", instances: [address] });
    expect(afterwards(single("node.s"), "node.s", "node.t[0]")).toEqual(outputOf(single("node.t[0]")));
    const nested = (address: string): Captured => ({
      kind: "module",
      shape: "single",
      instances: [
        {
          key: null,
          outputs: {
            o: { kind: "deferred", deferred: { text: "t", at: "b:1:1", captured: { "node.r": single(address) } } },
          },
        },
      ],
    });
    expect(afterwards(nested("node.s"), "node.s", "node.t")).toEqual(outputOf(nested("node.t")));
    const shared = (address: string): OutputState => {
      const part = { text: "t", at: "b:1:1", captured: { "node.s": single(address) } };
      const { deferred, ...rest } = outputOf({ kind: "part", name: "local.x" });
      return {
        ...rest,
        deferred: {
          text: "it",
          at: "a:1:1",
          captured: {},
          ...deferred,
          parts: { "local.x": { kind: "deferred", deferred: part } },
        },
      };
    };
    const before = { ...stateOf(["node.s"]), outputs: { out: shared("node.s") } };
    expect(move(before, "node.s", "node.t")).toMatchObject({ state: { outputs: { out: shared("node.t") } } });
  });

  it("an output that looks for a key which is gone keeps its value and is left alone until an apply", () => {
    const { deferred: _, ...kept } = outputOf(map(""));
    expect(afterwards(map('node.r["x"]'), 'node.r["x"]', 'node.r["y"]')).toEqual(kept);
  });
});

describe("any move", () => {
  const key = fc.constantFrom("", "[0]", "[1]", '["a"]');
  const module = fc.tuple(fc.constantFrom("m", "n"), key).map(([name, at]) => `module.${name}${at}`);
  const modules = fc.array(module, { maxLength: 2 });
  const resource = fc.tuple(fc.constantFrom("node", "link"), fc.constantFrom("a", "b"), key);
  const instance = fc
    .tuple(modules, resource)
    .map(([path, [kind, name, at]]) => [...path, `${kind}.${name}${at}`].join("."));
  const place = fc.oneof(
    instance,
    fc.tuple(modules, module).map(([path, last]) => [...path, last].join(".")),
  );
  const states = fc
    .uniqueArray(instance, { minLength: 1, maxLength: 8 })
    .chain((all) =>
      fc.tuple(fc.constant(all), fc.array(fc.subarray(all), { minLength: all.length, maxLength: all.length })),
    )
    .map(([all, needed]) =>
      stateOf(
        all,
        Object.fromEntries(all.map((one, at) => [one, (needed[at] ?? []).filter((other) => other !== one)])),
      ),
    );

  it("there and back is as it was", () => {
    let done = 0;
    fc.assert(
      fc.property(states, place, place, (state, from, to) => {
        const there = move(state, from, to);
        if ("refused" in there) return;
        done++;
        const back = move(there.state, to, from);
        if ("refused" in back) throw new Error(`${to} back to ${from}: ${back.refused}`);
        expect([...back.state.instances]).toEqual([...state.instances]);
        expect(new Set(there.state.instances.keys()).size).toBe(state.instances.size);
      }),
      { numRuns: 6000, seed: 1 },
    );
    expect(done).toBeGreaterThan(100);
  });

  it("moves to addresses that are canonical, each under itself, and to none that was another's", () => {
    fc.assert(
      fc.property(states, place, place, (state, from, to) => {
        const there = move(state, from, to);
        if ("refused" in there) return;
        for (const [address, one] of there.state.instances) {
          expect(one.address).toBe(address);
          expect(formatTarget(target(address))).toBe(address);
          for (const needed of one.dependencies) expect(there.state.instances.has(needed)).toBe(true);
        }
      }),
      { numRuns: 3000, seed: 2 },
    );
  });
});
