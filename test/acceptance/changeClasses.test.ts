import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { statSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { qemuSchema } from "../../providers/qemu/schema.ts";
import type { BlockSchema, ChangeClass } from "../../src/core/schema.ts";
import { guest } from "../support/guest.ts";
import { TestLab } from "../support/lab.ts";

/** A node's body: arguments by name, and blocks as bodies by what stands before their brace; null takes one away. */
interface Body {
  readonly [name: string]: string | null | Body;
}

const { kernel, initrd } = guest();

/**
 * One change after the other, each on top of those before, so that every apply has one alone. Where a change is
 * another class than the argument's (a block that comes as a whole), that stands behind it.
 */
const CHANGES: readonly (readonly [argument: string, change: Body, is?: ChangeClass])[] = [
  ["platform", { platform: '"i386"' }],
  ["qemu_binary", { qemu_binary: '"qemu-system-x86_64"' }],
  ["machine", { machine: '"q35"' }],
  ["cpu_model", { cpu_model: '"qemu64"' }],
  ["cpus", { cpus: "2" }],
  ["max_cpus", { max_cpus: "4" }],
  ["options", { options: JSON.stringify("-rtc 'base=localtime'") }],
  ["ram", { ram: "96" }],
  ["adapters", { adapters: "3" }],
  ["adapter_type", { adapter_type: '"virtio-net-pci"' }],
  ["mac_address", { mac_address: '"02:00:00:00:10:00"' }],
  ["port_name_format", { port_name_format: '"Gi{1}/{0}"' }],
  ["port_segment_size", { port_segment_size: "2" }],
  ["first_port_name", { first_port_name: '"mgmt"' }],
  ["adapter.name", { 'adapter "1"': { name: '"wan"' } }],
  ["adapter.type", { 'adapter "1"': { type: '"pcnet"' } }],
  ["adapter.mac_address", { 'adapter "1"': { mac_address: '"02:00:00:00:20:00"' } }],
  ["kernel_image", { kernel_image: JSON.stringify(kernel) }],
  ["initrd", { initrd: JSON.stringify(initrd) }],
  ["kernel_command_line", { kernel_command_line: '"console=ttyS0 quiet"' }],
  ["boot_priority", { boot_priority: '"cn"' }],
  ["cdrom_image", { cdrom_image: '"other.qcow2"' }],
  ["cdrom_image", { cdrom_image: null }],
  ["tpm", { tpm: "true" }],
  ["tpm", { tpm: null }],
  ["bios_image", { bios_image: '"/usr/share/seabios/bios-256k.bin"' }],
  ["uefi", { platform: '"x86_64"', bios_image: null, uefi: "true" }],
  ["uefi", { uefi: null }],
  ["cloud_init.user_data", { cloud_init: { user_data: '"#cloud-config"' } }],
  ["cloud_init.user_data", { cloud_init: { user_data: '"#!/bin/sh"' } }],
  ["cloud_init.meta_data", { cloud_init: { meta_data: '"local-hostname: r1"' } }],
  ["cloud_init.network_config", { cloud_init: { network_config: '"version: 2"' } }],
  ["config_disk.files", { config_disk: { files: '{ "a.cfg" = "one" }' } }],
  ["config_disk.files", { config_disk: { files: '{ "a.cfg" = "two" }' } }],
  ["process_priority", { process_priority: '"low"' }],
  ["cpu_throttling", { cpu_throttling: "80" }],
  ["cpu_throttling", { cpu_throttling: null }],
  ["stop_timeout_s", { stop_timeout_s: "20" }],
  ["on_stop", { on_stop: '"shutdown_signal"' }],
  ["on_stop", { on_stop: null }],
  ["console_port", { console_port: "23717" }],
  ["aux_console", { aux_console: '"telnet"' }],
  ["aux_console_port", { aux_console_port: "23718" }],
  ["monitor_port", { monitor_port: "28717" }],
  ["adapter.user_network.forward.host_port", { 'adapter "2"': { user_network: { 'forward "80"': {} } } }],
  [
    "adapter.user_network.forward.host_port",
    { 'adapter "2"': { user_network: { 'forward "80"': { host_port: "24717" } } } },
  ],
  [
    "adapter.user_network.forward.host",
    { 'adapter "2"': { user_network: { 'forward "80"': { host: '"127.0.0.2"' } } } },
  ],
  ["disk.size", { 'disk "hda"': { size: '"16M"' } }],
  ["disk.interface", { 'disk "hda"': { interface: '"virtio"' } }],
  ["disk.image", { 'disk "hda"': { image: '"other.qcow2"' } }],
  ["disk.format", { 'disk "hda"': { image: '"base.raw"', format: '"raw"' } }],
  ["disk.sha256", { 'disk "hda"': { sha256: digestOfRaw("sha256") } }],
  ["disk.md5", { 'disk "hda"': { md5: digestOfRaw("md5") } }],
  ["disk.linked_clone", { 'disk "hda"': { linked_clone: "false", size: null, sha256: null, md5: null } }],
  ["disk.readonly", { 'disk "hda"': { readonly: "true" } }],
  ["ready.console", { ready: { console: '"ready"' } }],
  ["ready.timeout_s", { ready: { timeout_s: "200" } }],
  ["ready.console_match", { ready: { console_match: '"rea.y"' } }],
  ["console_type", { console_type: '"none"', console_port: null, ready: null }],
  ["power", { power: '"suspended"' }],
];

/** What takes another host or guest to change, and stands in a test of its own. */
const ELSEWHERE: { readonly [argument: string]: string } = {
  accel: "test/providers/qemu/plan.test.ts",
  "ready.tcp": "test/providers/qemu/ready.test.ts",
  "ready.guest_agent": "test/providers/qemu/agent/agent.test.ts",
};

/** Of base.raw, 8 MiB in which nothing is written. */
function digestOfRaw(algorithm: "sha256" | "md5"): string {
  return JSON.stringify(
    createHash(algorithm)
      .update(Buffer.alloc(8 * 1024 * 1024))
      .digest("hex"),
  );
}

const WORDS: { readonly [change in ChangeClass]: RegExp } = {
  live: /# node\.r1 will be updated in place/,
  restart: /# node\.r1 will be updated \(restarts the node/,
  replace: /# node\.r1 must be replaced/,
};

function settable({ attributes, blocks = {} }: BlockSchema, path = "", above?: ChangeClass): [string, ChangeClass][] {
  return [
    ...Object.entries(attributes)
      .filter(([, { computed, optional }]) => computed === undefined || optional)
      .map(([name, { change }]): [string, ChangeClass] => [`${path}${name}`, change ?? above ?? "live"]),
    ...Object.entries(blocks).flatMap(([name, block]) => settable(block, `${path}${name}.`, block.change ?? above)),
  ];
}

function merged(body: Body, change: Body): Body {
  const result: { [name: string]: string | null | Body } = { ...body };
  for (const [name, value] of Object.entries(change)) {
    const before = result[name];
    const isBlock = typeof value === "object" && value !== null;
    result[name] = isBlock ? merged(typeof before === "object" && before !== null ? before : {}, value) : value;
  }
  return result;
}

function written(body: Body, indent = "  "): string {
  return Object.entries(body)
    .map(([name, value]) => {
      if (value === null) return "";
      if (typeof value === "string") return `${indent}${name} = ${value}\n`;
      return `${indent}${name} {\n${written(value, `${indent}  `)}${indent}}\n`;
    })
    .join("");
}

describe("what an argument of a running node takes to change", { retry: 0 }, () => {
  const classes = new Map(settable(qemuSchema.resources["node"] as BlockSchema));
  let lab: TestLab;
  let body: Body = { ram: "64", 'disk "hda"': { image: '"base.qcow2"' } };
  const write = () => lab.write("one.lab.hcl", `lab "classes" {}\nnode "r1" {\n${written(body)}}\n`);
  const apply = async () => {
    const { exitCode, stdout, stderr } = await lab.run(["apply", "-auto-approve"]);
    expect(exitCode, stdout + stderr).toBe(0);
    return stdout;
  };
  /** What a change may leave as it was: the process, the disk that the guest wrote to. */
  const seen = () => {
    const { attributes } = lab.instance("node.r1");
    const overlay = `${attributes["directory"]}/hda.qcow2`;
    const disk = statSync(overlay, { throwIfNoEntry: false });
    return { pid: attributes["pid"] as number, disk: disk && `${disk.ino} of ${disk.birthtimeMs}` };
  };

  beforeAll(async () => {
    lab = new TestLab();
    for (const [name, size] of Object.entries({ "base.qcow2": "8M", "other.qcow2": "12M", "base.raw": "8M" })) {
      execFileSync("qemu-img", ["create", "-q", "-f", name.replace(/.*\./, ""), lab.path(name), size]);
    }
    write();
    await apply();
  });

  afterAll(async () => {
    await lab.close();
  });

  it("is tried of every one there is", () => {
    const tried = new Set([...CHANGES.map(([argument]) => argument), ...Object.keys(ELSEWHERE)]);
    expect([...classes.keys()].filter((name) => !tried.has(name))).toEqual([]);
  });

  it.each(CHANGES.map((one) => ({ argument: one[0], change: one[1], is: one[2] ?? classes.get(one[0]) })))(
    "$argument",
    async ({ change, is }) => {
      body = merged(body, change);
      const before = seen();
      write();
      const text = await apply();
      expect(text).toMatch(WORDS[is as ChangeClass]);
      const { pid, disk } = seen();
      expect(pid === before.pid, "the process is the same").toBe(is === "live");
      if (before.disk) expect(disk === before.disk, "the disk is the same").toBe(is !== "replace");
    },
  );
});
