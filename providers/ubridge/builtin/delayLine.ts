import type { Batch } from "./frames.ts";
import { timerMs } from "./timers.ts";

/** What a line holds at most; frames beyond it are lost, as they would be in a full buffer. */
const LINE_LIMIT_BYTES = 16 * 1024 * 1024;

interface Entry {
  readonly batch: Batch;
  readonly due: number;
}

/**
 * A delay line: frames leave in the order they came, each when its time has come, however many are on their way. (A
 * relay that sleeps for each frame carries one frame per delay.)
 */
export class DelayLine {
  private entries: (Entry | undefined)[] = [];
  private head = 0;
  private bytes = 0;
  private lastDue = 0;
  private timer: NodeJS.Timeout | undefined;
  private readonly leave: (batches: Batch[]) => void;

  constructor(leave: (batches: Batch[]) => void) {
    this.leave = leave;
  }

  get empty(): boolean {
    return this.head === this.entries.length;
  }

  /** `delayMs` from now, but not before what came earlier. False when the line is full. */
  push(batch: Batch, delayMs: number): boolean {
    if (this.bytes + batch.data.length > LINE_LIMIT_BYTES) return false;
    const due = Math.max(performance.now() + delayMs, this.lastDue);
    this.lastDue = due;
    // It came in memory that is read into again.
    this.entries.push({ batch: { data: Buffer.from(batch.data), frames: batch.frames }, due });
    this.bytes += batch.data.length;
    if (this.timer === undefined) this.arm(due);
    return true;
  }

  clear(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.entries = [];
    this.head = 0;
    this.bytes = 0;
    this.lastDue = 0;
  }

  private arm(due: number): void {
    this.timer = setTimeout(() => this.release(), timerMs(due - performance.now()));
  }

  private release(): void {
    this.timer = undefined;
    const now = performance.now();
    const batches: Batch[] = [];
    while (this.head < this.entries.length) {
      const entry = this.entries[this.head] as Entry;
      // Timers count whole milliseconds and may be up to one early.
      if (entry.due > now) break;
      batches.push(entry.batch);
      this.bytes -= entry.batch.data.length;
      this.entries[this.head] = undefined;
      this.head++;
    }
    if (this.empty) {
      this.entries = [];
      this.head = 0;
    } else {
      if (this.head > 1024 && this.head * 2 > this.entries.length) {
        this.entries = this.entries.slice(this.head);
        this.head = 0;
      }
      this.arm((this.entries[this.head] as Entry).due);
    }
    if (batches.length > 0) this.leave(batches);
  }
}
