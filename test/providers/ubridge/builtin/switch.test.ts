import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Batch } from "../../../../providers/ubridge/builtin/frames.ts";
import { forEachFrame, HEADER_BYTES, MAXIMUM_FRAME_BYTES } from "../../../../providers/ubridge/builtin/frames.ts";
import { MacTable } from "../../../../providers/ubridge/builtin/switch/macTable.ts";
import { Switch } from "../../../../providers/ubridge/builtin/switch/switch.ts";
import { SwitchPort } from "../../../../providers/ubridge/builtin/switch/switchPort.ts";
import { parseVlans, type Vlans } from "../../../../providers/ubridge/builtin/switch/vlans.ts";

const EVERYONE = "ff:ff:ff:ff:ff:ff";

interface Sent {
  readonly from: string;
  readonly to: string;
  readonly text?: string;
  /** Of an 802.1Q tag. */
  readonly vlan?: number;
  readonly priority?: number;
}

function bytes(address: string): Buffer {
  return Buffer.from(address.replaceAll(":", ""), "hex");
}

/** Frames as a batch, as they come from what is plugged in. */
function batch(...frames: readonly Sent[]): Batch {
  const pieces = frames.map(({ from, to, text = "hello", vlan, priority = 0 }) => {
    const tag = Buffer.alloc(vlan === undefined ? 0 : 4);
    if (vlan !== undefined) tag.writeUInt32BE(0x8100_0000 + (priority << 13) + vlan);
    const frame = Buffer.concat([bytes(to), bytes(from), tag, Buffer.from([0x08, 0x00]), Buffer.from(text)]);
    const header = Buffer.alloc(HEADER_BYTES);
    header.writeUInt32BE(frame.length);
    return Buffer.concat([header, frame]);
  });
  return { data: Buffer.concat(pieces), frames: frames.length };
}

function mac(number: number): string {
  return `02:00:00:00:00:${number.toString(16).padStart(2, "0")}`;
}

/** A switch with ports; what comes out of each is kept as text: `hello`, with a tag `10:hello`. */
class Bench {
  readonly switch: Switch;
  readonly out = new Map<string, string[]>();
  /** Of the batches that came out of a port. */
  readonly batches = new Map<string, number>();
  private readonly ports = new Map<string, SwitchPort>();

  constructor(modes: { readonly [port: string]: string }, agingS = 300) {
    this.switch = new Switch("lan", agingS);
    for (const [name, mode] of Object.entries(modes)) this.join(name, mode);
  }

  join(name: string, mode: string): SwitchPort {
    const port = new SwitchPort(name, this.switch, vlans(mode));
    const texts: string[] = [];
    port.onFrames = (all) => {
      this.batches.set(name, (this.batches.get(name) ?? 0) + all.length);
      for (const one of all) texts.push(...textsOf(one));
    };
    this.ports.set(name, port);
    this.out.set(name, texts);
    return port;
  }

  port(name: string): SwitchPort {
    return this.ports.get(name) as SwitchPort;
  }

  /** What comes out, and where, when these come in. */
  send(name: string, ...frames: readonly Sent[]): { readonly [port: string]: readonly string[] } {
    for (const texts of this.out.values()) texts.length = 0;
    this.port(name).send([batch(...frames)]);
    return Object.fromEntries([...this.out].flatMap(([port, texts]) => (texts.length > 0 ? [[port, [...texts]]] : [])));
  }
}

function vlans(mode: string): Vlans {
  const parsed = parseVlans(mode.split(" "));
  if (!parsed) throw new Error(`no mode: ${mode}`);
  return parsed;
}

function textsOf(one: Batch): string[] {
  const texts: string[] = [];
  forEachFrame(one, (start, end) => {
    const frame = one.data.subarray(start + HEADER_BYTES, end);
    const tagged = frame.readUInt16BE(12) === 0x8100;
    const text = frame.subarray(tagged ? 18 : 14).toString();
    texts.push(tagged ? `${frame.readUInt16BE(14)}:${text}` : text);
  });
  return texts;
}

describe("a switch", () => {
  const three = () => new Bench({ a: "plain", b: "plain", c: "plain" });

  it("floods what is for everyone, or for a station it has not heard, to each port but the one it came from", () => {
    const bench = three();
    expect(bench.send("a", { from: mac(1), to: EVERYONE })).toEqual({ b: ["hello"], c: ["hello"] });
    expect(bench.send("a", { from: mac(1), to: "01:00:5e:00:00:01" })).toEqual({ b: ["hello"], c: ["hello"] });
    expect(bench.send("a", { from: mac(1), to: mac(9) })).toEqual({ b: ["hello"], c: ["hello"] });
  });

  it("sends to the one port where a station was heard, and follows a station that moves", () => {
    const bench = three();
    bench.send("a", { from: mac(1), to: EVERYONE });
    expect(bench.send("b", { from: mac(2), to: mac(1) })).toEqual({ a: ["hello"] });
    bench.send("c", { from: mac(1), to: EVERYONE });
    expect(bench.send("b", { from: mac(2), to: mac(1) })).toEqual({ c: ["hello"] });
  });

  it("never returns a frame to its port", () => {
    const bench = three();
    bench.send("a", { from: mac(1), to: EVERYONE });
    expect(bench.send("a", { from: mac(2), to: mac(1) })).toEqual({});
  });

  it("passes on what goes one way in one piece, and keeps the order of what parts", () => {
    const bench = three();
    bench.send("b", { from: mac(2), to: EVERYONE });
    bench.send("c", { from: mac(3), to: EVERYONE });
    bench.batches.clear();
    const to = (number: number, text: string) => ({ from: mac(1), to: mac(number), text });
    const out = bench.send("a", to(2, "1"), to(2, "2"), to(2, "3"), to(3, "4"), to(3, "5"), to(2, "6"));
    expect(out).toEqual({ b: ["1", "2", "3", "6"], c: ["4", "5"] });
    expect(Object.fromEntries(bench.batches)).toEqual({ b: 2, c: 1 });
  });

  it("leaves each flooded copy to its port alone: one may corrupt what it carries", () => {
    const bench = three();
    bench.port("b").onFrames = (all) => all.forEach((one) => one.data.fill(0xff, 18));
    expect(bench.send("a", { from: mac(1), to: EVERYONE })).toEqual({ c: ["hello"] });
  });

  it("drops what is shorter than a header", () => {
    const bench = three();
    bench.port("a").send([{ data: Buffer.from([0, 0, 0, 4, 1, 2, 3, 4]), frames: 1 }]);
    expect([...bench.out.values()].flat()).toEqual([]);
    expect(bench.port("a").dropped).toBe(1);
  });

  it("forgets what was heard at a port that leaves; a port that joins is flooded to", () => {
    const bench = three();
    bench.send("a", { from: mac(1), to: EVERYONE });
    bench.port("a").close();
    expect(bench.send("b", { from: mac(2), to: mac(1) })).toEqual({ c: ["hello"] });
    bench.join("d", "plain");
    expect(bench.send("b", { from: mac(2), to: mac(1) })).toEqual({ c: ["hello"], d: ["hello"] });
    expect(bench.switch.stations().map(({ mac: heard, port }) => [heard, port.name])).toEqual([[mac(2), "b"]]);
  });

  it("keeps frames for a port that is stopped, as many as it may, and gives them out when it starts", () => {
    const bench = three();
    const port = bench.port("b");
    port.hold("stopped");
    expect(bench.send("a", { from: mac(1), to: EVERYONE, text: "kept" })).toEqual({ c: ["kept"] });
    const large = { from: mac(1), to: EVERYONE, text: "x".repeat(60_000) };
    for (let count = 0; count < 20; count++) bench.send("a", large);
    port.release("stopped");
    const texts = bench.out.get("b") ?? [];
    expect(texts[0]).toBe("kept");
    expect(texts.length + port.dropped).toBe(21);
    expect(port.dropped).toBeGreaterThan(0);
  });

  it("holds nobody back for a port whose reader is slow", () => {
    const bench = three();
    bench.port("b").hold("pressure");
    expect(bench.send("a", { from: mac(1), to: EVERYONE })).toEqual({ b: ["hello"], c: ["hello"] });
  });
});

describe("aging", () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ["performance"] }));
  afterEach(() => void vi.useRealTimers());

  it("floods again to a station that was silent for that long", () => {
    const bench = new Bench({ a: "plain", b: "plain", c: "plain" }, 10);
    bench.send("a", { from: mac(1), to: EVERYONE });
    vi.advanceTimersByTime(9000);
    expect(bench.send("b", { from: mac(2), to: mac(1) })).toEqual({ a: ["hello"] });
    vi.advanceTimersByTime(2000);
    expect(bench.send("b", { from: mac(2), to: mac(1) })).toEqual({ a: ["hello"], c: ["hello"] });
    expect(bench.switch.stations().map(({ mac: heard }) => heard)).toEqual([mac(2)]);
  });

  it("of 0 makes it a hub", () => {
    const bench = new Bench({ a: "plain", b: "plain", c: "plain" }, 0);
    bench.send("a", { from: mac(1), to: EVERYONE });
    expect(bench.send("b", { from: mac(2), to: mac(1) })).toEqual({ a: ["hello"], c: ["hello"] });
  });
});

describe("the table", () => {
  it("stays of one size whatever is sent, and forgets who was silent longest", () => {
    const table = new MacTable(300);
    for (let number = 0; number < 100_000; number++) table.learn(0, number % 7, number, number % 5, number / 1000);
    expect(table.list(100).length).toBeLessThanOrEqual(4096);
    expect(table.find(0, 99_999 % 7, 99_999, 100)).toBe(99_999 % 5);
    expect(table.find(0, 0, 0, 100)).toBe(-1);
  });

  it("tells a station in one VLAN from the same in another", () => {
    const table = new MacTable(300);
    table.learn(10, 0x0200, 1, 1, 0);
    table.learn(20, 0x0200, 1, 2, 0);
    expect([table.find(10, 0x0200, 1, 1), table.find(20, 0x0200, 1, 1)]).toEqual([1, 2]);
    table.forget(1);
    expect([table.find(10, 0x0200, 1, 1), table.find(20, 0x0200, 1, 1)]).toEqual([-1, 2]);
  });
});

describe("VLANs", () => {
  const four = () => new Bench({ a: "access 10", b: "access 10", c: "access 20", up: "trunk 10,20-29 1", p: "plain" });
  const all = { from: mac(1), to: EVERYONE };

  it("keep frames among the ports of one; a trunk carries them with a tag", () => {
    expect(four().send("a", all)).toEqual({ b: ["hello"], up: ["10:hello"] });
    expect(four().send("c", all)).toEqual({ up: ["20:hello"] });
  });

  it("are told apart by the tags on a trunk, which access ports do not see", () => {
    expect(four().send("up", { ...all, vlan: 10 })).toEqual({ a: ["hello"], b: ["hello"] });
    expect(four().send("up", { ...all, vlan: 20 })).toEqual({ c: ["hello"] });
  });

  it("drop tagged frames on access ports, and on a trunk those it does not carry", () => {
    const bench = four();
    expect(bench.send("a", { ...all, vlan: 10 })).toEqual({});
    expect(bench.send("a", { ...all, vlan: 20 })).toEqual({});
    expect(bench.send("up", { ...all, vlan: 30 })).toEqual({});
    expect([bench.port("a").dropped, bench.port("up").dropped]).toEqual([2, 1]);
  });

  it("have frames without tags on a trunk for its native one, which is where ports are that name none", () => {
    expect(four().send("p", all)).toEqual({ up: ["hello"] });
    expect(four().send("up", all)).toEqual({ p: ["hello"] });
    const bench = new Bench({ a: "access 1", up: "trunk 1-4094" });
    expect(bench.send("up", all)).toEqual({});
    expect(bench.send("a", all)).toEqual({ up: ["1:hello"] });
  });

  it("go from trunk to trunk with their tags as they are, and keep priorities", () => {
    const bench = new Bench({ up: "trunk 10", down: "trunk 10", a: "access 10" });
    expect(bench.send("up", { ...all, vlan: 10, priority: 5 })).toEqual({
      down: [`${(5 << 13) + 10}:hello`],
      a: ["hello"],
    });
  });

  it("take a tag that says only a priority for none", () => {
    const bench = new Bench({ a: "access 10", b: "access 10", up: "trunk 10" });
    expect(bench.send("a", { ...all, vlan: 0, priority: 3 })).toEqual({
      b: ["hello"],
      up: [`${(3 << 13) + 10}:hello`],
    });
  });

  it("are not looked at until a port names one: tags go through as they came", () => {
    const bench = new Bench({ a: "plain", b: "plain" });
    expect(bench.send("a", { ...all, vlan: 77 })).toEqual({ b: ["77:hello"] });
    bench.join("c", "access 10");
    expect(bench.send("a", { ...all, vlan: 77 })).toEqual({});
    expect(bench.send("a", all)).toEqual({ b: ["hello"] });
    bench.port("c").close();
    expect(bench.send("a", { ...all, vlan: 77 })).toEqual({ b: ["77:hello"] });
  });

  it("of a port are changed while it is there, and what was heard there is forgotten", () => {
    const bench = four();
    bench.send("b", { from: mac(2), to: EVERYONE });
    expect(bench.send("a", { from: mac(1), to: mac(2) })).toEqual({ b: ["hello"] });
    bench.port("b").setVlans(vlans("access 20"));
    expect(bench.send("a", { from: mac(1), to: mac(2) })).toEqual({ up: ["10:hello"] });
    expect(bench.send("c", all)).toEqual({ b: ["hello"], up: ["20:hello"] });
  });

  it("leave out a frame that a tag would make longer than any may be", () => {
    const bench = new Bench({ a: "access 10", up: "trunk 10" });
    const text = "x".repeat(MAXIMUM_FRAME_BYTES - 14);
    expect(bench.send("a", { ...all, text })).toEqual({});
    expect(bench.port("up").dropped).toBe(1);
  });

  it("are read as they are written, or not at all", () => {
    const sound = ["plain", "access 1", "access 4094", "trunk 10", "trunk 10,20-29", "trunk 1-4094 99"];
    expect(sound.map((mode) => parseVlans(mode.split(" "))?.words)).toEqual(sound);
    const wrong = [
      "",
      "plain 1",
      "access",
      "access 0",
      "access 4095",
      "access 1x",
      "trunk",
      "trunk 20-10",
      "trunk 1, 2",
    ];
    expect(wrong.map((mode) => parseVlans(mode.split(" ")))).toEqual(wrong.map(() => undefined));
  });
});
