import { afterEach, describe, expect, it } from "vitest";
import { ubridge } from "../../providers/ubridge/index.ts";
import { statusRows } from "../../src/cli/console/statusRows.ts";
import type { Live, Provider, ProviderSet } from "../../src/core/provider.ts";
import type { Instance, State } from "../../src/core/state.ts";
import { emptyState } from "../../src/core/state.ts";
import type { HandRequest } from "../../src/planner/byHand.ts";
import { makeHandPlan } from "../../src/planner/byHand.ts";
import { Engine } from "./engine.ts";

const link = (name: string, file: string | null, rest: Partial<Instance> = {}): Instance => ({
  address: `link.${name}`,
  kind: "link",
  provider: "ubridge",
  schemaVersion: 1,
  id: `${name}-00000001`,
  status: "ok",
  attributes: { capture: file === null ? null : { file, link_type: "EN10MB" }, capture_file: file, engine: "builtin" },
  sensitive: [],
  dependencies: [],
  private: {},
  ...rest,
});

/** The plan of a command, where every link is as its record says. */
async function plan(links: readonly Instance[], ...requests: readonly HandRequest[]) {
  const provider = {
    read: async (instances: readonly Instance[]): Promise<readonly Live[]> =>
      instances.map((instance) => ({ condition: "present", instance })),
  } as unknown as Provider;
  const providers: ProviderSet = {
    names: { node: "qemu", link: "ubridge" },
    schema: () => ubridge.schema,
    load: async () => provider,
  };
  const state: State = { ...emptyState("0.1.0"), instances: new Map(links.map((one) => [one.address, one])) };
  const time = "2026-01-01T00:00:00Z";
  const where = { workspace: "default", directory: "/lab" };
  return makeHandPlan({ state, providers, labformVersion: "0.1.0", ...where, time, by: "root", requests });
}

const start = (name: string, file: string | null): HandRequest => ({
  address: `link.${name}`,
  command: "capture start",
  file,
});
const stop = (name: string): HandRequest => ({ address: `link.${name}`, command: "capture stop" });

describe("capture by hand", () => {
  it("refuses one file for several links, and one that another link is captured to", async () => {
    const links = [link("a", null), link("b", null), link("c", "/lab/c.pcap")];
    expect((await plan(links, start("a", "/lab/x.pcap"), start("b", "/lab/x.pcap"))).diagnostics).toMatchObject([
      {
        summary: "Several links cannot be captured to one file",
        detail: expect.stringContaining("link.a, link.b"),
      },
    ]);
    expect((await plan(links, start("a", "/lab/c.pcap"))).diagnostics).toMatchObject([
      {
        summary: "Two links cannot be captured to one file",
        detail: "link.c is captured to it. Name another file.",
        address: "link.a",
      },
    ]);
    expect((await plan(links, start("a", null), start("b", null))).value?.changes).toHaveLength(2);
    expect((await plan(links, start("a", "/lab/a.pcap"))).value?.changes).toMatchObject([{ action: "update" }]);
  });

  it("stops what an update that was cut off may have left running, though the record has no capture", async () => {
    const pending = { operation: "update" as const, token: "none", since: "2026-01-01T00:00:00Z" };
    expect((await plan([link("a", null)], stop("a"))).value?.changes).toEqual([]);
    expect((await plan([link("a", null, { pending })], stop("a"))).value?.changes).toMatchObject([
      { action: "update", planned: { capture: null } },
    ]);
  });

  it("names no sensitive file, and marks nothing as sensitive that is not there any more", async () => {
    const hidden = link("a", "/lab/secret.pcap", { sensitive: [["capture", "file"], ["capture_file"], ["delay_ms"]] });
    const { diagnostics } = await plan([hidden], start("a", null));
    expect(diagnostics[0]?.summary).toBe("link.a is being captured already");
    expect(JSON.stringify(diagnostics)).not.toContain("secret");
    const stopped = (await plan([hidden], stop("a"))).value?.changes[0];
    expect(stopped?.sensitive).toEqual([["capture_file"], ["delay_ms"]]);
    const bare = link("a", null, { sensitive: stopped?.sensitive ?? [] });
    expect((await plan([bare], start("a", "/lab/open.pcap"))).value?.changes[0]?.sensitive).toEqual([["delay_ms"]]);
  });
});

describe("the status of a captured link", () => {
  it("tells the file, and of a sensitive one that there is one", () => {
    const shown = (sensitive: Instance["sensitive"]) => {
      const instance = link("a", "/lab/secret.pcap", { sensitive });
      const live: Live = { condition: "present", instance };
      const found = new Map([
        [
          instance.address,
          { recorded: instance, instance, live, condition: "present" as const, refreshed: false, updating: false },
        ],
      ]);
      const state: State = { ...emptyState("0.1.0"), instances: new Map([[instance.address, instance]]) };
      return statusRows({ state, left: new Set(), found, schemas: new Map(), statistics: new Map(), now: 0 })[0]
        ?.capture;
    };
    expect(shown([])).toBe("/lab/secret.pcap");
    expect(shown([["capture", "file"]])).toBe("(sensitive value)");
    expect(shown([["capture_file"]])).toBe("(sensitive value)");
  });
});

describe("a capture in the lab files", () => {
  let engine: Engine | undefined;
  afterEach(() => engine?.close());

  it("shows neither the name of a sensitive file nor the path that comes of it", async () => {
    engine = new Engine(undefined, ubridge);
    engine.write(`lab "x" {}
variable "file" {
  default   = "hushed.pcap"
  sensitive = true
}
node "a" {}
node "b" {}
link "ab" {
  endpoints = [node.a.adapter[0], node.b.adapter[0]]
  capture {
    file = var.file
  }
}
`);
    for (const shown of [
      ["plan", "-out=saved"],
      ["show", "-json", "saved"],
    ]) {
      const { stdout, stderr, exitCode } = await engine.run(...shown);
      expect(exitCode, stderr).toBe(0);
      expect(stdout).toContain("capture_file");
      expect(stdout + stderr).not.toContain("hushed");
    }
  });
});
