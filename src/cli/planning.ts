import { refuseRing } from "../applier/apply.ts";
import { makeSteps } from "../applier/steps.ts";
import { parseTarget } from "../core/addresses.ts";
import type { Diagnostic } from "../core/diagnostics.ts";
import { errorDiagnostic, Failure, fail, hasErrors, warningDiagnostic } from "../core/diagnostics.ts";
import type { Checked } from "../core/lab.ts";
import type { Plan } from "../core/plan.ts";
import type { ProviderSet } from "../core/provider.ts";
import type { Leftover, LoadedState, StateAccess } from "../core/workspace.ts";
import { makeDestroyPlan, makePlan } from "../planner/plan.ts";
import { makeRefreshPlan } from "../planner/refreshOnly.ts";
import type { Context } from "./context.ts";
import { parseBoolean } from "./flagValues.ts";
import { quoted } from "./instances.ts";
import type { LoadedLab } from "./lab.ts";

export interface PlanningOptions {
  readonly target?: readonly string[];
  readonly exclude?: readonly string[];
  readonly replace?: readonly string[];
  readonly refresh?: string;
  readonly lostHost?: string;
  readonly refreshOnly?: boolean;
}

/** A plan of the lab against a loaded or opened state; rejects when there is none to be had, and when `signal` aborts. */
export async function planLab(
  context: Context,
  loaded: LoadedLab | undefined,
  against: LoadedState,
  options: PlanningOptions,
  signal?: AbortSignal,
): Promise<{ readonly plan: Plan; readonly providers: ProviderSet; readonly warnings: readonly Diagnostic[] }> {
  const providers = context.providers(against.directories);
  refuseTogether(options);
  if (options.refreshOnly && against.away) throw new Failure(against.away);
  const addresses = (words: readonly string[] = []) => words.map((one) => (parseTarget(one) ? one : quoted(one)));
  const common = {
    state: against.state,
    providers,
    labformVersion: context.version,
    time: new Date(context.ports.clock.now()).toISOString(),
    // What runs on another host can be neither seen nor taken for dead: then what is recorded counts.
    refresh: parseBoolean(options.refresh ?? "true", "-refresh") && !against.away,
    targets: addresses(options.target),
    excludes: addresses(options.exclude),
  };
  const make = options.refreshOnly ? makeRefreshPlan : makePlan;
  const result: Checked<Plan> = loaded
    ? await make({
        ...common,
        lab: loaded.lab,
        order: loaded.order,
        variables: loaded.variables,
        surroundings: { ...loaded.surroundings, planTime: common.time },
        replace: addresses(options.replace),
        signal,
      })
    : await makeDestroyPlan({
        ...common,
        workspace: context.workspace,
        directory: against.directories.lab,
      });
  if (!result.value || hasErrors(result.diagnostics)) throw new Failure(result.diagnostics);
  refuseRing(makeSteps(result.value));
  return {
    plan: result.value,
    providers,
    warnings: [...(against.warnings ?? []), ...(loaded?.warnings ?? []), ...result.diagnostics],
  };
}

/** Flags of which one takes the sense from the other. */
export function refuseTogether(options: PlanningOptions & { readonly destroy?: boolean }): void {
  const { target = [], exclude = [], replace = [], refresh, refreshOnly, destroy } = options;
  if (target.length > 0 && exclude.length > 0) {
    fail("-target and -exclude cannot be used together", {
      detail: "The one names all that is planned, the other what is not. Use one of them.",
    });
  }
  if (destroy && replace.length > 0) {
    fail("-replace cannot be used with -destroy", { detail: "What is to be destroyed is not made anew." });
  }
  if (!refreshOnly) return;
  const other = destroy
    ? "-destroy"
    : replace.length > 0
      ? "-replace"
      : refresh !== undefined && !parseBoolean(refresh, "-refresh")
        ? "-refresh=false"
        : undefined;
  if (other === undefined) return;
  fail(`-refresh-only cannot be used with ${other}`, {
    detail: "With it labform only looks at the host and records what it finds; it makes and removes nothing.",
  });
}

/** Nothing to do and nothing that differs. */
export function isEmptyPlan(plan: Plan): boolean {
  if ((plan.moves ?? []).length > 0) return false;
  const records = plan.mode === "refresh-only" && plan.refreshes.length + (plan.lost?.length ?? 0) > 0;
  return !records && plan.changes.length === 0 && plan.outputs.every((output) => output.action === "none");
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
