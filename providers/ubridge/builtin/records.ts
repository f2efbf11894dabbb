import { FILE_HEADER_BYTES, fileHeader, RECORD_HEADER_BYTES, SNAPSHOT_BYTES } from "../pcap.ts";
import { type Batch, forEachFrame, HEADER_BYTES } from "./frames.ts";

export { FILE_HEADER_BYTES, fileHeader };

/** Whatever frames are shown to as they leave: a file, somebody who follows. */
export interface FrameSink {
  write(batches: readonly Batch[]): void;
}

/** One sink in the place of many; undefined in the place of none. */
export function allOf(sinks: readonly FrameSink[]): FrameSink | undefined {
  if (sinks.length <= 1) return sinks[0];
  return {
    write: (batches) => {
      for (const sink of sinks) sink.write(batches);
    },
  };
}

/** Frames as the records of a capture. */
export interface Records {
  readonly data: Buffer;
  /** Where each record ends. */
  readonly ends: readonly number[];
}

export function recordsOf(batches: readonly Batch[], microseconds: number): Records {
  let length = 0;
  for (const { data, frames } of batches) length += data.length + frames * (RECORD_HEADER_BYTES - HEADER_BYTES);
  const records = Buffer.allocUnsafe(length);
  const ends: number[] = [];
  const seconds = Math.floor(microseconds / 1e6);
  let at = 0;
  for (const batch of batches) {
    forEachFrame(batch, (from, to) => {
      const start = from + HEADER_BYTES;
      const kept = Math.min(to - start, SNAPSHOT_BYTES);
      records.writeUInt32LE(seconds, at);
      records.writeUInt32LE(microseconds % 1e6, at + 4);
      records.writeUInt32LE(kept, at + 8);
      records.writeUInt32LE(to - start, at + 12);
      batch.data.copy(records, at + RECORD_HEADER_BYTES, start, start + kept);
      at += RECORD_HEADER_BYTES + kept;
      ends.push(at);
    });
  }
  return { data: records.subarray(0, at), ends };
}

/** Microseconds since the epoch, from the monotonic clock: the time of day counts milliseconds only. */
export class MicrosecondClock {
  private offsetMs = Date.now() - performance.now();

  now(): number {
    const steady = performance.now();
    // The time of day is set now and then; a frame's time follows it.
    if (Math.abs(Date.now() - (this.offsetMs + steady)) > 2) this.offsetMs = Date.now() - steady;
    return Math.floor((this.offsetMs + steady) * 1000);
  }
}
