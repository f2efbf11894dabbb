import type { Files } from "../../../src/core/ports.ts";
import type { NodeAttributes } from "../attributes.ts";
import { seedImage } from "../names.ts";
import { fatDisk } from "./fat.ts";
import { cloudInitFiles, configFiles, SEEDS } from "./seeds.ts";

/**
 * Writes the disks with the texts of the lab files, whole and durable each, and removes those that are not wanted any
 * more. Nobody but their owner reads them: there may be passwords on them.
 */
export async function makeSeeds(node: NodeAttributes, directory: string, files: Files): Promise<void> {
  for (const name of SEEDS) {
    const bytes = diskOf(node, name);
    const path = seedImage(directory, name);
    if (bytes === null) await files.remove(path);
    else await files.writeAtomic(path, bytes, 0o600);
  }
}

function diskOf({ cloud_init, config_disk, uuid }: NodeAttributes, name: (typeof SEEDS)[number]) {
  if (name === "cloud_init") return cloud_init && fatDisk("cidata", cloudInitFiles(cloud_init, uuid), false);
  return config_disk && fatDisk("CONFIG", configFiles(config_disk), true);
}
