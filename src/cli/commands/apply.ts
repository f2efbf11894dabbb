import { refuseOtherState } from "../../applier/apply.ts";
import { errorDiagnostic, Failure, fail } from "../../core/diagnostics.ts";
import type { Plan } from "../../core/plan.ts";
import { planFromText } from "../../planner/document.ts";
import type { ApplyOptions } from "../applying.ts";
import { runApply } from "../applying.ts";
import type { CommonOptions, Context, ExitCode } from "../context.ts";
import { readSavedPlan } from "../files.ts";
import type { VariableArguments } from "../lab.ts";
import { readLab } from "../lab.ts";
import type { PlanningOptions } from "../planning.ts";
import { describeLeftovers, planLab, refuseTogether } from "../planning.ts";

export async function run(
  context: Context,
  common: CommonOptions,
  options: VariableArguments & PlanningOptions & ApplyOptions,
  operands: readonly string[],
): Promise<ExitCode> {
  const [planFile] = operands;
  if (planFile !== undefined) refusePlanFlags(options);
  const loaded = planFile === undefined ? await readLab(context, common.directory, options, common) : undefined;
  if (planFile === undefined) refuseTogether(options);
  const saved =
    planFile === undefined
      ? undefined
      : planFromText(await readSavedPlan(context, planFile), planFile, context.version);
  const states = await context.states(common.directory);
  return runApply(context, common, options, "apply", async (store, signal) => {
    const left = await describeLeftovers(states, store.state.lineage, "error");
    if (left.length > 0) throw new Failure(left);
    if (saved) {
      // Before it is shown: what is shown is done.
      refuseOtherPlace(saved, context, common.directory);
      refuseOtherState(saved, store.state);
      return { plan: saved, providers: context.providers(store.directories), warnings: saved.diagnostics, saved: true };
    }
    return { ...(await planLab(context, loaded, store, options, signal)), saved: false };
  });
}

/** A plan is for the workspace it was made in; before a lab has a lineage only its directory says which lab it is. */
function refuseOtherPlace(plan: Plan, { workspace }: Context, directory: string): void {
  const stale = (detail: string) => fail("The plan is for another lab", { detail: `${detail} Make a new plan here.` });
  if (plan.workspace !== workspace) {
    stale(`It was made in workspace "${plan.workspace}", and this is workspace "${workspace}".`);
  }
  if (plan.lineage === "" && plan.directory !== directory) {
    stale(`It was made at ${plan.time} for the lab in ${plan.directory}, which had not been applied yet.`);
  }
}

/** A saved plan is done as it was shown: what would change it belongs to the plan command. */
function refusePlanFlags(options: VariableArguments & PlanningOptions): void {
  const given = [
    ["-target", options.target?.length],
    ["-exclude", options.exclude?.length],
    ["-replace", options.replace?.length],
    ["-var", options.var?.length],
    ["-var-file", options.varFile?.length],
    ["-refresh", options.refresh === undefined ? 0 : 1],
    ["-refresh-only", options.refreshOnly ? 1 : 0],
  ].flatMap(([flag, count]) => (count ? [flag] : []));
  if (given.length === 0) return;
  throw new Failure(
    errorDiagnostic(`${given.join(", ")} cannot be used with a saved plan`, {
      detail:
        "A saved plan is applied as it was shown. Give these flags to the plan command, or apply without a plan file.",
    }),
  );
}
