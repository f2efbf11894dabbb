import { refuseRing } from "../applier/apply.ts";
import { makeSteps } from "../applier/steps.ts";
import type { Diagnostic } from "../core/diagnostics.ts";
import { errorDiagnostic, Failure, hasErrors, warningDiagnostic } from "../core/diagnostics.ts";
import type { Checked } from "../core/lab.ts";
import type { Plan } from "../core/plan.ts";
import type { ProviderSet } from "../core/provider.ts";
import type { Leftover, LoadedState, StateAccess } from "../core/workspace.ts";
import { makeDestroyPlan, makePlan } from "../planner/plan.ts";
import type { Context } from "./context.ts";
import { parseBoolean } from "./flagValues.ts";
import type { LoadedLab } from "./lab.ts";

export interface PlanningOptions {
  readonly target?: readonly string[];
  readonly replace?: readonly string[];
  readonly refresh?: string;
}

/** A plan of the lab against a loaded or opened state; rejects when there is none to be had. */
export async function planLab(
  context: Context,
  loaded: LoadedLab | undefined,
  against: LoadedState,
  options: PlanningOptions,
): Promise<{ readonly plan: Plan; readonly providers: ProviderSet; readonly warnings: readonly Diagnostic[] }> {
  const providers = context.providers(against.directories);
  const common = {
    state: against.state,
    providers,
    labformVersion: context.version,
    time: new Date(context.ports.clock.now()).toISOString(),
    refresh: parseBoolean(options.refresh ?? "true", "-refresh"),
    targets: options.target ?? [],
  };
  const result: Checked<Plan> = loaded
    ? await makePlan({
        ...common,
        lab: loaded.lab,
        order: loaded.order,
        variables: loaded.variables,
        surroundings: { ...loaded.surroundings, planTime: common.time },
        replace: options.replace ?? [],
      })
    : await makeDestroyPlan(common);
  if (!result.value || hasErrors(result.diagnostics)) throw new Failure(result.diagnostics);
  refuseRing(makeSteps(result.value));
  return { plan: result.value, providers, warnings: [...(loaded?.warnings ?? []), ...result.diagnostics] };
}

/** Nothing to do and nothing that differs. */
export function isEmptyPlan(plan: Plan): boolean {
  return plan.changes.length === 0 && plan.outputs.every((output) => output.action === "none");
}

/** What a former state of this directory left running. A plan tells; an apply beside it would only fail on what is taken. */
export async function describeLeftovers(
  states: StateAccess,
  lineage: string,
  severity: "error" | "warning",
): Promise<readonly Diagnostic[]> {
  const make = severity === "error" ? errorDiagnostic : warningDiagnostic;
  return (await states.leftovers(lineage)).map((leftover) =>
    make(`Lab "${leftover.labName}" of this directory still runs, but its state is gone`, {
      subject: `registry entry ${leftover.registry}`,
      detail: `Still running:\n${leftover.processes.map((one) => `  ${runningName(one)}\n`).join("")}The state was removed while they ran (git clean removes .labform), or LABFORM_DATA_DIR named another place then. "labform destroy" ends them and removes what is left.`,
    }),
  );
}

/** `node.r1 (pid 4711)` */
export function runningName({ address, identity }: Leftover["processes"][number]): string {
  return `${address || "a process"} (pid ${identity.pid})`;
}
