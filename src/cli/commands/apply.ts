import { refuseOtherState } from "../../applier/apply.ts";
import { errorDiagnostic, Failure } from "../../core/diagnostics.ts";
import { planFromText } from "../../planner/document.ts";
import type { ApplyOptions } from "../applying.ts";
import { runApply } from "../applying.ts";
import type { CommonOptions, Context, ExitCode } from "../context.ts";
import { readSavedPlan } from "../files.ts";
import type { VariableArguments } from "../lab.ts";
import { readLab } from "../lab.ts";
import type { PlanningOptions } from "../planning.ts";
import { describeLeftovers, planLab } from "../planning.ts";

export async function run(
  context: Context,
  common: CommonOptions,
  options: VariableArguments & PlanningOptions & ApplyOptions,
  operands: readonly string[],
): Promise<ExitCode> {
  const [planFile] = operands;
  if (planFile !== undefined) refusePlanFlags(options);
  const loaded = planFile === undefined ? await readLab(context, common.directory, options, common) : undefined;
  const saved = planFile === undefined ? undefined : planFromText(await readSavedPlan(context, planFile), planFile);
  const states = await context.states(common.directory);
  return runApply(context, common, options, "apply", async (store) => {
    const left = await describeLeftovers(states, store.state.lineage, "error");
    if (left.length > 0) throw new Failure(left);
    if (saved) {
      // Before it is shown: what is shown is done.
      refuseOtherState(saved, store.state);
      return { plan: saved, providers: context.providers(store.directories), warnings: saved.diagnostics, saved: true };
    }
    return { ...(await planLab(context, loaded, store, options)), saved: false };
  });
}

/** A saved plan is done as it was shown: what would change it belongs to the plan command. */
function refusePlanFlags(options: VariableArguments & PlanningOptions): void {
  const given = [
    ["-target", options.target?.length],
    ["-replace", options.replace?.length],
    ["-var", options.var?.length],
    ["-var-file", options.varFile?.length],
    ["-refresh", options.refresh === undefined ? 0 : 1],
  ].flatMap(([flag, count]) => (count ? [flag] : []));
  if (given.length === 0) return;
  throw new Failure(
    errorDiagnostic(`${given.join(", ")} cannot be used with a saved plan`, {
      detail:
        "A saved plan is applied as it was shown. Give these flags to the plan command, or apply without a plan file.",
    }),
  );
}
