import { join } from "node:path";
import type { Ports } from "../src/core/ports.ts";
import { guarded, ifPresent } from "./failure.ts";
import { type RegisteredLab, readLab } from "./registryEntry.ts";
import { registryHome } from "./registryPath.ts";

export interface Entry extends RegisteredLab {
  /** The entry's directory. */
  readonly registry: string;
}

/** The entries of this account, in an order that stays the same; what is no entry is passed over. */
export async function registeredLabs(ports: Ports): Promise<readonly Entry[]> {
  const home = registryHome(ports.host);
  if (home === undefined) return [];
  return await guarded("read the registry", { role: "registry", path: home }, async () => {
    const entries: Entry[] = [];
    for (const name of [...((await ifPresent(ports.files.list(home))) ?? [])].sort()) {
      const registry = join(home, name);
      const lab = await readLab(ports, registry);
      if (lab) entries.push({ ...lab, registry });
    }
    return entries;
  });
}
