import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Deframer } from "../../../../providers/ubridge/builtin/deframer.ts";
import { type Batch, forEachFrame, MAXIMUM_FRAME_BYTES } from "../../../../providers/ubridge/builtin/frames.ts";
import { giveBack, lend } from "../../../../providers/ubridge/builtin/memory.ts";
import { feed, frame } from "../support.ts";

/** The frames' payloads, and whether the stream was sound to its end. */
function read(chunks: readonly Buffer[]): { payloads: string[]; sound: boolean } {
  const payloads: string[] = [];
  const deframer = new Deframer((batches) => payloads.push(...payloadsOf(batches)));
  const sound = chunks.every((chunk) => feed(deframer, chunk));
  deframer.end();
  return { payloads, sound };
}

function payloadsOf(batches: readonly Batch[]): string[] {
  const payloads: string[] = [];
  for (const batch of batches) {
    forEachFrame(batch, (start, end) => payloads.push(batch.data.toString("latin1", start + 4, end)));
  }
  return payloads;
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
    const seen: number[] = [];
    const deframer = new Deframer((batches) => seen.push(...batches.map((one) => one.frames)));
    const pieces = [frame("a"), frame("bc"), frame("def"), frame("cut off")];
    feed(deframer, Buffer.concat(pieces).subarray(0, -2));
    expect(seen).toEqual([3]);
  });

  it("reads into the same memory again, but for what a write still needs", () => {
    let lending = true;
    const kept: Batch[] = [];
    const deframer = new Deframer((batches) => {
      if (lending) for (const { data } of batches) lend(data);
      kept.push(...batches);
    });
    const memory = deframer.room.buffer;
    feed(deframer, Buffer.concat([frame("needed"), frame("cut off").subarray(0, 7)]));
    expect(deframer.room.buffer).not.toBe(memory);
    lending = false;
    const second = deframer.room.buffer;
    feed(deframer, Buffer.concat([frame("cut off").subarray(7), frame("another")]));
    expect(deframer.room.buffer).toBe(second);
    expect(payloadsOf(kept)).toEqual(["needed", "cut off", "another"]);
    const [first] = kept;
    if (first) giveBack(first.data);
    expect(new Deframer(() => {}).room.buffer).toBe(memory);
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
