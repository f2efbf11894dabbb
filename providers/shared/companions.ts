import type { Processes, ProcessIdentity, SpawnRequest } from "../../src/core/ports.ts";
import type { OperationContext } from "../../src/core/provider.ts";
import type { Instance } from "../../src/core/state.ts";
import type { Json } from "../../src/core/values.ts";
import { endProcess } from "./end.ts";

/**
 * A process that an instance has beside its own, by its name: the TPM of a node, the NAT of a link. The state and the
 * registry know it by its token from before it is made (state/process.ts), so none is lost, whenever labform is killed.
 */
export interface Companion {
  readonly token: string;
  /** Absent until it is known that it was made. */
  readonly process?: ProcessIdentity | undefined;
}

/** By name, as they are recorded. */
export function recordedCompanions({ private: notes }: Pick<Instance, "private">): ReadonlyMap<string, Companion> {
  return new Map(Object.entries((notes.companions ?? {}) as unknown as { readonly [name: string]: Companion }));
}

/** By name; those of which only the token is recorded are looked for. */
export function companionsOf(instance: Instance, processes: Processes): ReadonlyMap<string, Companion> {
  const companions = new Map(recordedCompanions(instance));
  const unseen = [...companions.values()].filter(({ process }) => !process).map(({ token }) => token);
  const found = processes.findByTokens(new Set(unseen));
  for (const [name, { token, process }] of companions) {
    const identity = process ?? found.get(token);
    companions.set(name, { token, ...(identity ? { process: identity } : {}) });
  }
  return companions;
}

/** What its token is when an operation makes it. */
function tokenFor({ token }: Pick<OperationContext, "token">, name: string): string {
  return `${token}-${name}`;
}

/** Its token journalled first, then itself. The instance that comes back knows it. */
export async function spawnCompanion(
  context: Pick<OperationContext, "token" | "progress">,
  instance: Instance,
  processes: Processes,
  name: string,
  request: Omit<SpawnRequest, "token">,
): Promise<Instance> {
  const token = tokenFor(context, name);
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
  const { companions: recorded, ...notes } = instance.private;
  const { [name]: _, ...others } = (recorded ?? {}) as { readonly [name: string]: Json };
  const companions = companion ? { ...others, [name]: companion as unknown as Json } : others;
  return { ...instance, private: Object.keys(companions).length > 0 ? { ...notes, companions } : notes };
}
