import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { fileCapabilities } from "../../../providers/ubridge/capabilities.ts";
import { UbridgeProvider } from "../../../providers/ubridge/provider.ts";
import type { Finding } from "../../../src/core/doctor.ts";
import type { Ports } from "../../../src/core/ports.ts";
import type { Settings } from "../../../src/core/provider.ts";
import { createPorts } from "../../../src/system/index.ts";

const real = createPorts();

let bin: string;
beforeEach(() => {
  bin = mkdtempSync(join(tmpdir(), "labform-doctor-ubridge-"));
});
afterEach(() => rmSync(bin, { recursive: true }));

function program(name: string, script: string): string {
  const path = join(bin, name);
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  return path;
}

function ubridge(version: string, help = "Usage: ubridge"): string {
  return program("ubridge", `if [ "$1" = -v ]; then echo "ubridge version ${version}"; else echo "${help}"; fi`);
}

interface Host {
  readonly settings?: Settings;
  readonly links?: number;
  readonly uid?: number;
  /** Lines of /proc/self/status. */
  readonly status?: string;
  /** Why /dev/net/tun cannot be opened. */
  readonly tun?: "ENOENT" | "EACCES";
}

const everything = "CapBnd:\t000001ffffffffff\nCapAmb:\t0000000000000000\nNoNewPrivs:\t0\n";

async function examine(given: Host = {}): Promise<readonly Finding[]> {
  const { settings = { engine: "auto", path: null }, links = 0, uid = 1000, status = everything, tun } = given;
  const files: Ports["files"] = {
    ...real.files,
    readText: async (path) => (path === "/proc/self/status" ? status : await real.files.readText(path)),
    access: async (path, mode) => {
      if (path !== "/dev/net/tun") return await real.files.access(path, mode);
      if (tun) throw Object.assign(new Error(tun), { code: tun });
    },
  };
  const host = Object.create(real.host, { uid: { value: uid }, userName: { value: "ada" } }) as Ports["host"];
  const find: Ports["processes"]["find"] = (name, directory) =>
    directory === undefined ? real.processes.find(name, bin) : Promise.resolve(undefined);
  const ports = { ...real, files, host, processes: { ...real.processes, find } };
  const provider = new UbridgeProvider(ports, { lab: bin, nodes: "", run: "", programs: "dist" });
  const link = { address: "link.a", attributes: {}, exists: false };
  return await provider.examine({
    settings,
    lab: links === 0 ? null : { nodes: [], links: Array.from({ length: links }, () => link) },
    signal: new AbortController().signal,
  });
}

/** `level text` of the finding about one subject. */
async function said(subject: string, given: Host = {}): Promise<string> {
  const found = (await examine(given)).filter((one) => one.subject === subject);
  return found.map((one) => `${one.level} ${one.text}`).join("\n");
}

describe("uBridge", () => {
  it("need not be there", async () => {
    expect(await said("uBridge")).toBe("note not installed; labform's own bridge needs none");
    expect(await said("links", { links: 2 })).toBe(
      'ok 2 in the lab, carried by labform\'s own bridge: engine = "auto", and there is no uBridge',
    );
  });

  it("of 0.9 is not taken unasked, for any account could command it", async () => {
    const path = ubridge("0.9.19");
    expect(await said("uBridge")).toBe(
      `note version 0.9.19 (${path}), without a private control socket: any account of this host could command it`,
    );
    expect(await said("links")).toMatch(/^ok carried by labform's own bridge: .* has no private control socket$/);
    expect(await said("links", { settings: { engine: "ubridge", path: null } })).toBe(
      'ok carried by uBridge, as provider "ubridge" says',
    );
  });

  it("with a private control socket is taken", async () => {
    const path = ubridge("1.2.0", "  -U <path>   : Listen on a Unix control socket");
    expect(await said("uBridge")).toBe(`ok version 1.2.0 (${path}), with a private control socket`);
    expect(await said("links")).toBe('ok carried by uBridge 1.2.0: engine = "auto" takes it');
    expect(await said("links", { settings: { engine: "builtin", path: null } })).toBe(
      'ok carried by labform\'s own bridge, as provider "ubridge" says',
    );
  });

  it("that is another program is a warning", async () => {
    const path = program("ubridge", "echo hello");
    expect(await said("uBridge")).toBe(`warning ${path} does not say its version, so it is no uBridge`);
  });
});

describe("tap devices", () => {
  it("take a device that can be opened", async () => {
    ubridge("0.9.19");
    expect(await said("tap devices", { tun: "ENOENT" })).toBe("note there is no /dev/net/tun");
    expect(await said("tap devices", { tun: "EACCES" })).toBe("note the account ada may not open /dev/net/tun");
  });

  it("take uBridge", async () => {
    expect(await said("tap devices")).toBe("note not to be had without uBridge");
  });

  it("take capabilities of uBridge's file", async () => {
    const path = ubridge("0.9.19");
    program("getcap", `echo "$1 cap_net_raw=ep"`);
    expect(await said("tap devices")).toBe("note uBridge has no CAP_NET_ADMIN");
    program("getcap", `echo "$1 cap_net_admin,cap_net_raw=ep"`);
    expect(await said("tap devices")).toBe("ok uBridge may use them, and the host's interfaces");
    program("getcap", "exit 0");
    const [finding] = (await examine()).filter((one) => one.subject === "tap devices");
    expect(finding?.text).toBe("uBridge has no CAP_NET_ADMIN and no CAP_NET_RAW");
    expect(finding?.fix).toContain(`sudo setcap cap_net_admin,cap_net_raw=ep ${path}`);
  });

  it("cannot be had where the kernel withholds what the file has", async () => {
    ubridge("0.9.19");
    program("getcap", `echo "$1 cap_net_admin,cap_net_raw=ep"`);
    const contained = "CapBnd:\t00000000a80425fb\nCapAmb:\t0000000000000000\nNoNewPrivs:\t0\n";
    expect(await said("tap devices", { status: contained })).toBe("note uBridge has no CAP_NET_ADMIN");
    const restrained = everything.replace("NoNewPrivs:\t0", "NoNewPrivs:\t1");
    expect(await said("tap devices", { status: restrained })).toMatch(/^note uBridge has no/);
  });

  it("are root's as far as its container lets it", async () => {
    ubridge("0.9.19");
    expect(await said("tap devices", { uid: 0 })).toMatch(/^ok/);
    const contained = "CapBnd:\t00000000a80425fb\nCapAmb:\t0000000000000000\nNoNewPrivs:\t0\n";
    expect(await said("tap devices", { uid: 0, status: contained })).toBe("note uBridge has no CAP_NET_ADMIN");
  });

  it("cannot be told of without getcap", async () => {
    ubridge("0.9.19");
    expect(await said("tap devices")).toMatch(/^note cannot be told: getcap is not installed/);
  });
});

describe("what getcap prints", () => {
  const both = (1n << 12n) | (1n << 13n);
  const printed: readonly (readonly [string, bigint])[] = [
    ["/usr/bin/ubridge cap_net_admin,cap_net_raw=ep\n", both],
    ["/usr/bin/ubridge = cap_net_admin,cap_net_raw+ep\n", both],
    ["/usr/bin/ubridge cap_net_admin=ep cap_net_raw+ep\n", both],
    ["/usr/bin/ubridge cap_net_raw=eip\n", 1n << 13n],
    ["/usr/bin/ubridge cap_net_admin=p\n", 0n],
    ["/usr/bin/ubridge cap_sys_admin=ep\n", 0n],
    ["", 0n],
  ];
  it.each(printed)("%j", (text, mask) => expect(fileCapabilities(text)).toBe(mask));
});
