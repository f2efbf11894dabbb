import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import type { Instance } from "../../../../src/core/state.ts";
import type { Json, PlannedAttributes } from "../../../../src/core/values.ts";
import type { TestLab } from "../support.ts";

export const MIB = 1024 * 1024;

/** A disk block as the engine decodes it. */
export function disk(settings: { readonly [name: string]: Json } = {}): { readonly [name: string]: Json } {
  const own = { image: null, interface: "ide", linked_clone: true, size: null, format: null, readonly: false };
  return { ...own, sha256: null, md5: null, ...settings };
}

/** A node's arguments with these disks and nothing else that takes time. */
export function withDisks(disks: { readonly [label: string]: { readonly [name: string]: Json } }): PlannedAttributes {
  const all = Object.entries(disks).map(([label, settings]) => [label, disk(settings)]);
  return { ram: 16, adapters: 0, disk: Object.fromEntries(all) as { readonly [label: string]: Json } };
}

/** A raw image of random content in the lab's directory; resolves to its absolute path. */
export function rawImage(lab: TestLab, name: string, bytes = MIB): string {
  const path = `${lab.directories.lab}/${name}`;
  writeFileSync(path, randomBytes(bytes));
  return path;
}

export function qemuImg(...args: readonly string[]): string {
  return execFileSync("qemu-img", args, { encoding: "utf8" });
}

export function infoOf(path: string): { readonly [name: string]: unknown } {
  return JSON.parse(qemuImg("info", "--force-share", "--output=json", path));
}

export function overlayOf(lab: TestLab, node: Instance, label: string): string {
  return `${lab.directories.nodes}/${node.id}/${label}.qcow2`;
}

/** What a guest would have written: qemu-io's pattern at the disk's start. */
export function writePattern(path: string): void {
  execFileSync("qemu-io", ["-f", "qcow2", "-c", "write -P 0x5a 0 512", path]);
}

export function hasPattern(path: string): boolean {
  const text = execFileSync("qemu-io", ["-f", "qcow2", "-c", "read -P 0x5a 0 512", path], { encoding: "utf8" });
  return !text.includes("Pattern verification failed");
}
