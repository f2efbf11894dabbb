import type { Lab } from "../core/lab.ts";
import type { CheckResult, Plan, PlannedVariable } from "../core/plan.ts";
import type { Value } from "../core/values.ts";
import { isWhollyKnown } from "../core/values.ts";
import { valueToJson } from "../evaluation/json.ts";
import { containsSensitive } from "../evaluation/marks.ts";
import { byOwner, heldValidations } from "./checkResults.ts";
import type { Found } from "./refresh.ts";
import type { Walked } from "./walk.ts";

/** What a plan leaves as it is, so that it tells by itself what there will be. */
export function keptInstances(
  { changes, refreshes, lost = [] }: Pick<Plan, "changes" | "refreshes" | "lost">,
  found: ReadonlyMap<string, Found>,
): Pick<Plan, "kept"> {
  const gone = new Set([...changes.map(({ address }) => address), ...lost]);
  const anew = new Map(refreshes.map((one) => [one.address, one]));
  const kept = [...found.values()]
    .map(({ instance }) => anew.get(instance.address) ?? instance)
    .filter(({ address }) => !gone.has(address));
  return { kept };
}

/** What a plan of lab files tells beside what it does. `results` are those of conditions. */
export function labFacts(
  lab: Lab,
  values: ReadonlyMap<string, Value>,
  { validations }: Pick<Walked, "validations">,
  results: readonly CheckResult[],
): Pick<Plan, "variables" | "checks"> {
  const checks = byOwner([...heldValidations(lab.variables), ...validations, ...results]);
  return {
    variables: Object.fromEntries([...values].map(([name, value]) => [name, plannedVariable(value)])),
    ...(checks.length > 0 ? { checks } : {}),
  };
}

function plannedVariable(value: Value): PlannedVariable {
  const sensitive = containsSensitive(value);
  return sensitive || !isWhollyKnown(value) ? { sensitive } : { sensitive, value: valueToJson(value) };
}
