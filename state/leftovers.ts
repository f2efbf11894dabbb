import { basename, dirname } from "node:path";
import { type Diagnostic, errorDiagnostic, Failure, fail } from "../src/core/diagnostics.ts";
import type { Ports, ProcessIdentity } from "../src/core/ports.ts";
import type { Leftover } from "../src/core/workspace.ts";
import { guarded } from "./failure.ts";
import { areAllGone, type KnownProcess, type LivingProcess, livingOf } from "./knownProcesses.ts";
import { registeredLabs } from "./registeredLabs.ts";
import { readKnown, readLab, removeEntry } from "./registryEntry.ts";
import { registryHome } from "./registryPath.ts";

/** What may pass between SIGTERM and SIGKILL; QEMU needs some milliseconds to end. */
const termMs = 3000;
const killMs = 2000;

export async function findLeftovers(
  ports: Ports,
  labDirectory: string,
  workspace: string,
  currentLineage: string,
): Promise<readonly Leftover[]> {
  const leftovers: Leftover[] = [];
  for (const { registry, ...lab } of await registeredLabs(ports)) {
    if (lab.directory !== labDirectory || lab.workspace !== workspace || lab.lineage === currentLineage) continue;
    const place = { role: "registry entry", path: registry };
    const processes = livingOf(ports, await guarded("read the registry", place, () => readKnown(ports, registry)));
    if (processes.length > 0) leftovers.push({ lineage: lab.lineage, labName: lab.name, registry, processes });
  }
  return leftovers;
}

/** Rejects, and keeps the entry, when something of it lives on. */
export async function removeLeftover(ports: Ports, leftover: Leftover): Promise<void> {
  const place = { role: "registry entry", path: leftover.registry };
  await guarded("remove what an earlier lab left", place, async () => {
    await requireLeftover(ports, leftover);
    const known = await readKnown(ports, leftover.registry);
    const living = await endAll(ports, known);
    if (living.length > 0) throw new Failure(living.map((one) => refusal(one, leftover)));
    if (!areAllGone(ports, known)) {
      fail("What an earlier lab left cannot be removed", {
        subject: `${place.role} ${place.path}`,
        detail:
          "Some of its processes are of another pid namespace, a container say, where they cannot be seen from here. Run the command there.",
      });
    }
    await removeEntry(ports, leftover.registry);
  });
}

/** A directory is removed here: only that of an entry, and of the very lab that was shown. */
async function requireLeftover(ports: Ports, { registry, lineage }: Leftover): Promise<void> {
  const lab = await readLab(ports, registry);
  if (dirname(registry) === registryHome(ports.host) && lab?.lineage === lineage) return;
  fail(`The registry entry ${basename(registry)} is not that of an earlier lab any more`, {
    subject: `registry entry ${registry}`,
    detail: "It was changed or removed meanwhile. Run the command again.",
  });
}

/**
 * Those that live on. A process that ends may leave children with its token, so it is looked again until nothing is
 * there or nothing more can be ended.
 */
async function endAll(ports: Ports, known: readonly KnownProcess[]): Promise<readonly LivingProcess[]> {
  for (;;) {
    const living = livingOf(ports, known);
    const identities = living.map(({ identity }) => identity);
    const stubborn = await signalAndWait(ports, identities, "SIGTERM", termMs);
    const immortal = await signalAndWait(ports, stubborn, "SIGKILL", killMs);
    if (immortal.length === living.length) return living;
  }
}

async function signalAndWait(
  ports: Ports,
  identities: readonly ProcessIdentity[],
  signal: "SIGTERM" | "SIGKILL",
  ms: number,
): Promise<readonly ProcessIdentity[]> {
  for (const identity of identities) ports.processes.signal(identity, signal);
  const ended = await Promise.all(identities.map((identity) => ports.processes.waitForExit(identity, ms)));
  return identities.filter((_, index) => !ended[index]);
}

function refusal({ address, identity }: LivingProcess, leftover: Leftover): Diagnostic {
  return errorDiagnostic(`${address} of an earlier ${leftover.labName} does not end`, {
    subject: `process ${identity.pid}`,
    detail: `It got SIGTERM and SIGKILL and lives on; a process that waits for a device ends when the device answers. Its registry entry is kept: ${leftover.registry}`,
  });
}
