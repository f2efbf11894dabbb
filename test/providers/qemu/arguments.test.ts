import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { qemuArguments, shellQuoted } from "../../../providers/qemu/arguments.ts";
import { nodeAttributes } from "../../../providers/qemu/attributes.ts";
import { formatMac } from "../../../providers/qemu/mac.ts";
import { nodeConfig } from "./support.ts";

const GOLDEN = new URL("./golden/arguments.txt", import.meta.url);

function commandLine(
  config: { readonly [name: string]: unknown },
  address = "node.r1",
  sandbox = true,
): readonly string[] {
  const adapters = Number(config["adapters"] ?? 1);
  const adapter = Array.from({ length: adapters }, (_, at) => ({
    id: `r1-3f2a9c1d/${at}`,
    mac_address: formatMac(0x020000000000 + at),
    name: `eth${at}`,
  }));
  const attributes = {
    ...nodeConfig({ platform: "x86_64", machine: "pc", accel: "tcg" }),
    ...{ id: "r1-3f2a9c1d", uuid: "3f2a9c1d-5b7e-8809-9a2b-3c4d5e6f7081", tunnel: "stream" },
    ...config,
    adapter,
  };
  return qemuArguments(nodeAttributes(attributes), {
    address,
    directory: "/lab/.labform/default/nodes/r1-3f2a9c1d",
    sandbox,
  });
}

function disk(settings: { readonly [name: string]: unknown }) {
  const defaults = { interface: "ide", linked_clone: true, size: null, format: "raw", readonly: false };
  return { image: "/lab/base.img", ...defaults, ...settings };
}

const CASES: { readonly [title: string]: readonly string[] } = {
  "the defaults": commandLine({}),
  "a kernel on KVM": commandLine({
    accel: "kvm",
    cpu_model: "host,-svm",
    cpus: 2,
    ram: 1024,
    kernel_image: "/lab/boot, old/vmlinuz",
    initrd: "/lab/initrd",
    kernel_command_line: "console=ttyS0 labform.ip=10.0.0.1/24,10.0.1.1/24 -- -device",
    adapter_type: "virtio-net-pci",
    adapters: 2,
  }),
  "a name with commas, without seccomp": commandLine({ adapters: 0 }, 'node.router["a,server=on"]', false),
  "datagram tunnels on q35": commandLine({ machine: "q35", tunnel: "dgram", boot_priority: "nc" }),
  "a user network beside a tunnel": commandLine({
    adapters: 2,
    adapter_settings: {
      "1": {
        user_network: {
          forward: { "22": { host: "127.0.0.1", host_port: null }, "53/udp": { host: "0.0.0.0", host_port: 5353 } },
        },
      },
    },
    forward: { "22": { host: "127.0.0.1", port: 24_022 }, "53/udp": { host: "0.0.0.0", port: 5353 } },
  }),
  "no console on an arm board": commandLine({
    platform: "aarch64",
    machine: "virt",
    console_type: "none",
    cpu_model: "cortex-a57",
  }),
  "a board whose buses are not known": commandLine({ platform: "s390x", machine: null }),
  "a disk on every interface, an empty one, one that is read and one that is written to": commandLine({
    disk: {
      data: disk({ image: null, size: "1G", interface: "scsi", format: "qcow2" }),
      hdb: disk({ image: "/lab/a, b.img", linked_clone: false }),
      hda: disk({ image: "/lab/hda.qcow2", format: "qcow2" }),
      flash: disk({ image: "/lab/flash.img", interface: "nvme", readonly: true }),
      one: disk({ interface: "virtio" }),
      two: disk({ interface: "virtio" }),
      late: disk({ interface: "sata" }),
    },
    boot_priority: "nc",
  }),
  "SATA and IDE disks on the ports of q35": commandLine({
    machine: "q35",
    adapters: 0,
    disk: { hdc: disk({}), b: disk({ interface: "sata" }), a: disk({}) },
  }),
  "disks of a kernel that QEMU boots, on an arm board": commandLine({
    platform: "aarch64",
    machine: "virt",
    adapters: 0,
    kernel_image: "/lab/Image",
    disk: { hda: disk({ interface: "virtio" }), hdb: disk({ interface: "sata" }) },
  }),
  "disks on a board whose buses are not known": commandLine({
    platform: "s390x",
    machine: null,
    adapters: 0,
    disk: { a: disk({ interface: "virtio" }), b: disk({ interface: "scsi" }) },
  }),
  "more adapters than the root bus has places for": commandLine({ adapters: 58 }).filter((word) =>
    /^(pci-bridge|e1000)/.test(word),
  ),
};

describe("QEMU's command line", () => {
  it("is as reviewed", () => {
    const text = Object.entries(CASES)
      .map(([title, words]) => `# ${title}\n${words.join("\n")}\n`)
      .join("\n");
    if (process.env["UPDATE_GOLDEN"] === "1") {
      mkdirSync(new URL("./golden/", import.meta.url), { recursive: true });
      writeFileSync(GOLDEN, text);
    }
    expect(text).toBe(readFileSync(GOLDEN, "utf8"));
  });

  it("gives every one of 275 adapters a place of its own that does not hang on how many there are", () => {
    for (const machine of ["pc", "q35"]) {
      const all = commandLine({ machine, adapters: 275 }).filter((word) => word.startsWith("e1000"));
      const places = all.map((word) => /bus=.*/.exec(word)?.[0]);
      expect(new Set(places).size).toBe(275);
      for (const adapters of [1, 24, 25, 56, 57, 274]) {
        const fewer = commandLine({ machine, adapters }).filter((word) => word.startsWith("e1000"));
        expect(fewer).toEqual(all.slice(0, adapters));
      }
    }
  });

  it("moves no adapter when there are disks", () => {
    const adaptersOf = (words: readonly string[]) => words.filter((word) => word.startsWith("e1000"));
    const disks = { a: disk({ interface: "virtio" }), b: disk({ interface: "scsi" }), c: disk({ interface: "nvme" }) };
    expect(adaptersOf(commandLine({ adapters: 60, disk: disks }))).toEqual(adaptersOf(commandLine({ adapters: 60 })));
  });

  it("is shown as a shell would read it", () => {
    expect(shellQuoted(["qemu", "-append", "it's a b", "-name", "guest=x,y", ""])).toBe(
      `qemu -append 'it'\\''s a b' -name guest=x,y ''`,
    );
  });
});
