import type { Action, Operation } from "../core/lifecycle.ts";

/** What was done once an action has ended. */
export const done: { readonly [action in Action]: string } = {
  none: "left as it was",
  wait: "ready",
  update: "updated",
  start: "started",
  boot: "started",
  restart: "restarted",
  stop: "turned off",
  reload: "reset",
  create: "created",
  replace: "replaced",
  delete: "destroyed",
  forget: "removed from the state",
};

/** What a step does while it runs. */
export const doing: { readonly [operation in Operation]: string } = {
  stage: "staging",
  prepare: "preparing",
  start: "starting",
  ready: "waiting until ready",
  stop: "stopping",
  reload: "resetting",
  remove: "removing",
  update: "updating",
  wire: "wiring",
  unwire: "unwiring",
  launch: "launching",
  end: "ending",
  forget: "forgetting",
};

/** `for "login:" on its console`, `waiting for the guest to shut down` */
export function waitingWords(operation: Operation, waitingFor: string): string {
  return operation === "ready" ? `for ${waitingFor}` : `waiting for ${waitingFor}`;
}

/** A node that nothing is waited for is ready at once: a *ready* is told only once it has lasted this long. */
export const QUIET_MS = 200;
