import { Failure } from "../src/core/diagnostics.ts";
import type { Ports } from "../src/core/ports.ts";
import type { HostLab, RunningProcess } from "../src/core/workspaces.ts";
import { guarded } from "./failure.ts";
import { type KnownProcess, livingOf } from "./knownProcesses.ts";
import { layoutAt, layoutOf } from "./layout.ts";
import { readRecorded } from "./read.ts";
import { type Entry, registeredLabs } from "./registeredLabs.ts";
import { readKnown } from "./registryEntry.ts";

/** The labs of this account on this host: from the registry, their states and one pass over the processes. */
export async function findLabs(ports: Ports, labformVersion: string): Promise<readonly HostLab[]> {
  const entries: { readonly entry: Entry; readonly known: readonly KnownProcess[] }[] = [];
  for (const entry of await registeredLabs(ports)) {
    const place = { role: "registry entry", path: entry.registry };
    const known = await guarded("read the registry", place, () => readKnown(ports, entry.registry));
    entries.push({ entry, known });
  }
  const entryOf = new Map(entries.flatMap(({ entry, known }) => known.map((one) => [one.token, entry.registry])));
  const running = new Map<string | undefined, RunningProcess[]>();
  const all = entries.flatMap(({ known }) => known);
  for (const { address, identity } of livingOf(ports, all)) {
    const registry = entryOf.get(identity.token);
    const usage = ports.processes.usage(identity);
    running.set(registry, [...(running.get(registry) ?? []), { address, identity, usage }]);
  }
  const labs = entries.map(async ({ entry }): Promise<HostLab> => {
    const isThere = await isDirectory(ports, entry.directory);
    const nodes = isThere ? await recordedNodes(ports, entry, labformVersion) : undefined;
    return { ...entry, isThere, nodes, running: running.get(entry.registry) ?? [] };
  });
  return await Promise.all(labs);
}

async function isDirectory(ports: Ports, path: string): Promise<boolean> {
  try {
    return (await ports.files.stat(path)).kind === "directory";
  } catch {
    return false;
  }
}

/** A state that is damaged is told of by the lab's own commands; the list of all labs goes on without it. */
async function recordedNodes(ports: Ports, entry: Entry, labformVersion: string): Promise<number | undefined> {
  const usual = layoutOf(entry.directory, entry.workspace, entry.data);
  const layout = entry.state === usual.checkpoint ? usual : layoutAt(usual, entry.directory, entry.state);
  try {
    const { state } = await readRecorded(ports, layout, labformVersion);
    if (state.lineage !== entry.lineage) return undefined;
    return [...state.instances.values()].filter(({ kind }) => kind === "node").length;
  } catch (error) {
    if (error instanceof Failure) return undefined;
    throw error;
  }
}
