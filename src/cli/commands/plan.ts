import { planToText } from "../../planner/document.ts";
import type { CommonOptions, Context, ExitCode } from "../context.ts";
import { writeSavedPlan } from "../files.ts";
import type { VariableArguments } from "../lab.ts";
import { readLab } from "../lab.ts";
import type { PlanningOptions } from "../planning.ts";
import { describeLeftovers, isEmptyPlan, planLab, refuseTogether } from "../planning.ts";
import { reporter } from "../report.ts";
import { openView, showPlan } from "../view.ts";

interface Options extends VariableArguments, PlanningOptions {
  readonly out?: string;
  readonly destroy?: boolean;
  readonly detailedExitcode?: boolean;
}

export async function run(context: Context, common: CommonOptions, options: Options): Promise<ExitCode> {
  refuseTogether(options);
  const loaded = options.destroy ? undefined : await readLab(context, common.directory, options, common);
  const states = await context.states(common.directory);
  const against = await states.load({ lostHost: options.lostHost });
  const view = openView(context, common);
  const report = reporter(context, common);
  report(await describeLeftovers(states, against.state.lineage, "warning"));
  const { plan, warnings } = await planLab(context, loaded, against, options);
  showPlan(context, common, plan, view.emit);
  view.stop();
  report(warnings);
  if (options.out !== undefined) {
    await writeSavedPlan(context, options.out, planToText(plan));
    if (!common.json)
      context.stdout.write(`\nSaved to ${options.out}. To do exactly this: labform apply ${options.out}\n`);
  }
  return options.detailedExitcode && !isEmptyPlan(plan) ? 2 : 0;
}
