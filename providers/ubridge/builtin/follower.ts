import type { Socket } from "node:net";
import type { Batch } from "./frames.ts";
import { log } from "./log.ts";
import { type FrameSink, fileHeader, MicrosecondClock, recordsOf } from "./records.ts";

/** A reader that is so far behind misses frames: the link does not wait for it. */
const BEHIND_BYTES = 16 * 1024 * 1024;

/** A client that gets the frames of a bridge as a capture, header first, for as long as it listens. */
export class Follower implements FrameSink {
  private readonly client: Socket;
  private readonly clock = new MicrosecondClock();
  private missed = 0;

  constructor(client: Socket, linkType: string) {
    this.client = client;
    client.write(fileHeader(linkType));
  }

  write(batches: readonly Batch[]): void {
    if (!this.client.writable) return;
    if (this.client.writableLength > BEHIND_BYTES) {
      for (const { frames } of batches) this.missed += frames;
      return;
    }
    this.client.write(recordsOf(batches, this.clock.now()).data);
  }

  /** Tells `gone` when the client has left. */
  onGone(gone: () => void): void {
    this.client.once("close", () => {
      if (this.missed > 0) log(`one who followed was too slow for ${this.missed} frames`);
      gone();
    });
  }

  close(): void {
    this.client.end();
  }
}
