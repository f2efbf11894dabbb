import type { Operation } from "../core/lifecycle.ts";
import type { Step } from "./steps.ts";

export type Ended = "done" | "failed" | "skipped";

/**
 * Runs steps as soon as what they come after has ended, at most `parallelism` at once. Where there is a choice cables
 * go first, then what prepares: it is done in no time and machines wait for it; else it is the plan's order. A failure
 * keeps back what needs it, directly or through others, and nobody else. Once `stopped` answers true nothing new is
 * started. `run` must not throw but for a fault of labform, which ends the walk when what was running has ended.
 */
export async function walkSteps(
  steps: readonly Step[],
  parallelism: number,
  stopped: () => boolean,
  run: (step: Step) => Promise<"done" | "failed">,
  skip: (step: Step, because: Step | undefined) => void,
): Promise<void> {
  const ended = new Map<Step, Ended>();
  const waiting = new Map<Step, number>();
  const followers = new Map<Step, Step[]>();
  const order = new Map(steps.toSorted((left, right) => turnOf(left) - turnOf(right)).map((step, at) => [step, at]));
  const ready = new ReadyQueue((step) => order.get(step) ?? 0);
  for (const step of steps) {
    const before = new Set([...step.needs, ...step.after]);
    waiting.set(step, before.size);
    for (const one of before) {
      const list = followers.get(one);
      if (list) list.push(step);
      else followers.set(one, [step]);
    }
    if (before.size === 0) ready.add(step);
  }
  let running = 0;
  let fault: { readonly error: unknown } | undefined;
  await new Promise<void>((resolve) => {
    const finish = (step: Step, how: Ended) => {
      ended.set(step, how);
      for (const follower of followers.get(step) ?? []) {
        const left = (waiting.get(follower) ?? 0) - 1;
        waiting.set(follower, left);
        if (left === 0) ready.add(follower);
      }
    };
    const pump = () => {
      while (running < parallelism && !fault) {
        const step = ready.take();
        if (!step) break;
        const blocker = [...step.needs].find((one) => ended.get(one) !== "done");
        if (blocker || stopped()) {
          skip(step, blocker);
          finish(step, "skipped");
          continue;
        }
        running++;
        run(step).then(
          (how) => {
            running--;
            finish(step, how);
            pump();
          },
          (error: unknown) => {
            running--;
            fault ??= { error };
            pump();
          },
        );
      }
      if (running === 0 && (fault || ready.size === 0)) resolve();
    };
    pump();
  });
  if (fault) throw fault.error;
}

const EARLY: readonly Operation[] = ["wire", "unwire", "stage", "prepare"];

function turnOf({ operation }: Step): number {
  const turn = EARLY.indexOf(operation);
  return turn === -1 ? EARLY.length : turn;
}

/** The earliest ready step first: a binary heap, so that 10,000 steps cost no more each than ten. */
class ReadyQueue {
  readonly #heap: Step[] = [];
  readonly #rank: (step: Step) => number;

  constructor(rank: (step: Step) => number) {
    this.#rank = rank;
  }

  get size(): number {
    return this.#heap.length;
  }

  add(step: Step): void {
    const heap = this.#heap;
    let at = heap.push(step) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (this.#rank(heap[parent] as Step) <= this.#rank(step)) break;
      heap[at] = heap[parent] as Step;
      at = parent;
    }
    heap[at] = step;
  }

  take(): Step | undefined {
    const heap = this.#heap;
    const top = heap[0];
    const last = heap.pop();
    if (top === undefined || last === undefined || heap.length === 0) return top;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && this.#rank(heap[child + 1] as Step) < this.#rank(heap[child] as Step)) child++;
      if (this.#rank(heap[child] as Step) >= this.#rank(last)) break;
      heap[at] = heap[child] as Step;
      at = child;
    }
    heap[at] = last;
    return top;
  }
}
