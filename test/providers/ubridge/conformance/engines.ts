import { afterEach, beforeEach, describe, expect } from "vitest";
import { captureOf } from "../../../../providers/ubridge/captures.ts";
import type { Engine } from "../../../../providers/ubridge/engine.ts";
import { filtersOf } from "../../../../providers/ubridge/impairments.ts";
import { LinkPlanner } from "../../../../providers/ubridge/plan.ts";
import { type EndStatistics, parseStatistics } from "../../../../providers/ubridge/replies.ts";
import { changeLink, makeLink, showLink, type Talk, type Wiring } from "../../../../providers/ubridge/wiring.ts";
import type { Attributes } from "../../../../src/core/values.ts";
import { until } from "../../../support/until.ts";
import { type End, Playground, ports, type Running, ubridgeInstalled } from "../support.ts";

export const settled = (ms: number) => ports.clock.sleep(ms);

/** What holds of the bridge may be late on a busy host: it is enough that it shows once in a few times. */
export async function once(act: () => Promise<void>, times = 12): Promise<void> {
  for (let left = times; ; left--) {
    try {
      return await act();
    } catch (error) {
      if (left === 1) throw error;
    }
  }
}

/** A link as labform wires and impairs it on one of the engines, between two nodes of ours. */
export class Carried {
  readonly ends: readonly [End, End];
  private readonly bench: Bench;
  private readonly name: string;

  constructor(bench: Bench, name: string, ends: readonly [End, End]) {
    this.bench = bench;
    this.name = name;
    this.ends = ends;
  }

  /** As an apply changes it. */
  async change(attributes: Attributes): Promise<void> {
    const shown = await showLink(this.bench.talk, this.name);
    if (!shown) throw new Error(`${this.name} is gone`);
    await changeLink(this.bench.talk, this.bench.wiring(this.name, attributes), shown);
  }

  async statistics(): Promise<{ readonly source: EndStatistics; readonly destination: EndStatistics }> {
    const { lines } = await this.bench.talk.hypervisor.request(["bridge", "get_stats", this.name]);
    const { source, destination } = parseStatistics(lines);
    if (!source || !destination) throw new Error(`${this.name} has no ends`);
    return { source, destination };
  }

  /** From the first end, no more at once than sockets hold; resolves when the link has taken all. */
  async send(texts: readonly string[]): Promise<void> {
    const before = (await this.statistics()).source.packetsIn;
    for (let at = 0; at < texts.length; at += 100) {
      this.ends[0].send(...texts.slice(at, at + 100));
      const sent = Math.min(texts.length, at + 100);
      await until(async () => (await this.statistics()).source.packetsIn >= before + sent);
    }
  }
}

/** One bridge of one engine, for one test. */
export class Bench {
  readonly engine: Engine;
  readonly playground = new Playground();
  private running: Running | undefined;
  private conversation: Talk | undefined;
  private leave: () => void = () => {};

  constructor(engine: Engine) {
    this.engine = engine;
  }

  get bridge(): Running {
    if (!this.running) throw new Error("begin first");
    return this.running;
  }

  /** One conversation for all of a test, as an apply has one for all of its links. */
  async begin(): Promise<void> {
    const { engine } = this;
    this.running = await this.playground.start(engine);
    await new Promise<void>((begun, failed) => {
      this.bridge
        .talk((hypervisor) => {
          this.conversation = { hypervisor, engine, clock: ports.clock };
          begun();
          return new Promise<void>((left) => {
            this.leave = left;
          });
        })
        .catch(failed);
    });
  }

  async end(): Promise<void> {
    this.leave();
    // What died in a test's load must not pass for a bridge that carried it.
    // oxlint-disable-next-line vitest/no-standalone-expect -- every test ends by this
    expect(ports.processes.status(this.bridge.identity)).toBe("alive");
    await this.playground.clear();
  }

  get talk(): Talk {
    if (!this.conversation) throw new Error("begin first");
    return this.conversation;
  }

  async version(): Promise<string> {
    return (await this.talk.hypervisor.request(["hypervisor", "version"])).text;
  }

  wiring(name: string, attributes: Attributes): Wiring {
    const end = (letter: string) => {
      const path = `${name}${letter}`;
      const kind = this.engine === "ubridge" ? ("dgram" as const) : ("stream" as const);
      return { adapter: `${path}/0`, kind, path, peer: `${path}p`, setCarrier: async () => {} };
    };
    const { host } = this.playground;
    const capture = captureOf({ address: `link.${name}`, id: name, attributes, sensitive: [] }, host);
    return { name, ends: [end("a"), end("b")], filters: filtersOf(attributes, this.engine), capture };
  }

  async link(attributes: Attributes = {}, name = "l"): Promise<Carried> {
    const node = (letter: string) => this.playground.node(this.bridge, this.engine, `${name}${letter}`);
    const ends = [await node("a"), await node("b")] as const;
    await makeLink(this.talk, this.wiring(name, attributes));
    await until(() => ends.every((one) => one.connected));
    // The built-in bridge answers only after it saw the connections that its peers saw before.
    await this.version();
    return new Carried(this, name, ends);
  }

  /** What `labform plan` says to these arguments, its warnings and errors; what it refuses is printed. */
  async planned(attributes: Attributes): Promise<{ readonly refused: boolean; readonly words: readonly string[] }> {
    const settings = { engine: this.engine, path: this.engine === "ubridge" ? "ubridge" : null };
    const planner = new LinkPlanner(ports, this.playground.host);
    planner.begin(this.engine === "ubridge" ? await this.version() : undefined);
    const { diagnostics } = await planner.plan({
      address: "link.l",
      id: "l-00000001",
      seed: "",
      settings,
      config: attributes,
      sensitive: [],
      prior: null,
      tunnel: "stream",
      offline: false,
    });
    const refused = diagnostics.some((one) => one.severity === "error");
    const words = diagnostics.map((one) => one.summary);
    // oxlint-disable-next-line no-console -- what an engine cannot do is told beside its passed tests
    if (refused) console.info(`${this.engine}: ${Object.keys(attributes).join(", ")} refused: ${words.join("; ")}`);
    return { refused, words };
  }
}

/** The same tests on each engine; on uBridge where it is installed. */
export function onEachEngine(what: string, tests: (bench: () => Bench) => void): void {
  describe.each<Engine>(["builtin", "ubridge"])(`${what}, on %s`, (engine) => {
    describe.skipIf(engine === "ubridge" && !ubridgeInstalled)("where it is installed", () => {
      let bench: Bench;
      beforeEach(async () => {
        bench = new Bench(engine);
        await bench.begin();
      });
      afterEach(() => bench.end());
      tests(() => bench);
    });
  });
}

export const numbered = (count: number, length = 0) =>
  Array.from({ length: count }, (_, at) => `frame ${at}`.padEnd(length, "."));
