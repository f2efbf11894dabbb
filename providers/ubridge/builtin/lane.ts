import { DelayLine } from "./delayLine.ts";
import { corruptSome, type Impairment, singles, survivors } from "./filters.ts";
import type { Batch } from "./frames.ts";
import { RateLimiter } from "./rateLimiter.ts";

/**
 * One way between two ports, with its impairments: loss, then corruption, then the rate, then the delay. What is lost
 * takes no time of the line, and what waits for the rate is not yet under way.
 */
export class Lane {
  private impairment: Impairment | undefined;
  private readonly limiter: RateLimiter;
  private readonly line: DelayLine;
  private readonly leave: (batches: Batch[]) => void;
  private readonly lost: (frames: number) => void;

  /** `leave` gets what comes out at the other end, `lost` how many frames found a queue full. */
  constructor(leave: (batches: Batch[]) => void, lost: (frames: number) => void) {
    this.leave = leave;
    this.lost = lost;
    this.line = new DelayLine(leave);
    this.limiter = new RateLimiter((batches) => this.delay(batches), lost);
  }

  /** Undefined lets frames pass as they come; those on their way stay before them. */
  impair(impairment: Impairment | undefined): void {
    this.impairment = impairment;
    if (impairment?.blocked) this.clear();
    this.limiter.setRate(impairment?.rateKbps);
  }

  /** Nothing holds a frame up: its sender may be held back for a slow receiver instead. */
  get straight(): boolean {
    const { impairment } = this;
    const timeless = impairment === undefined || (impairment.delayMs === 0 && impairment.rateKbps === undefined);
    return timeless && this.line.empty && this.limiter.empty;
  }

  push(batches: Batch[]): void {
    const { impairment } = this;
    if (impairment === undefined) return this.limit(batches);
    if (impairment.blocked) return;
    const { loses } = impairment;
    const kept = loses === undefined ? batches : batches.flatMap((batch) => survivors(batch, loses));
    if (kept.length === 0) return;
    if (impairment.corrupt > 0) for (const batch of kept) corruptSome(batch, impairment.corrupt);
    this.limit(kept);
  }

  clear(): void {
    this.limiter.clear();
    this.line.clear();
  }

  private limit(batches: Batch[]): void {
    if (this.impairment?.rateKbps === undefined && this.limiter.empty) return this.delay(batches);
    for (const batch of batches) this.limiter.push(batch);
  }

  private delay(batches: Batch[]): void {
    const { delayMs, jitterMs } = this.impairment ?? { delayMs: 0, jitterMs: 0 };
    if (delayMs === 0 && this.line.empty) return this.leave(batches);
    for (const batch of batches) {
      for (const one of jitterMs > 0 ? singles(batch) : [batch]) {
        const due = jitterMs > 0 ? Math.max(0, delayMs + (Math.random() * 2 - 1) * jitterMs) : delayMs;
        if (!this.line.push(one, due)) this.lost(one.frames);
      }
    }
  }
}
