import type { Change } from "../core/plan.ts";
import type { Instance } from "../core/state.ts";
import type { Attributes, Json, Planned } from "../core/values.ts";
import { isWhollyPlanned, UNKNOWN } from "../core/values.ts";

/** The record a change starts from: what the state has now, else a new one. */
export function startingInstance(change: Change, recorded: Instance | undefined): Instance {
  if (change.action !== "create" && change.prior)
    return withoutPending(recorded ? { ...change.prior, pending: recorded.pending } : change.prior);
  return {
    address: change.address,
    kind: change.kind,
    provider: change.provider,
    schemaVersion: change.schemaVersion,
    id: change.id,
    status: "creating",
    attributes: {},
    sensitive: change.sensitive,
    dependencies: change.dependencies,
    ...(change.preventDestroy ? { preventDestroy: true } : {}),
    private: {},
  };
}

export function withoutPending(instance: Instance): Instance {
  const { pending: _, ...rest } = instance;
  return rest;
}

/**
 * What an instance is to become, with null where the host decides. `evaluated` holds the deferred arguments at the first
 * step that makes something; at later ones it is absent, and what that step made of them counts.
 */
export function wantedAttributes(
  change: Change,
  current: Attributes,
  evaluated: ReadonlyMap<string, Planned> | undefined,
): Attributes {
  const wanted: { [name: string]: Json } = {};
  for (const [name, planned] of Object.entries(change.planned ?? {})) {
    const value = evaluated?.get(name) ?? planned;
    if (isWhollyPlanned(value)) wanted[name] = value;
    else if (value === UNKNOWN || evaluated === undefined) wanted[name] = current[name] ?? null;
    else wanted[name] = withoutUnknown(value);
  }
  return wanted;
}

function withoutUnknown(planned: Planned): Json {
  if (planned === UNKNOWN) return null;
  if (planned === null || typeof planned !== "object") return planned;
  if (Array.isArray(planned)) return (planned as readonly Planned[]).map(withoutUnknown);
  const copy: { [name: string]: Json } = {};
  for (const [name, item] of Object.entries(planned as { readonly [name: string]: Planned }))
    copy[name] = withoutUnknown(item);
  return copy;
}
