import type { Captured } from "../core/plan.ts";
import type { Value } from "../core/values.ts";
import { isWhollyKnown } from "../core/values.ts";
import { valueToJson } from "../evaluation/json.ts";
import { sensitivePaths } from "../evaluation/marks.ts";
import { typeToJson } from "../evaluation/types.ts";

/** Stands for what nobody will ask for. */
export const NOTHING: Captured = { kind: "value", type: "dynamic", value: null };

/** A value as a plan keeps it for a deferred expression. Nothing unknown may be captured by value. */
export function describeValue(value: Value): Captured {
  if (!isWhollyKnown(value)) throw new Error("an unknown value cannot be captured");
  const sensitive = sensitivePaths(value);
  return {
    kind: "value",
    type: typeToJson(value.type),
    value: valueToJson(value),
    ...(sensitive.length > 0 ? { sensitive } : {}),
  };
}
