import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { UbridgeProvider } from "../../../providers/ubridge/provider.ts";
import type { PlanRequest } from "../../../src/core/provider.ts";
import type { PlannedAttributes } from "../../../src/core/values.ts";
import { Playground, ports } from "./support.ts";

let playground: Playground;
let provider: UbridgeProvider;
beforeEach(() => {
  playground = new Playground();
  provider = new UbridgeProvider(ports, playground.host);
});
afterEach(() => playground.clear());

const plan = (port: { readonly [label: string]: PlannedAttributes }, rest: Partial<PlanRequest> = {}) =>
  provider.plan({
    address: "network.lan",
    id: "lan-00000001",
    seed: "",
    settings: { engine: "builtin", path: null },
    config: { endpoints: [{ adapter: "a-00000001/0" }], aging_s: 300, port },
    sensitive: [],
    prior: null,
    tunnel: "stream",
    offline: false,
    ...rest,
  });

const b = { endpoint: { adapter: "b-00000001/0" } };
const capture = (file: string | null) => ({ ...b, capture: { file, link_type: "EN10MB", append: false } });

describe("the plan of a network", () => {
  it("names the built-in bridge, and where each port is captured to", async () => {
    const { planned, requires, diagnostics } = await plan({ web: capture(null), "port 2": capture("two.pcap"), c: b });
    expect(planned).toMatchObject({
      id: "lan-00000001",
      engine: "builtin",
      port: {
        web: { capture_file: join(playground.host.nodes, "../captures/lan-00000001/web.pcap") },
        "port 2": { capture_file: join(playground.host.lab, "two.pcap") },
        c: { capture_file: null },
      },
    });
    expect(requires.map(({ address }) => address)).toEqual(['service.bridge["builtin"]']);
    expect(diagnostics).toEqual([]);
  });

  it("is refused on uBridge, which has no switch, with what to do", async () => {
    const { diagnostics } = await plan({}, { settings: { engine: "ubridge", path: "/usr/bin/ubridge" } });
    expect(diagnostics).toMatchObject([
      { summary: "uBridge has no switch", detail: expect.stringContaining('engine = "builtin"') },
    ]);
  });

  it.each([
    [{ vlan: 10, trunk: ["10"] }, "A port has either vlan or trunk", ["trunk"]],
    [{ native_vlan: 1 }, "native_vlan needs trunk", ["native_vlan"]],
    [{ trunk: [] }, "A trunk carries at least one VLAN", ["trunk"]],
    [{ trunk: ["10", "20-10"] }, "A trunk carries VLANs", ["trunk", 1]],
    [{ trunk: ["4095"] }, "A trunk carries VLANs", ["trunk", 0]],
    [{ drop_matching: ["arp"] }, "The built-in bridge does not read frames", ["drop_matching"]],
    [{ jitter_ms: 5, delay_ms: 0 }, "jitter_ms needs delay_ms", ["jitter_ms"]],
  ])("refuses a port with %j at the argument", async (settings, summary, path) => {
    const { diagnostics } = await plan({ web: { ...b, ...settings } });
    expect(diagnostics).toMatchObject([{ summary, path: ["port", "web", ...path] }]);
  });

  it("refuses two ports that are captured to one file", async () => {
    const { diagnostics } = await plan({ a: capture("one.pcap"), b: capture("one.pcap") });
    expect(diagnostics).toMatchObject([
      { summary: "Two links cannot be captured to one file", detail: expect.stringContaining('network.lan.port["a"]') },
    ]);
  });

  it("does not show the file of a port whose capture is a secret", async () => {
    const { sensitive } = await plan(
      { web: capture("web.pcap"), c: capture("c.pcap") },
      { sensitive: [["port", "web", "capture", "file"]] },
    );
    expect(sensitive).toEqual([["port", "web", "capture_file"]]);
  });
});
