import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { notesOf, withNotes } from "../../../providers/qemu/notes.ts";
import type { Ports } from "../../../src/core/ports.ts";
import type { Instance } from "../../../src/core/state.ts";
import { UNKNOWN } from "../../../src/core/values.ts";
import { messages, TestLab } from "./support.ts";

let lab: TestLab;

/** What the installed QEMU says of itself is asked once for all tests. */
const answers = new Map<string, ReturnType<Ports["processes"]["run"]>>();

function remembered(ports: Ports): Ports {
  const run: Ports["processes"]["run"] = (command, args, options) => {
    if (command.startsWith(lab.root)) return ports.processes.run(command, args, options);
    const key = [command, ...args].join(" ");
    const answer = answers.get(key) ?? ports.processes.run(command, args, options);
    answers.set(key, answer);
    return answer;
  };
  return { ...ports, processes: { ...ports.processes, run } };
}

async function open(settings = {}, change: (ports: Ports) => Ports = (ports) => ports): Promise<void> {
  lab = await TestLab.open(settings, (ports) => change(remembered(ports)));
}

beforeEach(() => open());
afterEach(() => lab.close());

/** The host, with some facts changed. */
function withHost(host: Partial<Ports["host"]>): (ports: Ports) => Ports {
  return (ports) => ({ ...ports, host: { ...ports.host, ...host } });
}

const withVmx = withHost({ cpu: async () => ({ architecture: "x86_64", count: 2, flags: new Set(["vmx"]) }) });

/** /dev/kvm as given, the rest as it is. */
function withKvm(code: string | undefined): (ports: Ports) => Ports {
  return (ports) => ({
    ...withVmx(ports),
    files: {
      ...ports.files,
      access: async (path, mode) => {
        if (path !== "/dev/kvm") return await ports.files.access(path, mode);
        if (code !== undefined) throw Object.assign(new Error(code), { code });
      },
    },
  });
}

function script(name: string, text: string, mode = 0o755): string {
  const path = `${lab.directories.lab}/${name}`;
  writeFileSync(path, `#!/bin/sh\n${text}\n`);
  chmodSync(path, mode);
  return path;
}

async function complaints(...request: Parameters<TestLab["plan"]>): Promise<string> {
  return messages((await lab.plan(...request)).diagnostics);
}

describe("a planned node", () => {
  it("is complete but for what the host decides", async () => {
    const { planned, requires, diagnostics } = await lab.plan({ adapters: 2 });
    expect(diagnostics).toEqual([]);
    expect(planned).toMatchObject({
      id: "r1-3f2a9c1d",
      uuid: "3f2a9c1d-5b7e-8809-9a2b-3c4d5e6f7081",
      platform: "x86_64",
      machine: "pc",
      accel: "tcg",
      qemu_binary: expect.stringMatching(/^\/.*\/qemu-system-x86_64$/),
      mac_address: "4e:5e:6f:70:81:00",
      adapter: [
        { id: "r1-3f2a9c1d/0", mac_address: "4e:5e:6f:70:81:00", name: "eth0" },
        { id: "r1-3f2a9c1d/1", mac_address: "4e:5e:6f:70:81:01", name: "eth1" },
      ],
      tunnel: "stream",
      console: UNKNOWN,
      monitor: UNKNOWN,
      console_access: "owner",
    });
    expect(requires).toEqual([{ address: "service.keeper", provider: "qemu", attributes: {} }]);
  });

  it("keeps what it was given before, and a plan of the result changes nothing", async () => {
    await lab.keeper();
    const node = await lab.perform("prepare", await lab.planned({}));
    const { planned } = await lab.plan({}, { prior: node, seed: "f".repeat(64), address: "node.moved" });
    for (const [name, value] of Object.entries(planned)) expect([name, value]).toEqual([name, node.attributes[name]]);
  });

  it("has fixed ports known, its console gone with console_type none, its monitor with the setting", async () => {
    expect((await lab.plan({ console_port: 5000 })).planned["console"]).toEqual({ host: "127.0.0.1", port: 5000 });
    expect((await lab.plan({ console_type: "none" })).planned["console"]).toBeNull();
    const settings = { ...lab.settings, monitor: false };
    expect((await lab.plan({}, { settings })).planned["monitor"]).toBeNull();
  });

  it("leaves unknown only what hangs on an unknown argument", async () => {
    const { planned, diagnostics } = await lab.plan({ adapters: UNKNOWN, kernel_image: UNKNOWN, initrd: UNKNOWN });
    expect(diagnostics).toEqual([]);
    expect(planned).toMatchObject({ adapter: UNKNOWN, kernel_image: UNKNOWN, mac_address: "4e:5e:6f:70:81:00" });
  });

  it("counts MAC addresses up from the one given, and refuses groups", async () => {
    const { planned } = await lab.plan({ adapters: 2, mac_address: "0C-00-00-00-FF-FF" });
    expect(planned).toMatchObject({
      mac_address: "0c:00:00:00:ff:ff",
      adapter: [{ mac_address: "0c:00:00:00:ff:ff" }, { mac_address: "0c:00:00:01:00:00" }],
    });
    expect(await complaints({ mac_address: "01:00:5e:00:00:01" })).toContain("group address");
    expect(await complaints({ adapters: 2, mac_address: "fe:ff:ff:ff:ff:ff" })).toContain("what adapter 1 would have");
    expect(await complaints({ mac_address: "hello" })).toContain('no MAC address: "hello"');
  });

  it("can add no option to QEMU's through a value", async () => {
    expect(await complaints({ machine: "pc,kernel=/etc/shadow" })).toContain("machine is");
    expect(await complaints({ adapter_type: "e1000,romfile=/etc/shadow" })).toContain("adapter_type is");
    expect(await complaints({ cpu_model: "qemu64,/etc" })).toContain("cpu_model is");
    expect(await complaints({ boot_priority: "c,splash=/etc/x" })).toContain("boot_priority is");
    expect(await complaints({ boot_priority: "cc" })).toContain("each once at most");
    expect(await complaints({ cpu_model: "qemu64,+ssse3,-svm,phys-bits=40", boot_priority: "dc" })).toBe("");
  });

  it("says which arguments make no sense together", async () => {
    expect(await complaints({ initrd: "x" })).toContain("initrd without kernel_image");
    expect(await complaints({ kernel_command_line: "quiet" })).toContain("kernel_command_line without kernel_image");
    const ready = { console: "login:", timeout_s: 5 };
    expect(await complaints({ console_type: "none", ready })).toContain("ready waits for a console text");
    expect(await complaints({ ready: { console: null, timeout_s: 5 } })).toContain("ready has no condition");
  });

  it("asks for an adapter that QEMU has", async () => {
    expect(await complaints({ adapter_type: "e9000" })).toContain('has no network adapter "e9000"');
    expect(await complaints({ adapter_type: "e9000", adapters: 0 })).toBe("");
    expect(await complaints({ adapter_type: "virtio-net" })).toBe("");
  });
});

describe("QEMU's binary", () => {
  it("is named where it is not found, no file, not executable or not QEMU", async () => {
    expect(await complaints({ platform: "sh4eb" })).toMatch(
      /^QEMU binary qemu-system-sh4eb is not on PATH\nInstall .*qemu-system-misc/,
    );
    expect(await complaints({ platform: "x86_64", qemu_binary: "./none" })).toContain("none does not exist");
    expect(await complaints({ platform: "x86_64", qemu_binary: "./" })).toContain("is no file but a directory");
    const plain = script("qemu-system-x86_64", "", 0o644);
    expect(await complaints({ qemu_binary: plain })).toContain("is not executable\nMake it so with: chmod +x");
    const stranger = script("qemu-system-i386", "echo what; exit 3");
    expect(await complaints({ qemu_binary: stranger })).toMatch(
      /does not say which QEMU it is\n.*exit code 3 and said: what/,
    );
  });

  it("must be 7.2 or later", async () => {
    const old = script("qemu-system-x86_64", 'echo "QEMU emulator version 6.2.0 (Debian)"');
    expect(await complaints({ qemu_binary: old })).toContain("is QEMU 6.2.0, and labform needs 7.2 or later");
  });

  it("is asked once a run, and not again by a later run while it is the same file", async () => {
    const counted = script(
      "qemu-system-x86_64",
      `echo x >> ${lab.root}/asked; exec $(command -v qemu-system-x86_64) "$@"`,
    );
    const asked = async () => (await lab.ports.files.readText(`${lab.root}/asked`)).length / 2;
    const { planned } = await lab.plan({ qemu_binary: counted });
    await lab.plan({ qemu_binary: counted }, { id: "r2-00000001" });
    expect(await asked()).toBe(3);
    await lab.reload();
    const stat = await lab.ports.files.stat(counted);
    const identity = [stat.device, stat.inode, stat.size, stat.modifiedMs, stat.changedMs].join("-");
    const attributes = planned as Instance["attributes"];
    const record = { ...(await lab.planned({ adapters: 0 })), attributes };
    const prior = withNotes(record, { binary: { path: counted, identity, version: "7.2.22", sandbox: true } });
    await lab.plan({ qemu_binary: counted }, { prior });
    expect(await asked()).toBe(3);
  });

  it("tells its platform, and contradicts another", async () => {
    expect((await lab.plan({ qemu_binary: "qemu-system-i386" })).planned["platform"]).toBe("i386");
    const told = {
      "qemu-kvm": "x86_64",
      qemu: "i386",
      "qemu-system-aarch64": "aarch64",
      "qemu-system-arm-spice": "arm",
    };
    for (const [name, platform] of Object.entries(told)) {
      expect((await lab.plan({ qemu_binary: `./${name}` }, { offline: true })).planned["platform"]).toBe(platform);
    }
    expect(await complaints({ qemu_binary: "qemu-system-x86_64", platform: "arm" })).toContain(
      "emulates x86_64, but platform is arm",
    );
    expect(await complaints({ qemu_binary: script("mine", "") })).toContain("cannot be told from its name");
  });

  it("is taken from binary_directory alone where that is set", async () => {
    await lab.close();
    await open({ binary_directory: "bin" });
    expect(await complaints({})).toContain(`QEMU binary ${lab.directories.lab}/bin/qemu-system-x86_64 does not exist`);
  });
});

describe("images", () => {
  it("are searched in the lab's directory, then in image_directory", async () => {
    await lab.close();
    await open({ image_directory: "../images" });
    mkdirSync(`${lab.root}/images`);
    writeFileSync(`${lab.root}/images/vmlinuz`, "");
    expect((await lab.plan({ kernel_image: "vmlinuz" })).planned["kernel_image"]).toBe(`${lab.root}/images/vmlinuz`);
    writeFileSync(`${lab.directories.lab}/vmlinuz`, "");
    expect((await lab.plan({ kernel_image: "vmlinuz" })).planned["kernel_image"]).toBe(
      `${lab.directories.lab}/vmlinuz`,
    );
    expect(await complaints({ kernel_image: "other" })).toContain(
      `Searched: ${lab.directories.lab}/other, ${lab.root}/images/other`,
    );
  });

  it("are named with role and path when missing, dangling or no file", async () => {
    writeFileSync(`${lab.directories.lab}/vmlinuz`, "");
    symlinkSync("/nowhere/initrd.img", `${lab.directories.lab}/initrd`);
    const { diagnostics } = await lab.plan({ kernel_image: "vmlinuz", initrd: "initrd" });
    expect(messages(diagnostics)).toMatch(
      /^Initrd .*\/initrd is a dangling link\nIt is a link to \/nowhere\/initrd\.img/,
    );
    expect(diagnostics[0]?.subject).toBe(`initrd ${lab.directories.lab}/initrd`);
    expect(await complaints({ kernel_image: "none" })).toMatch(/^Kernel image .*\/none does not exist/);
    expect(await complaints({ kernel_image: "." })).toContain("is no file but a directory");
  });
});

describe("the accelerator", () => {
  async function accel(change: (ports: Ports) => Ports, prior: Instance | null = null, config = {}) {
    await lab.close();
    await open({ accel: "auto" }, change);
    return (await lab.plan(config, { prior })).planned["accel"];
  }

  it("auto is kvm only with a processor that can and a usable /dev/kvm", async () => {
    expect(await accel(withKvm(undefined))).toBe("kvm");
    expect(await accel(withKvm("EACCES"))).toBe("tcg");
    expect(await accel(withKvm("ENOENT"))).toBe("tcg");
    const without = (ports: Ports) =>
      withHost({ cpu: async () => ({ architecture: "x86_64", count: 2, flags: new Set() }) })(
        withKvm(undefined)(ports),
      );
    expect(await accel(without)).toBe("tcg");
    expect(await accel(withKvm(undefined), null, { platform: "aarch64" })).toBe("tcg");
  });

  it("auto equals what it was resolved to before, while that works", async () => {
    const prior = await lab.planned({});
    expect(await accel(withKvm(undefined), prior)).toBe("tcg");
    const onKvm = { ...prior, attributes: { ...prior.attributes, accel: "kvm" } };
    expect(await accel(withKvm(undefined), onKvm)).toBe("kvm");
    expect(await accel(withKvm("ENOENT"), onKvm)).toBe("tcg");
  });

  it("kvm demanded where it cannot be had is an error that says why and how to do without", async () => {
    await lab.close();
    await open({}, withKvm("EACCES"));
    expect(await complaints({ accel: "kvm" })).toMatch(
      /cannot be used here\nKVM: the account .* may not open \/dev\/kvm.*accel = "auto"/,
    );
    expect(await complaints({ accel: "kvm", platform: "arm" })).toContain("cannot run platform arm");
    const { diagnostics } = await lab.provider.settings({ ...lab.settings, accel: "kvm" }, false);
    expect(messages(diagnostics)).toContain('accel = "kvm", but KVM cannot be used here');
  });
});

describe("memory", () => {
  const MIB = 1024 * 1024;
  const small = withHost({ memory: async () => ({ totalBytes: 1000 * MIB, availableBytes: 500 * MIB }) });

  it("beyond the host's is an error, and beyond what is free a warning, once for all nodes together", async () => {
    await lab.close();
    await open({}, small);
    expect(await complaints({ ram: 1001 })).toMatch(
      /^ram = 1001 MiB is more than this host has\nThe host has 1000 MiB/,
    );
    expect(await complaints({ ram: 300 })).toBe("");
    expect(await complaints({ ram: 300 })).toBe("");
    expect(await complaints({ ram: 300 }, { id: "r2-00000001" })).toContain(
      "they may use 600 MiB, and 500 MiB are free",
    );
    expect(await complaints({ ram: 300 }, { id: "r3-00000001" })).toBe("");
  });

  it("that a running node has is not counted again", async () => {
    await lab.close();
    await open({}, small);
    const process = { pid: 1, uid: 0, startTime: "1", bootId: "b", pidNamespace: "p", token: "t" };
    const prior = withNotes(await lab.planned({ ram: 400, adapters: 0 }, { id: "x-00000000" }), { process });
    await lab.reload();
    expect(notesOf(prior).process).toEqual(process);
    expect(await complaints({ ram: 600 }, { prior })).toBe("");
    expect(await complaints({ ram: 400 }, { id: "r2-00000001" })).toContain("600 MiB");
  });
});

describe("processors", () => {
  const two = withHost({ cpu: async () => ({ architecture: "x86_64", count: 2, flags: new Set() }) });

  it("more than the host's are a warning with both figures, and so are very many in all, once", async () => {
    await lab.close();
    await open({}, two);
    expect(await complaints({ cpus: 3, ram: 4 })).toMatch(/^cpus = 3 is more than this host has\nThe host has 2\./);
    expect(await complaints({ cpus: 2, ram: 4 }, { id: "r2-00000001" })).toBe("");
    expect(await complaints({ cpus: 2, ram: 4 }, { id: "r3-00000001" })).toBe("");
    expect(await complaints({ cpus: 2, ram: 4 }, { id: "r4-00000001" })).toContain(
      "9 virtual ones in all, and the host has 2",
    );
    expect(await complaints({ cpus: 2, ram: 4 }, { id: "r5-00000001" })).toBe("");
  });
});

describe("settings", () => {
  it("become absolute, and what makes no sense is refused", async () => {
    const { settings } = await lab.provider.settings({ ...lab.settings, accel: "auto", image_directory: "img" }, true);
    expect(settings).toMatchObject({ accel: "auto", image_directory: `${lab.directories.lab}/img` });
    for (const range of [[1], [2, 1], [0, 5], [1, 70000], [1.5, 3]]) {
      const { diagnostics } = await lab.provider.settings({ ...lab.settings, console_ports: range }, true);
      expect(messages(diagnostics)).toContain("console_ports is no range of TCP ports");
    }
  });

  it("warn of listening beyond loopback", async () => {
    const exposed = { ...lab.settings, console_host: "0.0.0.0", monitor_host: "0.0.0.0" };
    const { diagnostics } = await lab.provider.settings(exposed, true);
    expect(diagnostics.map((one) => one.severity)).toEqual(["warning", "warning"]);
  });
});

describe("offline", () => {
  it("nothing of the host is looked at, and what it decides stays as it was or unknown", async () => {
    await lab.close();
    const untouched = new Proxy(
      {},
      {
        get: (_, name) => () => {
          throw new Error(`offline looked at the host: ${String(name)}`);
        },
      },
    );
    await open({ image_directory: "/images" }, (ports) => ports);
    const prior = await lab.planned({ adapters: 0 });
    const settings = (await lab.provider.settings({ ...lab.settings, accel: "auto" }, true)).settings;
    await lab.close();
    await open({ image_directory: "/images" }, (ports) => ({
      ...ports,
      files: untouched as Ports["files"],
      processes: untouched as Ports["processes"],
    }));
    const fresh = await lab.plan({ kernel_image: "vmlinuz" }, { offline: true, settings });
    expect(fresh.diagnostics).toEqual([]);
    expect(fresh.planned).toMatchObject({
      accel: UNKNOWN,
      qemu_binary: UNKNOWN,
      kernel_image: UNKNOWN,
      mac_address: "4e:5e:6f:70:81:00",
    });
    const known = await lab.plan({ kernel_image: "/boot/vmlinuz" }, { offline: true, settings, prior });
    expect(known.planned).toMatchObject({
      accel: "tcg",
      qemu_binary: prior.attributes["qemu_binary"],
      kernel_image: "/boot/vmlinuz",
    });
  });
});
