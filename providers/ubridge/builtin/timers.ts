/** Node takes what is longer, some 24 days, for a millisecond, and says so on standard error each time. */
const LONGEST_MS = 2 ** 31 - 1;

/** As long as a timer can be; who waits for more looks again when it is over. */
export function timerMs(ms: number): number {
  return Math.min(LONGEST_MS, Math.max(1, ms));
}
