import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Attachment } from "../../../src/core/provider.ts";
import type { Instance } from "../../../src/core/state.ts";
import type { Attributes } from "../../../src/core/values.ts";
import { Lab, settled } from "./lab.ts";
import { type Peer, Playground, ports } from "./support.ts";

const LABELS = ["a", "b", "c"] as const;
type Label = (typeof LABELS)[number];

/** A frame of a station to another, or to all. */
function frame(from: Label, to: Label | "all", text: string): string {
  const address = (one: Label | "all") => (one === "all" ? "\xff".repeat(6) : `\x02\0\0\0\0${one}`);
  return `${address(to)}${address(from)}\x88\xb5${text}`.padEnd(60, ".");
}

const textOf = (one: string) => one.slice(14).replace(/\.*$/, "");

/** A network of three ports, whose adapters the test plays. */
class Segment {
  readonly playground = new Playground();
  readonly lab = new Lab(this.playground, "builtin");
  readonly peers = new Map<Label, Peer>();
  network!: Instance;

  async begin(): Promise<void> {
    await this.lab.launch();
    for (const label of LABELS) this.peers.set(label, await this.playground.peer(`${label}.0`));
    this.network = this.lab.instance("network", "network.lan", "lan-00000001", this.attributes({}));
    await this.perform("wire", this.network.attributes);
    await this.until(() => [...this.peers.values()].every((one) => one.connected));
  }

  attributes(settings: { readonly [label in Label]?: Attributes }): Attributes {
    const port = Object.fromEntries(
      LABELS.map((label) => [label, { endpoint: { adapter: `${label}-00000001/0` }, ...settings[label] }]),
    );
    return { id: "lan-00000001", engine: "builtin", aging_s: 300, endpoints: [], port };
  }

  /** The ports as they are to be from now on. */
  async set(settings: { readonly [label in Label]?: Attributes }): Promise<void> {
    await this.perform("update", this.attributes(settings));
    // oxlint-disable-next-line vitest/no-standalone-expect -- every test sets its ports by this
    expect((await this.lab.read(this.network))[0]?.condition).toBe("present");
  }

  send(from: Label, to: Label | "all", ...texts: readonly string[]): void {
    this.peers.get(from)?.send(...texts.map((text) => frame(from, to, text)));
  }

  heard(at: Label): readonly string[] {
    return (this.peers.get(at)?.texts ?? []).map(textOf);
  }

  /** What arrives at a port of so many frames that are sent to it, once as many arrived as are to pass. */
  async passing(from: Label, to: Label, count: number, passes = count): Promise<readonly string[]> {
    const before = this.heard(to).length;
    this.send(from, to, ...Array.from({ length: count }, (_, at) => `${from}${at}`));
    await this.until(() => this.heard(to).length >= before + passes);
    await ports.clock.sleep(100);
    return this.heard(to).slice(before);
  }

  async until(met: () => boolean, ms = 10_000): Promise<void> {
    const deadline = performance.now() + ms;
    while (!met()) {
      if (performance.now() > deadline) throw new Error(`not in ${ms} ms: ${String(met)}`);
      await ports.clock.sleep(5);
    }
  }

  private async perform(operation: "wire" | "update", wanted: Attributes): Promise<void> {
    const attachments = LABELS.map(
      (label): Attachment => ({
        adapter: `${label}-00000001/0`,
        kind: "stream",
        path: `${label}.0`,
        peer: "",
        setCarrier: async (up) => void this.lab.carriers.push(`${label} ${up ? "up" : "down"}`),
      }),
    );
    const carriers = LABELS.map((label) => (wanted.port as { [at: string]: Attributes })[label]?.suspended !== true);
    const context = this.lab.context(operation, this.network, { wanted, attachments, carriers });
    this.network = settled(await this.lab.provider.perform(operation, context));
  }
}

describe("the ports of a network that runs", () => {
  let segment: Segment;
  beforeEach(async () => {
    segment = new Segment();
    await segment.begin();
  });
  afterEach(() => segment.playground.clear());

  it("take every impairment of a link, and the other ports none of it", async () => {
    // Everybody is known, so that nothing is flooded.
    for (const label of LABELS) segment.send(label, "all", "hello");
    await segment.until(() => LABELS.every((label) => segment.heard(label).length === 2));

    await segment.set({ b: { loss_percent: 100 } });
    expect(await segment.passing("a", "b", 10, 0)).toEqual([]);
    expect(await segment.passing("b", "a", 10, 0)).toEqual([]);
    expect(await segment.passing("a", "c", 10)).toHaveLength(10);

    await segment.set({ b: { drop_every: 2 } });
    expect(await segment.passing("a", "b", 10, 5)).toHaveLength(5);

    await segment.set({ b: { corrupt_percent: 100 } });
    const before = segment.peers.get("b")?.frames.length ?? 0;
    segment.send("a", "b", ...Array.from({ length: 20 }, () => "as it was"));
    await segment.until(() => (segment.peers.get("b")?.frames.length ?? 0) >= before + 20);
    expect(segment.peers.get("b")?.texts.slice(before)).not.toContain(frame("a", "b", "as it was"));

    await segment.set({ b: { delay_ms: 200, jitter_ms: 50 } });
    const sent = performance.now();
    segment.send("a", "b", "late");
    await segment.until(() => segment.heard("b").at(-1) === "late");
    expect((segment.peers.get("b")?.frames.at(-1)?.at ?? 0) - sent).toBeGreaterThanOrEqual(150);

    await segment.set({ b: { suspended: true } });
    expect(segment.lab.carriers.at(-2)).toBe("b down");
    expect(await segment.passing("a", "b", 5, 0)).toEqual([]);
    await segment.set({});
    expect(segment.lab.carriers.slice(-3)).toEqual(["a up", "b up", "c up"]);
    expect(await segment.passing("a", "b", 5)).toHaveLength(5);
  });

  it("hold their rate", async () => {
    await segment.set({ b: { rate_kbps: 100 } });
    const sent = performance.now();
    // 100 frames of 1,000 bytes are 800 kbit; what may burst is far less.
    const before = segment.heard("b").length;
    segment.peers.get("a")?.send(...Array.from({ length: 20 }, () => frame("a", "b", "x").padEnd(1000, ".")));
    await segment.until(() => segment.heard("b").length > before + 10);
    expect(performance.now() - sent).toBeGreaterThan(300);
  });

  it("are impaired otherwise each way: toward 0 is to what is plugged in, toward 1 to the network", async () => {
    await segment.set({ b: { toward: { "0": { loss_percent: 100 } } } });
    expect(await segment.passing("a", "b", 4, 0)).toEqual([]);
    expect(await segment.passing("b", "a", 4)).toHaveLength(4);
    await segment.set({ b: { loss_percent: 100, toward: { "0": { loss_percent: 0 } } } });
    expect(await segment.passing("a", "b", 4)).toHaveLength(4);
    expect(await segment.passing("b", "a", 4, 0)).toEqual([]);
  });

  it("are counted each by itself, with who was heard there", async () => {
    segment.send("a", "all", "hello");
    await segment.until(() => segment.heard("c").length === 1);
    const [ends] = await segment.lab.provider.statistics([segment.network]);
    expect(ends).toEqual([
      {
        sent: { frames: 1, bytes: 60 },
        received: { frames: 0, bytes: 0 },
        dropped: 0,
        stations: [{ mac: "02:00:00:00:00:61", vlan: null, age_s: expect.any(Number) }],
      },
      { sent: { frames: 0, bytes: 0 }, received: { frames: 1, bytes: 60 }, dropped: 0, stations: [] },
      { sent: { frames: 0, bytes: 0 }, received: { frames: 1, bytes: 60 }, dropped: 0, stations: [] },
    ]);
    await segment.set({ a: { vlan: 7 }, b: { vlan: 7 } });
    segment.send("a", "all", "again");
    await segment.until(() => segment.heard("b").includes("again"));
    const [aware] = await segment.lab.provider.statistics([segment.network]);
    expect(aware?.[0]?.stations).toMatchObject([{ mac: "02:00:00:00:00:61", vlan: 7 }]);
  });

  it("are captured where no plan knew the file, which stays on record", async () => {
    const capture = { file: null, link_type: "EN10MB", append: false, max_size_mib: null, keep: 10 };
    await segment.set({ b: { capture, capture_file: null } });
    const file = join(segment.playground.host.nodes, "../captures/lan-00000001/b.pcap");
    expect(segment.network.attributes.port).toMatchObject({ a: { capture_file: null }, b: { capture_file: file } });
    expect(existsSync(file)).toBe(true);
  });

  it("are followed by their labels", async () => {
    const stop = new AbortController();
    const frames = segment.lab.provider.follow(segment.network, stop.signal, "b");
    const header = await frames.next();
    expect(header.value?.subarray(0, 4)).toEqual(Buffer.from([0xd4, 0xc3, 0xb2, 0xa1]));
    segment.send("a", "all", "seen by who follows");
    const record = await frames.next();
    expect(Buffer.from(record.value ?? []).toString("latin1")).toContain("seen by who follows");
    stop.abort();
    await frames.return(undefined);
    await expect(segment.lab.provider.follow(segment.network, stop.signal, "d").next()).rejects.toThrow('no port "d"');
  });
});
