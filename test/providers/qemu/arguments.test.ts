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
    lab: "/lab",
    sandbox,
  });
}

function disk(settings: { readonly [name: string]: unknown }) {
  const defaults = { interface: "ide", linked_clone: true, size: null, format: "raw", readonly: false };
  return { image: "/lab/base.img", ...defaults, ...settings };
}

const AGENT = { console: null, console_match: null, tcp: null, guest_agent: true, timeout_s: 300 };

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
  "places for processors, and options that come last in place of what labform gives": commandLine({
    machine: "q35",
    cpu_model: "qemu64,+ssse3",
    cpus: 2,
    max_cpus: 8,
    adapters: 2,
    disk: { hda: disk({ interface: "virtio" }) },
    options: [
      ...["--uuid", "11111111-2222-3333-4444-555555555555", "-vga", "none", "-device", "cirrus-vga"],
      ...["-smbios", "type=1,product=A, B,serial=%vm-name%,version=%vm-id%", "-device", "virtio-rng-pci"],
    ],
  }),
  "a board without a bus that labform knows": commandLine({
    machine: "microvm",
    adapter_type: "virtio-net-device",
    adapters: 2,
    options: ["-L", "%project-path%/firmware"],
  }),
  "thirty adapters and disks on a 32-bit arm board": commandLine({
    platform: "arm",
    machine: "virt",
    adapter_type: "virtio-net-pci",
    adapters: 30,
    disk: { hda: disk({ interface: "virtio" }), b: disk({ interface: "scsi" }) },
  }).filter((word) => /^(pci-bridge|virtio|scsi)/.test(word)),
  "adapters of types of their own": commandLine({
    adapters: 3,
    port_name_format: "Gi0/{0}",
    adapter_settings: {
      "0": { type: "virtio-net-pci", mac_address: null, name: null, user_network: null },
      "2": { type: null, mac_address: null, name: "mgmt", user_network: null },
    },
  }).filter((word) => word.includes("id=nic")),
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
  "disks on USB, SD cards and floppies, one that is attached to nothing, and a CD to boot from": commandLine({
    adapters: 0,
    boot_priority: "dac",
    cdrom_image: "/lab/a, b.iso",
    disk: {
      card: disk({ interface: "sd" }),
      other: disk({ interface: "sd" }),
      fda: disk({ interface: "floppy" }),
      fdb: disk({ interface: "floppy", readonly: true }),
      spare: disk({ interface: "none" }),
      stick: disk({ interface: "usb" }),
      data: disk({ interface: "scsi" }),
    },
  }),
  "a floppy and a CD on q35": commandLine({
    machine: "q35",
    adapters: 0,
    cdrom_image: "/lab/a.iso",
    disk: { fda: disk({ interface: "floppy" }) },
  }),
  "a CD on an arm board, on the controller of a disk": commandLine({
    platform: "aarch64",
    machine: "virt",
    adapters: 0,
    boot_priority: "d",
    cdrom_image: "/lab/a.iso",
    disk: { data: disk({ interface: "scsi" }) },
  }),
  "a disk in the place of the CD drive": commandLine({ adapters: 0, disk: { hdc: disk({}) } }),
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
  "a serial console and a second serial port": commandLine({ adapters: 0, aux_console: "telnet" }),
  "a screen by VNC, and the first serial port beside it": commandLine({
    adapters: 0,
    console_type: "vnc",
    aux_console: "telnet",
  }),
  "a screen by SPICE with its agent, beside a serial console": commandLine({
    adapters: 0,
    aux_console: "spice+agent",
  }),
  "both protocols of a screen, on q35": commandLine({
    machine: "q35",
    adapters: 0,
    console_type: "vnc",
    aux_console: "spice",
  }),
  "a screen on an arm board, which has none of its own": commandLine({
    platform: "aarch64",
    machine: "virt",
    adapters: 0,
    console_type: "vnc",
  }),
  "a second serial port on an arm board, which has one": commandLine({
    platform: "arm",
    machine: "virt",
    adapters: 0,
    aux_console: "telnet",
  }),
  "a screen and a second serial port on a board whose buses are not known": commandLine({
    platform: "ppc",
    machine: "g3beige",
    adapters: 0,
    console_type: "telnet",
    aux_console: "spice+agent",
  }),
  "UEFI, a TPM and disks of texts": commandLine({
    adapters: 0,
    uefi: true,
    uefi_code: "/usr/share/OVMF/OVMF_CODE_4M.fd",
    tpm: true,
    cloud_init: { user_data: "secret", meta_data: null, network_config: null },
    config_disk: { files: { a: "secret" } },
    disk: { hda: disk({ interface: "virtio" }) },
  }),
  "UEFI in a qcow2, a TPM and a disk of texts on an arm board": commandLine({
    platform: "aarch64",
    machine: "virt",
    adapters: 0,
    uefi: true,
    uefi_code: "/usr/share/edk2/aarch64, new/code.qcow2",
    tpm: true,
    config_disk: { files: { a: "" } },
  }),
  "a BIOS of its own, and a disk of texts beside the chipset of q35": commandLine({
    machine: "q35",
    adapters: 0,
    bios_image: "/lab/bios, old.bin",
    cloud_init: { user_data: "", meta_data: null, network_config: null },
  }),
  "a guest agent": commandLine({ adapters: 0, ready: AGENT }),
  "a guest agent beside the chipset of q35": commandLine({ adapters: 0, machine: "q35", ready: AGENT }),
  "a guest agent on an arm board": commandLine({ platform: "aarch64", machine: "virt", adapters: 0, ready: AGENT }),
  "a guest agent on a board whose buses are not known": commandLine({
    platform: "s390x",
    machine: null,
    adapters: 0,
    ready: AGENT,
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

  it("moves no disk when there is a CD, and no empty drive until the last place is a disk's", () => {
    const drivesOf = (labels: readonly string[], rest = {}) =>
      commandLine({ adapters: 0, disk: Object.fromEntries(labels.map((label) => [label, disk({})])), ...rest })
        .filter((word) => word.startsWith("ide-"))
        .map((word) => word.replace(/,drive=[^,]*|,serial=[^,]*|,bootindex=\d+/g, ""));
    for (const machine of ["pc", "q35"]) {
      const labels = ["a", "b", "c", "d", "e", "f"].slice(0, machine === "pc" ? 4 : 6);
      const all = drivesOf(labels, { machine });
      expect(all.filter((word) => word.includes("ide-cd"))).toEqual([]);
      for (let count = 0; count < labels.length; count++) {
        for (const cdrom_image of [null, "/lab/a.iso"]) {
          const fewer = drivesOf(labels.slice(0, count), { machine, cdrom_image });
          expect(fewer.slice(0, count)).toEqual(all.slice(0, count));
          expect(fewer.slice(count)).toEqual([expect.stringMatching(/^ide-cd,id=cdrom,/)]);
        }
      }
    }
  });

  it("is shown as a shell would read it", () => {
    expect(shellQuoted(["qemu", "-append", "it's a b", "-name", "guest=x,y", ""])).toBe(
      `qemu -append 'it'\\''s a b' -name guest=x,y ''`,
    );
  });
});
