import type { ChangeCounts } from "../core/events.ts";
import { countActions } from "../core/events.ts";
import type { Change } from "../core/plan.ts";
import { formatElapsed } from "./text.ts";

/** Instances by what a plan does to them. */
export function countChanges(changes: readonly Change[]): ChangeCounts {
  return countActions(changes.map(({ action }) => action));
}

/**
 * `Plan: 3 to add, 1 to change, 0 to destroy.`, with what a replace, a restart and a move add to it.
 */
export function planSummary(changes: readonly Change[], moves = 0): string {
  const counts = countChanges(changes);
  const starts = changes.filter(({ action }) => action === "start" || action === "boot").length;
  const stops = changes.filter(({ action, rests }) => action === "stop" || (action === "restart" && rests)).length;
  const restartsToOff = changes.filter(({ action, rests }) => action === "restart" && rests).length;
  const details = [
    [counts.replace, "to replace"],
    [counts.restart - starts - restartsToOff, "to restart"],
    [starts, "to start"],
    [stops, "to stop"],
    [moves, "to move"],
  ].filter(([count]) => count !== 0);
  const more = details.length === 0 ? "" : ` (${details.map((part) => part.join(" ")).join(", ")})`;
  const { add, change, destroy } = totals(counts);
  const forget = counts.forget === 0 ? "" : `, ${counts.forget} to forget`;
  return `Plan: ${add} to add, ${change} to change, ${destroy} to destroy${forget}${more}.`;
}

/** After an apply or destroy. */
export function doneSummary(
  counts: ChangeCounts,
  operation: "apply" | "destroy" | "command",
  elapsedMs: number,
): string {
  const { add, change, destroy } = totals(counts);
  const whole = counts.failed === 0 && counts.skipped === 0;
  if (operation === "command") {
    const failed = counts.failed + counts.skipped;
    return `${whole ? "Done" : "Not all done"}! ${change} changed${whole ? "" : `, ${failed} failed`} (${formatElapsed(elapsedMs)}).`;
  }
  const name = operation === "apply" ? "Apply" : "Destroy";
  const done = operation === "apply" ? [`${add} added`, `${change} changed`] : [];
  done.push(`${destroy} destroyed`);
  if (counts.forget > 0) done.push(`${counts.forget} forgotten`);
  if (counts.restart > 0 && operation === "apply") done.push(`${counts.restart} of them restarted or started`);
  if (counts.failed > 0) done.push(`${counts.failed} failed`);
  if (counts.skipped > 0) done.push(`${counts.skipped} skipped`);
  return `${name} ${whole ? "complete" : "incomplete"}! ${done.join(", ")} (${formatElapsed(elapsedMs)}).`;
}

/** Terraform's three numbers: a replaced instance is added and destroyed, a restarted one changed. */
export function totals(counts: ChangeCounts): { add: number; change: number; destroy: number } {
  return {
    add: counts.create + counts.replace,
    change: counts.update + counts.restart,
    destroy: counts.delete + counts.replace,
  };
}
