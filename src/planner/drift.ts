import type { Cause, Change, Drift } from "../core/plan.ts";
import type { ResourceSchema } from "../core/schema.ts";
import type { ByHand, Instance } from "../core/state.ts";
import { formatPath, samePlanned } from "../core/values.ts";
import type { Found } from "./refresh.ts";

/**
 * What the changes of a plan start from and nobody asked for in the lab files, as the causes of these changes tell it;
 * with it the values that merely differ from the record. What a killed run left half-done is labform's own and only a
 * cause, and of what goes anyway it does not matter how it was found.
 */
export function driftOf(changes: readonly Change[], found: ReadonlyMap<string, Found>): readonly Drift[] {
  const byAddress = new Map(changes.map((change) => [change.address, change]));
  return [...found.values()].flatMap((one) => {
    const change = byAddress.get(one.instance.address);
    if (!change || change.action === "delete" || change.action === "forget") return [];
    const causes = change.causes.filter(({ kind }) => kind === "host" || kind === "hand");
    const differs = one.recorded.pending === undefined && !sameValues(one);
    return causes.length > 0 || differs ? driftItem(one, causes) : [];
  });
}

function sameValues({ recorded, instance }: Found): boolean {
  return recorded === instance || samePlanned(recorded.attributes, instance.attributes);
}

/** Nothing where the host was not looked at. */
export function driftItem({ recorded, instance, condition }: Found, causes: readonly Cause[]): readonly Drift[] {
  if (condition === null) return [];
  const { address, kind, provider, sensitive } = recorded;
  const after = condition === "absent" ? null : instance.attributes;
  return [{ address, kind, provider, condition, causes, before: recorded.attributes, after, sensitive }];
}

/**
 * The record as what was found of the instance makes it, where that is another; null where nothing is left of it. What
 * is found whole is not half-done any more, but for a live update, of which it cannot be seen how far it came; anything
 * else is settled by the next apply, which needs to know what was begun.
 */
export function settledRecord(one: Found, schema: ResourceSchema, time: string): Instance | null | undefined {
  const { recorded, instance, condition, live, updating } = one;
  if (condition === null) return undefined;
  if (condition === "absent") return null;
  const { pending: _, ...rest } = instance;
  const isWhole = condition === "present" && !updating;
  const byHand = condition === "present" ? seenByHand(one, schema, live?.cause, time) : instance.byHand;
  const settled: Instance = {
    ...rest,
    ...(byHand ? { byHand } : {}),
    ...(isWhole || !recorded.pending ? {} : { pending: recorded.pending }),
  };
  const same =
    sameValues(one) &&
    settled.status === recorded.status &&
    settled.pending === recorded.pending &&
    samePlanned(settled.private, recorded.private);
  return same ? undefined : settled;
}

/** That an argument is otherwise than the lab files had it applied, so that the next plan does not take that for their change. */
function seenByHand(
  { recorded, instance }: Found,
  schema: ResourceSchema,
  cause: Cause | undefined,
  time: string,
): ByHand | undefined {
  const differing = Object.entries(schema.attributes).find(
    ([name, { computed }]) =>
      computed === undefined && !samePlanned(recorded.attributes[name] ?? null, instance.attributes[name] ?? null),
  )?.[0];
  if (differing === undefined) return instance.byHand;
  const path = cause?.path;
  const told = path !== undefined && formatPath(path) === differing ? cause?.summary : undefined;
  return { what: told ?? OUTSIDE, attribute: differing, by: "", at: time };
}

/** Why an argument differs from the lab files where nobody knows more. */
export const OUTSIDE = "changed outside of labform";
