/**
 * The framing of QEMU's stream netdev: each frame behind its length, 32 bits, big-endian (QEMU's net/stream.c). A relay
 * passes on whole frames only, so that either end may vanish in the middle of one without harm to the other.
 */
export const HEADER_BYTES = 4;

/** QEMU ends the connection at anything larger (NET_BUFSIZE in its include/net/net.h). */
export const MAXIMUM_FRAME_BYTES = 4096 + 65536;

/** One or more whole frames, headers included, in one piece of memory. */
export interface Batch {
  readonly data: Buffer;
  readonly frames: number;
}

/** The length of the frame whose header starts at `at`. */
export function lengthAt(data: Buffer, at: number): number {
  return (
    (((data[at] as number) << 24) |
      ((data[at + 1] as number) << 16) |
      ((data[at + 2] as number) << 8) |
      (data[at + 3] as number)) >>>
    0
  );
}

/** Calls `each` with the start and end of every frame of a batch, headers included. */
export function forEachFrame(batch: Batch, each: (start: number, end: number) => void): void {
  let at = 0;
  for (let frame = 0; frame < batch.frames; frame++) {
    const end = at + HEADER_BYTES + lengthAt(batch.data, at);
    each(at, end);
    at = end;
  }
}
