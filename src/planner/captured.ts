import type { Captured } from "../core/plan.ts";
import type { Path, Value } from "../core/values.ts";
import { isWhollyKnown } from "../core/values.ts";
import { valueToJson } from "../evaluation/json.ts";
import { typeToJson } from "../evaluation/types.ts";

/** A value as a plan keeps it for a deferred expression. Nothing unknown may be captured by value. */
export function describeValue(value: Value): Captured {
  if (!isWhollyKnown(value)) return { kind: "value", type: "dynamic", value: null };
  const sensitive: Path[] = [];
  collect(value, [], sensitive);
  return {
    kind: "value",
    type: typeToJson(value.type),
    value: valueToJson(value),
    ...(sensitive.length > 0 ? { sensitive } : {}),
  };
}

function collect(value: Value, path: Path, found: Path[]): void {
  if (value.sensitive) {
    found.push(path);
    return;
  }
  const { raw } = value;
  if (raw instanceof Map) {
    for (const [name, item] of raw as ReadonlyMap<string, Value>) collect(item, [...path, name], found);
  } else if (Array.isArray(raw)) {
    (raw as readonly Value[]).forEach((item, at) => collect(item, [...path, at], found));
  }
}
