import { expect, it } from "vitest";
import { checkArguments } from "../../../providers/qemu/check.ts";
import { planForwards } from "../../../providers/qemu/userNetwork.ts";
import type { Planned } from "../../../src/core/values.ts";
import { UNKNOWN } from "../../../src/core/values.ts";
import { messages, nodeConfig } from "./support.ts";

function network(forwards: { readonly [label: string]: Planned }): { readonly [name: string]: Planned } {
  return { user_network: { forward: forwards } };
}

function forward(rest: { readonly [name: string]: Planned } = {}): { readonly [name: string]: Planned } {
  return { host: "127.0.0.1", host_port: null, ...rest };
}

function complaints(config: { readonly [name: string]: Planned }): string {
  return messages(checkArguments(nodeConfig(config)));
}

it("the host's ports are known where they are written or recorded, and else unknown", () => {
  const adapter_settings = {
    "0": network({ "22": forward(), "80": forward({ host_port: 8080 }), "53/udp": forward({ host: UNKNOWN }) }),
    "1": { user_network: null },
  };
  const before = { "22": { host: "127.0.0.1", port: 24_003 }, "443": { host: "127.0.0.1", port: 24_004 } };
  const web = { host: "127.0.0.1", port: 8080 };
  expect(planForwards({ adapter_settings }, null)).toEqual({ "22": UNKNOWN, "80": web, "53/udp": UNKNOWN });
  expect(planForwards({ adapter_settings }, before)).toEqual({ "22": before["22"], "80": web, "53/udp": UNKNOWN });
  expect(planForwards({ adapter_settings: { "0": network({}) } }, before)).toBeNull();
});

it("an adapter block names an adapter that is there", () => {
  expect(complaints({ adapters: 2, adapter_settings: { "1": network({ "22": forward() }) } })).toBe("");
  expect(complaints({ adapters: 2, adapter_settings: { "2": { user_network: null } } })).toContain(
    'adapter "2" is beyond what the node has\nOf adapters it has 2, 0 to 1.',
  );
  expect(complaints({ adapter_settings: { eth0: { user_network: null } } })).toContain(
    'adapter "eth0" is no number of an adapter',
  );
  expect(complaints({ adapter_settings: { "00": { user_network: null } } })).toContain("is no number of an adapter");
});

it("a forward block names a port of the guest, once", () => {
  for (const label of ["0", "65536", "22/tcp", "ssh", "022", "22/udp "]) {
    expect(complaints({ adapter_settings: { "0": network({ [label]: forward() }) } })).toContain(
      `forward ${JSON.stringify(label)} is no port of a guest`,
    );
  }
  const both = { "0": network({ "22": forward() }), "1": network({ "22": forward() }) };
  expect(complaints({ adapters: 2, adapter_settings: both })).toContain(
    "Port 22 of the guest is forwarded twice\nBy adapter 0 and by adapter 1.",
  );
});

it("a port of the host leads to one port of the guest, for each protocol", () => {
  const at = (port: number) => forward({ host_port: port });
  expect(complaints({ adapter_settings: { "0": network({ "22": at(2222), "23": at(2222) }) } })).toContain(
    "host_port 2222 is used twice\nIt leads to port 22 and to port 23 of the guest.",
  );
  const everywhere = forward({ host: "0.0.0.0", host_port: 2222 });
  expect(complaints({ adapter_settings: { "0": network({ "22": at(2222), "23": everywhere }) } })).toContain(
    "host_port 2222 is used twice",
  );
  expect(complaints({ adapter_settings: { "0": network({ "53": at(5353), "53/udp": at(5353) }) } })).toBe("");
});

it("the host's address can add nothing to QEMU's options, and one that others reach is warned of", () => {
  for (const host of ["127.0.0.1:1-:2,guestfwd=tcp::", "localhost", "::1", "256.0.0.1"]) {
    expect(complaints({ adapter_settings: { "0": network({ "22": forward({ host }) }) } })).toContain(
      `host of forward "22" is ${JSON.stringify(host)}\nIt must be an IPv4 address`,
    );
  }
  const open = { adapter_settings: { "0": network({ "22": forward({ host: "0.0.0.0" }) }) } };
  expect(checkArguments(nodeConfig(open))).toMatchObject([
    { severity: "warning", summary: "Port 22 of the guest is forwarded from 0.0.0.0, not from loopback" },
  ]);
});

it("ready.tcp needs a forward of that port", () => {
  const ready = { console: null, console_match: null, tcp: 22, timeout_s: 5 };
  expect(complaints({ ready })).toContain(
    "ready.tcp is 22, but no adapter has a user_network that forwards 22\nOnly through one is a port of the guest reached",
  );
  expect(complaints({ ready, adapter_settings: { "0": network({ "22/udp": forward() }) } })).toContain(
    "ready.tcp is 22",
  );
  expect(complaints({ ready, adapter_settings: { "0": network({ "22": forward() }) } })).toBe("");
});

it("ready.console_match is a regular expression and needs a console", () => {
  const ready = { console: null, console_match: "login: $", tcp: null, timeout_s: 5 };
  expect(complaints({ ready })).toBe("");
  expect(complaints({ ready, console_type: "none" })).toContain("ready waits for a console text");
  expect(complaints({ ready: { ...ready, console_match: "(login" } })).toContain(
    'ready.console_match is no regular expression: "(login"',
  );
  const hidden = checkArguments(nodeConfig({ ready: { ...ready, console_match: "(secret" } }), [["ready"]]);
  expect(hidden[0]?.summary).toBe("ready.console_match is no regular expression: (sensitive value)");
  expect(hidden[0]?.detail).toMatch(/^It has a fault: missing closing \)\. Expressions/);
  expect(complaints({ ready: { ...ready, console_match: "" } })).toContain("ready has no condition");
});
