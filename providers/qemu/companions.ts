import type { Processes, ProcessIdentity, SpawnRequest } from "../../src/core/ports.ts";
import type { OperationContext } from "../../src/core/provider.ts";
import type { Instance } from "../../src/core/state.ts";
import { endProcess } from "./end.ts";
import { notesOf, withNotes } from "./notes.ts";

/**
 * A process that a node has beside QEMU, by its name. The state and the registry know it by its token from before it is
 * made (state/process.ts), so none is lost, whenever labform is killed.
 */
export interface Companion {
  readonly token: string;
  /** Absent until it is known that it was made. */
  readonly process?: ProcessIdentity | undefined;
}

/** By name; those of which only the token is recorded are looked for. */
export function companionsOf(instance: Instance, processes: Processes): ReadonlyMap<string, Companion> {
  const companions = new Map(Object.entries(notesOf(instance).companions ?? {}));
  const unseen = [...companions.values()].filter(({ process }) => !process).map(({ token }) => token);
  const found = processes.findByTokens(new Set(unseen));
  for (const [name, { token, process }] of companions) {
    const identity = process ?? found.get(token);
    companions.set(name, { token, ...(identity ? { process: identity } : {}) });
  }
  return companions;
}

/** Its token journalled first, then itself. The instance that comes back knows it. */
export async function spawnCompanion(
  context: Pick<OperationContext, "token" | "progress">,
  instance: Instance,
  processes: Processes,
  name: string,
  request: Omit<SpawnRequest, "token">,
): Promise<Instance> {
  const token = `${context.token}-${name}`;
  const announced = withCompanion(instance, name, { token });
  await context.progress(announced);
  const process = await processes.spawn({ ...request, token });
  const made = withCompanion(announced, name, { token, process });
  await context.progress(made);
  return made;
}

/** The instance that comes back does not know it any more. Rejects with `Failure` when it cannot be ended. */
export async function endCompanion(
  instance: Instance,
  processes: Processes,
  name: string,
  what: string,
): Promise<Instance> {
  const companion = companionsOf(instance, processes).get(name);
  if (!companion) return instance;
  if (companion.process) await endProcess(processes, companion.process, what, instance.address);
  return withCompanion(instance, name, undefined);
}

function withCompanion(instance: Instance, name: string, companion: Companion | undefined): Instance {
  const { [name]: _, ...others } = notesOf(instance).companions ?? {};
  const companions = companion ? { ...others, [name]: companion } : others;
  return withNotes(instance, { companions: Object.keys(companions).length > 0 ? companions : undefined });
}
