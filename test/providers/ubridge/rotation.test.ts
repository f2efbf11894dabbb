import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { capturedBytes } from "../../../providers/ubridge/appending.ts";
import { CaptureFile } from "../../../providers/ubridge/builtin/capture.ts";
import { fileHeader } from "../../../providers/ubridge/pcap.ts";
import type { Instance } from "../../../src/core/state.ts";
import { until } from "../../support/until.ts";
import { Lab } from "./lab.ts";
import { frame, Playground, ports, readCapture } from "./support.ts";

describe("a capture file with a limit", () => {
  let directory: string;
  let ended: unknown[];
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "labform-rotation-"));
    ended = [];
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  const at = (name: string) => join(directory, name);
  const files = () => readdirSync(directory).toSorted();
  const texts = (name: string) => readCapture(at(name)).frames.map((one) => one.text);
  const open = (name: string, bytes: number, keep: number) => {
    const file = new CaptureFile(Buffer.from(at(name)), "EN10MB", (error) => ended.push(error));
    file.limit(bytes, keep);
    return file;
  };
  /** A header of 24 bytes, and 116 bytes for each frame of 100. */
  const named = (text: string) => text.padEnd(100, ".");
  const write = (file: CaptureFile, ...all: readonly string[]) => {
    file.write([{ data: Buffer.concat(all.map((text) => frame(named(text)))), frames: all.length }]);
  };

  it("begins a new one with the frame that would not fit, under the same name", () => {
    const file = open("core.pcap", 24 + 2 * 116, 10);
    write(file, "1", "2", "3", "4", "5");
    expect(files()).toEqual(["core-1.pcap", "core-2.pcap", "core.pcap"]);
    expect(["core-1.pcap", "core-2.pcap", "core.pcap"].map(texts)).toEqual([
      [named("1"), named("2")],
      [named("3"), named("4")],
      [named("5")],
    ]);
    write(file, "6");
    expect(texts("core.pcap")).toEqual([named("5"), named("6")]);
    file.close();
    expect(ended).toEqual([]);
  });

  it("keeps so many full ones of its own, and never removes what an earlier capture left", () => {
    writeFileSync(at("core-7.pcap"), "of another");
    const file = open("core.pcap", 24 + 116, 2);
    for (const text of ["1", "2", "3", "4"]) write(file, text);
    expect(files()).toEqual(["core-10.pcap", "core-7.pcap", "core-9.pcap", "core.pcap"]);
    file.limit(24 + 116, 0);
    write(file, "5");
    expect(files()).toEqual(["core-7.pcap", "core.pcap"]);
    expect(texts("core.pcap")).toEqual([named("5")]);
    file.close();
  });

  it("takes another limit, or none, while it is written", () => {
    const file = open("core.pcap", 0, 0);
    write(file, "1", "2", "3");
    file.limit(24 + 116, 1);
    write(file, "4");
    file.limit(0, 0);
    write(file, "5");
    expect([texts("core-1.pcap").length, texts("core.pcap").length]).toEqual([3, 2]);
    file.close();
  });

  it("has one frame at least, however large that is", () => {
    const file = open("core.pcap", 30, 10);
    write(file, "1", "2");
    expect([texts("core-1.pcap"), texts("core.pcap")]).toEqual([[named("1")], [named("2")]]);
    file.close();
  });

  it("ends, and touches nothing, when another file is at its place", () => {
    const file = open("core.pcap", 24 + 116, 10);
    write(file, "1");
    renameSync(at("core.pcap"), at("mine.pcap"));
    writeFileSync(at("core.pcap"), "somebody's");
    write(file, "2");
    expect(String(ended[0])).toContain("another file is at its place");
    expect(files()).toEqual(["core.pcap", "mine.pcap"]);
    expect(readFileSync(at("core.pcap"), "utf8")).toBe("somebody's");
    write(file, "3");
    file.close();
    expect(ended).toHaveLength(1);
  });
});

describe("a capture that goes on in a file", () => {
  let playground: Playground;
  let lab: Lab;
  beforeEach(async () => {
    playground = new Playground();
    lab = new Lab(playground, "builtin");
    await lab.launch();
  });
  afterEach(() => playground.clear());

  const file = () => join(playground.host.lab, "captures", "core.pcap");
  const capture = (rest = {}) => ({ capture: { file: null, link_type: "EN10MB", append: true, ...rest } });
  async function wired(link: Instance) {
    const [from, to] = await lab.nodes(link);
    const instance = await lab.wire(link);
    await until(() => from.connected && to.connected);
    await lab.talk((hypervisor) => hypervisor.request(["hypervisor", "version"]));
    const pass = async (text: string) => {
      const before = to.texts.length;
      from.send(text);
      await until(() => to.texts.length === before + 1);
    };
    return { instance, pass };
  }
  const texts = () => readCapture(file()).frames.map((one) => one.text);

  it("adds to what it holds, without a record that was cut off", async () => {
    const { instance, pass } = await wired(lab.link("core", capture()));
    await pass("one");
    let link = await lab.update(instance, { capture: null });
    await pass("not captured");
    appendFileSync(file(), readFileSync(file()).subarray(24, 24 + 17));
    link = await lab.update(link, capture());
    await pass("two");
    expect(texts()).toEqual(["one", "two"]);
    expect(readdirSync(join(playground.host.lab, "captures"))).toEqual(["core.pcap"]);
    expect((await lab.read(link))[0]?.condition).toBe("present");
    expect(lab.told).toEqual([]);
  });

  it("keeps a file of another kind under the next number instead", async () => {
    const { instance, pass } = await wired(lab.link("core"));
    await lab.update(instance, capture({ link_type: "FRELAY" }));
    await lab.update(instance, { capture: null });
    await lab.update(instance, capture());
    await pass("one");
    expect(texts()).toEqual(["one"]);
    expect(lab.told).toEqual([`what ${file()} held is kept as ${file().replace(".pcap", "-1.pcap")}`]);
  });

  it("is limited from the change of its arguments on, in the same file", async () => {
    const { instance, pass } = await wired(lab.link("core", capture({ append: false })));
    await pass("one");
    const inode = statSync(file()).ino;
    const link = await lab.update(instance, capture({ append: false, max_size_mib: 1, keep: 3 }));
    expect(statSync(file()).ino).toBe(inode);
    const large = "x".repeat(60_000);
    for (let count = 0; count < 20; count++) await pass(large);
    expect(readdirSync(join(playground.host.lab, "captures")).toSorted()).toEqual(["core-1.pcap", "core.pcap"]);
    expect(statSync(file().replace(".pcap", "-1.pcap")).size).toBeLessThanOrEqual(1024 * 1024);
    expect((await lab.read(link))[0]?.condition).toBe("present");
  });

  it("is told apart from any other file by all of its records", async () => {
    const path = join(playground.host.lab, "x.pcap");
    const bytes = async (content: Buffer, linkType = "EN10MB") => {
      writeFileSync(path, content);
      return capturedBytes(ports.files, path, linkType);
    };
    const record = (kept: number, length = kept) => {
      const whole = Buffer.alloc(16 + kept);
      whole.writeUInt32LE(kept, 8);
      return whole.subarray(0, 16 + length);
    };
    const header = fileHeader("EN10MB");
    expect(await bytes(Buffer.alloc(0))).toBe(0);
    expect(await bytes(Buffer.from("no capture at all, whatever it is"))).toBeUndefined();
    expect(await bytes(header.subarray(0, 20))).toBeUndefined();
    expect(await bytes(header, "FRELAY")).toBeUndefined();
    expect(await bytes(header)).toBe(24);
    const many = Array.from({ length: 60 }, () => record(60_000));
    const whole = Buffer.concat([header, ...many]);
    expect(await bytes(Buffer.concat([whole, record(100, 50)]))).toBe(whole.length);
    const nonsense = record(0);
    nonsense.writeUInt32LE(0x7fffffff, 8);
    expect(await bytes(Buffer.concat([whole, nonsense]))).toBeUndefined();
  });
});
