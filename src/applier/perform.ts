import type { Diagnostic } from "../core/diagnostics.ts";
import { errorDiagnostic, Failure } from "../core/diagnostics.ts";
import type { Emit } from "../core/events.ts";
import type { Change } from "../core/plan.ts";
import type { Clock, Random } from "../core/ports.ts";
import type { OperationContext, ProviderSet } from "../core/provider.ts";
import type { Instance, InstanceStatus } from "../core/state.ts";
import { isWhollyPlanned, samePlanned } from "../core/values.ts";
import type { StateStore } from "../core/workspace.ts";
import { evaluateAwaited } from "./awaited.ts";
import { refuseStale } from "./stale.ts";
import type { Step } from "./steps.ts";
import type { Topology } from "./working.ts";
import { startingInstance, wantedAttributes, withoutPending } from "./working.ts";

export interface World {
  readonly store: StateStore;
  readonly providers: ProviderSet;
  readonly topology: Topology;
  readonly clock: Clock;
  readonly random: Random;
  readonly emit: Emit;
  /** Aborted by the first interrupt: what only waits (ready) ends at once. */
  readonly waiting: AbortSignal;
}

/** What is known of a change while its steps run. */
export interface Progress {
  current: Instance;
  /** A step that makes something has begun: what was deferred is evaluated. */
  evaluated: boolean;
  readonly startedMs: number;
}

export function beginChange(change: Change, world: World): Progress {
  const recorded = world.store.state.instances.get(change.address);
  return { current: startingInstance(change, recorded), evaluated: false, startedMs: world.clock.monotonic() };
}

/**
 * One step: intent on disk, the act, outcome on disk. Rejects with `Failure` when the act did not succeed; the intent
 * then stays, and the next command settles by what it finds.
 */
export async function performStep(step: Step, progress: Progress, world: World): Promise<void> {
  const { change, operation } = step;
  const { store, topology } = world;
  const provider = await world.providers.load(change.provider);
  const isFirst = step.needs.size === 0 || ![...step.needs].some((one) => one.change === change);
  if (isFirst) await refuseStale(change, provider, store.state.instances.get(change.address));

  const takesAway = operation === "stop" || operation === "remove" || operation === "unwire" || operation === "end";
  let wanted = progress.current.attributes;
  if (!takesAway && change.planned) {
    wanted = wantedAttributes(change, wanted, progress.evaluated ? undefined : evaluateAwaited(change, world));
    progress.evaluated = true;
  }
  const token = world.random.hex(16);
  const intent: Instance = {
    ...progress.current,
    attributes: wanted,
    dependencies: takesAway ? progress.current.dependencies : change.dependencies,
    sensitive: takesAway ? progress.current.sensitive : change.sensitive,
    schemaVersion: takesAway ? progress.current.schemaVersion : change.schemaVersion,
    status: statusOf(step, progress.current.status, false),
    pending: { operation, token, since: new Date(world.clock.now()).toISOString() },
  };
  const remember = async (instance: Instance, operationName: typeof operation | "progress") => {
    progress.current = instance;
    // First: the act is done, and stays in the state that the checkpoint writes, even if this record cannot be written.
    topology.set(instance);
    await store.record({ record: "outcome", operation: operationName, instance });
  };
  await store.record({ record: "intent", instance: intent });
  progress.current = intent;

  const context: OperationContext = {
    address: change.address,
    instance: intent,
    again: change.action === "replace" || change.action === "restart",
    wanted,
    prior: change.prior,
    settings: change.settings,
    token,
    attachments:
      change.kind === "link" ? await topology.attachments(intent.attributes, (name) => world.providers.load(name)) : [],
    linked: change.kind === "node" ? topology.linked(intent) : new Set(),
    services: servicesOf(intent, store),
    carried: operation === "launch" ? await topology.carried(change.address, (name) => world.providers.load(name)) : [],
    progress: async (instance, message) => {
      await remember({ ...instance, pending: intent.pending }, "progress");
      if (message !== undefined) world.emit({ type: "step_progress", address: change.address, operation, message });
    },
    signal: world.waiting,
  };
  let result: Instance | null;
  try {
    result = await provider.perform(operation, context);
  } catch (error) {
    // What was not ready in time is not broken: it runs, and the next apply waits again.
    if (operation === "ready" && error instanceof Failure) {
      await remember({ ...withoutPending(progress.current), status: "unready" }, operation);
    }
    throw error;
  }
  if (change.action === "delete" && step.last) {
    await store.record({ record: "gone", address: change.address });
    topology.delete(progress.current);
    return;
  }
  const after = withoutPending(result ?? progress.current);
  if (step.last) refuseSurprise(change, after);
  await remember({ ...after, status: step.last ? "ok" : statusOf(step, after.status, true) }, operation);
}

function statusOf(step: Step, before: InstanceStatus, ended: boolean): InstanceStatus {
  if (step.change.action === "delete") return "deleting";
  if (step.operation === "ready" && step.change.action !== "create") return "unready";
  // Its ready conditions may have changed with it: they hold once *ready* has said so.
  if (step.change.action === "update") return ended && !step.last ? "unready" : before;
  return "creating";
}

function servicesOf(instance: Instance, store: StateStore): ReadonlyMap<string, Instance> {
  const services = new Map<string, Instance>();
  for (const address of instance.dependencies) {
    const service = address.startsWith("service.") ? store.state.instances.get(address) : undefined;
    if (service) services.set(address, service);
  }
  return services;
}

/** What the plan showed as known must have come out so. */
function refuseSurprise(change: Change, after: Instance): void {
  const wrong: Diagnostic[] = [];
  for (const [name, planned] of Object.entries(change.planned ?? {})) {
    if (!isWhollyPlanned(planned) || samePlanned(planned, after.attributes[name] ?? null)) continue;
    wrong.push(
      errorDiagnostic(`${change.address} came out otherwise than planned`, {
        address: change.address,
        detail: `The plan said ${name} = ${JSON.stringify(planned)}, and it became ${JSON.stringify(after.attributes[name] ?? null)}. This is a fault of the provider ${change.provider}.`,
      }),
    );
  }
  if (wrong.length > 0) throw new Failure(wrong);
}
