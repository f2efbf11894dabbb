import type { Target } from "../core/addresses.ts";
import { formatTarget, isWithinTarget } from "../core/addresses.ts";
import type { Diagnostic } from "../core/diagnostics.ts";
import { errorDiagnostic, warningDiagnostic } from "../core/diagnostics.ts";
import type { Lab, Module, MovedBlock } from "../core/lab.ts";
import type { MoveStatement } from "../core/moveOrder.ts";
import { targetsOf } from "../core/moves.ts";
import type { Move } from "../core/plan.ts";
import type { Blocked, MovedState } from "./moves.ts";
import type { Selection } from "./targets.ts";

/** What a walk found declared. */
interface Declared {
  /** Addresses of module instances; "" of the root. */
  readonly modules: ReadonlySet<string>;
  readonly instances: { has(address: string): boolean };
}

/** What the lab files' `moved` blocks say that cannot be so, and what could not be moved. */
export function checkMoves(moved: MovedState, lab: Lab, declared: Declared): readonly Diagnostic[] {
  if (moved.ring.length > 0) return [ringOf(moved.ring)];
  return [...contradictions(moved.statements, lab, declared), ...blockage(moved.blocked)];
}

function ringOf(ring: readonly MoveStatement<MovedBlock>[]): Diagnostic {
  const [first, ...others] = ring.map(({ block }) => block) as [MovedBlock, ...MovedBlock[]];
  const lines = [first, ...others].map(({ from, to }) => `  ${formatTarget(from)} → ${formatTarget(to)}`);
  return errorDiagnostic("Moved blocks lead in a ring", {
    detail: `There is no address at which they end:\n${lines.join("\n")}\nThe last of them is to lead to what is declared now. Remove the one that leads back.`,
    range: first.range,
    related: others.map(({ range }) => ({ message: "it leads on here", range })),
  });
}

/** Each block is told of once, however many instances its module has. */
function contradictions(
  statements: readonly MoveStatement<MovedBlock>[],
  lab: Lab,
  declared: Declared,
): readonly Diagnostic[] {
  const told = new Map<string, Diagnostic>();
  const places = modulesByNames(declared.modules);
  const sources = new Map<string, Ends>();
  const destinations = new Map<string, Ends>();
  for (const { place, block } of statements) {
    const { from, to, range } = block;
    const whole = from.at(-1)?.key === undefined && to.at(-1)?.key === undefined;
    for (const prefix of places.get(place.join(".")) ?? []) {
      const source = [...prefix, ...from];
      const destination = [...prefix, ...to];
      const ends = { from: formatTarget(source), to: formatTarget(destination), block };
      const blockKey = `${range.file.name}:${range.start}`;
      const still = declarationOf(source, whole, lab, declared);
      if (still) told.set(`${blockKey} declared`, stillDeclared(ends, still));
      // Whole resources and single instances do not meet: the one takes what the other leaves.
      const meeting = whole ? "*" : "";
      const other = sources.get(ends.from + meeting);
      if (!other) sources.set(ends.from + meeting, ends);
      else if (other.to !== ends.to) told.set(`${blockKey} from`, twoDestinations(ends, other));
      const rival = destinations.get(ends.to + meeting);
      if (!rival) destinations.set(ends.to + meeting, ends);
      else if (rival.from !== ends.from) told.set(`${blockKey} to`, twoSources(ends, rival));
    }
  }
  return [...told.values()];
}

interface Ends extends Move {
  readonly block: MovedBlock;
}

/** By the names of the calls that lead to them. */
function modulesByNames(modules: ReadonlySet<string>): ReadonlyMap<string, readonly Target[]> {
  const found = new Map<string, Target[]>([["", [[]]]]);
  for (const target of targetsOf(modules)) {
    const names = target.map(({ name }) => name).join(".");
    found.set(names, [...(found.get(names) ?? []), target]);
  }
  return found;
}

/** The block that declares what an address means; with `whole` whatever keys it has now. */
function declarationOf(target: Target, whole: boolean, lab: Lab, declared: Declared): Diagnostic["range"] {
  let module: Module = lab;
  for (const [at, step] of target.entries()) {
    const isLast = at === target.length - 1;
    const address = formatTarget(target.slice(0, at + 1));
    const call = step.kind === "module" ? module.calls.get(step.name) : undefined;
    const block = call ?? module.resources.get(`${step.kind}.${step.name}`);
    const isThere = (call ? declared.modules : declared.instances).has(address);
    if (!block || !(isThere || (whole && isLast))) return undefined;
    if (isLast) return block.range;
    if (!call) return undefined;
    module = call.module;
  }
  return undefined;
}

function stillDeclared({ from, to, block }: Ends, declared: NonNullable<Diagnostic["range"]>): Diagnostic {
  return errorDiagnostic(`${from} has not moved: it is still declared`, {
    detail: `The moved block says that it is ${to} now. Declare it as ${to}, or remove the moved block.`,
    range: block.range,
    related: [{ message: `${from} is declared here`, range: declared }],
  });
}

function twoDestinations({ from, to, block }: Ends, other: Ends): Diagnostic {
  return errorDiagnostic(`${from} cannot have moved to two addresses`, {
    detail: `By one moved block it is ${other.to} now, by the other ${to}. Remove one of the two.`,
    range: block.range,
    related: [{ message: `here it is ${other.to}`, range: other.block.range }],
  });
}

function twoSources({ from, to, block }: Ends, other: Ends): Diagnostic {
  return errorDiagnostic(`${to} cannot come from two addresses`, {
    detail: `By one moved block it was ${other.from}, by the other ${from}: two objects cannot become one. Remove one of the two.`,
    range: block.range,
    related: [{ message: `here it was ${other.from}`, range: other.block.range }],
  });
}

function blockage(blocked: readonly Blocked[]): readonly Diagnostic[] {
  if (blocked.length === 0) return [];
  const lines = blocked.map(({ from, to, by }) => `  ${from} stays: ${by === to ? to : `${by}, of ${to},`} is there`);
  const detail = `The state has another object already where these should be:\n${lines.join("\n")}\nWhat stays under an address that the lab files no longer have is destroyed. If that is not what you want, move the one or the other with "labform state mv", and plan again.`;
  return [warningDiagnostic("Not all could be moved", { detail })];
}

/** A plan of a part records the moves all the same, so it is to name both ends of each, or leave neither out. */
export function refuseHalfMoves(moves: readonly Move[], { targets, excludes }: Selection): readonly Diagnostic[] {
  const isNamed = (address: string, wanted: readonly Target[]) => wanted.some((one) => isWithinTarget(address, one));
  const ends = [...new Set(moves.flatMap(({ from, to }) => [from, to]))];
  const wanted = targetsOf(targets);
  const missing = wanted.length === 0 ? [] : ends.filter((address) => !isNamed(address, wanted));
  if (missing.length > 0) {
    const detail = `With the lab files as they are these have moved, and the state is to say so whatever else is done. Leave out -target, or add:\n${missing.map((one) => `  -target='${one}'`).join("\n")}`;
    return [errorDiagnostic("-target leaves out what has moved", { detail })];
  }
  const unwanted = targetsOf(excludes);
  const left = ends.filter((address) => isNamed(address, unwanted));
  if (left.length === 0) return [];
  const detail = `With the lab files as they are these have moved, and the state is to say so whatever else is done: ${left.join(", ")}. Apply without this -exclude first.`;
  return [errorDiagnostic("-exclude leaves out what has moved", { detail })];
}
