import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Batch,
  Deframer,
  forEachFrame,
  MAXIMUM_FRAME_BYTES,
} from "../../../../providers/ubridge/builtin/frames.ts";
import { frame } from "../support.ts";

/** The frames' payloads, and whether the stream was sound to its end. */
function read(chunks: readonly Buffer[]): { payloads: string[]; sound: boolean } {
  const deframer = new Deframer();
  const payloads: string[] = [];
  for (const chunk of chunks) {
    const batches: Batch[] = [];
    const sound = deframer.push(chunk, batches);
    for (const batch of batches) {
      forEachFrame(batch, (start, end) => payloads.push(batch.data.toString("latin1", start + 4, end)));
    }
    if (!sound) return { payloads, sound };
  }
  return { payloads, sound: true };
}

function cut(stream: Buffer, sizes: readonly number[]): Buffer[] {
  const chunks: Buffer[] = [];
  let at = 0;
  for (let turn = 0; at < stream.length; turn++) {
    const size = sizes[turn % sizes.length] as number;
    chunks.push(stream.subarray(at, at + size));
    at += size;
  }
  return chunks;
}

describe("the framing of a stream netdev", () => {
  it("finds the same frames however the stream is cut, and never an empty one", () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ maxLength: 300, unit: "binary-ascii" }), { maxLength: 40 }),
        fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 6 }),
        (payloads, sizes) => {
          const stream = Buffer.concat(payloads.map(frame));
          const result = read(cut(stream, sizes));
          expect(result.payloads).toEqual(payloads.filter((one) => one !== ""));
          expect(result.sound).toBe(true);
        },
      ),
      { numRuns: 300 },
    );
  });

  it("passes frames that came together on in one piece", () => {
    const batches: Batch[] = [];
    new Deframer().push(
      Buffer.concat([frame("a"), frame("bc"), frame("def"), frame("cut off").subarray(0, 6)]),
      batches,
    );
    expect(batches.map((one) => one.frames)).toEqual([3]);
  });

  it("holds a frame back until its last byte is there", () => {
    const whole = frame("x".repeat(1000));
    expect(read([whole.subarray(0, -1)]).payloads).toEqual([]);
    expect(read([whole.subarray(0, -1), whole.subarray(-1)]).payloads).toEqual(["x".repeat(1000)]);
  });

  it("takes the largest frame QEMU sends and refuses one byte more, also when the length comes in parts", () => {
    const largest = frame("y".repeat(MAXIMUM_FRAME_BYTES));
    expect(read(cut(largest, [4096])).payloads).toHaveLength(1);
    const header = Buffer.alloc(4);
    header.writeUInt32BE(MAXIMUM_FRAME_BYTES + 1);
    expect(read([Buffer.concat([frame("before"), header])])).toEqual({ payloads: ["before"], sound: false });
    expect(read([header.subarray(0, 2), header.subarray(2)]).sound).toBe(false);
    expect(read([Buffer.from([0xff, 0xff, 0xff, 0xff])]).sound).toBe(false);
  });
});
