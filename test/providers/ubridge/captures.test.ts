import { execFileSync } from "node:child_process";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { processOf } from "../../../providers/ubridge/bridgeRecord.ts";
import { giveUpRoom } from "../../../providers/ubridge/captures.ts";
import type { Engine } from "../../../providers/ubridge/engine.ts";
import { makeLink } from "../../../providers/ubridge/wiring.ts";
import { Failure } from "../../../src/core/diagnostics.ts";
import type { Attachment } from "../../../src/core/provider.ts";
import type { Instance } from "../../../src/core/state.ts";
import { until } from "../../support/until.ts";
import { failureOf, Lab } from "./lab.ts";
import { Playground, ports, readCapture, ubridgeInstalled } from "./support.ts";

let playground: Playground;
beforeEach(() => {
  playground = new Playground();
});
afterEach(() => playground.clear());

/** A capture into one file, begun anew. */
const plain = { append: false, limit: null };

const captured = (file: string | null) => ({ capture: { file, link_type: "EN10MB" } });

describe("a capture that did not begin", () => {
  it("is the failure that is told, whatever becomes of the file that was made for it", async () => {
    const fails = () => Promise.reject(new Error("no look at it"));
    const blind = { ...ports, files: { ...ports.files, stat: fails, lstat: fails } };
    const capture = { file: "/nowhere/x.pcap", hidden: false, linkType: "EN10MB", marker: "capture_x", ...plain };
    await expect(giveUpRoom(blind, capture)).resolves.toBeUndefined();
    await expect(giveUpRoom(ports, capture)).resolves.toBeUndefined();
  });

  it("is told as the command that was refused, without the name of a sensitive file", async () => {
    const lab = new Lab(playground, "builtin");
    await lab.launch();
    const link = lab.link("core");
    const [source, destination] = lab.attachments(link);
    const wire = (hidden: boolean) =>
      lab.talk((hypervisor) =>
        makeLink(
          { hypervisor, engine: "builtin", clock: ports.clock },
          {
            name: link.id,
            ends: [source, destination] as [Attachment, Attachment],
            filters: [],
            capture: { file: "/nowhere/secret.pcap", hidden, linkType: "EN10MB", marker: "capture_x", ...plain },
          },
        ),
      );
    const subject = async (hidden: boolean) => {
      const error: unknown = await wire(hidden).catch((one: unknown) => one);
      return (error as Failure).diagnostics[0]?.subject;
    };
    expect(await subject(false)).toBe("command bridge start_capture core-00000001 /nowhere/secret.pcap EN10MB");
    expect(await subject(true)).toBe('command bridge start_capture core-00000001 "(sensitive value)" EN10MB');
  });
});

describe("a capture that a full disk ended", () => {
  it("does not run any more, to be seen by the next look, and can begin again", async () => {
    const lab = new Lab(playground, "builtin");
    await lab.launch();
    let link = lab.link("core", captured(null));
    const [from, to] = await lab.nodes(link);
    link = await lab.wire(link);
    await until(() => from.connected && to.connected);
    await lab.talk((hypervisor) => hypervisor.request(["hypervisor", "version"]));
    const limit = (bytes: string) =>
      ports.processes.run("prlimit", ["--pid", String(processOf(lab.service)?.pid), `--fsize=${bytes}`]);
    await limit("100:unlimited");
    from.send("fits", "x".repeat(500), "after");
    await until(() => to.texts.length === 3);
    expect(await lab.read(link)).toMatchObject([
      { condition: "broken", cause: { kind: "host", summary: "its capture does not run" } },
    ]);
    await limit("unlimited:unlimited");
    link = await lab.update(link, { delay_ms: 1 });
    from.send("again");
    await until(() => to.texts.length === 4);
    expect((await lab.read(link))[0]?.condition).toBe("present");
    const { frames } = readCapture(join(playground.host.lab, "captures", "core.pcap"));
    expect(frames.map((one) => one.text)).toEqual(["again"]);
  });
});

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

    it("goes on in its file when the link is given another address", async () => {
      const nodes = await running(captured(null));
      await pass(nodes, "before");
      link = { ...link, address: "link.other" };
      expect(await lab.read(link)).toMatchObject([{ condition: "present", instance: link }]);
      link = await lab.update(link, { delay_ms: 1 });
      await pass(nodes, "after");
      expect(link.attributes.capture_file).toBe(file());
      expect(texts()).toEqual(["before", "after"]);
      expect(files()).toEqual(["core.pcap"]);
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
        detail: `${early.address} is captured to it. Name another file.`,
      });
      const stranger = new Lab(playground, engine);
      stranger.service = lab.service;
      expect((await failureOf(stranger.wire(to(late)))).detail).toBe(
        `Another link (id ${early.id}) is captured to it. Name another file.`,
      );
      expect(readdirSync(dirname(directory())).filter((name) => name.endsWith(".pcap"))).toEqual(["same.pcap"]);
    });

    it("takes over the file of another link that gives it up in the same moment, and two can swap theirs", async () => {
      const to = (one: Instance, name: string) => ({
        ...one,
        attributes: { ...one.attributes, ...captured(`${name}.pcap`) },
      });
      let one = await lab.wire(to(link, "one"));
      let two = await lab.wire(lab.prepareNodes(lab.link("two")));
      [two, one] = await Promise.all([lab.update(two, captured("one.pcap")), lab.update(one, { capture: null })]);
      expect([one, two].map((which) => which.attributes.capture_file)).toEqual([
        null,
        join(playground.host.lab, "one.pcap"),
      ]);
      one = await lab.update(one, captured("two.pcap"));
      [one, two] = await Promise.all([
        lab.update(one, captured("one.pcap")),
        lab.update(two, captured("two.pcap"), { attachments: lab.attachments(two) }),
      ]);
      expect((await lab.read(one, two)).map((live) => live.condition)).toEqual(["present", "present"]);
      expect([one, two].map((which) => which.attributes.capture_file)).toEqual(
        ["one.pcap", "two.pcap"].map((name) => join(playground.host.lab, name)),
      );
    });

    it("keeps its capture when the file it is to have instead cannot be written", async () => {
      const nodes = await running(captured("one.pcap"));
      mkdirSync(join(playground.host.lab, "dir.pcap"));
      await failureOf(lab.update(link, captured("dir.pcap")));
      await pass(nodes, "still");
      expect(readCapture(join(playground.host.lab, "one.pcap")).frames).toHaveLength(1);
    });

    it("is taken for captured after a change that was cut off while its old capture ran, and not without one", async () => {
      await running(captured("one.pcap"));
      const pending = { operation: "update" as const, token: "none", since: "2026-01-01T00:00:00Z" };
      const sensitive = [["capture", "file"], ["capture_file"]];
      const attributes = { ...link.attributes, ...captured("two.pcap"), capture_file: "/two.pcap" };
      const meant: Instance = { ...link, pending, sensitive, attributes };
      expect(await lab.read(meant)).toMatchObject([
        { condition: "present", instance: { attributes: { ...captured("two.pcap"), capture_file: null }, sensitive } },
      ]);
      link = await lab.update(link, { capture: null });
      expect(await lab.read(meant)).toMatchObject([
        {
          condition: "present",
          instance: { attributes: { capture: null, capture_file: null }, sensitive: [["capture_file"]] },
        },
      ]);
    });

    it("is broken after a change that was cut off while nothing passed", async () => {
      await running();
      const pending = { operation: "update" as const, token: "none", since: "2026-01-01T00:00:00Z" };
      const cut = {
        condition: "broken",
        cause: { kind: "unfinished", summary: "an earlier run was cut off while it changed it" },
      };
      const tell = (...words: readonly string[]) => lab.talk((hypervisor) => hypervisor.request(["bridge", ...words]));
      await tell("add_packet_filter", link.id, "drain", "frequency_drop", "-1");
      expect(await lab.read({ ...link, pending })).toMatchObject([cut]);
      await tell("stop", link.id);
      await tell("reset_packet_filters", link.id);
      expect(await lab.read({ ...link, pending })).toMatchObject([cut]);
      await tell("start", link.id);
      expect(await lab.read({ ...link, pending })).toMatchObject([{ condition: "present" }]);
    });

    it("moves a link aside that is in its file's place, dangling or not, and writes nothing through it", async () => {
      const place = (name: string) => join(playground.host.lab, name);
      symlinkSync(place("victim"), place("trace.pcap"));
      const nodes = await running(captured("trace.pcap"));
      await pass(nodes, "one");
      expect(existsSync(place("victim"))).toBe(false);
      expect(lstatSync(place("trace-1.pcap")).isSymbolicLink()).toBe(true);
      expect(readCapture(place("trace.pcap")).frames).toHaveLength(1);
      writeFileSync(place("victim"), "precious");
      symlinkSync(place("victim"), place("other.pcap"));
      link = await lab.update(link, captured("other.pcap"));
      await pass(nodes, "two");
      expect(readFileSync(place("victim"), "utf8")).toBe("precious");
    });

    it("is not named in any message where its name is sensitive", async () => {
      const secret = join(playground.host.lab, "secret.pcap");
      writeFileSync(secret, "what was there");
      link = { ...link, sensitive: [["capture", "file"], ["capture_file"]] };
      await running(captured("secret.pcap"));
      rmSync(secret);
      expect(await lab.read(link)).toMatchObject([
        { condition: "broken", cause: { summary: "its capture file is gone" } },
      ]);
      expect(lab.told).toEqual(["what its capture file held is kept under the next number beside it"]);
      const other = lab.prepareNodes({ ...lab.link("other"), sensitive: link.sensitive });
      const failures: unknown[] = [];
      for (const name of ["secret.pcap", "secret.pcap/secret.pcap", "secret.text"]) {
        const meant = { ...other, attributes: { ...other.attributes, ...captured(name) } };
        if (name.includes("/")) writeFileSync(secret, "");
        const failure: unknown = await lab.wire(meant).catch((error: unknown) => error);
        expect(failure).toBeInstanceOf(Failure);
        failures.push((failure as Failure).diagnostics);
      }
      expect(JSON.stringify(failures)).not.toContain("secret");
      const refused: unknown = await lab
        .wire({
          ...other,
          attributes: { ...other.attributes, capture: { file: "/proc/1/secret.pcap", link_type: "X" } },
        })
        .catch((error: unknown) => error);
      expect(JSON.stringify((refused as Failure).diagnostics)).not.toContain("secret");
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
