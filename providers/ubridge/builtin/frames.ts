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

/** Cuts a byte stream into whole frames. Empty frames, which would end a QEMU netdev for good, are left out. */
export class Deframer {
  /** The start of a frame whose end has not come yet. */
  private pieces: Buffer[] = [];
  private held = 0;

  /** Appends what became whole to `batches`. False at a length no frame can have: nothing after it can be read. */
  push(chunk: Buffer, batches: Batch[]): boolean {
    let at = 0;
    if (this.held > 0) {
      at = this.complete(chunk, batches);
      if (at === -1) return false;
      if (this.held > 0) return true;
    }
    let start = at;
    let frames = 0;
    let sound = true;
    const end = chunk.length;
    while (end - at >= HEADER_BYTES) {
      const length = lengthAt(chunk, at);
      if (length > MAXIMUM_FRAME_BYTES) {
        sound = false;
        break;
      }
      if (length === 0) {
        if (frames > 0) batches.push({ data: chunk.subarray(start, at), frames });
        at += HEADER_BYTES;
        start = at;
        frames = 0;
        continue;
      }
      const next = at + HEADER_BYTES + length;
      if (next > end) break;
      at = next;
      frames++;
    }
    if (frames > 0) {
      batches.push({ data: start === 0 && at === end ? chunk : chunk.subarray(start, at), frames });
    }
    if (sound && at < end) this.hold(at === 0 ? chunk : chunk.subarray(at));
    return sound;
  }

  private hold(piece: Buffer): void {
    this.pieces.push(piece);
    this.held += piece.length;
  }

  /** Adds to the held frame; the offset in `chunk` after what was taken, or -1 at an impossible length. */
  private complete(chunk: Buffer, batches: Batch[]): number {
    let at = 0;
    if (this.held < HEADER_BYTES) {
      at = Math.min(HEADER_BYTES - this.held, chunk.length);
      this.hold(chunk.subarray(0, at));
      this.pieces = [Buffer.concat(this.pieces)];
      if (this.held < HEADER_BYTES) return at;
    }
    const first = this.pieces[0] as Buffer;
    if (first.length < HEADER_BYTES) this.pieces = [Buffer.concat(this.pieces)];
    const length = lengthAt(this.pieces[0] as Buffer, 0);
    if (length > MAXIMUM_FRAME_BYTES) return -1;
    const missing = HEADER_BYTES + length - this.held;
    const taken = Math.min(missing, chunk.length - at);
    if (taken > 0) this.hold(chunk.subarray(at, at + taken));
    if (taken < missing) return at + taken;
    if (length > 0) batches.push({ data: Buffer.concat(this.pieces, this.held), frames: 1 });
    this.pieces = [];
    this.held = 0;
    return at + taken;
  }
}

/** The length of the frame whose header starts at `at`. */
function lengthAt(data: Buffer, at: number): number {
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
