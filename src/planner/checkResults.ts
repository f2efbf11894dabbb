import type { Diagnostic } from "../core/diagnostics.ts";
import type { Variable } from "../core/lab.ts";
import type { CheckResult } from "../core/plan.ts";

/** What one rule of `owner` says; `found` is what was said of it. */
export function checkResult(owner: string, decided: boolean, found: readonly Diagnostic[]): CheckResult {
  const problems = found.flatMap(({ detail, summary }) => [detail ?? summary]);
  return { owner, status: problems.length > 0 ? "fail" : decided ? "pass" : "unknown", problems };
}

/** Those of a root's variables: a plan is made only where they hold. */
export function heldValidations(variables: ReadonlyMap<string, Variable>): readonly CheckResult[] {
  return [...variables.values()]
    .filter(({ validations }) => validations.length > 0)
    .map(({ name }) => ({ owner: `var.${name}`, status: "pass", problems: [] }));
}

const WEIGHT: { readonly [status in CheckResult["status"]]: number } = { pass: 0, unknown: 1, fail: 2 };

/** One result for each owner: the worst of its rules'. */
export function byOwner(results: readonly CheckResult[]): readonly CheckResult[] {
  const owners = new Map<string, CheckResult>();
  for (const { owner, status, problems } of results) {
    const known = owners.get(owner);
    owners.set(owner, {
      owner,
      status: known && WEIGHT[known.status] > WEIGHT[status] ? known.status : status,
      problems: [...(known?.problems ?? []), ...problems],
    });
  }
  return [...owners.values()];
}
