import { adapterIds } from "../core/ends.ts";
import type { Cause, Change } from "../core/plan.ts";
import type { Instance } from "../core/state.ts";
import type { PlannedAttributes } from "../core/values.ts";
import { nodeIdOf } from "./endpoints.ts";
import type { Found } from "./refresh.ts";

/** The deletion of an instance, from its record alone: no lab file and no provider setting is needed for it. */
export function planRemoval(found: Found, cause: Cause, nodeOf: (id: string) => string | undefined): Change {
  return { ...recordedChange(found, nodeOf), action: "delete", causes: [cause], planned: null };
}

/** What is there, as a change that changes nothing yet; made from the record alone. `nodeOf`: from ids to addresses. */
export function recordedChange(
  { instance, condition }: Found,
  nodeOf: (id: string) => string | undefined,
): Change & { readonly planned: PlannedAttributes } {
  return {
    address: instance.address,
    kind: instance.kind,
    provider: instance.provider,
    schemaVersion: instance.schemaVersion,
    id: instance.id,
    action: "none",
    rests: false,
    causes: [],
    prior: instance,
    found: condition,
    planned: instance.attributes,
    classes: {},
    sensitive: instance.sensitive,
    deferred: {},
    dependencies: instance.dependencies,
    ...(instance.preventDestroy ? { preventDestroy: true } : {}),
    ends: endsOf(instance, nodeOf),
    settings: {},
  };
}

/** The addresses of the nodes at a recorded link's ends. */
function endsOf(instance: Instance, nodeOf: (id: string) => string | undefined): readonly string[] {
  const ends = new Set<string>();
  for (const adapter of adapterIds(instance.attributes)) {
    const node = nodeOf(nodeIdOf(adapter));
    if (node !== undefined) ends.add(node);
  }
  return [...ends];
}

/** From a node's id to its address. */
export function nodeAddresses(instances: Iterable<Instance>): (id: string) => string | undefined {
  const addresses = new Map<string, string>();
  for (const one of instances) if (one.kind === "node") addresses.set(one.id, one.address);
  return (id) => addresses.get(id);
}
