import { connect } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Engine } from "../../../../providers/ubridge/engine.ts";
import { delaysOneByOne } from "../../../../providers/ubridge/impairments.ts";
import { parseList, parseShow, parseStatistics } from "../../../../providers/ubridge/replies.ts";
import { until } from "../../../support/until.ts";
import {
  type End,
  Playground,
  ports,
  type Running,
  readCapture,
  ubridgeInstalled,
  ubridgeVersion,
} from "../support.ts";

/** uBridge's commands that a link can use, with the least and most words each takes. */
const BRIDGE_COMMANDS = new Map([
  ["create", "1/1"],
  ["delete", "1/1"],
  ["start", "1/1"],
  ["stop", "1/1"],
  ["show", "1/1"],
  ["get_stats", "1/1"],
  ["reset_stats", "1/1"],
  ["rename", "2/2"],
  ["list", "0/0"],
  ["add_nio_udp", "4/4"],
  ["remove_nio_udp", "4/4"],
  ["delete_nio_udp", "4/4"],
  ["start_capture", "2/3"],
  ["stop_capture", "1/1"],
  ["add_packet_filter", "2/10"],
  ["delete_packet_filter", "2/2"],
  ["reset_packet_filters", "1/1"],
]);

const HYPERVISOR_COMMANDS = new Map([
  ["version", "0/0"],
  ["module_list", "0/0"],
  ["cmd_list", "1/1"],
  ["reset", "0/0"],
  ["close", "0/0"],
  ["stop", "0/0"],
]);

/** What ARCHITECTURE.md says why the built-in bridge lacks it. */
const UBRIDGE_ONLY = ["add_nio_unix", "add_nio_tap", "add_nio_ethernet", "add_nio_linux_raw", "set_pcap_filter"];

describe.each<Engine>(["builtin", "ubridge"])("the protocol, spoken by %s", (engine) => {
  describe.skipIf(engine === "ubridge" && !ubridgeInstalled)("where it is installed", () => {
    let playground: Playground;
    let bridge: Running;

    beforeEach(async () => {
      playground = new Playground();
      bridge = await playground.start(engine);
    });
    afterEach(() => playground.clear());

    const ask = (...words: readonly string[]) => bridge.talk((hypervisor) => hypervisor.request(words));
    const codes = (...lines: readonly string[]) =>
      bridge.talk((hypervisor) =>
        Promise.all(lines.map(async (line) => (await hypervisor.request(line.split(" "))).code)),
      );
    const add = (name: string, end: string) =>
      engine === "ubridge" ? `bridge add_nio_unix ${name} ${end}p ${end}` : `bridge add_nio_stream ${name} ${end}`;

    /** Lines as a client without manners sends them; resolves with the codes of `count` replies. */
    function raw(text: string, count: number): Promise<number[]> {
      const at = /^(.*):(\d+)$/.exec(bridge.control);
      const socket = at ? connect(Number(at[2]), at[1]) : connect(join(playground.host.run, bridge.control));
      return new Promise((resolve, reject) => {
        let heard = "";
        socket.on("error", reject);
        socket.on("data", (chunk) => {
          heard += chunk.toString();
          const replies = heard.match(/^\d{3}-.*\r\n/gm) ?? [];
          if (replies.length < count) return;
          socket.end("hypervisor close\n");
          resolve(replies.slice(0, count).map((one) => Number(one.slice(0, 3))));
        });
        socket.write(text);
      });
    }

    async function link(...filters: readonly string[]): Promise<[End, End]> {
      const ends: [End, End] = [await playground.node(bridge, engine, "a"), await playground.node(bridge, engine, "b")];
      const lines = filters.map((filter, at) => `bridge add_packet_filter l f${at} ${filter}`);
      const all = await codes("bridge create l", add("l", "a"), add("l", "b"), ...lines, "bridge start l");
      expect(new Set(all)).toEqual(new Set([100]));
      await until(() => ends.every((one) => one.connected));
      // The built-in bridge answers only after it saw the connections that its peers saw before.
      await ask("hypervisor", "version");
      return ends;
    }

    it("says what it is", async () => {
      expect((await ask("hypervisor", "version")).text).toMatch(/^\d+\.\d+\.\d+$/);
      expect((await ask("hypervisor", "module_list")).lines).toEqual(expect.arrayContaining(["hypervisor", "bridge"]));
    });

    it("lists its commands: of uBridge's the built-in bridge has all that a link can use", async () => {
      const listed = async (module: string) =>
        new Map(
          (await ask("hypervisor", "cmd_list", module)).lines.map((line) => {
            const [, name = "", words = ""] = /^(\w+) \(min\/max args: (.*)\)$/.exec(line) ?? [];
            return [name, words] as const;
          }),
        );
      expect(await listed("hypervisor")).toEqual(HYPERVISOR_COMMANDS);
      const bridgeCommands = await listed("bridge");
      for (const [name, words] of BRIDGE_COMMANDS) expect(bridgeCommands.get(name), name).toBe(words);
      if (engine === "builtin") return;
      const unknown = [...bridgeCommands.keys()].filter((one) => !BRIDGE_COMMANDS.has(one));
      expect(unknown.toSorted()).toEqual(UBRIDGE_ONLY.toSorted());
    });

    it("refuses with the same codes", async () => {
      expect(await codes("nothing here", "bridge nothing", "bridge create", "bridge create a b")).toEqual([
        201, 202, 203, 203,
      ]);
      expect(await codes("bridge create a", "bridge create a", "bridge start a")).toEqual([100, 206, 209]);
      expect(await codes("bridge stop a", "bridge start no", "bridge delete no", "bridge show no")).toEqual([
        210, 214, 214, 214,
      ]);
      expect(await codes(add("a", "x"), add("a", "y"), add("a", "z"), add("no", "x"))).toEqual([100, 100, 206, 214]);
      expect(await codes("bridge start a", "bridge start a", "bridge stop a", "bridge stop a")).toEqual([
        100, 209, 100, 210,
      ]);
      expect(await codes("bridge create b", "bridge rename a b", "bridge rename a c", "bridge show c")).toEqual([
        100, 213, 100, 100,
      ]);
      expect(await codes("bridge delete b", "bridge delete c")).toEqual([100, 100]);
    });

    it("reads lines alike: blank ones, comments, quotes", async () => {
      expect(await raw("\n# nothing\nbridge\n", 3)).toEqual([200, 200, 200]);
      expect(await raw('bridge create "open\nbridge create a"b\n', 2)).toEqual([200, 200]);
      expect(await raw('bridge create "two words"\nbridge create one#two\nbridge show one\n', 3)).toEqual([
        100, 100, 100,
      ]);
      expect(parseList((await ask("bridge", "list")).lines).map((one) => one.name)).toEqual(["one", "two words"]);
      await codes("bridge delete one");
      expect(await raw('bridge delete "two words"\n', 1)).toEqual([100]);
    });

    it("shows bridges, newest first, with their ends and filters", async () => {
      await codes(
        "bridge create one",
        "bridge create two",
        add("two", "x"),
        "bridge add_packet_filter two slow delay 20 5",
      );
      expect(parseList((await ask("bridge", "list")).lines)).toEqual([
        { name: "two", ends: 1 },
        { name: "one", ends: 0 },
      ]);
      const shown = parseShow((await ask("bridge", "show", "two")).lines);
      expect(shown).toMatchObject({ running: false, filters: ["slow"], destination: undefined });
      expect(shown.source).toBe(engine === "ubridge" ? "xp -> x" : "x");
      await codes("bridge delete one", "bridge delete two");
    });

    it("answers a thousand pipelined commands in order", async () => {
      const names = Array.from({ length: 250 }, (_, at) => `b${at}`);
      const all = await codes(
        ...names.flatMap((name) => [
          `bridge create ${name}`,
          `bridge show ${name}`,
          `bridge start ${name}`,
          `bridge delete ${name}`,
        ]),
      );
      expect(all).toEqual(names.flatMap(() => [100, 100, 209, 100]));
    });

    it("shares its bridges among clients, and survives one that vanishes", async () => {
      const at = /^(.*):(\d+)$/.exec(bridge.control);
      const rude = at ? connect(Number(at[2]), at[1]) : connect(join(playground.host.run, bridge.control));
      await new Promise((resolve) => rude.once("connect", resolve));
      await new Promise((resolve) => rude.write("bridge create kept\nbridge cre", resolve));
      await until(() => true);
      await ports.clock.sleep(30);
      rude.destroy();
      expect(await codes("bridge show kept", "bridge delete kept")).toEqual([100, 100]);
    });

    it("carries frames both ways and counts them", async () => {
      const [a, b] = await link();
      a.send("one", "two");
      b.send("three");
      await until(() => a.texts.length === 1 && b.texts.length === 2);
      expect(b.texts).toEqual(["one", "two"]);
      const { source, destination } = parseStatistics((await ask("bridge", "get_stats", "l")).lines);
      expect(source).toMatchObject({ packetsIn: 2, bytesIn: 6, packetsOut: 1, bytesOut: 5 });
      expect(destination).toMatchObject({ packetsIn: 1, bytesIn: 5, packetsOut: 2, bytesOut: 6 });
      await ask("bridge", "reset_stats", "l");
      expect(parseStatistics((await ask("bridge", "get_stats", "l")).lines).source?.packetsIn).toBe(0);
    });

    it("carries frames of 9,000 bytes", async () => {
      const [a, b] = await link();
      const jumbo = "j".repeat(9000);
      a.send(jumbo, "small");
      await until(() => b.texts.length === 2);
      expect(b.texts).toEqual([jumbo, "small"]);
    });

    it("holds frames back while a link is stopped", async () => {
      const [a, b] = await link();
      await codes("bridge stop l");
      a.send("held");
      await ports.clock.sleep(60);
      expect(b.texts).toEqual([]);
      await codes("bridge start l");
      await until(() => b.texts.length === 1);
    });

    it("delays frames in both directions", async () => {
      const [a, b] = await link("delay 60");
      const started = performance.now();
      a.send("ping");
      await until(() => b.texts.length === 1);
      expect(performance.now() - started).toBeGreaterThanOrEqual(59);
      b.send("pong");
      await until(() => a.texts.length === 1);
      expect(performance.now() - started).toBeGreaterThanOrEqual(118);
    });

    it("keeps the rate of a delayed link, if it does not delay frames one by one", async () => {
      const [a, b] = await link("delay 20");
      const started = performance.now();
      a.send(...Array.from({ length: 20 }, (_, at) => `frame ${at}`));
      await until(() => b.texts.length === 20);
      const elapsed = performance.now() - started;
      if (engine === "ubridge" && delaysOneByOne(ubridgeVersion ?? "")) expect(elapsed).toBeGreaterThan(390);
      else expect(elapsed).toBeLessThan(350);
    });

    it("changes filters the safe way while frames come, and loses what it is told to", async () => {
      const [a, b] = await link("delay 1");
      const everything = engine === "ubridge" ? 99 : 100;
      expect(
        await codes(
          "bridge stop l",
          "bridge reset_packet_filters l",
          `bridge add_packet_filter l all packet_loss ${everything}`,
          "bridge start l",
        ),
      ).toEqual([100, 100, 100, 100]);
      a.send(...Array.from({ length: 50 }, () => "lost"));
      await ports.clock.sleep(60);
      expect(await codes("bridge stop l", "bridge delete_packet_filter l all", "bridge start l")).toEqual([
        100, 100, 100,
      ]);
      a.send("kept");
      await until(() => b.texts.length > 0);
      expect(b.texts).toEqual(["kept"]);
    });

    it("drops every Nth frame, of both directions together", async () => {
      const [a, b] = await link("frequency_drop 3");
      a.send("1", "2");
      await until(() => b.texts.length === 2);
      b.send("3", "4");
      await until(() => a.texts.length === 1);
      a.send("5", "6", "7");
      await until(() => b.texts.length === 4);
      expect([a.texts, b.texts]).toEqual([["4"], ["1", "2", "5", "7"]]);
    });

    it("passes everything with a frequency of 0 and nothing with -1", async () => {
      const [a, b] = await link("frequency_drop 0");
      a.send("passes");
      await until(() => b.texts.length === 1);
      expect(await codes("bridge add_packet_filter l off frequency_drop -1")).toEqual([100]);
      a.send("lost");
      b.send("lost");
      await ports.clock.sleep(60);
      expect([a.texts, b.texts]).toEqual([[], ["passes"]]);
    });

    it("corrupts the middle quarter of what it is told to, and adds one percent if it is uBridge", async () => {
      const frame = "abcdefghijklmnopqrstuvwxyz0123456789-+".slice(0, 32);
      const [a, b] = await link(`corrupt ${engine === "ubridge" ? 99 : 100}`);
      a.send(frame);
      await until(() => b.texts.length === 1);
      const got = b.texts[0] ?? "";
      const changed = [...frame].flatMap((letter, at) => (got[at] === letter ? [] : [at]));
      expect(got).toHaveLength(32);
      expect(changed).toHaveLength(8);
      expect(changed.every((at) => at >= 12 && at <= 20)).toBe(true);
      expect(
        await codes("bridge stop l", "bridge reset_packet_filters l", "bridge add_packet_filter l c corrupt 0"),
      ).toEqual([100, 100, 100]);
      await codes("bridge start l");
      const sent = Array.from({ length: 2000 }, (_, at) => `${at} `.padEnd(32, "."));
      for (let at = 0; at < sent.length; at += 100) {
        a.send(...sent.slice(at, at + 100));
        await until(() => b.texts.length === 1 + at + 100);
      }
      const wrong = b.texts.slice(1).filter((text, at) => text !== sent[at]).length;
      if (engine === "ubridge") expect(wrong).toBeGreaterThan(2);
      else expect(wrong).toBe(0);
      expect(wrong).toBeLessThan(60);
    });

    it("captures what passes, in either direction, and refuses with the same codes", async () => {
      const [a, b] = await link("frequency_drop 2");
      const file = join(playground.host.run, "two words.pcap");
      const capture = (...words: readonly string[]) => ask("bridge", ...words).then(({ code }) => code);
      expect(await capture("stop_capture", "l")).toBe(209);
      expect(await capture("start_capture", "l", join(playground.host.run, "no", "such.pcap"))).toBe(209);
      expect(await capture("start_capture", "no", file)).toBe(214);
      expect(await capture("start_capture", "l", file, "EN10MB")).toBe(100);
      expect(await capture("start_capture", "l", file)).toBe(209);
      a.send("one".padEnd(60, "."), "lost");
      await until(() => b.texts.length === 1);
      b.send("three".padEnd(90, "."));
      await until(() => a.texts.length === 1);
      // The file is whole while it is written to.
      const { linkType, frames } = readCapture(file);
      expect(linkType).toBe(1);
      expect(frames.map((one) => one.text)).toEqual([...b.texts, ...a.texts]);
      for (const { seconds } of frames) expect(Math.abs(seconds - Date.now() / 1000)).toBeLessThan(10);
      // Without traffic uBridge ends a capture unharmed.
      await ports.clock.sleep(50);
      expect(await capture("stop_capture", "l")).toBe(100);
      expect(await capture("stop_capture", "l")).toBe(209);
      await codes("bridge stop l");
      const types = { EN10MB: 1, C_HDLC: 104, PPP_SERIAL: 50, FRELAY: 107, ATM_RFC1483: 100 };
      for (const [name, number] of Object.entries(types)) {
        expect(await capture("start_capture", "l", file, name)).toBe(100);
        expect(await capture("stop_capture", "l")).toBe(100);
        expect(readCapture(file)).toEqual({ linkType: number, frames: [] });
      }
      await codes("bridge delete l");
    });

    it("refuses filters it has, does not have, or cannot have; 0.9 keeps a refused one attached", async () => {
      await codes("bridge create l");
      expect(
        await codes(
          "bridge add_packet_filter l f packet_loss 5",
          "bridge add_packet_filter l f delay 5",
          "bridge add_packet_filter l g nothing 5",
          "bridge add_packet_filter l h packet_loss 101",
          "bridge delete_packet_filter l nothing",
        ),
      ).toEqual([100, 206, 206, 206, 206]);
      const { filters } = parseShow((await ask("bridge", "show", "l")).lines);
      if (engine === "builtin") expect(filters).toEqual(["f"]);
      else if (ubridgeVersion?.startsWith("0.")) expect(filters).toEqual(["f", "h"]);
      else expect(filters[0]).toBe("f");
      await codes("bridge delete l");
    });

    it("stops when it is told, with links on it", async () => {
      await link("delay 5");
      await ask("hypervisor", "stop");
      expect(await ports.processes.waitForExit(bridge.identity, 3000)).toBe(true);
    });
  });
});
