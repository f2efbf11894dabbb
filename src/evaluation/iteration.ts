import type { Value } from "../core/values.ts";
import { numberValue, stringValue, UNKNOWN } from "../core/values.ts";
import { isLengthKnown } from "./convert.ts";
import { marked } from "./marks.ts";
import { sortedEntries } from "./order.ts";
import { Problem } from "./problem.ts";
import { describeType } from "./types.ts";

/** Can be iterated once known; its type says so before. */
export function iterationProblem(collection: Value): Problem | undefined {
  if (collection.raw === null) {
    return new Problem("Nothing to iterate over", 'The collection after "in" is null. An empty one would be [] or {}.');
  }
  const { kind } = collection.type;
  if (kind !== "string" && kind !== "number" && kind !== "bool") return undefined;
  return new Problem(
    "This value cannot be iterated over",
    `After "in" a list, tuple, set, map or object is needed; this is ${describeType(collection.type)}.`,
  );
}

/**
 * Of a known collection: index and element, name and value, of a set each element twice. What is in a sensitive
 * collection is sensitive, its names too.
 */
export function* iterate(collection: Value): Generator<readonly [Value, Value]> {
  const { raw, sensitive } = collection;
  if (raw instanceof Map) {
    for (const [name, item] of sortedEntries(raw as ReadonlyMap<string, Value>)) {
      yield [marked(stringValue(name), sensitive), marked(item, sensitive)];
    }
  } else if (Array.isArray(raw)) {
    const isSet = collection.type.kind === "set";
    for (const [at, item] of (raw as readonly Value[]).entries()) {
      const element = marked(item, sensitive);
      yield [isSet ? element : numberValue(at), element];
    }
  }
}

/** A set that holds something unknown may turn out smaller, so nothing is known of its iteration. */
export function isIterationKnown(collection: Value): boolean {
  if (collection.raw === UNKNOWN) return false;
  return collection.type.kind !== "set" || isLengthKnown(collection.raw as readonly Value[]);
}
