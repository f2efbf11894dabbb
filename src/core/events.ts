import type { Diagnostic } from "./diagnostics.ts";
import type { Action, Operation } from "./lifecycle.ts";
import type { Plan } from "./plan.ts";

/**
 * Progress, as one stream. The engine emits, screens read: plain lines, JSON lines, a live tree. Names follow
 * OpenTofu's machine-readable views where there is one to follow.
 */
export type Event =
  | { readonly type: "planned"; readonly plan: Plan }
  | { readonly type: "lock_wait"; readonly holder: string }
  /** The first event of an apply: what there is to do. */
  | { readonly type: "apply_begin"; readonly changes: number }
  | { readonly type: "apply_start"; readonly address: string; readonly action: Action }
  | { readonly type: "step_start"; readonly address: string; readonly action: Action; readonly operation: Operation }
  /** What a step has to tell while it runs: `QEMU runs (pid 4711)`, a console line. */
  | {
      readonly type: "step_progress";
      readonly address: string;
      readonly operation: Operation;
      readonly message: string;
    }
  /** What a running step waits for (`"login:" on its console`), and the last line seen of it. Only live views show it. */
  | {
      readonly type: "step_waiting";
      readonly address: string;
      readonly operation: Operation;
      readonly waitingFor: string;
      readonly line?: string | undefined;
    }
  | {
      readonly type: "step_complete";
      readonly address: string;
      readonly operation: Operation;
      readonly elapsedMs: number;
      /** With it the instance is as planned: `apply_complete` follows. */
      readonly last: boolean;
    }
  | { readonly type: "apply_complete"; readonly address: string; readonly action: Action; readonly elapsedMs: number }
  | {
      readonly type: "apply_errored";
      readonly address: string;
      readonly action: Action;
      readonly operation: Operation;
      readonly diagnostics: readonly Diagnostic[];
    }
  | { readonly type: "apply_skipped"; readonly address: string; readonly action: Action; readonly because: string }
  | { readonly type: "diagnostic"; readonly diagnostic: Diagnostic }
  | { readonly type: "interrupted" }
  | {
      readonly type: "change_summary";
      readonly counts: ChangeCounts;
      readonly operation: "plan" | "apply" | "destroy" | "command";
      readonly elapsedMs: number;
    }
  | {
      readonly type: "outputs";
      readonly outputs: {
        readonly [name: string]: { readonly sensitive: boolean; readonly type: unknown; readonly value?: unknown };
      };
    };

/** Instances by what is, or was, done to them. */
export interface ChangeCounts {
  readonly create: number;
  readonly update: number;
  readonly restart: number;
  readonly replace: number;
  readonly delete: number;
  readonly forget: number;
  readonly failed: number;
  readonly skipped: number;
}

/** As what each action counts: a start as a restart; a stop, a reset and a wait as an update. */
const COUNTED: { readonly [action in Action]: keyof ChangeCounts | undefined } = {
  none: undefined,
  wait: "update",
  update: "update",
  start: "restart",
  boot: "restart",
  stop: "update",
  reload: "update",
  restart: "restart",
  create: "create",
  replace: "replace",
  delete: "delete",
  forget: "forget",
};

/** What is counted of changes, with what became of those that were not done. */
export function countActions(
  actions: Iterable<Action>,
  undone: Pick<ChangeCounts, "failed" | "skipped"> = { failed: 0, skipped: 0 },
): ChangeCounts {
  const counts = { create: 0, update: 0, restart: 0, replace: 0, delete: 0, forget: 0, ...undone };
  for (const action of actions) {
    const name = COUNTED[action];
    if (name) counts[name]++;
  }
  return counts;
}

export type Emit = (event: Event) => void;
