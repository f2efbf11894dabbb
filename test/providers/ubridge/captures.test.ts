import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Engine } from "../../../providers/ubridge/engine.ts";
import type { Instance } from "../../../src/core/state.ts";
import { failureOf, Lab } from "./lab.ts";
import { Playground, ports, readCapture, ubridgeInstalled } from "./support.ts";

let playground: Playground;
beforeEach(() => {
  playground = new Playground();
});
afterEach(() => playground.clear());

const captured = (file: string | null) => ({ capture: { file, link_type: "EN10MB" } });

async function until(met: () => boolean, ms = 5000): Promise<void> {
  const deadline = performance.now() + ms;
  while (!met()) {
    if (performance.now() > deadline) throw new Error(`not in ${ms} ms: ${String(met)}`);
    await ports.clock.sleep(5);
  }
}

describe.each<Engine>(["builtin", "ubridge"])("a captured link on %s", (engine) => {
  describe.skipIf(engine === "ubridge" && !ubridgeInstalled)("where it is installed", () => {
    let lab: Lab;
    let link: Instance;
    const directory = () => join(playground.host.lab, "captures");
    const file = (name = "core.pcap") => join(directory(), name);
    const texts = (name?: string) => readCapture(file(name)).frames.map((one) => one.text);
    const files = () => readdirSync(directory()).toSorted();

    beforeEach(async () => {
      lab = new Lab(playground, engine);
      await lab.launch();
      link = lab.prepareNodes(lab.link("core"));
    });

    /** Sends one frame over and waits until it has come. */
    async function pass([from, to]: Awaited<ReturnType<Lab["nodes"]>>, text: string): Promise<void> {
      await until(() => from.connected && to.connected);
      await lab.talk((hypervisor) => hypervisor.request(["hypervisor", "version"]));
      from.send(text);
      await until(() => to.texts.includes(text));
    }

    /** The link wired, with frames passing. */
    async function running(attributes: Parameters<Lab["link"]>[1] = {}) {
      link = { ...link, attributes: { ...link.attributes, ...attributes } };
      rmSync(join(playground.host.run, `${link.id}a.0`), { force: true });
      rmSync(join(playground.host.run, `${link.id}b.0`), { force: true });
      const nodes = await lab.nodes(link);
      link = await lab.wire(link);
      return nodes;
    }

    it("is written to a file of its name that only its owner can read", async () => {
      const nodes = await running(captured(null));
      const frame = "x".repeat(60);
      await pass(nodes, frame);
      expect(link.attributes.capture_file).toBe(file());
      expect(texts()).toEqual([frame]);
      expect([statSync(directory()).mode & 0o777, statSync(file()).mode & 0o777]).toEqual([0o700, 0o600]);
      const shown = execFileSync("tcpdump", ["-ntqr", file()], { encoding: "utf8", stdio: "pipe" });
      expect(shown.split("\n").filter((line) => /^\S/.test(line))).toHaveLength(1);
      expect((await lab.read(link))[0]?.condition).toBe("present");
    });

    it("is begun, impaired otherwise and ended while frames pass, in one file", async () => {
      const nodes = await running();
      await pass(nodes, "before");
      link = await lab.update(link, captured("trace.pcap"));
      expect(link.attributes.capture_file).toBe(join(playground.host.lab, "trace.pcap"));
      await pass(nodes, "one");
      link = await lab.update(link, { delay_ms: 2 });
      await pass(nodes, "two");
      expect((await lab.read(link))[0]?.condition).toBe("present");
      link = await lab.update(link, { capture: null });
      expect(link.attributes.capture_file).toBeNull();
      await pass(nodes, "after");
      expect(readCapture(join(playground.host.lab, "trace.pcap")).frames.map((one) => one.text)).toEqual([
        "one",
        "two",
      ]);
      expect(await lab.show(link)).toMatchObject({ running: true, filters: ["delay_2"] });
      expect((await lab.read(link))[0]?.condition).toBe("present");
      expect(lab.told).toEqual([]);
    });

    it("goes to another file when another one is named", async () => {
      const nodes = await running(captured("one.pcap"));
      await pass(nodes, "one");
      link = await lab.update(link, captured("two.pcap"));
      await pass(nodes, "two");
      const text = (name: string) => readCapture(join(playground.host.lab, name)).frames.map((frame) => frame.text);
      expect([text("one.pcap"), text("two.pcap")]).toEqual([["one"], ["two"]]);
    });

    it("keeps what was captured before under the next number, and says so", async () => {
      const nodes = await running(captured(null));
      await pass(nodes, "first");
      link = await lab.update(await lab.update(link, { capture: null }), captured(null));
      await pass(nodes, "second");
      rmSync(file("core-1.pcap"));
      writeFileSync(file("core-7.pcap"), "");
      writeFileSync(file("core-x.pcap"), "");
      link = await lab.wire(link);
      await pass(nodes, "third");
      expect(files()).toEqual(["core-7.pcap", "core-8.pcap", "core-x.pcap", "core.pcap"]);
      expect([texts("core-8.pcap"), texts()]).toEqual([["second"], ["third"]]);
      expect(lab.told).toEqual([
        `what ${file()} held is kept as ${file("core-1.pcap")}`,
        `what ${file()} held is kept as ${file("core-8.pcap")}`,
      ]);
    });

    it("is captured again by a bridge that is started again", async () => {
      const nodes = await running(captured(null));
      await pass(nodes, "first");
      await lab.kill();
      await lab.launch(link);
      expect((await lab.read(link))[0]?.condition).toBe("present");
      expect(files()).toEqual(["core-1.pcap", "core.pcap"]);
      expect(texts("core-1.pcap")).toEqual(["first"]);
    });

    it("is carried without its capture by a bridge that is started again where that cannot be", async () => {
      await lab.wire({ ...link, attributes: { ...link.attributes, ...captured("place/core.pcap"), delay_ms: 3 } });
      link = { ...link, attributes: { ...link.attributes, ...captured("place/core.pcap"), delay_ms: 3 } };
      await lab.kill();
      rmSync(join(playground.host.lab, "place"), { recursive: true });
      writeFileSync(join(playground.host.lab, "place"), "in the way");
      await lab.launch(link);
      expect(await lab.show(link)).toMatchObject({ running: true, filters: ["delay_3"] });
      expect(lab.told).toEqual([
        `link.core is not captured any more: The capture cannot be written (${join(playground.host.lab, "place/core.pcap")})`,
      ]);
      expect(await lab.read(link)).toMatchObject([
        { condition: "broken", cause: { kind: "host", summary: "its capture does not run" } },
      ]);
    });

    it("is broken when its file was removed, and when its capture is not the one on record", async () => {
      await running(captured(null));
      const uncaptured = { ...link, attributes: { ...link.attributes, capture: null, capture_file: null } };
      const otherwise = { ...link, attributes: { ...link.attributes, ...captured("other.pcap"), capture_file: null } };
      expect(await lab.read(uncaptured, otherwise)).toMatchObject([
        { condition: "broken", cause: { summary: "the bridge captures it, which the record does not know of" } },
        { condition: "broken", cause: { summary: "the bridge captures it otherwise" } },
      ]);
      rmSync(file());
      expect(await lab.read(link)).toMatchObject([
        { condition: "broken", cause: { summary: `its capture file is gone: ${file()}` } },
      ]);
    });

    it("stays as it is when the capture cannot be written", async () => {
      const nodes = await running({ delay_ms: 1 });
      mkdirSync(join(playground.host.lab, "dir.pcap"));
      const failure = await failureOf(lab.update(link, { ...captured("dir.pcap"), delay_ms: 2 }));
      expect(failure).toEqual({
        summary: "The capture cannot be written",
        detail: "It is a directory. Name a file in it.",
      });
      expect(await lab.show(link)).toMatchObject({ running: true, filters: ["delay_1"] });
      await pass(nodes, "still");
    });

    it("has no filter left of those that the bridge refused, and passes frames", async () => {
      const nodes = await running({ delay_ms: 1 });
      const failure = await failureOf(lab.update(link, { ...captured(null), loss_percent: 102 }));
      expect(failure.detail).toContain("It answered 206");
      expect((await lab.show(link)).filters.filter((name) => !name.startsWith("capture_"))).toEqual([]);
      await pass(nodes, "passes");
    });

    it("does not share its file with another link, one after the other or at once", async () => {
      const other = lab.prepareNodes(lab.link("other"));
      const to = (one: Instance) => ({ ...one, attributes: { ...one.attributes, ...captured("same.pcap") } });
      const results = await Promise.allSettled([lab.wire(to(link)), lab.wire(to(other))]);
      expect(results.map((one) => one.status).toSorted()).toEqual(["fulfilled", "rejected"]);
      const [late, early] = results[0]?.status === "rejected" ? [link, other] : [other, link];
      const failure = await failureOf(lab.wire(to(late)));
      expect(failure).toEqual({
        summary: "Two links cannot be captured to one file",
        detail: `The link ${early.id} in the bridge is captured to it. Name another file.`,
      });
      expect(readdirSync(dirname(directory())).filter((name) => name.endsWith(".pcap"))).toEqual(["same.pcap"]);
    });

    it("can be unwired, and its bridge ended, with the capture whole", async () => {
      const nodes = await running(captured(null));
      await pass(nodes, "one");
      expect(await lab.provider.perform("unwire", lab.context("unwire", link))).toBeNull();
      expect(texts()).toEqual(["one"]);
      await lab.wire({ ...link, attributes: { ...link.attributes, ...captured("last.pcap") } });
      await lab.provider.perform("end", lab.context("end", lab.service));
      expect(readCapture(join(playground.host.lab, "last.pcap")).frames).toEqual([]);
    });
  });
});
