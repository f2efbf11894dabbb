/** What waits for its time; cancelling what has happened does nothing. */
export interface Timer {
  cancel(): void;
}

interface Event {
  readonly at: number;
  readonly order: number;
  run: (() => void) | undefined;
}

/** For so many milliseconds the real world is given its turn, where a module is loaded, before all counts as stuck. */
const PATIENCE = 30_000;

/**
 * Virtual time. Everything that happens in a simulation is an event here; between two events the code under test runs
 * until it waits, and then time jumps to the next. One order of events comes of one seed.
 */
export class Scheduler {
  #now: number;
  #order = 0;
  readonly #heap: Event[] = [];

  constructor(startMs: number) {
    this.#now = startMs;
  }

  get now(): number {
    return this.#now;
  }

  after(ms: number, run: () => void): Timer {
    const event: Event = { at: this.#now + Math.max(0, ms), order: this.#order++, run };
    this.#push(event);
    return {
      cancel: () => {
        event.run = undefined;
      },
    };
  }

  /** Lets the world go on until the promise settles. Rejects when nothing can ever settle it. */
  async until<T>(promise: Promise<T>): Promise<T> {
    let settled = false;
    const settle = () => {
      settled = true;
    };
    promise.then(settle, settle);
    let idle = 0;
    for (;;) {
      await turn();
      if (settled) return await promise;
      const event = this.#pop();
      if (event) {
        idle = 0;
        this.#happen(event);
      } else if (++idle > PATIENCE) throw new Error("the simulation stands still: what is waited for never happens");
      else if (idle > 10) await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }

  /** Lets the world go on for so long. */
  async pass(ms: number): Promise<void> {
    await this.until(new Promise<void>((resolve) => void this.after(ms, resolve)));
  }

  #happen(event: Event): void {
    this.#now = Math.max(this.#now, event.at);
    event.run?.();
  }

  #push(event: Event): void {
    const heap = this.#heap;
    let at = heap.push(event) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(event, heap[parent] as Event)) break;
      heap[at] = heap[parent] as Event;
      at = parent;
    }
    heap[at] = event;
  }

  #pop(): Event | undefined {
    for (;;) {
      const event = this.#take();
      if (!event || event.run) return event;
    }
  }

  #take(): Event | undefined {
    const heap = this.#heap;
    const top = heap[0];
    const last = heap.pop();
    if (top === undefined || last === undefined || heap.length === 0) return top;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1] as Event, heap[child] as Event)) child++;
      if (!isBefore(heap[child] as Event, last)) break;
      heap[at] = heap[child] as Event;
      at = child;
    }
    heap[at] = last;
    return top;
  }
}

function isBefore(left: Event, right: Event): boolean {
  return left.at < right.at || (left.at === right.at && left.order < right.order);
}

/** All promises that can go on have gone on when it resolves. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
