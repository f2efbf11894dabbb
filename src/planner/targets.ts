import { isWithinTarget, parseTarget } from "../core/addresses.ts";
import type { Diagnostic } from "../core/diagnostics.ts";
import { errorDiagnostic } from "../core/diagnostics.ts";
import type { Change } from "../core/plan.ts";

/**
 * The changes that -target keeps: what is named, and what that needs (a link takes its two nodes, a node takes no
 * links). Of deletions, what is named and what needs it.
 */
export function restrict(
  changes: readonly Change[],
  targets: readonly string[],
): { readonly kept: ReadonlySet<string>; readonly diagnostics: readonly Diagnostic[] } {
  const diagnostics: Diagnostic[] = [];
  const kept = new Set<string>();
  const byAddress = new Map(changes.map((change) => [change.address, change]));
  const dependents = new Map<string, string[]>();
  for (const change of changes) {
    if (change.action !== "delete") continue;
    for (const needed of [...change.dependencies, ...change.ends]) {
      const list = dependents.get(needed);
      if (list) list.push(change.address);
      else dependents.set(needed, [change.address]);
    }
  }
  const pending: string[] = [];
  for (const target of targets) {
    const wanted = parseTarget(target);
    if (!wanted) {
      diagnostics.push(
        errorDiagnostic(`"${target}" is no address`, {
          detail:
            'An address looks like node.r1, node.router["r1"], link.core[0], module.pod or module.pod["a"].node.r1.',
        }),
      );
      continue;
    }
    const matching = changes.filter((change) => isWithinTarget(change.address, wanted));
    if (matching.length === 0) {
      diagnostics.push(
        errorDiagnostic(`-target ${target} names nothing`, {
          detail: "Neither the lab files nor the state have a resource of that address.",
        }),
      );
    }
    pending.push(...matching.map((change) => change.address));
  }
  for (let address = pending.pop(); address !== undefined; address = pending.pop()) {
    const change = byAddress.get(address);
    if (!change || kept.has(address)) continue;
    kept.add(address);
    if (change.action === "delete") pending.push(...(dependents.get(address) ?? []));
    else pending.push(...change.dependencies, ...change.ends);
  }
  return { kept, diagnostics };
}

/** The addresses of what would change and is left out: what waits for it is not done either. */
export function leftOut(kept: readonly Change[], all: readonly Change[]): ReadonlySet<string> {
  if (kept.length === all.length) return new Set();
  const here = new Set(kept.map(({ address }) => address));
  return new Set(all.flatMap(({ address, action }) => (action !== "none" && !here.has(address) ? [address] : [])));
}
