import { type Batch, forEachFrame, HEADER_BYTES } from "./frames.ts";

/** A packet filter of a bridge, for both directions; names are unique in a bridge. */
export type Filter =
  /** -1 drops every frame, 0 none, N every Nth, counted over both directions together. */
  | { readonly name: string; readonly type: "frequency_drop"; readonly frequency: number }
  | { readonly name: string; readonly type: "packet_loss"; readonly percent: number }
  | { readonly name: string; readonly type: "corrupt"; readonly percent: number }
  | { readonly name: string; readonly type: "delay"; readonly ms: number; readonly jitterMs: number };

/** Undefined when there is no such type or the arguments are not what it takes. */
export function parseFilter(name: string, type: string, args: readonly string[]): Filter | undefined {
  const [only] = args;
  if (type === "frequency_drop") {
    if (args.length !== 1 || only === undefined || !/^(-1|\d{1,9})$/.test(only)) return undefined;
    return { name, type, frequency: Number(only) };
  }
  const numbers = args.map((text) => (/^\d{1,9}(\.\d{1,6})?$/.test(text) ? Number(text) : Number.NaN));
  if (numbers.some(Number.isNaN)) return undefined;
  const [first, second] = numbers;
  if (first === undefined) return undefined;
  if ((type === "packet_loss" || type === "corrupt") && numbers.length === 1 && first <= 100) {
    return { name, type, percent: first };
  }
  if (type === "delay" && numbers.length <= 2 && first > 0) return { name, type, ms: first, jitterMs: second ?? 0 };
  return undefined;
}

/** What the filters of a bridge come to; one for both directions, since they count together. */
export interface Impairment {
  /** No frame passes at all, those on their way included. */
  readonly blocked: boolean;
  /** Says of one frame after the other whether it is lost; undefined when none is. */
  readonly loses: (() => boolean) | undefined;
  /** The chance of a frame to be corrupted, 0 to 1. */
  readonly corrupt: number;
  readonly delayMs: number;
  readonly jitterMs: number;
}

/** Undefined when frames pass as they come. */
export function impairmentOf(filters: readonly Filter[]): Impairment | undefined {
  const losses: (() => boolean)[] = [];
  let blocked = false;
  let sound = 1;
  let delayMs = 0;
  let jitterMs = 0;
  for (const filter of filters) {
    switch (filter.type) {
      case "frequency_drop":
        if (filter.frequency === -1) blocked = true;
        else if (filter.frequency > 0) losses.push(everyNth(filter.frequency));
        break;
      case "packet_loss":
        losses.push(() => Math.random() * 100 < filter.percent);
        break;
      case "corrupt":
        sound *= 1 - filter.percent / 100;
        break;
      case "delay":
        delayMs += filter.ms;
        jitterMs += filter.jitterMs;
        break;
    }
  }
  if (!blocked && losses.length === 0 && sound === 1 && delayMs === 0) return undefined;
  // What one filter takes the next does not count.
  const loses = losses.length === 0 ? undefined : () => losses.some((takes) => takes());
  return { blocked, loses, corrupt: 1 - sound, delayMs, jitterMs };
}

function everyNth(frequency: number): () => boolean {
  let seen = 0;
  return () => {
    seen++;
    if (seen < frequency) return false;
    seen = 0;
    return true;
  };
}

/** The frames of a batch that are not lost, neighbours in one piece; each frame is asked about on its own. */
export function survivors(batch: Batch, loses: () => boolean): Batch[] {
  const kept: Batch[] = [];
  let start = 0;
  let end = 0;
  let frames = 0;
  const flush = () => {
    if (frames > 0) kept.push({ data: batch.data.subarray(start, end), frames });
    frames = 0;
  };
  forEachFrame(batch, (from, to) => {
    if (loses()) return;
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

/** Inverts the middle quarter of each frame that chance picks, in place: its checksum, if it has one, is wrong then. */
export function corruptSome(batch: Batch, chance: number): void {
  forEachFrame(batch, (from, to) => {
    if (Math.random() >= chance) return;
    const length = to - from - HEADER_BYTES;
    const quarter = Math.max(1, Math.floor(length / 4));
    const first = from + HEADER_BYTES + Math.floor((length - quarter) / 2);
    for (let at = first; at < first + quarter; at++) batch.data[at] = ~(batch.data[at] as number);
  });
}

/** Each frame as a batch of its own. */
export function singles(batch: Batch): Batch[] {
  if (batch.frames === 1) return [batch];
  const all: Batch[] = [];
  forEachFrame(batch, (from, to) => all.push({ data: batch.data.subarray(from, to), frames: 1 }));
  return all;
}
