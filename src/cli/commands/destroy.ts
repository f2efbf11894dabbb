import type { ApplyOptions } from "../applying.ts";
import { runApply } from "../applying.ts";
import type { CommonOptions, Context, ExitCode } from "../context.ts";
import type { PlanningOptions } from "../planning.ts";
import { planLab } from "../planning.ts";

/** From the state alone: lab files may be gone or broken. What a former, lost state left running goes first. */
export async function run(
  context: Context,
  common: CommonOptions,
  options: PlanningOptions & ApplyOptions & { readonly lab?: string },
): Promise<ExitCode> {
  const { lab } = options;
  if (lab === undefined) return await destroyHere(context, common, options);
  const { destroyElsewhere } = await import("../destroyElsewhere.ts");
  return await destroyElsewhere(context, common, { ...options, lab }, (there, place) =>
    destroyHere(there, place, options),
  );
}

async function destroyHere(
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
