import { type Batch, HEADER_BYTES, lengthAt } from "./frames.ts";
import { timerMs } from "./timers.ts";

/** What may leave at once after a pause, in time at the full rate: frames of a quiet line need no timer. */
const BURST_MS = 2;

/** What waits at most, in time at the full rate and in bytes: a queue as routers have them. */
const QUEUE_MS = 250;
const SMALLEST_QUEUE_BYTES = 32 * 1024;
const LARGEST_QUEUE_BYTES = 16 * 1024 * 1024;

/**
 * A line of so many kilobits a second (a token bucket): a frame leaves when the line has had the time for all of it, in
 * order; what finds the queue full is lost. Credit is not lost while frames wait, so late timers cost no rate.
 */
export class RateLimiter {
  private bytesPerMs = Number.POSITIVE_INFINITY;
  private queue: Batch[] = [];
  private head = 0;
  private bytes = 0;
  /** When the line is done with what has left, on the monotonic clock. */
  private free = 0;
  private timer: NodeJS.Timeout | undefined;
  private readonly leave: (batches: Batch[]) => void;
  private readonly lost: (frames: number) => void;

  constructor(leave: (batches: Batch[]) => void, lost: (frames: number) => void) {
    this.leave = leave;
    this.lost = lost;
  }

  get empty(): boolean {
    return this.head === this.queue.length;
  }

  /** What waits goes on at the new rate; undefined is none, and nothing waits for it. */
  setRate(kilobits: number | undefined): void {
    this.bytesPerMs = kilobits === undefined ? Number.POSITIVE_INFINITY : kilobits / 8;
    if (!this.empty) this.release();
  }

  push(batch: Batch): void {
    const now = performance.now();
    if (!this.empty) return this.wait(batch);
    this.free = Math.max(this.free, now - BURST_MS);
    const passed = this.pass(batch, now);
    if (passed.frames === batch.frames) return this.leave([batch]);
    if (passed.frames > 0) this.leave([passed]);
    this.wait(after(batch, passed));
    this.arm();
  }

  clear(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.queue = [];
    this.head = 0;
    this.bytes = 0;
    this.free = 0;
  }

  /** The frames at the start of a batch that the line is done with by `now`. */
  private pass({ data, frames }: Batch, now: number): Batch {
    let at = 0;
    let passed = 0;
    for (; passed < frames; passed++) {
      const length = lengthAt(data, at);
      const done = this.free + length / this.bytesPerMs;
      if (done > now) break;
      this.free = done;
      at += HEADER_BYTES + length;
    }
    return { data: data.subarray(0, at), frames: passed };
  }

  /** As many frames as there is room for; an empty queue has room for any. */
  private wait(batch: Batch): void {
    const limit = Math.min(LARGEST_QUEUE_BYTES, Math.max(SMALLEST_QUEUE_BYTES, this.bytesPerMs * QUEUE_MS));
    let at = 0;
    let kept = 0;
    for (; kept < batch.frames; kept++) {
      const size = HEADER_BYTES + lengthAt(batch.data, at);
      if (this.bytes + at + size > limit && this.bytes + at > 0) break;
      at += size;
    }
    if (kept < batch.frames) this.lost(batch.frames - kept);
    if (kept === 0) return;
    this.queue.push({ data: Buffer.from(batch.data.subarray(0, at)), frames: kept });
    this.bytes += at;
  }

  private arm(): void {
    const due = this.free + lengthAt((this.queue[this.head] as Batch).data, 0) / this.bytesPerMs;
    this.timer = setTimeout(() => this.release(), timerMs(due - performance.now()));
  }

  private release(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const now = performance.now();
    const leaving: Batch[] = [];
    while (!this.empty) {
      const batch = this.queue[this.head] as Batch;
      const passed = this.pass(batch, now);
      if (passed.frames > 0) leaving.push(passed);
      this.bytes -= passed.data.length;
      if (passed.frames < batch.frames) {
        this.queue[this.head] = after(batch, passed);
        break;
      }
      this.head++;
    }
    if (this.empty || this.head > 1024) {
      this.queue = this.queue.slice(this.head);
      this.head = 0;
    }
    if (!this.empty) this.arm();
    if (leaving.length > 0) this.leave(leaving);
  }
}

function after(batch: Batch, passed: Batch): Batch {
  return { data: batch.data.subarray(passed.data.length), frames: batch.frames - passed.frames };
}
