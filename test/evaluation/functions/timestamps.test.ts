import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  calendarTime,
  formatMoment,
  type Moment,
  parseDuration,
  parseMoment,
} from "../../../src/evaluation/functions/timestamps.ts";

const seconds = fc.integer({ min: Date.parse("0000-01-01T00:00:00Z") / 1000, max: 253_402_300_799 });

describe("times", () => {
  test("are those of the platform, in every year of four digits", () => {
    fc.assert(
      fc.property(seconds, (second) => {
        const date = new Date(second * 1000);
        const text = date.toISOString().replace(".000Z", "Z");
        const moment = parseMoment(text) as Moment;
        expect(moment).toEqual({ nanoseconds: BigInt(second) * 1_000_000_000n, offsetMinutes: 0 });
        expect(formatMoment(moment)).toBe(text);
        expect(calendarTime(moment)).toMatchObject({ weekday: date.getUTCDay(), year: date.getUTCFullYear() });
      }),
      { numRuns: 1000 },
    );
  });

  test("keep their zone", () => {
    fc.assert(
      fc.property(seconds, fc.integer({ min: -1439, max: 1439 }), (second, offsetMinutes) => {
        const moment = { nanoseconds: BigInt(second) * 1_000_000_000n, offsetMinutes };
        const text = formatMoment(moment);
        fc.pre(/^\d{4}-/.test(text));
        expect(parseMoment(text)).toEqual(moment);
      }),
    );
  });
});

test("durations are the sum of their parts", () => {
  const size = fc.nat(10_000);
  fc.assert(
    fc.property(size, size, size, fc.nat(999), fc.boolean(), (hours, minutes, whole, thousandths, negative) => {
      const text = `${hours}h${minutes}m${whole}.${String(thousandths).padStart(3, "0")}s`;
      const sum = BigInt(hours * 3600 + minutes * 60 + whole) * 1_000_000_000n + BigInt(thousandths) * 1_000_000n;
      expect(parseDuration(text)).toBe(sum);
      expect(parseDuration((negative ? "-" : "+") + text)).toBe(negative ? -sum : sum);
    }),
  );
});
