import { join } from "node:path";
import type { Ports } from "../src/core/ports.ts";
import { guarded, ifPresent } from "./failure.ts";
import { whereabouts } from "./host.ts";
import { type RegisteredLab, readLab } from "./registryEntry.ts";
import { registryHome } from "./registryPath.ts";

export interface Entry extends RegisteredLab {
  /** The entry's directory. */
  readonly registry: string;
}

/**
 * The entries of this account, in an order that stays the same; what is no entry is passed over, and so is the entry of a
 * lab on another host that has the same home directory: nothing of it can be seen here, and what it runs is not to be
 * taken for ended.
 */
export async function registeredLabs(ports: Ports): Promise<readonly Entry[]> {
  const home = registryHome(ports.host);
  if (home === undefined) return [];
  return await guarded("read the registry", { role: "registry", path: home }, async () => {
    const entries: Entry[] = [];
    for (const name of [...((await ifPresent(ports.files.list(home))) ?? [])].sort()) {
      const registry = join(home, name);
      const lab = await readLab(ports, registry);
      if (lab && (lab.host === undefined || whereabouts(lab.host, ports.host) !== "elsewhere"))
        entries.push({ ...lab, registry });
    }
    return entries;
  });
}
