import { errorDiagnostic, Failure } from "../core/diagnostics.ts";
import type { Change } from "../core/plan.ts";
import type { Provider } from "../core/provider.ts";
import { samePlanned } from "../core/values.ts";

/**
 * Refuses a change whose object is no longer what the plan found. Between plan and step lie the approval, and days for
 * a saved plan. A delete needs no such check: what it removes is proven to be ours, whatever became of it.
 */
export async function refuseStale(change: Change, provider: Provider): Promise<void> {
  const { prior, found } = change;
  if (!prior || found === null || change.action === "delete" || change.action === "create") return;
  const [live] = await provider.read([prior]);
  if (!live) throw new Error(`provider ${change.provider} did not answer for ${change.address}`);
  const sameProcess = samePlanned(live.instance.private.process ?? null, prior.private.process ?? null);
  if (live.condition === found && sameProcess) return;
  const now = live.condition === "present" ? "it runs as another process" : live.cause.summary;
  throw new Failure(
    errorDiagnostic(`${change.address} is no longer as the plan found it`, {
      address: change.address,
      detail: `Since the plan was made: ${now}. Nothing was done to it. Make a new plan.`,
    }),
  );
}
