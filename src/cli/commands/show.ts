import { planFromText } from "../../planner/document.ts";
import { planDocument, stateDocument } from "../../ui/documents.ts";
import { renderPlan } from "../../ui/plan.ts";
import { renderState } from "../../ui/state.ts";
import type { CommonOptions, Context, ExitCode } from "../context.ts";
import { readSavedPlan } from "../files.ts";
import { reporter } from "../report.ts";

export async function run(
  context: Context,
  common: CommonOptions,
  _options: unknown,
  operands: readonly string[],
): Promise<ExitCode> {
  const [planFile] = operands;
  const look = { colour: common.colour, width: context.stdout.columns ?? 100, schemas: context.resourceSchemas };
  if (planFile !== undefined) {
    const plan = planFromText(await readSavedPlan(context, planFile), planFile);
    context.stdout.write(common.json ? `${JSON.stringify(planDocument(plan))}\n` : renderPlan(plan, look));
    // The document is one JSON text; its warnings stand on standard error either way.
    reporter(context, { ...common, json: false })(plan.diagnostics);
    return 0;
  }
  const { state } = await (await context.states(common.directory)).load();
  context.stdout.write(common.json ? `${JSON.stringify(stateDocument(state))}\n` : renderState(state, look));
  return 0;
}
