import { createHash } from "node:crypto";
import type { NodeAttributes } from "../attributes.ts";
import type { FatFile } from "./fat.ts";

export const SEEDS = ["cloud_init", "config_disk"] as const;
export type SeedName = (typeof SEEDS)[number];

export interface CloudInit {
  readonly user_data: string | null;
  readonly meta_data: string | null;
  readonly network_config: string | null;
}

export interface ConfigDisk {
  readonly files: { readonly [name: string]: string };
}

export type Seeded = Pick<NodeAttributes, SeedName>;

/** The disks with texts of the lab files that a node has, in their order. */
export function seedsOf(node: Seeded): readonly SeedName[] {
  return SEEDS.filter((name) => (node[name] ?? null) !== null);
}

/** cloud-init takes nothing for a NoCloud disk that lacks user-data or meta-data, so these two are there, if empty. */
export function cloudInitFiles(seed: CloudInit, uuid: string): readonly FatFile[] {
  const network = seed.network_config === null ? [] : [fileOf("network-config", seed.network_config)];
  return [fileOf("user-data", seed.user_data ?? ""), fileOf("meta-data", metaData(seed, uuid)), ...network];
}

export function configFiles({ files }: ConfigDisk): readonly FatFile[] {
  return Object.keys(files)
    .sort()
    .map((name) => fileOf(name, files[name] as string));
}

/**
 * With an instance-id, by which cloud-init tells a first boot from a later one: made of the texts and the machine, so
 * that other texts are another instance.
 */
function metaData(seed: CloudInit, uuid: string): string {
  const given = seed.meta_data ?? "";
  const object = jsonObject(given);
  const hasOwn = object ? Object.hasOwn(object, "instance-id") : /^(["']?)instance-id\1[ \t]*:/m.test(given);
  if (hasOwn) return given;
  const texts = [uuid, seed.user_data, seed.meta_data, seed.network_config];
  const id = `labform-${createHash("sha256").update(JSON.stringify(texts)).digest("hex").slice(0, 16)}`;
  if (object) return `${JSON.stringify({ "instance-id": id, ...object }, null, 2)}\n`;
  const [start = ""] = /^(%.*\n)*---[ \t]*\r?\n/.exec(given) ?? [];
  return `${start}instance-id: ${id}\n${given.slice(start.length)}`;
}

/** Undefined for what is no JSON object: then it is taken for YAML. */
export function jsonObject(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function fileOf(name: string, text: string): FatFile {
  return { name, data: Buffer.from(text, "utf8") };
}
