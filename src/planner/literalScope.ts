import type { Value } from "../core/values.ts";
import type { Scope } from "../evaluation/scope.ts";
import type { Surroundings } from "../evaluation/surroundings.ts";

/** The scope of places outside the graph (provider settings, the lab's identity): a few roots, nothing awaited. */
export function literalScope(
  members: ReadonlyMap<string, (name: string) => Value | undefined>,
  surroundings: Surroundings,
): Scope {
  return {
    member: (root, name) => members.get(root)?.(name),
    lookup: () => undefined,
    names: (root) => (root === undefined ? [...members.keys()] : []),
    surroundings,
  };
}
