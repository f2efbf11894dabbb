import { formatAddress, parseAddress } from "../src/core/addresses.ts";
import type { Operation } from "../src/core/lifecycle.ts";
import type { Instance, State } from "../src/core/state.ts";
import { formatPath, type Json, type Path } from "../src/core/values.ts";
import { companionsOf, processOf } from "./process.ts";
import { ShapeError } from "./shape.ts";

/** Everything about a state that breaks an invariant of core/state.ts, each with the invariant's number. */
export function stateViolations(state: State): readonly string[] {
  const found: string[] = [];
  const unique = new UniqueNames();
  for (const [address, instance] of state.instances) {
    found.push(...instanceViolations(address, instance), ...unique.conflicts(instance));
    unique.add(instance);
  }
  if (state.instances.size > 0 && state.lineage === "") found.push("7: there are instances but no lineage");
  return found;
}

/** What can be told of one instance alone: all but uniqueness (2, half of 5) and lineage (7). */
export function instanceViolations(address: string, instance: Instance): readonly string[] {
  return [
    ...addressViolations(address, instance),
    ...dependencyViolations(instance),
    ...pendingViolations(instance),
    ...processViolations(instance),
    ...sensitiveViolations(instance),
  ];
}

function addressViolations(address: string, instance: Instance): readonly string[] {
  if (address !== instance.address) return [`1: ${instance.address} stands under ${address}`];
  if (!isCanonical(address)) return [`1: ${address} is no canonical address`];
  const kind = parseAddress(address)?.kind;
  return kind === instance.kind ? [] : [`1: ${address} is recorded as a ${instance.kind}`];
}

function isCanonical(address: string): boolean {
  const parsed = parseAddress(address);
  return parsed !== undefined && formatAddress(parsed) === address;
}

/** A dependency that is not in the state may be gone for good, so only its form and itself are wrong. */
function dependencyViolations({ address, dependencies }: Instance): readonly string[] {
  return dependencies.flatMap((one) => {
    if (one === address) return [`3: ${address} depends on itself`];
    return isCanonical(one) ? [] : [`3: ${address} depends on ${JSON.stringify(one)}, which is no canonical address`];
  });
}

const leavesWhole: ReadonlySet<Operation> = new Set(["update", "stage", "forget"]);

function pendingViolations({ address, pending, status }: Instance): readonly string[] {
  if (!pending || status !== "ok" || leavesWhole.has(pending.operation)) return [];
  return [`4: ${address} is ok although its ${pending.operation} is pending`];
}

function processViolations(instance: Instance): readonly string[] {
  try {
    const tokens = [processOf(instance), ...companionsOf(instance)].map((one) => one?.token);
    return tokens.includes("") ? [`5: the process of ${instance.address} has no token`] : [];
  } catch (error) {
    if (error instanceof ShapeError) return [`5: ${instance.address}: ${error.message}`];
    throw error;
  }
}

function sensitiveViolations({ address, attributes, sensitive }: Instance): readonly string[] {
  return sensitive
    .filter((path) => !exists(attributes, path))
    .map((path) => `6: ${address} has no ${formatPath(path)}, which is marked sensitive`);
}

function exists(root: Json, path: Path): boolean {
  let at: Json = root;
  for (const step of path) {
    if (typeof at !== "object" || at === null || !Object.hasOwn(at, step)) return false;
    at = (at as { readonly [key: string | number]: Json })[step] as Json;
  }
  return true;
}

/** Ids by kind and process tokens, so that a new instance is checked against all others in constant time. */
export class UniqueNames {
  readonly #owners = new Map<string, string>();

  conflicts(instance: Instance): readonly string[] {
    return namesOf(instance).flatMap(({ key, violation }) => {
      const owner = this.#owners.get(key);
      return owner === undefined || owner === instance.address ? [] : [violation(owner)];
    });
  }

  add(instance: Instance): void {
    for (const { key } of namesOf(instance)) this.#owners.set(key, instance.address);
  }

  delete(instance: Instance): void {
    for (const { key } of namesOf(instance)) {
      if (this.#owners.get(key) === instance.address) this.#owners.delete(key);
    }
  }
}

interface UniqueName {
  readonly key: string;
  readonly violation: (owner: string) => string;
}

function namesOf(instance: Instance): readonly UniqueName[] {
  const { address, kind, id } = instance;
  const names: UniqueName[] = [
    { key: `${kind} ${id}`, violation: (owner) => `2: ${owner} and ${address} have the same id, ${id}` },
  ];
  for (const token of tokensOf(instance)) {
    names.push({ key: `token ${token}`, violation: (owner) => `5: ${owner} and ${address} share a process token` });
  }
  return names;
}

/** What is no identity is reported by `instanceViolations`. */
function tokensOf(instance: Instance): readonly string[] {
  try {
    return [processOf(instance), ...companionsOf(instance)].flatMap((one) => (one?.token ? [one.token] : []));
  } catch {
    return [];
  }
}
