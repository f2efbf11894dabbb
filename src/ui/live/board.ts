import type { Event } from "../../core/events.ts";
import type { Operation } from "../../core/lifecycle.ts";
import { QUIET_MS } from "../words.ts";

/** A step that runs, or has just ended. Times are `performance.now()`'s. */
export interface ShownStep {
  readonly operation: Operation;
  readonly sinceMs: number;
  readonly endedMs: number | undefined;
  readonly waitingFor: string | undefined;
  /** The last that was seen of it: a line of its console. */
  readonly line: string | undefined;
}

/** A change with what is shown of it. */
export interface Running {
  readonly address: string;
  readonly step: ShownStep;
  /** A step of it runs now. */
  readonly active: boolean;
}

/** How long a change stays shown between two of its steps, so that its row does not blink. */
const LINGER_MS = 300;

/**
 * What a live view knows of an apply. It holds only what runs, so that looking at it costs the same in a lab of any
 * size.
 */
export class Board {
  /** Changes in the apply. */
  total = 0;
  done = 0;
  skipped = 0;
  interrupted = false;
  beganMs = 0;
  /** Addresses, in the order they failed. */
  readonly failed: string[] = [];
  /** By address, the longest running first. `before` is what is shown of a *ready* until it has lasted. */
  readonly #running = new Map<string, { step: ShownStep; readonly before: ShownStep | undefined }>();

  see(event: Event, nowMs: number): void {
    switch (event.type) {
      case "apply_begin":
        this.total = event.changes;
        this.beganMs = nowMs;
        return;
      case "step_start": {
        const { address, operation } = event;
        const before = operation === "ready" ? this.#running.get(address)?.step : undefined;
        const step = { operation, sinceMs: nowMs, endedMs: undefined, waitingFor: undefined, line: undefined };
        this.#running.set(address, { step, before });
        return;
      }
      case "step_waiting":
        this.#change(event.address, { waitingFor: event.waitingFor, line: event.line });
        return;
      case "step_complete":
        if (event.last) this.#running.delete(event.address);
        else this.#change(event.address, { endedMs: nowMs });
        return;
      case "apply_complete":
        this.#running.delete(event.address);
        this.done++;
        return;
      case "apply_errored":
        this.#running.delete(event.address);
        this.failed.push(event.address);
        return;
      case "apply_skipped":
        this.skipped++;
        return;
      case "interrupted":
        this.interrupted = true;
        return;
      default:
    }
  }

  /** What is shown of each, the longest running first. Forgets what has ended a while ago. */
  running(nowMs: number): readonly Running[] {
    const shown: Running[] = [];
    for (const [address, { step, before }] of this.#running) {
      if (step.endedMs !== undefined && nowMs - step.endedMs >= LINGER_MS) this.#running.delete(address);
      else {
        const isQuiet = before !== undefined && nowMs - step.sinceMs < QUIET_MS;
        shown.push({ address, step: isQuiet ? before : step, active: step.endedMs === undefined });
      }
    }
    return shown;
  }

  #change(address: string, facts: Partial<ShownStep>): void {
    const running = this.#running.get(address);
    if (running) running.step = { ...running.step, ...facts };
  }
}
