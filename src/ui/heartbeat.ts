import type { Event } from "../core/events.ts";
import type { Action, Operation } from "../core/lifecycle.ts";

/** A step that runs, and since when. */
interface RunningStep {
  readonly address: string;
  readonly action: Action;
  readonly operation: Operation;
  readonly elapsedMs: number;
  /** The last it said it waits for. */
  readonly waitingFor: string | undefined;
}

const INTERVAL_MS = 10_000;

/**
 * Tells every ten seconds which steps still run, so that a log shows that something is waited for. The timer runs only
 * while steps do and does not keep the process alive.
 */
export class Heartbeat {
  readonly #running = new Map<
    string,
    { readonly action: Action; readonly operation: Operation; readonly since: number; waitingFor?: string }
  >();
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
    } else if (event.type === "step_waiting") {
      const step = this.#running.get(event.address);
      if (step) step.waitingFor = event.waitingFor;
    } else if (event.type === "step_complete" || event.type === "apply_complete" || event.type === "apply_errored") {
      this.#running.delete(event.address);
      if (this.#running.size === 0) this.stop();
    }
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #tell(): void {
    for (const [address, { action, operation, since, waitingFor }] of this.#running) {
      const elapsedMs = performance.now() - since;
      // What has just begun has said so.
      if (elapsedMs >= INTERVAL_MS / 2) this.#beat({ address, action, operation, elapsedMs, waitingFor });
    }
  }
}
