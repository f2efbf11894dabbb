import { HEADER_BYTES, MAXIMUM_FRAME_BYTES } from "./frames.ts";

/** Before what is read there is room for the start of a frame that came with an earlier read. */
export const HEADROOM_BYTES = HEADER_BYTES + MAXIMUM_FRAME_BYTES;
/** More at a time is no faster, and is memory that a link keeps. */
const READ_BYTES = 128 * 1024;
const SPARE_MOST = 16;

interface Standing {
  readonly memory: Buffer;
  /** Writes under way that the kernel has not taken whole. */
  writes: number;
  reading: boolean;
}

/**
 * Frames are read into the same memory again and again, and written from there. A write that the kernel did not take whole
 * still needs it: then it is lent until that write is done, and its reader goes on with other memory.
 */
const standings = new WeakMap<ArrayBufferLike, Standing>();
const spare: Buffer[] = [];

/** Memory to read into: HEADROOM_BYTES and what is read behind them. */
export function takeMemory(): Buffer {
  const memory = spare.pop() ?? Buffer.allocUnsafeSlow(HEADROOM_BYTES + READ_BYTES);
  standings.set(memory.buffer, { memory, writes: 0, reading: true });
  return memory;
}

export function isLent({ buffer }: Buffer): boolean {
  return (standings.get(buffer)?.writes ?? 0) > 0;
}

/** Its reader is done with it. */
export function leaveMemory({ buffer }: Buffer): void {
  const standing = standings.get(buffer);
  if (standing === undefined) return;
  standing.reading = false;
  keep(standing);
}

/** `data` is any part of it; memory that nobody reads into is nobody's concern. */
export function lend({ buffer }: Buffer): void {
  const standing = standings.get(buffer);
  if (standing !== undefined) standing.writes++;
}

export function giveBack({ buffer }: Buffer): void {
  const standing = standings.get(buffer);
  if (standing === undefined) return;
  standing.writes--;
  keep(standing);
}

function keep({ memory, writes, reading }: Standing): void {
  if (reading || writes > 0) return;
  standings.delete(memory.buffer);
  if (spare.length < SPARE_MOST) spare.push(memory);
}
