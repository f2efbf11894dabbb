import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { filtersOf } from "../../../providers/ubridge/impairments.ts";
import type { Attributes } from "../../../src/core/values.ts";
import { until } from "../../support/until.ts";
import { failureOf, Lab } from "./lab.ts";
import { type End, Playground, ubridgeInstalled } from "./support.ts";

let playground: Playground;
beforeEach(() => {
  playground = new Playground();
});
afterEach(() => playground.clear());

const told = (attributes: Attributes) =>
  filtersOf(attributes, "builtin").map(({ name, toward, arguments: values, asked }) =>
    [name, toward ?? "both", values.join(" "), asked?.argument].join(" | "),
  );

describe("the filters of a link whose ways differ", () => {
  it("are its own arguments' where no block says otherwise, and each way's where one does", () => {
    const link = { delay_ms: 20, loss_percent: 1, rate_kbps: 0 };
    expect(told(link)).toEqual(["loss_1 | both | 1 | loss_percent", "delay_20 | both | 20 | delay_ms"]);
    expect(told({ ...link, toward: { "0": { delay_ms: 50 } } })).toEqual([
      "loss_1 | both | 1 | loss_percent",
      'toward_0_delay_50 | 0 | 50 | toward["0"].delay_ms',
      "toward_1_delay_20 | 1 | 20 | delay_ms",
    ]);
  });

  it("leave out what a block turns off, and take a jitter with the link's delay", () => {
    const link = { delay_ms: 20, drop_every: 3 };
    const toward = { "0": { drop_every: 0, jitter_ms: null }, "1": { jitter_ms: 5, rate_kbps: 1000 } };
    expect(told({ ...link, toward })).toEqual([
      "toward_1_drop_every_3 | 1 | 3 | drop_every",
      'toward_1_rate_1000 | 1 | 1000 | toward["1"].rate_kbps',
      "toward_0_delay_20 | 0 | 20 | delay_ms",
      "toward_1_delay_20_5 | 1 | 20 5 | delay_ms",
    ]);
  });

  it("name what matches by its place, and never show an expression that is sensitive", () => {
    const [first, second] = filtersOf({ drop_matching: ["icmp", "icmp"] }, "ubridge", [["drop_matching", 1]]);
    expect(first).toMatchObject({ type: "bpf", arguments: ["icmp"], asked: { argument: "drop_matching[0]" } });
    expect(second?.name).not.toBe(first?.name);
    expect([first?.asked?.hidden, second?.asked?.hidden]).toEqual([false, true]);
  });
});

describe("a link that is impaired otherwise each way", () => {
  it("does to the frames of one way what the other's are spared, and changes while it runs", async () => {
    const lab = new Lab(playground, "builtin");
    await lab.launch();
    let link = lab.link("core", { toward: { "1": { loss_percent: 100 } } });
    const ends = await lab.nodes(link);
    link = await lab.wire(link);
    const [first, second] = ends;
    await until(() => first.connected && second.connected);
    await lab.talk((hypervisor) => hypervisor.request(["hypervisor", "version"]));
    first.send("lost");
    second.send("heard");
    await until(() => first.texts.length === 1);
    expect([first.texts, second.texts]).toEqual([["heard"], []]);
    expect((await lab.read(link))[0]?.condition).toBe("present");

    const [counted] = (await lab.provider.statistics([link])) ?? [];
    expect(counted).toEqual([
      { sent: { frames: 1, bytes: 4 }, received: { frames: 1, bytes: 5 }, dropped: 0 },
      { sent: { frames: 1, bytes: 5 }, received: { frames: 0, bytes: 0 }, dropped: 0 },
    ]);

    link = await lab.update(link, { toward: { "0": { drop_every: 2 } } });
    for (const end of ends) end.send("1", "2", "3", "4");
    await until(() => first.texts.length === 3 && second.texts.length === 4);
    expect(first.texts).toEqual(["heard", "1", "3"]);
    link = await lab.update(link, { toward: {}, rate_kbps: 100_000 });
    for (const end of ends) end.send("last");
    await until(() => [first, second].every((end: End) => end.texts.at(-1) === "last"));
    expect((await lab.show(link)).filters).toEqual(["rate_100000"]);
    expect((await lab.read(link))[0]?.condition).toBe("present");
  });
});

describe.skipIf(!ubridgeInstalled)("frames that match an expression, on uBridge", () => {
  const ethernet = (type: number, text: string) => {
    const frame = Buffer.alloc(60);
    frame.writeUInt16BE(type, 12);
    frame.write(text, 14);
    return frame.toString("latin1");
  };

  it("are lost while the link runs, and what libpcap does not take is told as its argument", async () => {
    const lab = new Lab(playground, "ubridge");
    await lab.launch();
    let link = lab.prepareNodes(lab.link("core"));
    const [from, to] = await lab.nodes(link);
    link = await lab.wire(link);
    await until(() => from.connected && to.connected);
    link = await lab.update(link, { drop_matching: ["arp", "ether proto 0x0842"] });
    from.send(ethernet(0x0806, "arp"), ethernet(0x0842, "wol"), ethernet(0x0800, "ip"));
    await until(() => to.texts.length === 1);
    expect(to.texts[0]).toContain("ip");
    expect((await lab.read(link))[0]?.condition).toBe("present");

    const refused = await failureOf(lab.update(link, { drop_matching: ["arp", "no such thing"] }));
    expect(refused.summary).toBe("uBridge refused drop_matching[1]");
    link = await lab.update(link, { drop_matching: [] });
    from.send(ethernet(0x0806, "arp"));
    await until(() => to.texts.length === 2);
  });
});
