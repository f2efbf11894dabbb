import type { Diagnostic } from "../core/diagnostics.ts";
import { errorDiagnostic, Failure } from "../core/diagnostics.ts";
import { connects } from "../core/ends.ts";
import type { Emit } from "../core/events.ts";
import type { Operation } from "../core/lifecycle.ts";
import type { Change } from "../core/plan.ts";
import type { Clock, Random } from "../core/ports.ts";
import type { OperationContext, ProviderSet } from "../core/provider.ts";
import { resourceSchema } from "../core/provider.ts";
import type { Instance, InstanceStatus } from "../core/state.ts";
import { servicesOf } from "../core/state.ts";
import { isHostCondition, refusalOf } from "../core/systemErrors.ts";
import { isWhollyPlanned, samePlanned } from "../core/values.ts";
import type { StateStore } from "../core/workspace.ts";
import { evaluateAwaited } from "./awaited.ts";
import { forget } from "./forget.ts";
import { relaunched } from "./relaunch.ts";
import { refuseStale } from "./stale.ts";
import type { Step } from "./steps.ts";
import { recordedCarriers, type Topology } from "./topology.ts";
import { startingInstance, wantedAttributes, withoutPending } from "./working.ts";

export interface World {
  readonly store: StateStore;
  readonly providers: ProviderSet;
  readonly topology: Topology;
  /** Services that are being launched again in the middle of the walk, by address. */
  readonly relaunches: Map<string, Promise<void>>;
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
  if (operation === "forget") return forget(change, progress.current, world);
  const provider = await world.providers.load(change.provider);
  const isFirst = step.needs.size === 0 || ![...step.needs].some((one) => one.change === change);
  if (isFirst) await refuseStale(change, provider, store.state.instances.get(change.address));

  // The stop of a node that is only turned off leaves it as planned; other steps that take away, and what is made
  // beside the old, leave the record as it was.
  const keepsRecord = KEEPS_RECORD.has(operation) && !(operation === "stop" && step.last);
  let wanted = progress.current.attributes;
  if (change.planned && (!keepsRecord || operation === "stage")) {
    wanted = wantedAttributes(change, wanted, progress.evaluated ? undefined : evaluateAwaited(change, world));
    progress.evaluated = operation !== "stage";
  }
  const token = world.random.hex(16);
  const intent: Instance = {
    ...progress.current,
    ...(keepsRecord
      ? {}
      : {
          attributes: wanted,
          dependencies: change.dependencies,
          sensitive: change.sensitive,
          schemaVersion: change.schemaVersion,
          preventDestroy: change.preventDestroy,
          byHand: change.byHand,
        }),
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

  const tell = (message: string) => world.emit({ type: "step_progress", address: change.address, operation, message });
  const load = (name: string) => world.providers.load(name);
  const context: OperationContext = {
    address: change.address,
    instance: intent,
    anew: change.action === "replace",
    endsGuest: change.action === "replace" || change.action === "delete" || change.machineState === "lost",
    wanted,
    prior: change.prior,
    settings: change.settings,
    byHand: change.byHand !== undefined,
    token,
    attachments: connects(change.kind) ? await topology.attachments(intent.attributes, load) : [],
    left: connects(change.kind) && change.prior ? await topology.left(change.prior, intent, load) : [],
    carriers: connects(change.kind) ? recordedCarriers(wanted) : [],
    plugged: change.kind === "node" ? topology.plugged(intent) : new Set(),
    services: servicesOf(intent, store.state),
    carried: operation === "launch" ? await topology.carried(change.address, load) : [],
    progress: async (instance, message) => {
      await remember({ ...instance, pending: intent.pending }, "progress");
      if (message !== undefined) tell(message);
    },
    tell,
    waiting: (waitingFor, line) =>
      world.emit({ type: "step_waiting", address: change.address, operation, waitingFor, line }),
    signal: world.waiting,
  };
  let result: Instance | null;
  try {
    result = await relaunched(world, context, (services) => provider.perform(operation, { ...context, services }));
  } catch (error) {
    // What was not ready in time is not broken: it runs, and the next apply waits again.
    if (operation === "ready" && error instanceof Failure) {
      const status = staysTainted(step, progress.current.status) ? "tainted" : "unready";
      await remember({ ...withoutPending(progress.current), status }, operation);
    }
    // What there is was not touched.
    if (operation === "stage") await remember(withoutPending(progress.current), operation);
    throw isHostCondition(error) ? hostRefusal(error, change.address, operation) : error;
  }
  if (change.action === "delete" && step.last) {
    await store.record({ record: "gone", address: change.address });
    topology.delete(progress.current);
    return;
  }
  const after =
    operation === "stop"
      ? turnedOff(change, withoutPending(result ?? progress.current), world)
      : withoutPending(result ?? progress.current);
  if (step.last) refuseSurprise(change, after);
  const done = step.last && !staysTainted(step, after.status);
  await remember({ ...after, status: done ? "ok" : statusOf(step, after.status, true) }, operation);
}

function hostRefusal(error: unknown, address: string, operation: Operation): Failure {
  const { reason = "", remedy = "" } = refusalOf(error) ?? {};
  const { path } = error as NodeJS.ErrnoException;
  const detail = `${remedy} What was done until then is recorded; the next apply goes on from there.`;
  const subject = path === undefined ? {} : { subject: `file ${path}` };
  return new Failure(
    errorDiagnostic(`The ${operation} of ${address} failed: ${reason}`, { address, detail, ...subject }),
    {
      cause: error,
    },
  );
}

/** What is taken away, and what is made beside it, is not yet what was planned. */
const KEEPS_RECORD: ReadonlySet<Operation> = new Set(["stage", "stop", "remove", "unwire", "end"]);

/** What is new at every start is null while it is off, whoever its provider is. */
function turnedOff(change: Change, instance: Instance, world: World): Instance {
  const schema = resourceSchema(world.providers.schema(change.provider), change.kind, "");
  const attributes = { ...instance.attributes };
  for (const [name, { computed }] of Object.entries(schema.attributes))
    if (computed === "start") attributes[name] = null;
  return { ...instance, attributes };
}

/** What is to be made anew stays so, whatever a command does to it by hand until then. */
function staysTainted({ change }: Step, before: InstanceStatus): boolean {
  return (
    before === "tainted" && change.action !== "replace" && change.action !== "create" && change.action !== "delete"
  );
}

function statusOf(step: Step, before: InstanceStatus, ended: boolean): InstanceStatus {
  if (step.operation === "stage" || staysTainted(step, before)) return before;
  if (step.change.action === "delete") return "deleting";
  if (step.operation === "ready" && step.change.action !== "create") return "unready";
  // Its ready conditions may have changed with it: they hold once *ready* has said so.
  if (step.operation === "update") return ended && !step.last ? "unready" : before;
  return "creating";
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
