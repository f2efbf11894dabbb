import { chmodSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { socketOptionOf } from "../../../providers/ubridge/installed.ts";
import { parseListeners } from "../../../providers/ubridge/listening.ts";
import { UbridgeProvider } from "../../../providers/ubridge/provider.ts";
import { ubridgeSchema } from "../../../providers/ubridge/schema.ts";
import type { Instance } from "../../../src/core/state.ts";
import { Playground, ports } from "./support.ts";

let playground: Playground;
let provider: UbridgeProvider;
beforeEach(() => {
  playground = new Playground();
  provider = new UbridgeProvider(ports, playground.host);
});
afterEach(() => playground.clear());

/** As the sources of 1.1 and 1.2 have it. */
const SOCKET_HELP = "  -U <socket_path>             : Hypervisor mode over UNIX socket (recommended)";

/** An executable in the lab's directory that answers as a uBridge of that version does. */
function install(name: string, version: string, help = "", serve = "exit 1"): string {
  const path = join(playground.host.lab, name);
  writeFileSync(
    path,
    `#!/bin/sh\ncase "$1" in\n-v) echo "ubridge version ${version}";;\n-h) echo "Usage:"; echo "${help}";;\n*) ${serve};;\nesac\n`,
  );
  chmodSync(path, 0o755);
  return path;
}

describe("the engine of a lab", () => {
  const settle = (engine: string, path: string | null = null) => provider.settings({ engine, path }, false);

  it("is the built-in bridge where it is asked for, whatever is installed", async () => {
    install("ubridge", "1.2.0", SOCKET_HELP);
    expect(await settle("builtin", "./ubridge")).toEqual({
      settings: { engine: "builtin", path: null },
      diagnostics: [],
    });
  });

  it("is by itself a uBridge that has a private control socket", async () => {
    const path = install("ubridge", "1.2.0", SOCKET_HELP);
    expect(await settle("auto", "./ubridge")).toEqual({ settings: { engine: "ubridge", path }, diagnostics: [] });
    expect(provider.tunnel({ engine: "ubridge", path })).toBe("dgram");
  });

  it.each([
    ["0.9.19", SOCKET_HELP],
    ["1.0.0", "  -H [<ip_address>:]<tcp_port> : Run in hypervisor mode"],
  ])("is by itself never uBridge %s with an open control port", async (version, help) => {
    install("ubridge", version, help);
    const { settings, diagnostics } = await settle("auto", "./ubridge");
    expect(settings).toEqual({ engine: "builtin", path: null });
    expect(diagnostics).toEqual([]);
    expect(provider.tunnel(settings)).toBe("stream");
  });

  it("is uBridge 0.9 where it is asked for, with a warning that says who can command it", async () => {
    const path = install("ubridge", "0.9.19");
    const { settings, diagnostics } = await settle("ubridge", path);
    expect(settings).toEqual({ engine: "ubridge", path });
    expect(diagnostics).toMatchObject([
      { severity: "warning", summary: "Any account of this host can command uBridge 0.9.19" },
    ]);
  });

  it("is an error that says how to get uBridge where it is asked for and missing", async () => {
    const { diagnostics } = await settle("ubridge", "/nowhere/ubridge");
    expect(diagnostics).toMatchObject([{ severity: "error", summary: "uBridge cannot be used" }]);
    expect(diagnostics[0]?.detail).toMatch(/^There is no file \/nowhere\/ubridge\. .*PPA.*engine = "builtin"/);
  });

  it("tells missing, forbidden and wrong programs apart", async () => {
    const path = install("ubridge", "0.9.19");
    writeFileSync(join(playground.host.lab, "plain"), "no program");
    chmodSync(join(playground.host.lab, "plain"), 0o644);
    install("other", "none");
    const details = await Promise.all(
      ["./missing", "./plain", "./other"].map(async (one) => (await settle("ubridge", one)).diagnostics[0]?.detail),
    );
    expect(details[0]).toContain("There is no file");
    expect(details[1]).toContain("may not be executed");
    expect(details[2]).toContain("does not say its version");
    expect((await settle("auto", "./missing")).diagnostics).toMatchObject([{ severity: "error" }]);
    expect((await settle("ubridge", path)).diagnostics).toMatchObject([{ severity: "warning" }]);
  });

  it("stays open when the host may not be looked at", async () => {
    expect(await provider.settings({ engine: "auto", path: "/nowhere" }, true)).toEqual({
      settings: { engine: "auto", path: "/nowhere" },
      diagnostics: [],
    });
  });

  it("is found on a private socket that its help names, and nowhere else", () => {
    expect(socketOptionOf(SOCKET_HELP)).toBe("-U");
    expect(socketOptionOf("  --control-socket=<path>  : UNIX control socket")).toBe("--control-socket");
    expect(
      socketOptionOf(
        "  -f <file>   : Specify a INI configuration file\n  -H [<ip_address>:]<tcp_port> : Run in hypervisor mode",
      ),
    ).toBeUndefined();
  });
});

describe("a uBridge with a private control socket", () => {
  it("is started on it, in the run directory", async () => {
    const path = install(
      "ubridge",
      "1.2.0",
      SOCKET_HELP,
      `exec "${process.execPath}" "${resolve("dist/bridge.js")}" . "$2"`,
    );
    const service: Instance = {
      address: 'service.bridge["ubridge"]',
      kind: "service",
      provider: "ubridge",
      schemaVersion: 1,
      id: "bridge-1",
      status: "creating",
      attributes: { engine: "ubridge", path, version: null, control: null },
      sensitive: [],
      dependencies: [],
      private: {},
    };
    const launched = await provider.perform("launch", {
      address: service.address,
      instance: service,
      wanted: service.attributes,
      prior: null,
      settings: {},
      byHand: false,
      token: ports.random.hex(16),
      attachments: [],
      left: [],
      anew: false,
      endsGuest: false,
      carriers: [],
      tell: () => {},
      waiting: () => {},
      plugged: new Set(),
      services: new Map(),
      carried: [],
      progress: async () => {},
      signal: new AbortController().signal,
    });
    playground.own((launched as Instance).private.process as never);
    expect(launched?.attributes.control).toBe("bridge-ubridge.sock");
    expect(await provider.read([launched as Instance])).toMatchObject([{ condition: "present" }]);
  });
});

describe("the kernel's list of TCP sockets", () => {
  it("shows who listens where", () => {
    const text = [
      "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode",
      "   0: 0100007F:EE48 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 12345 1 0000000000000000 100 0 0 10 0",
      "   1: 0100007F:EE48 0100007F:9C40 01 00000000:00000000 00:00000000 00000000  1000        0 12346 1 0000000000000000 20 4 30 10 -1",
      "   2: 00000000:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 777 1 0000000000000000 100 0 0 10 0",
    ].join("\n");
    expect(parseListeners(text)).toEqual([
      { host: "127.0.0.1", port: 61000, uid: 1000, inode: 12345 },
      { host: "0.0.0.0", port: 8080, uid: 0, inode: 777 },
    ]);
  });
});

describe("the schema", () => {
  it("describes every argument", () => {
    const blocks = [ubridgeSchema.settings, ...Object.values(ubridgeSchema.resources)];
    for (const block of blocks) {
      for (const attribute of Object.values(block.attributes)) expect(attribute.description).toMatch(/\.$/);
    }
  });
});
