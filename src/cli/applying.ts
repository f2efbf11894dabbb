import { applyPlan } from "../applier/apply.ts";
import type { Diagnostic } from "../core/diagnostics.ts";
import { errorDiagnostic, Failure, hasErrors } from "../core/diagnostics.ts";
import type { Plan } from "../core/plan.ts";
import type { ProviderSet } from "../core/provider.ts";
import type { Leftover, StateStore } from "../core/workspace.ts";
import type { HandRequest } from "../planner/byHand.ts";
import { planSummary } from "../ui/summary.ts";
import { printable } from "../ui/text.ts";
import { approve } from "./approve.ts";
import type { CommonOptions, Context, ExitCode } from "./context.ts";
import { parseBoolean, parseDuration } from "./flagValues.ts";
import { describeLeftovers, isEmptyPlan, runningName } from "./planning.ts";
import { reporter } from "./report.ts";
import { watchSignals } from "./signals.ts";
import { openView, showPlan } from "./view.ts";

export interface ApplyOptions {
  readonly autoApprove?: boolean;
  readonly parallelism?: string;
  readonly lockTimeout?: string;
  readonly lock?: string;
  readonly lostHost?: string;
}

export type ChangingCommand = "apply" | "destroy" | HandRequest["command"];

export interface Approved {
  readonly plan: Plan;
  readonly providers: ProviderSet;
  readonly warnings: readonly Diagnostic[];
  /** A saved plan was seen before and is not asked about again; a command by hand is its own plan. */
  readonly saved: boolean;
  /** What a former, lost state left running: goes first, once it is approved. */
  readonly leftovers?: readonly Leftover[];
}

/**
 * Opens and locks the state, lets `prepare` make or read the plan against it, asks, applies, tells. The way of apply
 * and destroy alike, and, without a question, of the commands that change one thing by hand.
 */
export async function runApply(
  context: Context,
  common: CommonOptions,
  options: ApplyOptions,
  command: ChangingCommand,
  prepare: (store: StateStore, signal: AbortSignal) => Promise<Approved>,
): Promise<ExitCode> {
  const byHand = command !== "apply" && command !== "destroy";
  const parallelism = parseParallelism(options.parallelism);
  const lockTimeoutMs = parseDuration(options.lockTimeout ?? "0s", "-lock-timeout");
  const states = await context.states(common.directory);
  const view = openView(context, common);
  const signals = watchSignals(() => view.emit({ type: "interrupted" }));
  const opening = states.open({
    command,
    lockTimeoutMs,
    lock: parseBoolean(options.lock ?? "true", "-lock"),
    lostHost: options.lostHost,
    onWait: (holder) => view.emit({ type: "lock_wait", holder }),
    onTrouble: (warning) => reporter(context, common)([warning]),
    signal: signals.stopping,
  });
  const store = await opening.catch((error: unknown) => {
    view.stop();
    signals.release();
    throw error;
  });
  try {
    const { plan, providers, warnings, saved, leftovers = [] } = await prepare(store, signals.stopping);
    const report = reporter(context, common);
    if (common.json) report(await describeLeftovers(states, store.state.lineage, "warning"));
    else for (const leftover of leftovers) context.stdout.write(describeEnd(leftover));
    const nothingElse = leftovers.length > 0 && isEmptyPlan(plan);
    if (common.json || !(nothingElse || byHand)) showPlan(context, common, plan, view.emit);
    report(warnings);
    // To forget what a lost host has is something to do, also where nothing is left of it for the plan.
    const isSomething = !isEmptyPlan(plan) || leftovers.length > 0 || options.lostHost !== undefined;
    if (!byHand && isSomething && !saved && options.autoApprove !== true) {
      const apart = warnings.length > 0 || plan.outputs.some(({ action }) => action !== "none");
      const summary = apart && plan.changes.length > 0 ? planSummary(plan.changes, plan.moves?.length) : undefined;
      if (
        !(await approve(context, common, plan.mode === "refresh-only" ? "refresh" : command, summary, signals.stopping))
      )
        return 1;
    }
    for (const leftover of leftovers) {
      await states.removeLeftover(leftover);
      if (!common.json)
        context.stdout.write(`Nothing of the lost lab "${printable(leftover.labName)}" runs any more.\n`);
    }
    const applied = await applyPlan({
      plan,
      command,
      operation: byHand ? "command" : plan.mode === "destroy" ? "destroy" : "apply",
      parallelism,
      store,
      providers,
      clock: context.ports.clock,
      random: context.ports.random,
      emit: view.emit,
      waiting: signals.stopping,
    });
    if (!byHand && plan.mode !== "destroy") view.emit({ type: "outputs", outputs: store.state.outputs });
    view.stop();
    report(applied.diagnostics);
    if (applied.interrupted && !hasErrors(applied.diagnostics)) report([interruption(command, applied.counts.skipped)]);
    if (byHand && isEmptyPlan(plan) && !common.json) context.stdout.write("Nothing to do: it is so already.\n");
    return hasErrors(applied.diagnostics) || applied.interrupted ? 1 : 0;
  } finally {
    view.stop();
    signals.release();
    await store.close();
  }
}

function describeEnd({ labName, processes }: Leftover): string {
  const lines = processes.map((one) => `  - ${printable(runningName(one))}\n`).join("");
  return `Lab "${printable(labName)}" of this directory lost its state while it ran. labform will end what still runs of it:\n\n${lines}\n`;
}

function interruption(command: ChangingCommand, skipped: number): Diagnostic {
  const detail =
    skipped === 0
      ? "All of it was done by then, and is recorded."
      : `What was done is recorded; the next ${command} does what is left.`;
  return errorDiagnostic(`The ${command} was interrupted`, { detail });
}

function parseParallelism(text: string | undefined): number {
  if (text === undefined) return 10;
  const number = Number(text);
  if (Number.isInteger(number) && number >= 1 && number <= 1000) return number;
  throw new Failure(
    errorDiagnostic(`-parallelism=${text} is no number of steps`, { detail: "Give a whole number from 1 to 1000." }),
  );
}
