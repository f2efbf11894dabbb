import { closeSync, constants, ftruncateSync, openSync, writeSync } from "node:fs";
import { type Batch, forEachFrame, HEADER_BYTES } from "./frames.ts";

const { O_CREAT, O_NOFOLLOW, O_TRUNC, O_WRONLY } = constants;

/** Longer frames are cut in the file; their true length is noted. As uBridge has it. */
const SNAPSHOT_BYTES = 65_535;

const FILE_HEADER_BYTES = 24;
const RECORD_HEADER_BYTES = 16;

/** The numbers that stand for link types in a file (the registry of tcpdump.org), by libpcap's names. */
const LINK_TYPES: { readonly [name: string]: number } = {
  EN10MB: 1,
  PPP_SERIAL: 50,
  ATM_RFC1483: 100,
  C_HDLC: 104,
  FRELAY: 107,
};

/**
 * A classic pcap file (draft-ietf-opsawg-pcap: little-endian, microseconds). It can be read at any moment: each frame
 * is in the file before it goes on its way, and what a full disk cut off is taken back.
 */
export class CaptureFile {
  private readonly descriptor: number;
  private readonly ended: (error: unknown) => void;
  private size = 0;
  /** From the monotonic clock, which has microseconds, to the time of day. */
  private offsetMs = Date.now() - performance.now();

  /**
   * Truncates the file; a link in its place is refused. An unknown link type counts as Ethernet. Throws what opening and
   * first writing to it throw. `ended` is told when it ends because no more can be written.
   */
  constructor(path: Buffer, linkType: string, ended: (error: unknown) => void) {
    this.ended = ended;
    this.descriptor = openSync(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0o600);
    const header = Buffer.alloc(FILE_HEADER_BYTES);
    header.writeUInt32LE(0xa1b2c3d4, 0);
    header.writeUInt16LE(2, 4);
    header.writeUInt16LE(4, 6);
    header.writeUInt32LE(SNAPSHOT_BYTES, 16);
    header.writeUInt32LE(LINK_TYPES[linkType] ?? (LINK_TYPES.EN10MB as number), 20);
    try {
      this.size = writeSync(this.descriptor, header);
    } catch (error) {
      closeSync(this.descriptor);
      throw error;
    }
  }

  write(batches: readonly Batch[]): void {
    const pieces: Buffer[] = [];
    const microseconds = this.now();
    for (const batch of batches) {
      forEachFrame(batch, (from, to) => {
        const start = from + HEADER_BYTES;
        const kept = Math.min(to - start, SNAPSHOT_BYTES);
        const header = Buffer.allocUnsafe(RECORD_HEADER_BYTES);
        header.writeUInt32LE(Math.floor(microseconds / 1e6), 0);
        header.writeUInt32LE(microseconds % 1e6, 4);
        header.writeUInt32LE(kept, 8);
        header.writeUInt32LE(to - start, 12);
        pieces.push(header, batch.data.subarray(start, start + kept));
      });
    }
    this.append(Buffer.concat(pieces));
  }

  close(): void {
    closeSync(this.descriptor);
  }

  private append(data: Buffer): void {
    try {
      for (let at = 0; at < data.length; ) at += writeSync(this.descriptor, data, at, data.length - at, this.size + at);
      this.size += data.length;
    } catch (error) {
      try {
        ftruncateSync(this.descriptor, this.size);
      } catch {
        // The record that is cut off stays; readers stop at it.
      }
      this.ended(error);
    }
  }

  /** Microseconds since the epoch. */
  private now(): number {
    const steady = performance.now();
    // The time of day is set now and then; a frame's time follows it.
    if (Math.abs(Date.now() - (this.offsetMs + steady)) > 2) this.offsetMs = Date.now() - steady;
    return Math.floor((this.offsetMs + steady) * 1000);
  }
}
