import type { Diagnostic } from "../core/diagnostics.ts";
import { errorDiagnostic, Failure } from "../core/diagnostics.ts";
import type { ChangeCounts } from "../core/events.ts";
import { countActions } from "../core/events.ts";
import type { Change, OutputChange, Plan } from "../core/plan.ts";
import type { OutputState } from "../core/state.ts";
import { awaitedInstances } from "../evaluation/capturedParts.ts";
import { valueToJson } from "../evaluation/json.ts";
import { typeToJson } from "../evaluation/types.ts";
import { finish } from "./awaited.ts";
import { finishReleases, planReleases } from "./forget.ts";
import type { Progress, World } from "./perform.ts";
import { beginChange, performStep } from "./perform.ts";
import { OpenRules } from "./rules.ts";
import type { Step } from "./steps.ts";
import { findRing, makeSteps } from "./steps.ts";
import { Topology } from "./topology.ts";
import { walkSteps } from "./walk.ts";

export interface ApplyInput extends Omit<World, "topology" | "relaunches"> {
  readonly plan: Plan;
  readonly command: string;
  /** What its summary speaks of. */
  readonly operation: "apply" | "destroy" | "command";
  readonly parallelism: number;
}

export interface Applied {
  readonly counts: ChangeCounts;
  readonly diagnostics: readonly Diagnostic[];
  readonly interrupted: boolean;
}

/**
 * Does what the plan says and records it. The state holds each step's intent before and its outcome after, so a kill at
 * any instant loses nothing. What fails is in the diagnostics; the rest is done all the same.
 */
export async function applyPlan(input: ApplyInput): Promise<Applied> {
  const { plan, store, clock, emit } = input;
  const started = clock.monotonic();
  refuseOtherState(plan, store.state);
  const steps = makeSteps(plan);
  refuseRing(steps);
  if (isEmpty(plan)) {
    // A kill may have left the registry entry of a lab that has nothing any more.
    await store.checkpoint();
    const rules = new OpenRules(plan, input, () => false);
    return { counts: countActions([]), diagnostics: rules.rest(), interrupted: false };
  }
  await store.record({
    record: "begin",
    lineage: store.state.lineage,
    serial: plan.serial + 1,
    registry: store.state.registry,
    command: input.command,
    lab: plan.lab,
    time: new Date(clock.now()).toISOString(),
  });
  await recordMoves(plan, store);
  await Promise.all(
    plan.refreshes.map((instance) => store.record({ record: "outcome", operation: "settle", instance })),
  );
  await Promise.all((plan.lost ?? []).map((address) => store.record({ record: "gone", address })));

  const world: World = { ...input, topology: new Topology(store.state, plan.changes), relaunches: new Map() };
  const run = new Run(world, plan);
  await planReleases(plan.changes, world);
  input.emit({ type: "apply_begin", changes: plan.changes.length });
  await walkSteps(
    steps,
    input.parallelism,
    () => input.waiting.aborted,
    (step) => run.step(step),
    (step, because) => run.skip(step, because),
  );
  await finishReleases(plan.changes, world);
  run.finishRules();
  const outputs = finishOutputs(plan, world, run);
  await store.record({ record: "outputs", outputs });
  await store.record({ record: "end", time: new Date(clock.now()).toISOString() });
  await store.checkpoint().catch((error: unknown) => {
    // What went wrong before is told with it.
    throw error instanceof Failure ? new Failure([...run.diagnostics, ...error.diagnostics], { cause: error }) : error;
  });
  const counts = run.counts();
  emit({
    type: "change_summary",
    counts,
    operation: input.operation,
    elapsedMs: clock.monotonic() - started,
  });
  return { counts, diagnostics: run.diagnostics, interrupted: input.waiting.aborted };
}

/** Nothing to do and nothing to write down: the state's serial stays. */
function isEmpty(plan: Plan): boolean {
  return (
    plan.changes.length === 0 &&
    plan.refreshes.length === 0 &&
    (plan.lost ?? []).length === 0 &&
    (plan.moves ?? []).length === 0 &&
    plan.outputs.every((output) => output.action === "none")
  );
}

/** Before anything else: all that the plan says it says under the addresses that its lab files give. */
async function recordMoves({ moves = [] }: Plan, store: World["store"]): Promise<void> {
  if (moves.length === 0) return;
  const moved = moves.map((one) => ({ ...one, id: store.state.instances.get(one.from)?.id ?? "" }));
  await store.record({ record: "moved", moves: moved });
}

/** Rejects a plan that was made from another state than this one, of this lab or another. */
export function refuseOtherState(plan: Plan, state: World["store"]["state"]): void {
  if (plan.lineage === state.lineage && plan.serial === state.serial) return;
  if (plan.lineage === "" && state.serial === 0 && plan.serial === 0) return;
  const otherLab = plan.lineage !== "" && plan.lineage !== state.lineage;
  throw new Failure(
    errorDiagnostic("The plan is stale", {
      detail: otherLab
        ? `It was made at ${plan.time} for another lab, or for this one before its state was removed (lineage ${plan.lineage}, here ${state.lineage}). Make a new plan.`
        : `It was made at ${plan.time}, when the state had serial ${plan.serial}; now it has ${state.serial}: another apply or destroy came between. Make a new plan.`,
    }),
  );
}

/** Rejects a plan whose steps could never be done: before it is shown, and before it is begun. */
export function refuseRing(steps: readonly Step[]): void {
  const ring = findRing(steps);
  if (!ring) return;
  throw new Failure(
    errorDiagnostic("The plan's steps wait for each other", {
      detail: `${[...ring, ring[0] as Step].map((step) => step.id).join(" waits for ")}. A node whose arguments or preconditions need another's pid or ports cannot also share a link with it; use depends_on instead of the value, or a postcondition.`,
    }),
  );
}

/** The changes in progress: events, failures, and what was kept back by them. */
class Run {
  readonly diagnostics: Diagnostic[] = [];
  readonly #world: World;
  readonly #progress = new Map<Change, Progress>();
  readonly #failed = new Set<Change>();
  readonly #skipped = new Set<Change>();
  readonly #done = new Set<Change>();
  readonly #plan: Plan;
  readonly #changes: ReadonlyMap<string, Change>;
  readonly #rules: OpenRules;

  constructor(world: World, plan: Plan) {
    this.#world = world;
    this.#plan = plan;
    this.#changes = new Map(plan.changes.map((change) => [change.address, change]));
    this.#rules = new OpenRules(plan, world, (address) => this.#isUndone(address));
  }

  async step(step: Step): Promise<"done" | "failed"> {
    const { change, operation } = step;
    const { emit, clock } = this.#world;
    const { address, action } = change;
    let progress = this.#progress.get(change);
    if (!progress) {
      progress = beginChange(change, this.#world);
      this.#progress.set(change, progress);
      emit({ type: "apply_start", address, action });
    }
    const started = clock.monotonic();
    emit({ type: "step_start", address, action, operation });
    try {
      this.#rules.refuse(change);
      await performStep(step, progress, this.#world);
      const broken = step.last ? this.#rules.finished(change) : [];
      if (broken.length > 0) throw new Failure(broken);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      const diagnostics = error.diagnostics.map((one) => ({ ...one, address: one.address ?? address }));
      this.#failed.add(change);
      this.diagnostics.push(...diagnostics);
      emit({ type: "apply_errored", address, action, operation, diagnostics });
      return "failed";
    }
    emit({ type: "step_complete", address, operation, elapsedMs: clock.monotonic() - started, last: step.last });
    if (step.last) {
      this.#done.add(change);
      emit({ type: "apply_complete", address, action, elapsedMs: clock.monotonic() - progress.startedMs });
    }
    return "done";
  }

  skip(step: Step, because: Step | undefined): void {
    const { change } = step;
    if (this.#failed.has(change) || this.#skipped.has(change)) return;
    this.#skipped.add(change);
    const reason = because ? `${because.change.address} was not done` : "interrupted";
    this.#world.emit({ type: "apply_skipped", address: change.address, action: change.action, because: reason });
  }

  /** What the plan wanted and was not brought to its end; what is merely not ready yet runs, and has its values. */
  undone(): ReadonlySet<string> {
    return new Set(this.#plan.changes.map(({ address }) => address).filter((one) => this.#isUndone(one)));
  }

  #isUndone(address: string): boolean {
    const change = this.#changes.get(address);
    if (!change || this.#done.has(change)) return false;
    return this.#world.store.state.instances.get(address)?.status !== "unready";
  }

  /** The rules that nothing needed so far. */
  finishRules(): void {
    this.diagnostics.push(...this.#rules.rest());
  }

  /** Whether an output may be recorded. */
  allows(output: OutputChange): boolean {
    return this.#rules.allows(output);
  }

  counts(): ChangeCounts {
    const done = this.#plan.changes.filter((one) => this.#done.has(one)).map(({ action }) => action);
    return countActions(done, { failed: this.#failed.size, skipped: this.#skipped.size });
  }
}

/** The outputs as they are now. One that waits for something that was not done, or is refused, keeps its last value. */
function finishOutputs(plan: Plan, world: World, run: Run): { readonly [name: string]: OutputState } {
  const outputs: { [name: string]: OutputState } = { ...world.store.state.outputs };
  const undone = run.undone();
  for (const output of plan.outputs) {
    const { name, sensitive, deferred } = output;
    if (deferred && awaitedInstances(deferred).some((address) => undone.has(address))) continue;
    if (!run.allows(output)) continue;
    if (output.action === "delete") {
      if (undone.size === 0) delete outputs[name];
    } else if (output.after) {
      outputs[name] = { sensitive, ...output.after, ...(deferred ? { deferred } : {}) };
    } else if (deferred) {
      try {
        const value = finish(deferred, world, `output.${name}`);
        outputs[name] = { sensitive, type: typeToJson(value.type), value: valueToJson(value), deferred };
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        // Whoever turns a node off by hand does not ask what an output makes of that.
        const severity = plan.changes.some(({ byHand }) => byHand) ? "warning" : "error";
        run.diagnostics.push(...error.diagnostics.map((one) => ({ ...one, severity }) as const));
      }
    }
  }
  return outputs;
}
