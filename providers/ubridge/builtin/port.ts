import { type Batch, HEADER_BYTES } from "./frames.ts";

/** Frames and bytes (without their headers), as uBridge counts them. */
export interface Counter {
  packets: number;
  bytes: number;
}

/** One end of a bridge: where frames come from and go to. */
export interface Port {
  readonly kind: "stream" | "udp" | "switch";
  /** As `bridge show` has it. */
  readonly description: string;
  readonly received: Counter;
  readonly sent: Counter;
  /** Frames that were on their way out of here and found a full queue or nobody who takes them. */
  dropped: number;
  /** Whole frames as they come. They are the receiver's until it returns; what it keeps it copies. */
  onFrames: (batches: Batch[]) => void;
  /** The peer is slow: true asks for less, false for more. */
  onPressure: (pressed: boolean) => void;
  /** Frames stay with the peer, as many as the kernel takes, while anyone holds. */
  hold(reason: string): void;
  release(reason: string): void;
  /** Frames out of here, at once or dropped and counted; the batches are the caller's again when it returns. */
  send(batches: readonly Batch[]): void;
  close(): void;
}

export function count(counter: Counter, { data, frames }: Batch): void {
  counter.packets += frames;
  counter.bytes += data.length - frames * HEADER_BYTES;
}
