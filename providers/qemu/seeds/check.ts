import type { Diagnostic } from "../../../src/core/diagnostics.ts";
import { errorDiagnostic } from "../../../src/core/diagnostics.ts";
import type { Planned, PlannedAttributes } from "../../../src/core/values.ts";
import { UNKNOWN } from "../../../src/core/values.ts";
import type { FatFile } from "./fat.ts";
import { MOST_BYTES, occupiedBytes } from "./fat.ts";
import { whyNoFatName } from "./fatNames.ts";
import type { CloudInit, ConfigDisk, SeedName } from "./seeds.ts";
import { cloudInitFiles, configFiles, jsonObject } from "./seeds.ts";

/** What can be told of cloud_init and config_disk from their texts, which are never shown. */
export function checkSeeds(config: PlannedAttributes): readonly Diagnostic[] {
  return [...checkCloudInit(config["cloud_init"] ?? null), ...checkConfigDisk(config["config_disk"] ?? null)];
}

function checkCloudInit(seed: Planned): readonly Diagnostic[] {
  if (seed === null || seed === UNKNOWN) return [];
  const texts = seed as unknown as { readonly [name in keyof CloudInit]: Planned };
  const given = [texts.user_data, texts.meta_data, texts.network_config];
  if (given.every((one) => one === null)) {
    const detail = "Say what the guest is to do with user_data, meta_data or network_config, or remove the block.";
    return [errorDiagnostic("cloud_init has nothing in it", { detail })];
  }
  const found: Diagnostic[] = [];
  if (typeof texts.meta_data === "string" && /^\s*[[{]/.test(texts.meta_data) && !jsonObject(texts.meta_data)) {
    const detail =
      "It begins as a JSON object does, and cannot be read as one, so labform cannot put an instance-id into it. Make it with jsonencode or yamlencode.";
    found.push(errorDiagnostic("meta_data of cloud_init is neither a JSON object nor YAML by lines", { detail }));
  }
  if (given.includes(UNKNOWN)) return found;
  return [...found, ...checkSize("cloud_init", cloudInitFiles(texts as CloudInit, ""))];
}

function checkConfigDisk(seed: Planned): readonly Diagnostic[] {
  if (seed === null || seed === UNKNOWN) return [];
  const { files } = seed as unknown as { readonly files: Planned };
  if (files === null || files === UNKNOWN) return [];
  const names = Object.keys(files as unknown as ConfigDisk["files"]);
  if (names.length === 0) {
    const detail = 'Name some, as in files = { "startup-config.cfg" = file("r1.cfg") }, or remove the block.';
    return [errorDiagnostic("config_disk has no files", { detail })];
  }
  const found = [...names.flatMap(checkName), ...checkTwins(names)];
  const isKnown = Object.values(files as unknown as { readonly [name: string]: Planned }).every(
    (text) => typeof text === "string",
  );
  if (found.length > 0 || !isKnown) return found;
  return checkSize("config_disk", configFiles(seed as unknown as ConfigDisk));
}

function checkName(name: string): Diagnostic[] {
  const why = whyNoFatName(name);
  if (why === undefined) return [];
  const detail = `On its FAT disk that cannot be: ${why}. Give the file another name.`;
  return [errorDiagnostic(`config_disk cannot have a file named ${JSON.stringify(name)}`, { detail })];
}

function checkTwins(names: readonly string[]): Diagnostic[] {
  const seen = new Map<string, string>();
  const found: Diagnostic[] = [];
  for (const name of names) {
    const other = seen.get(name.toLowerCase());
    seen.set(name.toLowerCase(), name);
    if (other === undefined) continue;
    const detail = `FAT does not tell capital letters from small ones, so ${JSON.stringify(other)} would be the same file.`;
    found.push(errorDiagnostic(`config_disk has ${JSON.stringify(name)} twice`, { detail }));
  }
  return found;
}

function checkSize(seed: SeedName, files: readonly FatFile[]): Diagnostic[] {
  const bytes = occupiedBytes(files);
  if (bytes <= MOST_BYTES) return [];
  const largest = files.reduce((a, b) => (b.data.length > a.data.length ? b : a));
  const detail = `Its disk holds ${megabytes(MOST_BYTES)}, about as much as a floppy disk; the largest file is ${largest.name} with ${megabytes(largest.data.length)}. Put large files into a disk image, or have the guest fetch them.`;
  return [errorDiagnostic(`${seed} takes ${megabytes(bytes)}, which is too much`, { detail })];
}

function megabytes(bytes: number): string {
  return `${(Math.ceil(bytes / 1024 / 100) / 10).toFixed(1)} MB`;
}
