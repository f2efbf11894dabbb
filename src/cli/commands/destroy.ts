import type { ApplyOptions } from "../applying.ts";
import { runApply } from "../applying.ts";
import type { CommonOptions, Context, ExitCode } from "../context.ts";
import type { PlanningOptions } from "../planning.ts";
import { planLab } from "../planning.ts";

/** From the state alone: lab files may be gone or broken. What a former, lost state left running goes first. */
export async function run(
  context: Context,
  common: CommonOptions,
  options: PlanningOptions & ApplyOptions,
): Promise<ExitCode> {
  const states = await context.states(common.directory);
  return runApply(context, common, options, "destroy", async (store) => {
    const leftovers = await states.leftovers(store.state.lineage);
    return { ...(await planLab(context, undefined, store, options)), saved: false, leftovers };
  });
}
