import type { Target } from "../core/addresses.ts";
import { formatTarget, parseTarget } from "../core/addresses.ts";
import type { Lab, Module, MovedBlock, Repeated } from "../core/lab.ts";
import type { MoveStatement } from "../core/moveOrder.ts";
import { orderMoves } from "../core/moveOrder.ts";
import { findMoves, renameInstances } from "../core/moves.ts";
import type { Move } from "../core/plan.ts";
import type { State } from "../core/state.ts";

/** The state as the lab files call what is in it. */
export interface MovedState {
  readonly state: State;
  /** From recorded addresses to those they have now, in the order of the state. */
  readonly moves: readonly Move[];
  readonly statements: readonly MoveStatement<MovedBlock>[];
  /** Blocks that lead to each other: then nothing is moved. */
  readonly ring: readonly MoveStatement<MovedBlock>[];
  /** What stays where it is since another instance is recorded there. */
  readonly blocked: readonly Blocked[];
}

export interface Blocked extends Move {
  readonly by: string;
}

/**
 * Gives what is recorded the addresses that the lab files' `moved` blocks tell of; and of what now has a count, or has
 * none any more, instance [0] is the one without a key, unless a moved block mentions it. Nothing else changes.
 */
export function moveRecorded(lab: Lab, recorded: State): MovedState {
  const statements = [...statementsOf(lab, [])];
  const ordered = orderMoves(statements);
  const unmoved = { state: recorded, moves: [], statements, ring: [], blocked: [] };
  if ("ring" in ordered) return { ...unmoved, ring: ordered.ring };
  if (statements.length === 0 && [...recorded.instances.keys()].every((one) => isSettled(one, lab))) return unmoved;
  const moving = new Moving(recorded);
  for (const one of ordered.order) moving.obey(one);
  // What got its key by itself may be what a block speaks of.
  if (moving.settleKeys(lab, mentionedIn(statements))) for (const one of ordered.order) moving.obey(one);
  const { moves } = moving;
  const renamed = new Map(moves.map(({ from, to }) => [from, to] as const));
  const state = moves.length === 0 ? recorded : renameInstances(recorded, renamed);
  return { ...unmoved, state, moves, blocked: moving.blocked };
}

/** Whether an address is seen at a glance to have the key that its block gives: most labs move nothing, and may be large. */
function isSettled(address: string, lab: Lab): boolean {
  if (address.startsWith("module.")) return false;
  const bracket = address.indexOf("[");
  const block = lab.resources.get(bracket === -1 ? address : address.slice(0, bracket));
  if (!block) return true;
  return bracket === -1 ? !block.count : !!(block.count ?? block.forEach) || !address.endsWith("[0]");
}

function* statementsOf(module: Module, place: readonly string[]): Generator<MoveStatement<MovedBlock>> {
  for (const block of module.moved) yield { place, from: block.from, to: block.to, block };
  for (const call of module.calls.values()) yield* statementsOf(call.module, [...place, call.name]);
}

/** What statements name at their ends, without keys. */
function mentionedIn(statements: readonly MoveStatement<MovedBlock>[]): ReadonlySet<string> {
  const outside = (place: readonly string[]): Target =>
    place.map((name) => ({ kind: "module" as const, name, key: undefined }));
  const ends = statements.flatMap(({ place, from, to }) => [from, to].map((end) => [...outside(place), ...end]));
  return new Set(ends.map(withoutKeys));
}

function withoutKeys(target: Target): string {
  return formatTarget(target.map((step) => ({ ...step, key: undefined })));
}

class Moving {
  /** By what their addresses begin with: from recorded addresses to present ones. */
  readonly #now = new Map<string, Map<string, Target>>();
  readonly #moved = new Map<string, Target>();
  readonly #recorded: State;
  readonly #blocked = new Map<string, Blocked>();

  constructor(recorded: State) {
    this.#recorded = recorded;
    for (const address of recorded.instances.keys()) {
      const target = parseTarget(address);
      if (target) this.#beginningAs(target).set(address, target);
    }
  }

  get moves(): readonly Move[] {
    if (this.#moved.size === 0) return [];
    return [...this.#recorded.instances.keys()].flatMap((from) => {
      const target = this.#moved.get(from);
      const to = target ? formatTarget(target) : from;
      return to === from ? [] : [{ from, to }];
    });
  }

  get blocked(): readonly Blocked[] {
    return [...this.#blocked.values()];
  }

  /** In each instance of its module of which something is recorded. */
  obey({ place, from, to }: MoveStatement<MovedBlock>): void {
    const names: Target = [...place.map((name) => ({ kind: "module" as const, name, key: undefined })), ...from];
    const outside = new Map<string, Target>();
    for (const target of this.#beginningAs(names).values()) {
      if (!names.every(({ kind, name }, at) => target[at]?.kind === kind && target[at].name === name)) continue;
      const prefix = target.slice(0, place.length);
      outside.set(formatTarget(prefix), prefix);
    }
    for (const prefix of outside.values()) this.#move([...prefix, ...from], [...prefix, ...to]);
  }

  /** Answers whether anything was moved. From outside inwards: what is in a module goes with it first. */
  settleKeys(lab: Lab, mentioned: ReadonlySet<string>): boolean {
    let moved = false;
    for (;;) {
      const found = new Map<string, readonly [Target, Target]>();
      for (const targets of this.#now.values()) {
        for (const target of targets.values()) {
          const pair = unsettled(target, lab, mentioned);
          if (pair && !this.#blocked.has(formatTarget(pair[0]))) found.set(formatTarget(pair[0]), pair);
        }
      }
      if (found.size === 0) return moved;
      for (const [from, to] of found.values()) moved = this.#move(from, to) || moved;
    }
  }

  #move(from: Target, to: Target): boolean {
    const sources = this.#beginningAs(from);
    const destinations = this.#beginningAs(to);
    const found = findMoves(new Set([...sources.values(), ...destinations.values()]), from, to);
    if ("refused" in found) {
      const source = formatTarget(from);
      if (found.refused === "taken") this.#blocked.set(source, { from: source, to: formatTarget(to), by: found.by });
      return false;
    }
    for (const [recorded, target] of [...sources]) {
      const now = found.get(target);
      if (!now) continue;
      sources.delete(recorded);
      destinations.set(recorded, now);
      this.#moved.set(recorded, now);
    }
    return true;
  }

  #beginningAs([first]: Target): Map<string, Target> {
    const name = `${first?.kind}.${first?.name}`;
    let targets = this.#now.get(name);
    if (!targets) {
      targets = new Map();
      this.#now.set(name, targets);
    }
    return targets;
  }
}

/** The outermost part of an address whose key is none that its block gives, and what it is by its block. */
function unsettled(target: Target, lab: Lab, mentioned: ReadonlySet<string>): readonly [Target, Target] | undefined {
  let module: Module = lab;
  for (const [at, step] of target.entries()) {
    const call = step.kind === "module" ? module.calls.get(step.name) : undefined;
    const block: Repeated | undefined = call ?? module.resources.get(`${step.kind}.${step.name}`);
    if (!block) return undefined;
    const from = target.slice(0, at + 1);
    const key = settledKey(block, step.key);
    if (key !== step.key && !mentioned.has(withoutKeys(from)))
      return [from, [...target.slice(0, at), { ...step, key }]];
    if (call) module = call.module;
  }
  return undefined;
}

function settledKey({ count, forEach }: Repeated, key: Target[number]["key"]): Target[number]["key"] {
  if (forEach) return key;
  if (count) return key === undefined ? 0 : key;
  return key === 0 ? undefined : key;
}
