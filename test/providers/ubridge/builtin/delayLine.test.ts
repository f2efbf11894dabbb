import { expect, it } from "vitest";
import { DelayLine } from "../../../../providers/ubridge/builtin/delayLine.ts";
import type { Batch } from "../../../../providers/ubridge/builtin/frames.ts";

/** The first batch that leaves after `ms` at most. */
function firstOf(act: (line: DelayLine) => void, ms: number): Promise<Batch | undefined> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(undefined), ms);
    act(
      new DelayLine(([first]) => {
        clearTimeout(timer);
        resolve(first);
      }),
    );
  });
}

const batch = (data: Buffer): Batch => ({ data, frames: 1 });

it("a delay line that was cleared does not hold later frames for those that are gone", async () => {
  const left = await firstOf((line) => {
    line.push(batch(Buffer.from("gone")), 60_000);
    line.clear();
    line.push(batch(Buffer.from("new")), 1);
  }, 1000);
  expect(left?.data.toString()).toBe("new");
});

it("a frame that waits is not changed by what is read after it, and does not keep all that was read together with it", async () => {
  const chunk = Buffer.alloc(65_536, "x");
  const left = await firstOf((line) => {
    line.push(batch(chunk.subarray(100, 160)), 1);
    chunk.fill("y");
  }, 1000);
  expect(left?.data.toString()).toBe("x".repeat(60));
  expect(left?.data.buffer.byteLength).toBeLessThan(chunk.length / 2);
});
