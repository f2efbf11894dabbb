import type { EndStatistics } from "../core/provider.ts";

/**
 * What went over a link, each way as it came out: `0→1 120 (9.8 kB), 1→0 118 (9.6 kB), 2 lost`. What is still under way
 * has not come out and counts as lost for so long. Of a network, what came in and went out at all ends.
 */
export function trafficOf(ends: readonly EndStatistics[]): string {
  const [first, second] = ends;
  if (ends.length !== 2 || !first || !second) {
    const sum = (which: "sent" | "received") => ({
      frames: ends.reduce((all, end) => all + end[which].frames, 0),
      bytes: ends.reduce((all, end) => all + end[which].bytes, 0),
    });
    return `in ${counted(sum("sent"))}, out ${counted(sum("received"))}`;
  }
  const lost = Math.max(0, first.sent.frames - second.received.frames + second.sent.frames - first.received.frames);
  const ways = `0→1 ${counted(second.received)}, 1→0 ${counted(first.received)}`;
  return lost === 0 ? ways : `${ways}, ${lost} lost`;
}

function counted({ frames, bytes }: EndStatistics["sent"]): string {
  return frames === 0 ? "0" : `${frames} (${sayBytes(bytes)})`;
}

const UNITS = ["B", "kB", "MB", "GB", "TB", "PB"];

/** `64 B`, `9.8 kB`, `120 MB` */
function sayBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 || value >= 9.95 ? Math.round(value) : value.toFixed(1)} ${UNITS[unit]}`;
}
