import { adapterIds, connects } from "../core/ends.ts";
import type { Operation } from "../core/lifecycle.ts";
import { operationsOf } from "../core/lifecycle.ts";
import type { Change, Plan } from "../core/plan.ts";

/** One operation on one instance, and what it comes after. */
export interface Step {
  /** `node.r1 start` */
  readonly id: string;
  readonly change: Change;
  readonly operation: Operation;
  /** The change's last step: with it the instance is as planned, or gone. */
  readonly last: boolean;
  /** Steps that must have succeeded. */
  readonly needs: Set<Step>;
  /** Steps that must have ended, well or badly. */
  readonly after: Set<Step>;
}

const backward: ReadonlySet<Operation> = new Set(["stop", "remove", "unwire", "end", "forget"]);

/**
 * The steps of a plan and their order. Pure; `formatSteps` is its text form. The rules:
 *
 *  1. an instance's own steps follow one another;
 *  2. what needs a service waits until it runs; a service ends only when what needed it is gone;
 *  3. what refers to or depends on a node waits until that is ready: a node with its start (so that the cables of
 *     both can be wired before), or from its first step on when values of it are still awaited; a precondition that
 *     awaits it comes before anything is touched, or before anything is made where that one must go first;
 *  4. cables first, then power: a link follows *prepare* of its ends and precedes their *start*; power first, then
 *     cables: ends stop before a link is unwired, and are removed after it; what is started again where a link went
 *     away is started after that; a link that changes does so after its ends stopped and before they start, so that
 *     they come up with the carriers it then has; what joins a network is prepared before, and what leaves it is
 *     removed after; what is plugged elsewhere is unplugged first;
 *  5. on the way down the order of dependencies is reversed.
 *
 * Links never wait for *ready*, so a node that boots over its link can.
 */
export function makeSteps(plan: Plan): readonly Step[] {
  const byChange = new Map<string, readonly Step[]>();
  const all: Step[] = [];
  for (const change of plan.changes) {
    const operations = operationsOf(change.kind, change.action, change.rests);
    const steps = operations.map(
      (operation, at): Step => ({
        id: `${change.address} ${operation}`,
        change,
        operation,
        last: at === operations.length - 1,
        needs: new Set(),
        after: new Set(),
      }),
    );
    for (const [at, step] of steps.entries()) if (at > 0) step.needs.add(steps[at - 1] as Step);
    byChange.set(change.address, steps);
    all.push(...steps);
  }
  const guarded = guardedAddresses(plan);
  const stepsOf = (address: string): readonly Step[] => byChange.get(address) ?? [];
  for (const change of plan.changes) {
    const own = stepsOf(change.address);
    const cables = new Set(change.ends);
    if (connects(change.kind)) {
      const former = change.prior?.dependencies;
      for (const address of cables) orderCable(own, stepsOf(address), former?.includes(address));
      for (const address of former ?? []) orderUnplugging(own, stepsOf(address), cables.has(address));
    }
    for (const address of change.dependencies)
      if (!cables.has(address)) orderDependency(change, own, stepsOf(address), guarded.has(change.address));
    for (const address of change.prior?.dependencies ?? [])
      if (!cables.has(address)) orderRemoval(own, stepsOf(address));
    if (change.action === "forget" && change.kind !== "node")
      for (const address of change.dependencies) orderForgetting(own, stepsOf(address));
  }
  orderMovedPlugs(plan, stepsOf);
  return all;
}

/** The steps that make, after those that take away. */
function forwardOf(steps: readonly Step[]): readonly Step[] {
  return steps.filter((step) => !backward.has(step.operation));
}

function backwardOf(steps: readonly Step[]): readonly Step[] {
  return steps.filter((step) => backward.has(step.operation));
}

/** What has a condition to be decided before it is begun. */
function guardedAddresses({ changes, rules }: Plan): ReadonlySet<string> {
  const guarded = new Set<string>();
  for (const { kind, owner } of rules ?? []) if (kind === "precondition") guarded.add(owner);
  for (const { address, guards } of changes) if (guards) guarded.add(address);
  return guarded;
}

function orderDependency(change: Change, own: readonly Step[], other: readonly Step[], isGuarded: boolean): void {
  const awaited = forwardOf(other).at(-1);
  if (!awaited) return;
  if (awaited.change.kind === "service") {
    own[0]?.needs.add(awaited);
    return;
  }
  const forward = forwardOf(own);
  const otherGoesFirst = backwardOf(other).some(({ change: { action } }) => action !== "restart");
  if (isGuarded && !otherGoesFirst) own[0]?.needs.add(awaited);
  const waitsForValues = isGuarded || Object.keys(change.deferred).length > 0;
  // Of a node that rests nothing runs that could need the other.
  const works = change.rests ? undefined : (stepOf(forward, "start") ?? forward[0]);
  const first = waitsForValues ? forward[0] : works;
  first?.needs.add(awaited);
}

/** A node need only have stopped for what it depended on to stop: its cables, shared with that one, go after both. */
function orderRemoval(own: readonly Step[], other: readonly Step[]): void {
  const removal = backwardOf(own);
  const first = backwardOf(other)[0];
  if (!first || first.change.action === "restart") return;
  const last = first.change.kind === "service" ? removal.at(-1) : removal[0];
  if (last) first.needs.add(last);
}

function stepOf(steps: readonly Step[], operation: Operation): Step | undefined {
  return steps.find((step) => step.operation === operation);
}

/** `wasEnd`: it was plugged in there before. */
function orderCable(own: readonly Step[], end: readonly Step[], wasEnd: boolean | undefined): void {
  const wire = stepOf(own, "wire");
  const unwire = stepOf(own, "unwire");
  const update = stepOf(own, "update");
  const prepare = stepOf(end, "prepare");
  const start = stepOf(end, "start");
  const stop = stepOf(end, "stop");
  const remove = stepOf(end, "remove") ?? stepOf(end, "forget");
  if (wire && prepare) wire.needs.add(prepare);
  if (wire && start) start.after.add(wire);
  // One that joins a network is there before its port is.
  if (update && prepare && wasEnd === false) update.needs.add(prepare);
  // A node is started with the carriers that its links then have; one that is stopping answers nobody.
  if (update && start) start.after.add(update);
  if (update && stop) update.after.add(stop);
  if (unwire && stop) unwire.after.add(stop);
  if (unwire && remove) remove.after.add(unwire);
}

/** A service that is launched again would carry again what is still recorded. */
function orderForgetting(own: readonly Step[], service: readonly Step[]): void {
  const launch = service.find((step) => step.operation === "launch");
  for (const step of own) launch?.needs.add(step);
}

/** A node that is just being started answers nobody who wants to take its carrier away; it comes up without it. */
function orderUnplugging(own: readonly Step[], formerEnd: readonly Step[], isEnd: boolean): void {
  const leave = isEnd ? stepOf(own, "unwire") : unpluggingOf(own);
  if (!leave) return;
  stepOf(formerEnd, "start")?.after.add(leave);
  // A link that goes does so before its former end stops; a network that goes on comes after.
  if (leave.operation === "unwire") return;
  const stop = stepOf(formerEnd, "stop");
  const remove = stepOf(formerEnd, "remove") ?? stepOf(formerEnd, "forget");
  if (stop) leave.after.add(stop);
  remove?.after.add(leave);
}

/** The step that takes away what is no longer an end: of a network the one that changes it. */
function unpluggingOf(steps: readonly Step[]): Step | undefined {
  return stepOf(steps, "unwire") ?? stepOf(steps, "update") ?? stepOf(steps, "wire");
}

/** What is plugged elsewhere is unplugged first: its guest would be left without the carrier that it was just given. */
function orderMovedPlugs({ changes }: Plan, stepsOf: (address: string) => readonly Step[]): void {
  const givers = new Map<string, Step>();
  const cables = changes.filter(({ kind }) => connects(kind));
  for (const { address, prior, planned } of cables) {
    const leave = unpluggingOf(stepsOf(address));
    const kept = new Set(planned ? adapterIds(planned) : []);
    if (!leave || !prior) continue;
    for (const adapter of adapterIds(prior.attributes)) {
      if (leave.operation === "unwire" || !kept.has(adapter)) givers.set(adapter, leave);
    }
  }
  for (const { address, planned } of givers.size > 0 ? cables : []) {
    const take = stepOf(stepsOf(address), "wire") ?? stepOf(stepsOf(address), "update");
    for (const adapter of take && planned ? adapterIds(planned) : []) {
      const giver = givers.get(adapter);
      // Two networks that change places with one another do so in one order.
      const mayTurn =
        giver?.operation === "unwire" || take?.operation === "wire" || (giver?.id ?? "") < (take?.id ?? "");
      if (giver && giver.change.address !== address && mayTurn) take?.after.add(giver);
    }
  }
}

/** A line a step: `node.r1 start <- node.r1 prepare, (link.core wire)`; in parentheses what need only have ended. */
export function formatSteps(steps: readonly Step[]): string {
  return steps
    .map((step) => {
      const before = [...[...step.needs].map((one) => one.id), ...[...step.after].map((one) => `(${one.id})`)];
      return before.length === 0 ? step.id : `${step.id} <- ${before.join(", ")}`;
    })
    .join("\n");
}

/** Steps in a ring, in order, when there are any: they could never start. */
export function findRing(steps: readonly Step[]): readonly Step[] | undefined {
  const state = new Map<Step, "open" | "done">();
  for (const root of steps) {
    if (state.has(root)) continue;
    const trail: Step[] = [];
    const stack: { step: Step; next: Iterator<Step> }[] = [];
    const enter = (step: Step) => {
      state.set(step, "open");
      trail.push(step);
      stack.push({ step, next: [...step.needs, ...step.after].values() });
    };
    enter(root);
    for (let top = stack.at(-1); top; top = stack.at(-1)) {
      const following = top.next.next();
      if (following.done) {
        state.set(top.step, "done");
        trail.pop();
        stack.pop();
      } else if (state.get(following.value) === "open") return trail.slice(trail.indexOf(following.value));
      else if (!state.has(following.value)) enter(following.value);
    }
  }
  return undefined;
}
