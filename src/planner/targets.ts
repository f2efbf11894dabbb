import type { Target } from "../core/addresses.ts";
import { formatTarget, isWithinTarget, parseTarget } from "../core/addresses.ts";
import type { Diagnostic } from "../core/diagnostics.ts";
import { errorDiagnostic, warningDiagnostic } from "../core/diagnostics.ts";
import type { Module } from "../core/lab.ts";
import type { Change, Move } from "../core/plan.ts";
import { suggestion } from "../core/suggestion.ts";

/** What a plan is restricted to; one of the two is empty. */
export interface Selection {
  readonly targets: readonly string[];
  readonly excludes: readonly string[];
}

export function isWhole({ targets, excludes }: Selection): boolean {
  return targets.length === 0 && excludes.length === 0;
}

/** The lab whose names count beside those of the changes, and what has moved, which goes by its former address too. */
interface Known {
  /** Absent of a destroy, which reads no lab file. */
  readonly lab?: Module;
  readonly moves?: readonly Move[];
}

/** The changes that -target or -exclude leaves, in their order. */
export function select<One extends Change>(
  changes: readonly One[],
  { targets, excludes }: Selection,
  diagnostics: Diagnostic[],
  known: Known = {},
): readonly One[] {
  if (targets.length > 0) {
    const kept = reach(changes, findNamed(changes, targets, "-target", diagnostics, known));
    return changes.filter((change) => kept.has(change.address));
  }
  if (excludes.length === 0) return changes;
  const left = leave(changes, findNamed(changes, excludes, "-exclude", diagnostics, known));
  return changes.filter((change) => !left.has(change.address));
}

/**
 * What is named, and what that needs (a link takes its two nodes, a node takes no links). Of deletions, what is named
 * and what needs it.
 */
function reach(changes: readonly Change[], named: readonly Change[]): ReadonlySet<string> {
  const byAddress = new Map(changes.map((change) => [change.address, change]));
  const dependents = dependentsAmong(changes.filter(isGoing));
  const kept = new Set<string>();
  const pending = named.map(({ address }) => address);
  for (let address = pending.pop(); address !== undefined; address = pending.pop()) {
    const change = byAddress.get(address);
    if (!change || kept.has(address)) continue;
    kept.add(address);
    if (isGoing(change)) pending.push(...(dependents.get(address) ?? []).map((one) => one.address));
    else pending.push(...needsOf(change));
  }
  return kept;
}

/**
 * What is named and what depends on it; what these now hang on is not removed either. A service that only serves what
 * is left out is left out with it.
 */
function leave(changes: readonly Change[], named: readonly Change[]): ReadonlySet<string> {
  const wanted = changes.filter((change) => !isGoing(change));
  const dependents = dependentsAmong(wanted);
  const deletions = new Map(changes.flatMap((one) => (isGoing(one) ? [[one.address, one]] : [])));
  const left = new Set<string>();
  const pending = [...named];
  for (let change = pending.pop(); change !== undefined; change = pending.pop()) {
    if (left.has(change.address)) continue;
    left.add(change.address);
    pending.push(...(dependents.get(change.address) ?? []));
    const hangsOn = [...(change.prior?.dependencies ?? []), ...(isGoing(change) ? change.ends : [])];
    pending.push(...hangsOn.flatMap((address) => deletions.get(address) ?? []));
  }
  for (const { kind, address } of wanted) {
    const served = dependents.get(address) ?? [];
    if (kind === "service" && served.length > 0 && served.every((one) => left.has(one.address))) left.add(address);
  }
  return left;
}

/** Deleted or forgotten. */
function isGoing({ action }: Change): boolean {
  return action === "delete" || action === "forget";
}

function needsOf({ dependencies, ends }: Change): readonly string[] {
  return [...dependencies, ...ends];
}

function dependentsAmong(changes: readonly Change[]): ReadonlyMap<string, readonly Change[]> {
  const dependents = new Map<string, Change[]>();
  for (const change of changes) {
    for (const needed of needsOf(change)) {
      const list = dependents.get(needed);
      if (list) list.push(change);
      else dependents.set(needed, [change]);
    }
  }
  return dependents;
}

function findNamed(
  changes: readonly Change[],
  addresses: readonly string[],
  flag: "-target" | "-exclude",
  diagnostics: Diagnostic[],
  { lab, moves = [] }: Known,
): readonly Change[] {
  const formerly = new Map(moves.map(({ from, to }) => [to, from] as const));
  return addresses.flatMap((address) => {
    const wanted = parseTarget(address);
    if (!wanted) {
      const detail =
        'An address looks like node.r1, node.router["r1"], link.core[0], module.pod or module.pod["a"].node.r1.';
      diagnostics.push(errorDiagnostic(`"${address}" is no address`, { detail }));
      return [];
    }
    const isMeant = (one: string | undefined) => one !== undefined && isWithinTarget(one, wanted);
    const matching = changes.filter((change) => isMeant(change.address) || isMeant(formerly.get(change.address)));
    if (matching.length > 0 || (lab && isDeclared(lab, wanted))) return matching;
    const what = wanted.at(-1)?.kind === "module" ? "anything in a module" : "a resource";
    const where = lab ? `Neither the lab files nor the state have ${what}` : `The state does not have ${what}`;
    // To destroy what is gone is done already; what is to be kept and is not found may be misspelt.
    const make = !lab && (flag === "-target" || changes.length === 0) ? warningDiagnostic : errorDiagnostic;
    diagnostics.push(
      make(`${flag} ${address} names nothing`, { detail: `${where} of that address.${meant(wanted, changes)}` }),
    );
    return [];
  });
}

/** Whether a block declares it: it may have no instance at present. Of a single instance the block does not say. */
function isDeclared(module: Module, [step, ...rest]: Target): boolean {
  if (!step || step.key !== undefined) return false;
  if (step.kind !== "module") return module.resources.has(`${step.kind}.${step.name}`);
  const call = module.calls.get(step.name);
  return call !== undefined && (rest.length === 0 || isDeclared(call.module, rest));
}

/** ` Did you mean module.pod?`, or what there is of the kind; "" where there is nothing. */
export function meant(wanted: Target, changes: readonly Change[]): string {
  const kind = wanted.at(-1)?.kind;
  const known = [...new Set(changes.flatMap(({ address }) => namesOf(address)))];
  const alike = known.filter((name) => parseTarget(name)?.at(-1)?.kind === kind);
  const guess = suggestion(formatTarget(wanted), alike) ?? suggestion(formatTarget(wanted), known);
  if (guess !== undefined) return ` Did you mean ${guess}?`;
  if (alike.length === 0) return "";
  const more = alike.length > 8 ? ` and ${alike.length - 8} more` : "";
  return ` There is ${alike.slice(0, 8).join(", ")}${more}.`;
}

/** An instance's own address, and those of its resource and modules, with keys and without. */
function namesOf(address: string): readonly string[] {
  const steps = parseTarget(address) ?? [];
  return steps.flatMap((step, at) => {
    const before = steps.slice(0, at);
    return [formatTarget([...before, { ...step, key: undefined }]), formatTarget([...before, step])];
  });
}

/** The addresses of what would change and is left out: what waits for it is not done either. */
export function leftOut(kept: readonly Change[], all: readonly Change[]): ReadonlySet<string> {
  if (kept.length === all.length) return new Set();
  const here = new Set(kept.map(({ address }) => address));
  return new Set(all.flatMap(({ address, action }) => (action !== "none" && !here.has(address) ? [address] : [])));
}
