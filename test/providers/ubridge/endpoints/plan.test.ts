import { createSocket } from "node:dgram";
import { describe, expect, it } from "vitest";
import { EndpointPlanner } from "../../../../providers/ubridge/endpoints/plan.ts";
import type { Engine } from "../../../../providers/ubridge/engine.ts";
import type { Ports } from "../../../../src/core/ports.ts";
import type { PlanRequest } from "../../../../src/core/provider.ts";
import type { Json } from "../../../../src/core/values.ts";
import { ports } from "../support.ts";

const RUN = "/nowhere/run";

function request(endpoints: readonly Json[], address = "link.out"): PlanRequest {
  return {
    address,
    id: "out-00000001",
    seed: "",
    settings: { path: "/usr/bin/ubridge" },
    config: { endpoints },
    sensitive: [],
    prior: null,
    tunnel: "stream",
    offline: false,
  };
}

/** What is said of a link from an adapter to that end. */
async function told(end: Json, engine: Engine = "builtin", around: Ports = ports): Promise<readonly string[]> {
  const planner = new EndpointPlanner(around, RUN);
  const found = await planner.check(request([{ adapter: "r1-00000001/0" }, end]), engine);
  return found.map(({ severity, summary, path = [] }) => `${severity} ${path.join(".")}: ${summary}`);
}

/** The host as it is, but for some files of /sys and /proc, and programs. */
function host(files: { readonly [path: string]: string | null }, programs: readonly string[] = []): Ports {
  const missing = () => Promise.reject(Object.assign(new Error("ENOENT"), { code: "ENOENT" }));
  return {
    ...ports,
    host: { ...ports.host, uid: 1000, userName: "ann" },
    files: {
      ...ports.files,
      readText: (path) => {
        const text = files[path];
        if (text !== undefined) return text === null ? missing() : Promise.resolve(text);
        return path.startsWith("/sys/") ? missing() : ports.files.readText(path);
      },
      stat: async (path) => ({
        ...(await ports.files.stat("/proc/self/exe")),
        uid: path === "" ? 0 : 1000,
        mode: 0o755,
      }),
      list: (path) => (path === "/sys/class/net" ? Promise.resolve(["lo", "eth0", "eth1"]) : ports.files.list(path)),
    },
    processes: {
      ...ports.processes,
      find: async (name) => (programs.includes(name) ? `/usr/bin/${name}` : undefined),
      run: async () => ({ exitCode: 0, signal: null, stdout: "", stderr: "" }),
    },
  };
}

const NO_RIGHTS = "CapBnd:\t000001ffffffffff\nCapAmb:\t0000000000000000\n";
const device = (name: string, facts: { readonly [file: string]: string }) =>
  Object.fromEntries(Object.entries(facts).map(([file, text]) => [`/sys/class/net/${name}/${file}`, `${text}\n`]));

describe("an end outside of the lab", () => {
  it("is refused where its object does not fit, at the part that does not", async () => {
    expect(await told({ udp: { local_prt: 5000, remote_host: "h", remote_port: 99_999 } })).toEqual([
      'error endpoints.1.udp.local_prt: udp has no "local_prt"',
      "error endpoints.1.udp: udp lacks local_port",
      "error endpoints.1.udp.remote_port: remote_port is 99999",
    ]);
    expect(await told({ tap: 7 })).toEqual(["error endpoints.1.tap: tap is 7"]);
    expect(await told({ nat: { forward: [{ host_port: 80, guest_port: 80, protocol: "sctp" }] } })).toEqual([
      'error endpoints.1.nat.forward.0.protocol: protocol is "sctp"',
    ]);
    expect(await told({ udp: { local_port: 5000, remote_host: "a b", remote_port: 5000 } })).toEqual([
      'error endpoints.1.udp.remote_host: remote_host is "a b"',
    ]);
  });

  it("is refused with the process that has its UDP port", async () => {
    const socket = createSocket("udp4");
    await new Promise<void>((done) => socket.bind(0, done));
    const { port } = socket.address();
    const found = await told({ udp: { local_port: port, remote_host: "192.0.2.1", remote_port: 5000 } });
    await new Promise<void>((done) => socket.close(() => done()));
    expect(found).toEqual([`error endpoints.1.udp.local_port: UDP port ${port} of this host is in use`]);
  });

  it("names the program that is missing", async () => {
    expect(await told({ tap: "tap0" }, "builtin", host({}))).toEqual(["error endpoints.1.tap: socat is not on PATH"]);
    expect(await told({ nat: {} }, "builtin", host({}))).toContain("error endpoints.1.nat: passt is not on PATH");
    expect(await told({ nat: {} }, "ubridge")).toEqual(["error endpoints.1.nat: uBridge has no nat"]);
  });

  it("names the right that is missing, unless the tap is this account's", async () => {
    const around = (tap: { readonly [file: string]: string }) =>
      host({ "/proc/self/status": NO_RIGHTS, ...device("tap0", tap) }, ["socat", "getcap"]);
    const facts = { flags: "0x1003", ifindex: "7", type: "1", tun_flags: "0x1002" };
    expect(await told({ tap: "tap1" }, "builtin", around({}))).toEqual([
      "error endpoints.1.tap: There is no tap device tap1, and this account may make none",
    ]);
    expect(await told({ tap: "tap0" }, "builtin", around({ ...facts, owner: "-1" }))).toEqual([
      "error endpoints.1.tap: The tap device tap0 may not be used",
    ]);
    expect(await told({ tap: "tap0" }, "builtin", around({ ...facts, owner: "1000" }))).toEqual([]);
    expect(await told({ tap: "tap0" }, "builtin", around({ ...facts, owner: "1000", flags: "0x1002" }))).toEqual([
      "error endpoints.1.tap: The tap device tap0 is down",
    ]);
    expect(await told({ tap: "tap0" }, "builtin", around({ ...facts, tun_flags: "0x1001" }))).toEqual([
      "error endpoints.1.tap: tap0 is a tun device",
    ]);
    expect(await told({ tap: "no/tap" }, "builtin", around({}))).toEqual([
      'error endpoints.1.tap: "no/tap" is no name of a tap device',
    ]);
  });

  it("is an interface that is there, up, and of Ethernet", async () => {
    const facts = { flags: "0x1003", ifindex: "2", type: "1" };
    const around = (changes: { readonly [file: string]: string }) =>
      host({ "/proc/self/status": NO_RIGHTS, ...device("eth0", { ...facts, ...changes }) }, ["socat", "getcap"]);
    const of = (changes: { readonly [file: string]: string }) =>
      told({ interface: "eth0" }, "builtin", around(changes));
    expect(await told({ interface: "eth7" }, "builtin", around({}))).toEqual([
      'error endpoints.1.interface: This host has no interface "eth7"',
    ]);
    expect(await of({ flags: "0x1002" })).toEqual(["error endpoints.1.interface: The interface eth0 is down"]);
    expect(await of({ type: "772" })).toEqual(["error endpoints.1.interface: eth0 carries no Ethernet frames"]);
    expect(await of({})).toEqual(["error endpoints.1.interface: This account may not use the interface eth0"]);
  });

  it("needs a guest where it is a nat, and ports that no other link forwards", async () => {
    const planner = new EndpointPlanner(ports, RUN);
    const nat = { nat: { forward: [{ host_port: 27_399, guest_port: 22 }] } };
    const both = await planner.check(request([{ nat: {} }, { nat: {} }]), "builtin");
    expect(both.map(({ summary }) => summary)).toContain("A link from nat to nat connects nobody");
    const adapter = { adapter: "r1-00000001/0" };
    const errors = async (address: string) =>
      (await planner.check(request([adapter, nat], address), "builtin"))
        .filter(({ severity }) => severity === "error")
        .map(({ summary }) => summary)
        .filter((summary) => !summary.includes("passt"));
    expect(await errors("link.one")).toEqual([]);
    expect(await errors("link.one")).toEqual([]);
    expect(await errors("link.two")).toEqual(["Port 27399 of this host is also forwarded by link.one"]);
  });
});
