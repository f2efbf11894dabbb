import { type Batch, forEachFrame } from "./frames.ts";

/** A packet filter of a bridge, for both directions; names are unique in a bridge. */
export type Filter =
  | { readonly name: string; readonly type: "packet_loss"; readonly percent: number }
  | { readonly name: string; readonly type: "delay"; readonly ms: number; readonly jitterMs: number };

/** Undefined when there is no such type or the arguments are not what it takes. */
export function parseFilter(name: string, type: string, args: readonly string[]): Filter | undefined {
  const numbers = args.map((text) => (/^\d{1,9}(\.\d{1,6})?$/.test(text) ? Number(text) : Number.NaN));
  if (numbers.some(Number.isNaN)) return undefined;
  const [first, second] = numbers;
  if (first === undefined) return undefined;
  if (type === "packet_loss" && numbers.length === 1 && first <= 100) return { name, type, percent: first };
  if (type === "delay" && numbers.length <= 2 && first > 0) return { name, type, ms: first, jitterMs: second ?? 0 };
  return undefined;
}

/** What the filters of a bridge come to. */
export interface Impairment {
  /** The chance of a frame to pass, 0 to 1. */
  readonly pass: number;
  readonly delayMs: number;
  readonly jitterMs: number;
}

export function impairmentOf(filters: readonly Filter[]): Impairment | undefined {
  if (filters.length === 0) return undefined;
  let pass = 1;
  let delayMs = 0;
  let jitterMs = 0;
  for (const filter of filters) {
    if (filter.type === "packet_loss") pass *= 1 - filter.percent / 100;
    else {
      delayMs += filter.ms;
      jitterMs += filter.jitterMs;
    }
  }
  return { pass, delayMs, jitterMs };
}

/** The frames of a batch that pass, neighbours in one piece; each frame is tossed for on its own. */
export function survivors(batch: Batch, pass: number): Batch[] {
  if (pass >= 1) return [batch];
  const kept: Batch[] = [];
  let start = 0;
  let end = 0;
  let frames = 0;
  const flush = () => {
    if (frames > 0) kept.push({ data: batch.data.subarray(start, end), frames });
    frames = 0;
  };
  forEachFrame(batch, (from, to) => {
    if (Math.random() >= pass) return;
    if (frames === 0 || from !== end) {
      flush();
      start = from;
    }
    end = to;
    frames++;
  });
  flush();
  return kept;
}

/** Each frame as a batch of its own. */
export function singles(batch: Batch): Batch[] {
  if (batch.frames === 1) return [batch];
  const all: Batch[] = [];
  forEachFrame(batch, (from, to) => all.push({ data: batch.data.subarray(from, to), frames: 1 }));
  return all;
}
