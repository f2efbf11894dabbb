import { errorDiagnostic, Failure } from "../core/diagnostics.ts";
import { connects } from "../core/ends.ts";
import type { Change } from "../core/plan.ts";
import type { Provider } from "../core/provider.ts";
import type { Instance } from "../core/state.ts";
import { samePlanned } from "../core/values.ts";

/**
 * Refuses a change whose object is no longer what the plan found. Between plan and step lie the approval, and days for
 * a saved plan. A delete needs no such check: what it removes is proven to be ours, whatever became of it.
 *
 * What is looked at is the record, as at plan, and not `prior`, which is settled: what was left half-done by a kill
 * shows only by the operation that is still pending in the record. Only what came or went is refused. How what does
 * not run is broken may well change before its turn: a keeper or bridge that the same plan started serves it again.
 */
export async function refuseStale(change: Change, provider: Provider, recorded: Instance | undefined): Promise<void> {
  const { prior, found } = change;
  if (!prior || found === null || change.action === "delete" || change.action === "create") return;
  const [live] = await provider.read([recorded ?? prior]);
  if (!live) throw new Error(`provider ${change.provider} did not answer for ${change.address}`);
  const { process } = live.instance.private;
  const runs = live.condition === "present";
  const otherProcess = runs && !samePlanned(process ?? null, prior.private.process ?? null);
  const isCarriedAgain = runs && connects(change.kind);
  if ((runs === (found === "present") || isCarriedAgain) && !otherProcess) return;
  const now = live.condition === "present" ? "it runs, as another process" : live.cause.summary;
  throw new Failure(
    errorDiagnostic(`${change.address} is no longer as the plan found it`, {
      address: change.address,
      detail: `Since the plan was made: ${now}. Nothing was done to it. Make a new plan.`,
    }),
  );
}
