import { type Batch, forEachFrame, HEADER_BYTES } from "./frames.ts";

/** A packet filter as a command asks for it. */
export type Filter =
  /** -1 drops every frame, 0 none, N every Nth, counted over both directions together. */
  | { readonly name: string; readonly type: "frequency_drop"; readonly frequency: number }
  | { readonly name: string; readonly type: "packet_loss"; readonly percent: number }
  | { readonly name: string; readonly type: "corrupt"; readonly percent: number }
  | { readonly name: string; readonly type: "delay"; readonly ms: number; readonly jitterMs: number }
  /** Kilobits (1,000 bits) of frames a second, in each direction. */
  | { readonly name: string; readonly type: "rate"; readonly kbps: number };

/** The frames that leave by that port: 0 is the source's, 1 the destination's. */
export type Toward = 0 | 1;

/** A filter of a bridge. What it has counted is its own, so it goes on when others come and go. */
export interface Attached {
  readonly filter: Filter;
  /** Undefined: both directions, and it counts them together. Names are unique among filters of one scope. */
  readonly toward: Toward | undefined;
  /** Says of one frame after the other whether it is lost; undefined when it loses none. */
  readonly loses: (() => boolean) | undefined;
}

export function attach(filter: Filter, toward: Toward | undefined): Attached {
  return { filter, toward, loses: lossOf(filter) };
}

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
  if (type === "rate" && numbers.length === 1 && first > 0) return { name, type, kbps: first };
  if (type === "delay" && numbers.length <= 2 && first > 0) return { name, type, ms: first, jitterMs: second ?? 0 };
  return undefined;
}

/** What the filters of one direction come to. */
export interface Impairment {
  /** No frame passes at all, those on their way included. */
  readonly blocked: boolean;
  /** Says of one frame after the other whether it is lost; undefined when none is. */
  readonly loses: (() => boolean) | undefined;
  /** The chance of a frame to be corrupted, 0 to 1. */
  readonly corrupt: number;
  readonly rateKbps: number | undefined;
  readonly delayMs: number;
  readonly jitterMs: number;
}

/** Undefined when frames that leave by that port pass as they come. */
export function impairmentOf(all: readonly Attached[], toward: Toward): Impairment | undefined {
  const losses: (() => boolean)[] = [];
  let blocked = false;
  let sound = 1;
  let rateKbps: number | undefined;
  let delayMs = 0;
  let jitterMs = 0;
  for (const one of all) {
    if (one.toward !== undefined && one.toward !== toward) continue;
    const { filter } = one;
    if (one.loses !== undefined) losses.push(one.loses);
    else if (filter.type === "frequency_drop") blocked ||= filter.frequency === -1;
    else if (filter.type === "corrupt") sound *= 1 - filter.percent / 100;
    else if (filter.type === "rate") rateKbps = Math.min(rateKbps ?? filter.kbps, filter.kbps);
    else if (filter.type === "delay") {
      delayMs += filter.ms;
      jitterMs += filter.jitterMs;
    }
  }
  const untouched = losses.length === 0 && sound === 1 && rateKbps === undefined && delayMs === 0;
  if (!blocked && untouched) return undefined;
  // What one filter takes the next does not count.
  const loses = losses.length === 0 ? undefined : () => losses.some((takes) => takes());
  return { blocked, loses, corrupt: 1 - sound, rateKbps, delayMs, jitterMs };
}

function lossOf(filter: Filter): (() => boolean) | undefined {
  if (filter.type === "frequency_drop" && filter.frequency > 0) return everyNth(filter.frequency);
  if (filter.type === "packet_loss" && filter.percent > 0) return () => Math.random() * 100 < filter.percent;
  return undefined;
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
