import { type Batch, HEADER_BYTES, MAXIMUM_FRAME_BYTES } from "./frames.ts";
import { HEADROOM_BYTES, isLent, leaveMemory, takeMemory } from "./memory.ts";

/**
 * Cuts a byte stream into whole frames, in the memory it was read into. Empty frames, which would end a QEMU netdev for
 * good, are left out.
 */
export class Deframer {
  private readonly deliver: (batches: Batch[]) => void;
  private memory = takeMemory();
  /** Of the memory: reads a length in half the time that its bytes take one by one. */
  private view = new DataView(this.memory.buffer);
  /** Where the next bytes go. */
  room = this.memory.subarray(HEADROOM_BYTES);
  /** The start of a frame whose end has not come yet: so many bytes right before the room. */
  private held = 0;
  private ended = false;

  /** What `deliver` gets is its own until it returns, and longer if it is lent (memory.ts). */
  constructor(deliver: (batches: Batch[]) => void) {
    this.deliver = deliver;
  }

  /** `bytes` more are in the room. False at a length no frame can have: nothing after it can be read. */
  take(bytes: number): boolean {
    const { memory, view } = this;
    const end = HEADROOM_BYTES + bytes;
    const batches: Batch[] = [];
    let start = HEADROOM_BYTES - this.held;
    let at = start;
    let frames = 0;
    let sound = true;
    while (end - at >= HEADER_BYTES) {
      const length = view.getUint32(at);
      sound = length <= MAXIMUM_FRAME_BYTES;
      const next = at + HEADER_BYTES + length;
      if (!sound || next > end) break;
      if (length > 0) {
        frames++;
        at = next;
        continue;
      }
      if (frames > 0) batches.push({ data: memory.subarray(start, at), frames });
      at = next;
      start = next;
      frames = 0;
    }
    if (frames > 0) batches.push({ data: memory.subarray(start, at), frames });
    if (batches.length > 0) this.deliver(batches);
    this.settle(at, end);
    return sound;
  }

  end(): void {
    if (!this.ended) leaveMemory(this.memory);
    this.ended = true;
  }

  /** The start of a frame goes before the room, for its end to come right behind it. */
  private settle(from: number, to: number): void {
    if (this.ended) return;
    const { memory } = this;
    this.held = Math.min(to - from, HEADROOM_BYTES);
    if (isLent(memory)) {
      this.memory = takeMemory();
      this.view = new DataView(this.memory.buffer);
      this.room = this.memory.subarray(HEADROOM_BYTES);
      leaveMemory(memory);
    }
    if (this.held > 0) memory.copy(this.memory, HEADROOM_BYTES - this.held, to - this.held, to);
  }
}
