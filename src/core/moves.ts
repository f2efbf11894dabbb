import type { Target } from "./addresses.ts";
import { formatTarget, parseTarget } from "./addresses.ts";
import type { Captured, Deferred } from "./plan.ts";
import type { Instance, OutputState, State } from "./state.ts";

/** A state in which some instances have other addresses. */
export interface Moved {
  readonly state: State;
  /** From former to present addresses, in the order of the state. */
  readonly moves: ReadonlyMap<string, string>;
}

/** Why nothing can be moved as it was asked for. */
export type MoveRefusal =
  /** Nothing is recorded under the address to move from. */
  | { readonly refused: "nothing" }
  | { readonly refused: "same" }
  /** A node stays a node, a link a link, a module a module. */
  | { readonly refused: "kinds" }
  /** A service is found on the host by its address. */
  | { readonly refused: "service" }
  /** One of the two modules is in the other. */
  | { readonly refused: "inside" }
  /** Several instances cannot become one. */
  | { readonly refused: "several"; readonly instances: readonly string[] }
  | { readonly refused: "taken"; readonly by: string };

/**
 * Gives what is recorded under `from` the address `to`: an instance, all instances of a resource, or all that is in a
 * module. Where neither has a key in its last step all instances are meant, and keep theirs; elsewhere exactly the one.
 *
 * Moving back what was moved gives the instances of before, in their order.
 */
export function moveInstances(state: State, from: Target, to: Target): Moved | MoveRefusal {
  const all = targetsOf(state.instances.keys());
  const found = findMoves(all, from, to);
  if ("refused" in found) return found;
  const moves = new Map([...found].map(([steps, now]) => [formatTarget(steps), formatTarget(now)] as const));
  return { state: renameInstances(state, moves), moves };
}

export function targetsOf(addresses: Iterable<string>): readonly Target[] {
  const found: Target[] = [];
  for (const address of addresses) {
    const target = parseTarget(address);
    if (target) found.push(target);
  }
  return found;
}

/** Which of the addresses `all` become which others, as `moveInstances` moves them. */
export function findMoves(all: Iterable<Target>, from: Target, to: Target): ReadonlyMap<Target, Target> | MoveRefusal {
  const [source, destination] = [lastOf(from), lastOf(to)];
  if (source.kind === "service" || destination.kind === "service") return { refused: "service" };
  if (source.kind !== destination.kind) return { refused: "kinds" };
  if (formatTarget(from) === formatTarget(to)) return { refused: "same" };
  if (isInside(from, to)) return { refused: "inside" };
  const whole = source.key === undefined && destination.key === undefined;
  const moves = new Map<Target, Target>();
  const staying: Target[] = [];
  const keyed: Target[] = [];
  for (const steps of all) {
    if (beginsWith(steps, from, !whole)) moves.set(steps, moved(steps, from.length, to, whole));
    else staying.push(steps);
    if (beginsWith(steps, from, false)) keyed.push(steps);
  }
  if (moves.size === 0) {
    const several = source.key === undefined && keyed.length > 0;
    return several ? { refused: "several", instances: keyed.map(formatTarget) } : { refused: "nothing" };
  }
  const taken = staying.find((steps) => beginsWith(steps, to, !whole));
  return taken ? { refused: "taken", by: formatTarget(taken) } : moves;
}

/** Whether one of two modules is in the other: neither can be moved to the other's place. */
export function isInside(from: Target, to: Target): boolean {
  return lastOf(from).kind === "module" && (beginsWith(from, to, true) || beginsWith(to, from, true));
}

function lastOf(target: Target): Target[number] {
  return target.at(-1) as Target[number];
}

/** Whether `steps` is what `wanted` names or a part of it; of the last step's key only where it is `exact`. */
function beginsWith(steps: Target, wanted: Target, exact: boolean): boolean {
  return wanted.every((one, at) => {
    const step = steps[at];
    if (step?.kind !== one.kind || step.name !== one.name) return false;
    return step.key === one.key || (at === wanted.length - 1 && !exact);
  });
}

/** `steps` begins with `length` steps that `to` takes the place of. */
function moved(steps: Target, length: number, to: Target, whole: boolean): Target {
  const last = lastOf(to);
  const key = whole ? steps[length - 1]?.key : last.key;
  return [...to.slice(0, -1), { ...last, key }, ...steps.slice(length)];
}

/**
 * The state in which the instances of the addresses that `moves` begins with have those it leads to, all at once. Only
 * addresses change, those of dependencies and of what outputs show included: ids, attributes and the providers' notes
 * are those of the same objects. An output that finds a moved instance by its key is no longer evaluated by itself and
 * keeps its value until an apply.
 */
export function renameInstances(state: State, moves: ReadonlyMap<string, string>): State {
  const instances = new Map<string, Instance>();
  for (const instance of state.instances.values()) {
    const address = moves.get(instance.address) ?? instance.address;
    const needsMoved = instance.dependencies.some((one) => moves.has(one));
    const dependencies = needsMoved ? instance.dependencies.map((one) => moves.get(one) ?? one) : instance.dependencies;
    const same = address === instance.address && !needsMoved;
    instances.set(address, same ? instance : { ...instance, address, dependencies });
  }
  const outputs = Object.entries(state.outputs).map(([name, one]) => [name, renamedOutput(one, moves)] as const);
  return { ...state, instances, outputs: Object.fromEntries(outputs) };
}

function renamedOutput(output: OutputState, moves: ReadonlyMap<string, string>): OutputState {
  const { deferred, ...rest } = output;
  if (!deferred) return output;
  const now = renamedDeferred(deferred, moves);
  return now === undefined ? rest : { ...rest, deferred: now };
}

/** Undefined where an instance has another key now: its text looks for the former one. */
function renamedDeferred(deferred: Deferred, moves: ReadonlyMap<string, string>): Deferred | undefined {
  const captured = renamedAll(deferred.captured, moves);
  const parts = deferred.parts && renamedAll(deferred.parts, moves);
  if (captured === undefined || (deferred.parts && parts === undefined)) return undefined;
  return { ...deferred, captured, ...(parts ? { parts } : {}) };
}

function renamedAll<T extends Captured>(
  all: { readonly [name: string]: T },
  moves: ReadonlyMap<string, string>,
): { readonly [name: string]: T } | undefined {
  const entries: (readonly [string, T])[] = [];
  for (const [name, one] of Object.entries(all)) {
    const now = renamedCaptured(one, moves);
    if (now === undefined) return undefined;
    entries.push([name, now]);
  }
  return Object.fromEntries(entries);
}

function renamedCaptured<T extends Captured>(one: T, moves: ReadonlyMap<string, string>): T | undefined {
  const captured: Captured = one;
  switch (captured.kind) {
    case "deferred":
    case "variable": {
      const deferred = renamedDeferred(captured.deferred, moves);
      return deferred && { ...one, deferred };
    }
    case "resource": {
      if (!captured.instances.some((address) => moves.has(address))) return one;
      const instances = captured.instances.map((address) => moves.get(address) ?? address);
      const keepsKeys = instances.every((address, at) => keyOf(address) === keyOf(captured.instances[at] as string));
      return keepsKeys || captured.shape === "single" ? { ...one, instances } : undefined;
    }
    case "module": {
      const instances: (typeof captured.instances)[number][] = [];
      for (const instance of captured.instances) {
        const outputs = renamedAll(instance.outputs, moves);
        if (outputs === undefined) return undefined;
        instances.push({ ...instance, outputs });
      }
      return { ...one, instances };
    }
    default:
      return one;
  }
}

function keyOf(address: string): string | number | undefined {
  return parseTarget(address)?.at(-1)?.key;
}
