import type { Change } from "../../core/plan.ts";
import type { Path } from "../../core/values.ts";
import { differences } from "../../planner/diff.ts";
import { planFromText } from "../../planner/document.ts";
import { planDocument } from "../../ui/json/plan.ts";
import { stateDocument } from "../../ui/json/state.ts";
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
    const plan = planFromText(await readSavedPlan(context, planFile), planFile, context.version);
    context.stdout.write(
      common.json ? `${JSON.stringify(planDocument(plan, replacing(context)))}\n` : renderPlan(plan, look),
    );
    // The document is one JSON text; its warnings stand on standard error either way.
    reporter(context, { ...common, json: false })(plan.diagnostics);
    return 0;
  }
  const { state } = await (await context.states(common.directory)).load();
  context.stdout.write(common.json ? `${JSON.stringify(stateDocument(state))}\n` : renderState(state, look));
  return 0;
}

/** Which arguments of a replaced instance could not be changed on it. */
function replacing({ resourceSchemas }: Context): (change: Change) => readonly Path[] {
  return ({ kind, prior, planned, classes }) => {
    const schema = resourceSchemas.get(kind);
    if (!schema || !prior || !planned) return [];
    return differences(schema, prior.attributes, planned, classes).flatMap(({ path, change }) =>
      change === "replace" ? [path] : [],
    );
  };
}
