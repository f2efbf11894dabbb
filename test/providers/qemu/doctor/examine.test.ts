import { chmodSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { QemuProvider } from "../../../../providers/qemu/provider.ts";
import { qemuSchema } from "../../../../providers/qemu/schema.ts";
import type { Finding } from "../../../../src/core/doctor.ts";
import type { Ports, RunResult } from "../../../../src/core/ports.ts";
import type { ExamineRequest, LabObject, Settings } from "../../../../src/core/provider.ts";
import type { PlannedAttributes } from "../../../../src/core/values.ts";
import { createPorts } from "../../../../src/system/index.ts";
import { nodeConfig } from "../support.ts";

const real = createPorts();

let bin: string;
let temporary: string;
beforeEach(() => {
  bin = mkdtempSync(join(tmpdir(), "labform-doctor-bin-"));
  temporary = mkdtempSync(join(tmpdir(), "labform-doctor-tmp-"));
});
afterEach(() => {
  rmSync(bin, { recursive: true });
  rmSync(temporary, { recursive: true });
});

function program(name: string, script: string): string {
  const path = join(bin, name);
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  return path;
}

function qemu(platform: string, version: string, trial = "exit 33"): string {
  const script = `case "$*" in *--version*) echo "QEMU emulator version ${version}";; *) ${trial};; esac`;
  return program(`qemu-system-${platform}`, script);
}

interface Host {
  readonly settings?: Settings;
  readonly lab?: ExamineRequest["lab"];
  /** What the processor can; vmx is what KVM needs on Intel's. */
  readonly flags?: readonly string[];
  readonly kvm?: "absent" | "forbidden" | "opens";
  readonly ports?: (ports: Ports) => Ports;
}

function provider({ flags = [], kvm = "absent", ports = (same) => same }: Host): QemuProvider {
  const environment = { ...process.env, TMPDIR: temporary, PATH: bin };
  const host = Object.create(real.host, {
    environment: { value: environment },
    cpu: { value: async () => ({ architecture: "x86_64", count: 2, flags: new Set(flags) }) },
  }) as Ports["host"];
  const access: Ports["files"]["access"] = async (path, mode) => {
    if (path !== "/dev/kvm") return await real.files.access(path, mode);
    const code = { absent: "ENOENT", forbidden: "EACCES", opens: undefined }[kvm];
    if (code) throw Object.assign(new Error(code), { code });
  };
  const find: Ports["processes"]["find"] = (name, directory) => real.processes.find(name, directory ?? bin);
  const world = ports({
    ...real,
    host,
    files: { ...real.files, access },
    processes: { ...real.processes, find },
  });
  return new QemuProvider(world, { lab: bin, nodes: "", run: "", programs: "dist" });
}

async function examine(given: Host = {}): Promise<readonly Finding[]> {
  const defaults = Object.entries(qemuSchema.settings.attributes).map(([name, one]) => [name, one.default ?? null]);
  return await provider(given).examine({
    settings: { ...Object.fromEntries(defaults), ...given.settings },
    lab: given.lab ?? null,
    signal: new AbortController().signal,
  });
}

/** `level text` of the findings about one subject. */
function about(findings: readonly Finding[], subject: string): readonly string[] {
  return findings.filter((one) => one.subject === subject).map((one) => `${one.level} ${one.text}`);
}

function node(attributes: PlannedAttributes = {}, exists = false): LabObject {
  return {
    address: "node.a",
    attributes: { ...nodeConfig({}), accel: "tcg", console: { host: "", port: 1 }, aux: null, ...attributes },
    exists,
  };
}

const labOf = (...nodes: readonly LabObject[]) => ({ nodes, links: [] });

describe("QEMU", () => {
  it("is told once for all that were installed together", async () => {
    qemu("x86_64", "8.2.1");
    qemu("i386", "8.2.1");
    qemu("arm", "9.0.0");
    expect(about(await examine(), "QEMU")).toEqual([
      `ok version 9.0.0 in ${bin} for arm, with its sandbox`,
      `ok version 8.2.1 in ${bin} for i386, x86_64, with its sandbox`,
    ]);
  });

  it("without seccomp is a note", async () => {
    program("qemu-system-arm", 'case "$*" in *sandbox*) exit 1;; *) echo "QEMU emulator version 8.2.1";; esac');
    expect(about(await examine(), "QEMU")).toEqual([`note version 8.2.1 in ${bin} for arm, without a sandbox`]);
  });

  it("that is too old is an error where nothing else is there, and where the lab uses it", async () => {
    const old = qemu("x86_64", "6.2.0");
    const [alone] = about(await examine(), "QEMU");
    expect(alone).toBe(`error ${old} is QEMU 6.2.0, and labform needs 7.2 or later`);

    qemu("arm", "9.0.0");
    expect(about(await examine(), "QEMU")[1]).toMatch(/^warning .* 6\.2\.0/);
    const used = await examine({ lab: labOf(node({ qemu_binary: old })) });
    expect(about(used, "QEMU")[1]).toMatch(/^error .* 6\.2\.0/);
  });

  it("that is no QEMU is told with what it said", async () => {
    program("qemu-system-arm", "echo I am none; exit 3");
    const [finding] = await examine();
    expect(finding).toMatchObject({ subject: "QEMU", level: "error" });
    expect(finding?.fix).toContain("exit code 3 and said: I am none");
  });

  it("is missed only where a node needs it", async () => {
    expect(about(await examine(), "QEMU")).toEqual(["error there is no qemu-system-… program on PATH"]);
    expect(about(await examine({ lab: labOf() }), "QEMU")[0]).toMatch(/^warning/);
    const settings = { binary_directory: temporary };
    expect(about(await examine({ settings, lab: labOf(node()) }), "QEMU")).toEqual([
      `error there is no qemu-system-… program in ${temporary}`,
    ]);
  });

  it("that only a node names is told by the plan, and otherwise with the others", async () => {
    qemu("arm", "9.0.0");
    const elsewhere = join(temporary, "qemu-system-arm");
    writeFileSync(elsewhere, '#!/bin/sh\necho "QEMU emulator version 8.2.1"\n', { mode: 0o755 });
    const nodes = labOf(node({ qemu_binary: elsewhere }), node({ qemu_binary: "/no/qemu-system-arm" }));
    expect(about(await examine({ lab: nodes }), "QEMU")).toEqual([
      `ok version 9.0.0 in ${bin} for arm, with its sandbox`,
      `ok version 8.2.1 in ${temporary} for arm, with its sandbox`,
    ]);
  });

  it("is looked for where the lab says", async () => {
    qemu("arm", "9.0.0");
    const findings = await examine({ settings: { binary_directory: bin }, ports: withoutPath });
    expect(about(findings, "QEMU")).toEqual([`ok version 9.0.0 in ${bin} for arm, with its sandbox`]);
  });
});

const withoutPath = (ports: Ports): Ports => ({
  ...ports,
  processes: { ...ports.processes, find: async (name, directory) => directory && real.processes.find(name, directory) },
});

describe("qemu-img", () => {
  it("is told with its version", async () => {
    const path = program("qemu-img", 'echo "qemu-img version 8.2.1 (Debian)"');
    expect(about(await examine(), "qemu-img")).toEqual([`ok version 8.2.1 (${path})`]);
  });

  it("is missed by a lab that has disks", async () => {
    expect(about(await examine({ lab: labOf(node()) }), "qemu-img")).toEqual(["warning there is none on PATH"]);
    const disks = labOf(node({ disk: { hda: { image: "/x" } } }));
    expect(about(await examine({ lab: disks }), "qemu-img")).toEqual(["error there is none on PATH"]);
  });

  it("that is another program is told with what it says", async () => {
    const path = program("qemu-img", "echo hello");
    expect(about(await examine(), "qemu-img")).toEqual([`warning ${path} does not say its version but: hello`]);
  });
});

/** A host whose KVM accepts a guest and never executes it: the attempt is killed at its timeout. */
const hangingKvm = (ports: Ports): Ports => {
  let now = 0;
  const run: Ports["processes"]["run"] = async (command, args, options) => {
    if (!args.includes("kvm")) return await real.processes.run(command, args, options);
    now += options?.timeoutMs ?? 0;
    return { exitCode: null, signal: "SIGKILL", stdout: "", stderr: "" } satisfies RunResult;
  };
  return { ...ports, clock: { ...ports.clock, monotonic: () => now }, processes: { ...ports.processes, run } };
};

describe("an accelerator", () => {
  beforeEach(() => {
    qemu("x86_64", "8.2.1");
  });

  it("that executes the boot sector works", async () => {
    const findings = await examine({ flags: ["svm"], kvm: "opens" });
    expect(about(findings, "KVM")[0]).toMatch(/^ok a guest instruction was executed \([\d.]+ s\)$/);
    expect(about(findings, "TCG")[0]).toMatch(/^ok a guest instruction was executed \([\d.]+ s\)$/);
    expect(readdirSync(temporary)).toEqual([]);
  });

  it("that hangs guests is told so, and that nodes do without where the processor says as much", async () => {
    const findings = await examine({ kvm: "opens", ports: hangingKvm });
    expect(about(findings, "KVM")).toEqual([
      "note /dev/kvm can be opened, but no guest instruction was executed in 3 s; nodes use tcg",
    ]);
    expect(about(findings, "TCG")[0]).toMatch(/^ok/);
  });

  it("that hangs guests though the processor promises it is a warning, and an error for the nodes that use it", async () => {
    const host = { flags: ["vmx"], kvm: "opens", ports: hangingKvm } as const;
    const silent = "/dev/kvm can be opened, but no guest instruction was executed in 3 s";
    expect(about(await examine(host), "KVM")).toEqual([`warning ${silent}`]);
    expect(about(await examine({ ...host, lab: labOf(node()) }), "KVM")).toEqual([`warning ${silent}`]);
    expect(about(await examine({ ...host, lab: labOf(node({ accel: "kvm" })) }), "KVM")).toEqual([`error ${silent}`]);
  });

  it("that QEMU refuses is told with QEMU's words", async () => {
    qemu("x86_64", "8.2.1", 'echo "qemu-system-x86_64: failed to initialize kvm: no such thing" >&2; exit 1');
    const findings = await examine({ flags: ["vmx"], kvm: "opens" });
    expect(about(findings, "KVM")).toEqual([
      "warning /dev/kvm can be opened, but QEMU cannot use it (failed to initialize kvm: no such thing)",
    ]);
    expect(about(findings, "TCG")).toEqual(["error QEMU cannot run a guest (failed to initialize kvm: no such thing)"]);
  });

  it("that cannot be had is told with the reason", async () => {
    const [absent] = about(await examine({ flags: ["vmx"] }), "KVM");
    expect(absent).toMatch(/^note not to be had; nodes use tcg: there is no \/dev\/kvm/);
    const [forbidden] = about(await examine({ flags: ["vmx"], kvm: "forbidden" }), "KVM");
    expect(forbidden).toMatch(/may not open \/dev\/kvm \(add it to the group kvm/);
  });

  it("cannot be tried without a place for temporary files", async () => {
    const write: Ports["files"]["write"] = () => Promise.reject(new Error("EROFS: read-only file system"));
    const findings = await examine({ ports: (ports) => ({ ...ports, files: { ...ports.files, write } }) });
    expect(about(findings, "accelerators")).toEqual(["warning could not be tried: EROFS: read-only file system"]);
  });

  it("is ended at once when the user interrupts", async () => {
    qemu("x86_64", "8.2.1", "sleep 60");
    const controller = new AbortController();
    const settings = Object.fromEntries(
      Object.entries(qemuSchema.settings.attributes).map(([name, one]) => [name, one.default ?? null]),
    );
    const started = performance.now();
    const examining = provider({}).examine({ settings, lab: null, signal: controller.signal });
    setTimeout(() => controller.abort(new Error("interrupted")), 200);
    await expect(examining).rejects.toThrow("interrupted");
    expect(performance.now() - started).toBeLessThan(5000);
    expect(readdirSync(temporary)).toEqual([]);
  });
});

describe("ports", () => {
  async function listening<T>(act: (port: number) => Promise<T>): Promise<T> {
    const server = createServer();
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    const address = server.address();
    try {
      return await act(typeof address === "object" && address ? address.port : 0);
    } finally {
      server.close();
    }
  }

  it("that others listen on are not free", async () => {
    await listening(async (port) => {
      const settings = { console_ports: [port, port], monitor_ports: [20_001, 20_002] };
      const findings = await examine({ settings });
      expect(about(findings, "console_ports")).toEqual([`error 0 of the 1 ports ${port}-${port} are free`]);
      expect(about(findings, "monitor_ports")).toEqual(["ok 2 of the 2 ports 20001-20002 are free"]);
    });
  });

  it("are counted for the nodes that are yet to get one", async () => {
    const settings = { console_ports: [20_001, 20_002], monitor: false };
    const enough = labOf(node(), node(), node({ console: null }), node({ console_port: 7000 }), node({}, true));
    const findings = await examine({ settings, lab: enough });
    expect(about(findings, "console_ports")).toEqual(["ok 2 of the 2 ports 20001-20002 are free"]);
    expect(about(findings, "monitor_ports")).toEqual([]);
    const many = await examine({ settings, lab: labOf(node(), node(), node()) });
    expect(about(many, "console_ports")).toEqual(["error 2 of the 2 ports 20001-20002 are free, and the lab needs 3"]);
  });

  it("that clients are given too are a warning", async () => {
    const readText: Ports["files"]["readText"] = async (path) =>
      path.endsWith("ip_local_port_range") ? "32768\t60999\n" : await real.files.readText(path);
    const findings = await examine({
      settings: { console_ports: [32_000, 33_000] },
      ports: (ports) => ({ ...ports, files: { ...ports.files, readText } }),
    });
    expect(about(findings, "console_ports")[0]).toMatch(/^warning .* overlap 32768-60999, from which the kernel/);
  });

  it("of an address that is another host's are an error", async () => {
    const findings = await examine({ settings: { console_host: "192.0.2.1" } });
    expect(about(findings, "console_ports")[0]).toMatch(/^error 192\.0\.2\.1 cannot be listened on \(.*EADDRNOTAVAIL/);
  });
});

it("sums up what the lab's nodes are", async () => {
  const nodes = labOf(node({ ram: 512, cpus: 2, platform: "x86_64" }), node({ ram: 1024, platform: "arm" }));
  expect(about(await examine({ lab: nodes }), "nodes")).toEqual([
    "ok 2 in the lab: 1.5 GiB of memory, 3 CPUs, 2 adapters, platform x86_64, arm, accelerator tcg",
  ]);
});

it("misses its own program", async () => {
  const access: Ports["files"]["access"] = async (path, mode) => {
    if (path === "dist/keeper.js") throw new Error("gone");
    await real.files.access(path, mode);
  };
  const findings = await examine({ ports: (ports) => ({ ...ports, files: { ...ports.files, access } }) });
  expect(about(findings, "keeper")).toEqual(["error labform's own program dist/keeper.js is missing"]);
});
