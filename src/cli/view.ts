import type { Emit } from "../core/events.ts";
import type { Plan } from "../core/plan.ts";
import { jsonView } from "../ui/json.ts";
import { plainView } from "../ui/plain.ts";
import { renderPlan } from "../ui/plan.ts";
import type { View } from "../ui/view.ts";
import type { CommonOptions, Context } from "./context.ts";

/** The reader of the event stream that this run's user sees. */
export function openView(context: Context, common: CommonOptions): View {
  const write = (text: string) => void context.stdout.write(text);
  if (common.json) return jsonView(write, context.version);
  return plainView(write, { colour: common.colour, width: context.stdout.columns });
}

export function showPlan(context: Context, common: CommonOptions, plan: Plan, emit: Emit): void {
  if (common.json) emit({ type: "planned", plan });
  else {
    const width = context.stdout.columns ?? 100;
    context.stdout.write(renderPlan(plan, { colour: common.colour, width, schemas: context.resourceSchemas }));
  }
}
