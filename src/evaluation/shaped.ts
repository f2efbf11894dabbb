import type { InstanceKey } from "../core/addresses.ts";
import type { Shape } from "../core/plan.ts";
import type { Value } from "../core/values.ts";
import { NULL, objectValue, tupleValue } from "../core/values.ts";
import { sortedMap } from "./order.ts";

/**
 * What a reference to a resource or module sees of its instances: the one (null where it is not enabled), a tuple in the
 * order of their numbers or an object by their keys.
 */
export function shaped(shape: Shape, instances: readonly (readonly [InstanceKey | null, Value])[]): Value {
  if (shape === "single") return instances[0]?.[1] ?? NULL;
  if (shape === "map") return objectValue(sortedMap(new Map(instances.map(([key, value]) => [String(key), value]))));
  const inOrder = instances.toSorted(([left], [right]) => Number(left) - Number(right));
  return tupleValue(inOrder.map(([, value]) => value));
}
