/*
 * QEMU's run states, as query-status tells them (QEMU: qapi/run-state.json, RunState).
 */

/** The guest runs, or goes on by itself: one that sleeps (ACPI S3) wakes. */
const GOING: ReadonlySet<string> = new Set(["running", "suspended", "colo"]);

/** `cont` is refused (QEMU: softmmu/runstate.c, runstate_needs_reset). */
const LOST: ReadonlySet<string> = new Set(["internal-error", "shutdown"]);

/** Whether the guest stands still until it is let go on. */
export function standsStill(state: string): boolean {
  return !GOING.has(state);
}

/** Whether nothing lets the guest go on but a reset. */
export function needsRestart(state: string): boolean {
  return LOST.has(state);
}
