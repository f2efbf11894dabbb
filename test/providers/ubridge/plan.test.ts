import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Engine } from "../../../providers/ubridge/engine.ts";
import { delaysOneByOne, filtersOf } from "../../../providers/ubridge/impairments.ts";
import { UbridgeProvider } from "../../../providers/ubridge/provider.ts";
import type { PlanRequest } from "../../../src/core/provider.ts";
import type { Instance } from "../../../src/core/state.ts";
import { type PlannedAttributes, UNKNOWN } from "../../../src/core/values.ts";
import { Playground, ports } from "./support.ts";

let playground: Playground;
let provider: UbridgeProvider;
beforeEach(() => {
  playground = new Playground();
  provider = new UbridgeProvider(ports, playground.host);
});
afterEach(() => playground.clear());

const BUILTIN: PlanRequest["settings"] = { engine: "builtin", path: null };
const UBRIDGE: PlanRequest["settings"] = { engine: "ubridge", path: "/usr/bin/ubridge" };

const plan = (
  config: PlannedAttributes,
  settings: PlanRequest["settings"] = BUILTIN,
  rest: Partial<Pick<PlanRequest, "prior" | "offline" | "address" | "sensitive">> = {},
) =>
  provider.plan({
    address: "link.core",
    id: "core-00000001",
    seed: "",
    settings,
    config,
    sensitive: [],
    prior: null,
    tunnel: "stream",
    offline: false,
    ...rest,
  });

const recorded = (attributes: { readonly [name: string]: number | string }) => ({ attributes }) as unknown as Instance;
const capture = (file: string | null) => ({ capture: { file, link_type: "EN10MB" } });
const inLab = (...names: readonly string[]) => join(playground.host.lab, ...names);

describe("the plan of a link", () => {
  it("names the bridge it needs, with what that is to be", async () => {
    const { planned, requires, diagnostics } = await plan({ delay_ms: 5 }, UBRIDGE);
    expect(planned).toEqual({ delay_ms: 5, id: "core-00000001", engine: "ubridge", capture_file: null });
    expect(requires).toEqual([
      {
        address: 'service.bridge["ubridge"]',
        provider: "ubridge",
        attributes: { engine: "ubridge", path: "/usr/bin/ubridge" },
      },
    ]);
    expect(diagnostics).toEqual([]);
  });

  it("keeps, unseen, the engine on record", async () => {
    const auto = { engine: "auto", path: null };
    const { planned } = await plan({}, auto, { prior: recorded({ engine: "ubridge" }), offline: true });
    expect(planned).toEqual({ id: "core-00000001", engine: "ubridge", capture_file: null });
    expect((await plan({}, auto, { offline: true })).planned.engine).toBe(UNKNOWN);
  });

  it("refuses a jitter without a delay", async () => {
    const { diagnostics } = await plan({ delay_ms: 0, jitter_ms: 5 });
    expect(diagnostics).toMatchObject([{ severity: "error", summary: "jitter_ms needs delay_ms" }]);
    expect((await plan({ delay_ms: UNKNOWN, jitter_ms: 5 })).diagnostics).toEqual([]);
  });

  it("refuses what its engine has not, at the argument", async () => {
    const told = async (config: PlannedAttributes, settings = UBRIDGE) =>
      (await plan(config, settings)).diagnostics.map(({ summary, path }) => [summary, path?.join(".")]);
    expect(await told({ rate_kbps: 100, toward: { "1": { delay_ms: 3 } } })).toEqual([
      ["uBridge has no rate limit", "rate_kbps"],
      ["uBridge impairs both ways of a link alike", "toward.1"],
    ]);
    expect(await told({ capture: { file: null, link_type: "EN10MB", append: true, max_size_mib: 5 } })).toEqual([
      ["uBridge has no append for a capture", "capture.append"],
      ["uBridge has no max_size_mib for a capture", "capture.max_size_mib"],
    ]);
    expect(await told({ drop_matching: ["icmp"] }, BUILTIN)).toEqual([
      ["The built-in bridge does not read frames", "drop_matching"],
    ]);
    expect(await told({ rate_kbps: 0, drop_matching: [], toward: {} })).toEqual([]);
    expect(await told({ rate_kbps: 9, toward: { "0": { rate_kbps: 8 } } }, BUILTIN)).toEqual([]);
    expect(await told({ rate_kbps: UNKNOWN, toward: { "2": {} } }, BUILTIN)).toEqual([
      ['A link has no endpoint "2"', "toward.2"],
    ]);
  });

  it("has expressions compiled where tcpdump is, unless they are sensitive or were applied before", async () => {
    const wrong = { drop_matching: ["icmp", "no such thing", 'a"b', ""] };
    const told = async (rest = {}) =>
      (await plan(wrong, UBRIDGE, rest)).diagnostics.map(({ summary }) => summary.replace(/ .*/, ""));
    const unsayable = ["drop_matching[2]", "drop_matching[3]"];
    expect(await told()).toEqual(["drop_matching[1]", ...unsayable]);
    expect(await told({ sensitive: [["drop_matching"]] })).toEqual(unsayable);
    expect(await told({ offline: true })).toEqual(unsayable);
    const prior = { attributes: { engine: "ubridge", ...wrong } } as unknown as Instance;
    expect(await told({ prior })).toEqual(unsayable);
  });

  it("refuses a jitter of one way that has no delay", async () => {
    const paths = async (config: PlannedAttributes) =>
      (await plan({ delay_ms: 0, jitter_ms: 0, ...config })).diagnostics.map(({ path }) => path?.join("."));
    expect(await paths({ toward: { "1": { jitter_ms: 5 } } })).toEqual(["toward.1.jitter_ms"]);
    expect(await paths({ toward: { "1": { jitter_ms: 5, delay_ms: 9 } } })).toEqual([]);
    expect(await paths({ delay_ms: 9, toward: { "1": { delay_ms: 0 } } })).toEqual([]);
    expect(await paths({ jitter_ms: 5, toward: { "0": { delay_ms: 9 } } })).toEqual(["jitter_ms"]);
  });

  it("refuses a part of a percent on uBridge only", async () => {
    expect((await plan({ loss_percent: 0.5, corrupt_percent: 1.25 }, UBRIDGE)).diagnostics).toMatchObject([
      { severity: "error", summary: "uBridge loses whole percents only" },
      {
        severity: "error",
        summary: "uBridge corrupts whole percents only",
        detail: expect.stringContaining("corrupt_percent is 1.25"),
      },
    ]);
    expect((await plan({ loss_percent: 0.5, corrupt_percent: 0.1 })).diagnostics).toEqual([]);
  });

  it("warns of a delay that throttles on the uBridge that is there, with the rate, until it is applied", async () => {
    const uses = async (version: string) => {
      const path = inLab(`ubridge-${version}`);
      writeFileSync(path, `#!/bin/sh\n[ "$1" = -v ] && echo "ubridge version ${version}"\nexit 0\n`);
      chmodSync(path, 0o755);
      return (await provider.settings({ engine: "ubridge", path }, false)).settings;
    };
    const old = await uses("0.9.19");
    expect((await plan({ delay_ms: 40 }, old)).diagnostics).toMatchObject([
      {
        severity: "warning",
        summary: "uBridge 0.9.19 carries only 25 frames a second over a link with delay_ms = 40",
      },
    ]);
    expect((await plan({ delay_ms: 4000 }, old)).diagnostics[0]?.summary).toContain("only a frame in 4 s");
    const prior = recorded({ engine: "ubridge", delay_ms: 40 });
    expect((await plan({ delay_ms: 40 }, old, { prior })).diagnostics).toEqual([]);
    expect((await plan({ delay_ms: 41 }, old, { prior })).diagnostics).toHaveLength(1);
    expect((await plan({ delay_ms: 0 }, old)).diagnostics).toEqual([]);
    expect((await plan({ delay_ms: 40 }, await uses("1.2.0"))).diagnostics).toEqual([]);
    expect(["0.9.19", "1.0.1", "1.1.1", "1.2.0", "2.0"].map(delaysOneByOne)).toEqual([true, true, true, false, false]);
  });
});

describe("the plan of a capture", () => {
  it("says the file: the one that is named, else one of the link's name beside the nodes", async () => {
    const file = async (config: PlannedAttributes, rest = {}) =>
      (await plan(config, BUILTIN, rest)).planned.capture_file;
    expect(await file(capture("trace.pcap"))).toBe(inLab("trace.pcap"));
    expect(await file(capture("/tmp/trace.cap"))).toBe("/tmp/trace.cap");
    expect(await file(capture(null))).toBe(inLab("captures", "core.pcap"));
    expect(await file(capture(null), { address: 'link.core["a/b"]' })).toBe(inLab("captures", "core-00000001.pcap"));
    expect(await file({ capture: null })).toBeNull();
    expect(await file({ capture: { file: UNKNOWN, link_type: "EN10MB" } })).toBe(UNKNOWN);
  });

  it("keeps the file that the capture began with, whatever the link is called by now", async () => {
    const of = async (before: object, now: PlannedAttributes) => {
      const prior = { attributes: before } as unknown as Instance;
      return (await plan(now, BUILTIN, { address: "link.other", prior })).planned.capture_file;
    };
    const begun = { ...capture(null), capture_file: inLab("captures", "core.pcap") };
    expect(await of(begun, capture(null))).toBe(inLab("captures", "core.pcap"));
    expect(await of(begun, capture("named.pcap"))).toBe(inLab("named.pcap"));
    expect(await of({ capture: null, capture_file: null }, capture(null))).toBe(inLab("captures", "other.pcap"));
    const named = { ...capture("captures/x.pcap"), capture_file: inLab("captures", "x.pcap") };
    expect(await of(named, capture(null))).toBe(inLab("captures", "other.pcap"));
    const elsewhere = { ...capture(null), capture_file: "/moved/away/captures/core.pcap" };
    expect(await of(elsewhere, capture(null))).toBe(inLab("captures", "core.pcap"));
  });

  it("refuses a name that no bridge can be told, and one that could be anything else than a capture", async () => {
    const summary = async (name: string) => (await plan(capture(name))).diagnostics.map((one) => one.summary);
    expect(await summary('a"b.pcap')).toEqual(["The capture file's name cannot be told to a bridge"]);
    expect(await summary("core.lab.hcl")).toEqual(["A capture file's name ends in .pcap or .cap"]);
    expect(await summary("core.PCAP")).toEqual([]);
  });

  it("refuses a directory, and a place where none can be made; unseen it cannot tell", async () => {
    mkdirSync(inLab("dir.pcap"));
    writeFileSync(inLab("file"), "");
    const detail = async (name: string, offline = false) =>
      (await plan(capture(name), BUILTIN, { offline })).diagnostics.map((one) => one.detail);
    expect(await detail("dir.pcap")).toEqual(["It is a directory. Name a file in it."]);
    expect(await detail("file/trace.pcap")).toEqual([`${inLab("file")} is no directory. Name another place.`]);
    expect(await detail("/dev/null/trace.pcap")).toEqual(["/dev/null is no directory. Name another place."]);
    expect(await detail("new/and/newer/trace.pcap")).toEqual([]);
    expect(await detail("dir.pcap", true)).toEqual([]);
  });

  it("hides the file where its name is sensitive, in what is planned and in what is said", async () => {
    mkdirSync(inLab("secret.pcap"));
    writeFileSync(inLab("secret"), "");
    const sensitive = [["capture", "file"]];
    expect((await plan(capture("quiet.pcap"), BUILTIN, { sensitive })).sensitive).toEqual([["capture_file"]]);
    expect((await plan(capture("quiet.pcap"), BUILTIN, { sensitive: [["capture"]] })).sensitive).toHaveLength(1);
    expect((await plan(capture("loud.pcap"), BUILTIN, { sensitive: [["delay_ms"]] })).sensitive).toEqual([]);
    await plan(capture("secret/a.pcap"), BUILTIN, { sensitive, address: "link.other", offline: true });
    for (const name of ["secret.pcap", "secret.lab", 'secret".pcap', "secret/a.pcap"]) {
      const { diagnostics } = await plan(capture(name), BUILTIN, { sensitive });
      expect(diagnostics).toMatchObject([{ severity: "error", subject: "capture (sensitive value)" }]);
      expect(JSON.stringify(diagnostics)).not.toContain("secret");
    }
  });

  it("refuses two links with one file, in one plan", async () => {
    await provider.settings(BUILTIN, false);
    expect((await plan(capture("one.pcap"))).diagnostics).toEqual([]);
    expect((await plan(capture("./one.pcap"), BUILTIN, { address: "link.other" })).diagnostics).toMatchObject([
      {
        severity: "error",
        summary: "Two links cannot be captured to one file",
        detail: expect.stringContaining("link.core"),
      },
    ]);
    expect((await plan(capture("two.pcap"), BUILTIN, { address: "link.third" })).diagnostics).toEqual([]);
    await provider.settings(BUILTIN, false);
    expect((await plan(capture("one.pcap"), BUILTIN, { address: "link.other" })).diagnostics).toEqual([]);
  });
});

describe("a link's filters", () => {
  const all = { delay_ms: 20, jitter_ms: 5, loss_percent: 2, corrupt_percent: 3, drop_every: 7 };
  const told = (attributes: PlannedAttributes, engine: Engine) =>
    filtersOf(attributes as never, engine).map((one) => one.arguments.join(" "));

  it("make up for the percent that uBridge adds", () => {
    for (const argument of ["loss_percent", "corrupt_percent"]) {
      const percents = [0, 1, 50, 100].map((percent) => told({ [argument]: percent }, "ubridge"));
      expect(percents).toEqual([[], ["0"], ["49"], ["99"]]);
      expect(told({ [argument]: 0.5 }, "builtin")).toEqual(["0.5"]);
    }
  });

  it("lose before they corrupt and delay, and are named by what they do", () => {
    const names = filtersOf(all, "builtin").map((one) => one.name);
    expect(names).toEqual(["drop_every_7", "loss_2", "corrupt_3", "delay_20_5"]);
  });

  it("are one that drops everything when it is suspended", () => {
    expect(filtersOf({ ...all, suspended: true }, "ubridge")).toEqual([
      { name: "suspended", type: "frequency_drop", arguments: ["-1"] },
    ]);
  });
});
