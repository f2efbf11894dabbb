import type { Value } from "../core/values.ts";
import type { Scope } from "../evaluation/scope.ts";

/** The scope of places outside the graph (provider settings, the lab's identity): a few roots, nothing awaited. */
export function literalScope(members: ReadonlyMap<string, (name: string) => Value | undefined>): Scope {
  return {
    member: (root, name) => members.get(root)?.(name),
    lookup: () => undefined,
    names: (root) => (root === undefined ? [...members.keys()] : []),
  };
}
