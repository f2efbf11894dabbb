import { closeSync, constants, fstatSync, ftruncateSync, openSync, writeSync } from "node:fs";
import type { Batch } from "./frames.ts";
import { FILE_HEADER_BYTES, type FrameSink, fileHeader, MicrosecondClock, recordsOf } from "./records.ts";
import { FullFiles } from "./rotation.ts";

const { O_CREAT, O_NOFOLLOW, O_TRUNC, O_WRONLY } = constants;

/**
 * A classic pcap file. It can be read at any moment: each frame is in the file before it goes on its way, and what a full
 * disk cut off is taken back.
 */
export class CaptureFile implements FrameSink {
  private descriptor: number;
  private readonly linkType: string;
  private readonly ended: (error: unknown) => void;
  private readonly clock = new MicrosecondClock();
  private size: number;
  private open = true;
  /** Where a new file is begun; 0 is nowhere. */
  private limitBytes = 0;
  private readonly full: FullFiles;

  /**
   * Truncates the file, or with `append` goes on behind what it holds, which is to be whole records of this kind; a link
   * in its place is refused. Throws what opening and first writing to it throw. `ended` is told when it ends because no
   * more can be written.
   */
  constructor(path: Buffer, linkType: string, ended: (error: unknown) => void, append = false) {
    this.linkType = linkType;
    this.ended = ended;
    this.full = new FullFiles(path);
    this.descriptor = openSync(path, O_WRONLY | O_CREAT | O_NOFOLLOW | (append ? 0 : O_TRUNC), 0o600);
    try {
      this.size = fstatSync(this.descriptor).size;
      if (this.size === 0) this.size = writeSync(this.descriptor, fileHeader(linkType));
    } catch (error) {
      closeSync(this.descriptor);
      throw error;
    }
  }

  /** From now on: how large a file becomes, and how many full ones are kept beside it. 0 bytes are no limit. */
  limit(bytes: number, keep: number): void {
    this.limitBytes = bytes;
    this.full.keep = keep;
  }

  write(batches: readonly Batch[]): void {
    if (!this.open) return;
    const { data, ends } = recordsOf(batches, this.clock.now());
    let from = 0;
    let to = 0;
    for (const end of this.limitBytes === 0 ? [] : ends) {
      // A file has one frame at least, however large that is.
      if (this.size + end - from > this.limitBytes && (to > from || this.size > FILE_HEADER_BYTES)) {
        this.append(data.subarray(from, to));
        this.turn();
        if (!this.open) return;
        from = to;
      }
      to = end;
    }
    this.append(data.subarray(from));
  }

  close(): void {
    if (this.open) closeSync(this.descriptor);
    this.open = false;
  }

  private append(data: Buffer): void {
    if (!this.open) return;
    try {
      for (let at = 0; at < data.length; ) at += writeSync(this.descriptor, data, at, data.length - at, this.size + at);
      this.size += data.length;
    } catch (error) {
      try {
        ftruncateSync(this.descriptor, this.size);
      } catch {
        // The record that is cut off stays; readers stop at it.
      }
      this.end(error);
    }
  }

  /** The file is full: it is put aside, and another takes its place. */
  private turn(): void {
    if (!this.open) return;
    try {
      const fresh = this.full.replace(this.descriptor, fileHeader(this.linkType));
      closeSync(this.descriptor);
      this.descriptor = fresh;
      this.size = FILE_HEADER_BYTES;
    } catch (error) {
      this.end(error);
    }
  }

  private end(error: unknown): void {
    this.close();
    this.ended(error);
  }
}
