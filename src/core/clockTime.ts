/**
 * A moment as one says it: `at 12:03`, with the date where it was not today (`on 2026-03-01 at 12:03`); in local time.
 * `time` is ISO 8601, `now` milliseconds since the epoch. Empty when it is no time.
 */
export function sayTime(time: string, now: number): string {
  const then = new Date(time);
  if (Number.isNaN(then.getTime())) return "";
  const two = (number: number) => String(number).padStart(2, "0");
  const clockTime = `at ${two(then.getHours())}:${two(then.getMinutes())}`;
  if (then.toDateString() === new Date(now).toDateString()) return clockTime;
  return `on ${then.getFullYear()}-${two(then.getMonth() + 1)}-${two(then.getDate())} ${clockTime}`;
}
