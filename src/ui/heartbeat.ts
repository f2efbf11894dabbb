import type { Event } from "../core/events.ts";
import type { Action, Operation } from "../core/lifecycle.ts";

/** A step that runs, and since when. */
export interface RunningStep {
  readonly address: string;
  readonly action: Action;
  readonly operation: Operation;
  readonly elapsedMs: number;
}

const INTERVAL_MS = 10_000;

/**
 * Tells every ten seconds which steps still run, so that a log shows that something is waited for. The timer runs only
 * while steps do and does not keep the process alive.
 */
export class Heartbeat {
  readonly #running = new Map<string, { action: Action; operation: Operation; since: number }>();
  readonly #beat: (step: RunningStep) => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(beat: (step: RunningStep) => void) {
    this.#beat = beat;
  }

  see(event: Event): void {
    if (event.type === "step_start") {
      const { address, action, operation } = event;
      this.#running.set(address, { action, operation, since: performance.now() });
      this.#timer ??= setInterval(() => this.#tell(), INTERVAL_MS).unref();
    } else if (event.type === "step_complete" || event.type === "apply_complete" || event.type === "apply_errored") {
      this.#running.delete(event.address);
      if (this.#running.size === 0) this.stop();
    }
  }

  /** The action that an instance is in the middle of. */
  actionOf(address: string): Action | undefined {
    return this.#running.get(address)?.action;
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #tell(): void {
    for (const [address, { action, operation, since }] of this.#running) {
      const elapsedMs = performance.now() - since;
      // What has just begun has said so.
      if (elapsedMs >= INTERVAL_MS / 2) this.#beat({ address, action, operation, elapsedMs });
    }
  }
}
