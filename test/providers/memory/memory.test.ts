import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { memoryProvider } from "../../../providers/memory/index.ts";
import { World } from "../../../providers/memory/world.ts";
import { Failure } from "../../../src/core/diagnostics.ts";
import type { Operation } from "../../../src/core/lifecycle.ts";
import type { OperationContext, Provider } from "../../../src/core/provider.ts";
import type { Instance } from "../../../src/core/state.ts";
import type { Attributes, Json } from "../../../src/core/values.ts";

const directories: string[] = [];
afterEach(() => {
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true });
});

const seed = "0123456789abcdef".repeat(4);

/** A small hand-driven engine: it keeps the records and gives each operation a token of its own. */
class Engine {
  readonly world: World;
  readonly provider: Provider;
  readonly records = new Map<string, Instance>();
  readonly messages: string[] = [];
  #tokens = 0;

  private constructor(world: World, provider: Provider) {
    this.world = world;
    this.provider = provider;
  }

  static async over(world: World): Promise<Engine> {
    // Neither is used by this provider.
    const nothing = {} as never;
    return new Engine(world, await memoryProvider(world).load(nothing, nothing));
  }

  record(address: string): Instance {
    const record = this.records.get(address);
    if (!record) throw new Error(`no record of ${address}`);
    return record;
  }

  async plan(address: string, config: Attributes): Promise<Attributes> {
    const id = address.replace(".", "-");
    const prior = this.records.get(address) ?? null;
    const settings = { hub: "main" };
    const request = {
      address,
      id,
      seed,
      settings,
      config,
      prior,
      sensitive: [],
      tunnel: "stream",
      offline: false,
    } as const;
    const { planned } = await this.provider.plan(request);
    return planned as Attributes;
  }

  async perform(address: string, operation: Operation, wanted?: Attributes, over: Partial<OperationContext> = {}) {
    const kind = address.split(".")[0] as Instance["kind"];
    const fresh: Instance = {
      address,
      kind,
      provider: "memory",
      schemaVersion: 1,
      id: address.replace(".", "-"),
      status: "creating",
      attributes: {},
      sensitive: [],
      dependencies: [],
      private: {},
    };
    const before = this.records.get(address) ?? fresh;
    const token = `token-${++this.#tokens}`;
    const attributes = wanted ?? before.attributes;
    const instance = { ...before, attributes, pending: { operation, token, since: "2026-01-01T00:00:00Z" } };
    this.records.set(address, instance);
    const result = await this.provider.perform(operation, {
      address,
      instance,
      wanted: attributes,
      prior: before,
      settings: { hub: "main" },
      byHand: false,
      token,
      attachments: [],
      left: [],
      anew: false,
      endsGuest: false,
      carriers: [],
      tell: () => {},
      waiting: () => {},
      plugged: new Set(),
      services: new Map(),
      carried: [],
      progress: async (reached, message) => {
        this.records.set(address, reached);
        if (message !== undefined) this.messages.push(`${address}: ${message}`);
      },
      signal: new AbortController().signal,
      ...over,
    });
    const { pending: _, ...after } = result ?? instance;
    this.records.set(address, after);
    return after;
  }

  async read(address: string) {
    const [live] = await this.provider.read([this.record(address)]);
    if (!live) throw new Error("nothing was read");
    return live;
  }

  async startNode(name: string, config: { readonly [name: string]: Json } = {}, plugged: readonly number[] = []) {
    const address = `node.${name}`;
    const defaults = { size: 1, note: null, secret: null, colour: "white", adapters: 1, ready: true };
    const wanted = await this.plan(address, { ...defaults, ...config });
    await this.perform(address, "prepare", wanted);
    await this.perform(address, "start", wanted, { plugged: new Set(plugged) });
  }

  ends(...addresses: readonly string[]) {
    return addresses.map((address) => this.provider.attachment?.(this.record(address), 0) ?? null);
  }

  async wire(name: string, weight = 0) {
    const wanted = await this.plan(`link.${name}`, {
      endpoints: [{ adapter: "node-r1/0" }, { adapter: "node-r2/0" }],
      weight,
    });
    await this.perform(`link.${name}`, "wire", wanted, { attachments: this.ends("node.r1", "node.r2") });
  }
}

async function pair(): Promise<Engine> {
  const engine = await Engine.over(new World());
  await engine.perform('service.hub["main"]', "launch", { name: "main" });
  await engine.startNode("r1");
  await engine.startNode("r2");
  await engine.wire("core", 3);
  return engine;
}

describe("a node", () => {
  test("has the same addresses in every plan, and more adapters do not change them", async () => {
    const engine = await Engine.over(new World());
    const one = await engine.plan("node.r1", { adapters: 1 });
    const two = await engine.plan("node.r1", { adapters: 2 });
    expect(one.adapter).toEqual([{ id: "node-r1/0", mac_address: "02:01:23:45:67:00", name: "eth0" }]);
    expect((two.adapter as readonly Json[])[0]).toEqual((one.adapter as readonly Json[])[0]);
  });

  test("keeps its serial number over restarts and gets a new pid at each start", async () => {
    const engine = await Engine.over(new World());
    await engine.startNode("r1");
    const first = engine.record("node.r1").attributes;
    await engine.perform("node.r1", "stop");
    await engine.perform("node.r1", "prepare");
    await engine.perform("node.r1", "start");
    const second = engine.record("node.r1").attributes;
    expect(second.serial_number).toBe(first.serial_number);
    expect(second.pid).not.toBe(first.pid);
    expect(engine.messages).toEqual([first, second].map(({ pid }) => `node.r1: runs (pid ${JSON.stringify(pid)})`));
  });

  test("that never becomes ready fails at ready, and runs", async () => {
    const engine = await Engine.over(new World());
    await engine.startNode("r1", { ready: false });
    await expect(engine.perform("node.r1", "ready")).rejects.toThrow("node.r1 did not become ready");
    expect((await engine.read("node.r1")).condition).toBe("present");
  });

  test("whose process ended is down, and one that vanished is absent", async () => {
    const engine = await pair();
    engine.world.crash("node.r1");
    engine.world.vanish("node.r2");
    expect((await engine.read("node.r1")).condition).toBe("down");
    expect((await engine.read("node.r2")).condition).toBe("absent");
  });

  test("whose recorded note is not the world's is read as it is there", async () => {
    const engine = await pair();
    engine.records.set("node.r1", {
      ...engine.record("node.r1"),
      attributes: { ...engine.record("node.r1").attributes, note: "recorded only" },
    });
    expect((await engine.read("node.r1")).instance.attributes.note).toBeNull();
  });

  test("cannot be started twice or removed while it runs", async () => {
    const engine = await pair();
    await expect(engine.perform("node.r1", "start")).rejects.toThrow("is started while it runs");
    await expect(engine.perform("node.r1", "remove")).rejects.toThrow("is removed while it runs");
  });
});

describe("a start that was cut short", () => {
  test("after its process began to work is adopted by its token", async () => {
    const engine = await Engine.over(new World());
    engine.world.at({ when: "after", operation: "start" }, () => {
      throw new Error("killed");
    });
    await expect(engine.startNode("r1")).rejects.toThrow("killed");
    const { private: _, ...record } = engine.record("node.r1");
    const pending = { operation: "start", token: "token-2", since: "2026-01-01T00:00:00Z" } as const;
    engine.records.set("node.r1", { ...record, private: {}, pending });
    const live = await engine.read("node.r1");
    expect(live.condition).toBe("present");
    expect(live.instance.private).toEqual({ run: "token-2" });
    expect(live.instance.attributes.pid).toBe(engine.world.nodes.get("node-r1")?.run?.pid);
  });

  test("before it did is broken, and a process of another token too", async () => {
    const engine = await Engine.over(new World());
    const wanted = await engine.plan("node.r1", { size: 1, colour: "white", adapters: 1, ready: true });
    await engine.perform("node.r1", "prepare", wanted);
    const killed = engine.perform("node.r1", "start", wanted, {
      progress: async () => {
        throw new Error("killed");
      },
    });
    await expect(killed).rejects.toThrow("killed");
    expect(await engine.read("node.r1")).toMatchObject({ condition: "broken", cause: { kind: "unfinished" } });
    const { pending: _, ...settled } = engine.record("node.r1");
    engine.records.set("node.r1", { ...settled, private: { run: "another" } });
    expect(await engine.read("node.r1")).toMatchObject({
      condition: "broken",
      cause: { summary: "another process runs in its place" },
    });
  });
});

describe("a link", () => {
  test("gives both its ends a carrier and takes it away again", async () => {
    const engine = await pair();
    const carriers = () => [...engine.world.nodes.values()].map((node) => node.carriers);
    expect(carriers()).toEqual([[0], [0]]);
    await engine.perform("link.core", "unwire", undefined, { attachments: engine.ends("node.r1", "node.r2") });
    expect(carriers()).toEqual([[], []]);
    expect((await engine.read("link.core")).condition).toBe("absent");
  });

  test("cannot be wired without a hub, or to an adapter that is not there", async () => {
    const engine = await Engine.over(new World());
    await engine.startNode("r1");
    await engine.startNode("r2", { adapters: 0 });
    await expect(engine.wire("core")).rejects.toThrow("The hub main does not run");
    await engine.perform('service.hub["main"]', "launch", { name: "main" });
    await expect(engine.wire("core")).rejects.toThrow("link.core has an end that is not there");
  });

  test("counts as present on a dead hub, and is carried again when that is launched", async () => {
    const engine = await pair();
    engine.world.crash('service.hub["main"]');
    expect((await engine.read('service.hub["main"]')).condition).toBe("down");
    expect((await engine.read("link.core")).condition).toBe("present");
    await engine.perform('service.hub["main"]', "launch", undefined, {
      carried: [{ instance: engine.record("link.core"), attachments: engine.ends("node.r1", "node.r2") }],
    });
    expect([...(engine.world.hubs.get("main")?.links.values() ?? [])]).toEqual([
      { address: "link.core", ends: ["node-r1/0", "node-r2/0"], weight: 3 },
    ]);
    expect((await engine.read("link.core")).condition).toBe("present");
  });

  test("whose weight was changed behind labform's back is read with the new one", async () => {
    const engine = await pair();
    const record = engine.record("link.core");
    engine.records.set("link.core", { ...record, attributes: { ...record.attributes, weight: 9 } });
    expect((await engine.read("link.core")).instance.attributes.weight).toBe(3);
  });
});

describe("the world", () => {
  test("fails the next operation that matches, once, and nothing of it was done", async () => {
    const engine = await pair();
    engine.world.failNext("stop", "node.r2");
    await engine.perform("node.r1", "stop");
    await expect(engine.perform("node.r2", "stop")).rejects.toThrow(Failure);
    expect(engine.world.nodes.get("node-r2")?.run).not.toBeNull();
    await engine.perform("node.r2", "stop");
    expect(engine.world.nodes.get("node-r2")?.run).toBeNull();
  });

  test("holds an operation until it is released", async () => {
    const engine = await pair();
    const held = engine.world.hold("stop", "node.r1");
    const stopping = engine.perform("node.r1", "stop");
    await held.reached;
    expect(engine.world.nodes.get("node-r1")?.run).not.toBeNull();
    held.release();
    await stopping;
    expect(engine.world.nodes.get("node-r1")?.run).toBeNull();
  });

  test("lets an interrupt end what waits for ready", async () => {
    const engine = await pair();
    const held = engine.world.hold("ready");
    const interrupt = new AbortController();
    const waiting = engine.perform("node.r1", "ready", undefined, { signal: interrupt.signal });
    await held.reached;
    interrupt.abort();
    await expect(waiting).rejects.toThrow("Interrupted while waiting");
  });

  test("in a file is the same for the next process", async () => {
    const directory = mkdtempSync(join(tmpdir(), "labform-world-"));
    directories.push(directory);
    const file = join(directory, "world.json");
    const before = await Engine.over(new World({ file }));
    await before.perform('service.hub["main"]', "launch", { name: "main" });
    await before.startNode("r1", { note: "kept" });
    const after = new World({ file });
    expect(after.nodes).toEqual(before.world.nodes);
    expect(after.hubs).toEqual(before.world.hubs);
    expect(after.nextNumber()).toBe(before.world.nextNumber());
  });

  test("is empty when everything was taken away in the order of a destroy", async () => {
    const engine = await pair();
    for (const node of ["node.r1", "node.r2"]) await engine.perform(node, "stop");
    await engine.perform("link.core", "unwire", undefined, { attachments: engine.ends("node.r1", "node.r2") });
    for (const node of ["node.r1", "node.r2"]) await engine.perform(node, "remove");
    await engine.perform('service.hub["main"]', "end");
    expect(engine.world.isEmpty()).toBe(true);
    expect(engine.world.log.slice(-3)).toEqual(["node.r1 remove", "node.r2 remove", 'service.hub["main"] end']);
  });
});
