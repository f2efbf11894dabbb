import type { OutputChange } from "../core/plan.ts";
import type { State } from "../core/state.ts";
import { isWhollyKnown, samePlanned } from "../core/values.ts";
import { valueToJson } from "../evaluation/json.ts";
import { typeToJson } from "../evaluation/types.ts";
import type { WalkedOutput } from "./walk.ts";

/** What becomes of each output; `none` for those that stay. */
export function planOutputs(wanted: readonly WalkedOutput[], state: State): readonly OutputChange[] {
  const changes: OutputChange[] = [];
  for (const { name, value, sensitive, deferred, guards } of wanted) {
    const recorded = state.outputs[name];
    const before = recorded ? { type: recorded.type, value: recorded.value } : undefined;
    const after = isWhollyKnown(value) ? { type: typeToJson(value.type), value: valueToJson(value) } : undefined;
    const same =
      before !== undefined &&
      after !== undefined &&
      recorded?.sensitive === sensitive &&
      samePlanned(before.type, after.type) &&
      samePlanned(before.value, after.value);
    const action = same ? "none" : before === undefined ? "create" : "update";
    const was = recorded?.sensitive ? { wasSensitive: true as const } : {};
    changes.push({ name, action, sensitive, ...was, before, after, deferred, ...(guards ? { guards } : {}) });
  }
  const names = new Set(wanted.map((one) => one.name));
  for (const [name, recorded] of Object.entries(state.outputs)) {
    if (names.has(name)) continue;
    const before = { type: recorded.type, value: recorded.value };
    const was = recorded.sensitive ? { wasSensitive: true as const } : {};
    changes.push({ name, action: "delete", sensitive: recorded.sensitive, ...was, before });
  }
  return changes;
}
