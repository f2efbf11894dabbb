/** A moment in nanoseconds since 1970, and the zone it was told in. */
export interface Moment {
  readonly nanoseconds: bigint;
  readonly offsetMinutes: number;
}

export interface CalendarTime {
  readonly year: number;
  /** From 1. */
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  /** From 0, Sunday. */
  readonly weekday: number;
}

const SECOND = 1_000_000_000n;

const rfc3339 = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:Z|([+-])(\d\d):(\d\d))$/;

/** Strictly as RFC 3339, but without leap seconds and with capital letters only; a string says what is wrong. */
export function parseMoment(text: string): Moment | string {
  const match = rfc3339.exec(text);
  if (!match) return "a time is written 2024-05-31T18:04:05Z, with Z or an offset such as +02:00 at its end";
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const [, , , , , , , fraction = "", sign, offsetHours, offsetMinutes] = match;
  if (month < 1 || month > 12) return `there is no month ${match[2]}`;
  if (day < 1 || day > daysIn(year, month)) return `there is no day ${match[3]} in that month`;
  if (hour > 23) return `there is no hour ${match[4]}`;
  if (minute > 59) return `there is no minute ${match[5]}`;
  if (second > 59) return `there is no second ${match[6]}`;
  if (Number(offsetHours ?? 0) > 23 || Number(offsetMinutes ?? 0) > 59) {
    return `there is no offset ${sign}${offsetHours}:${offsetMinutes}`;
  }
  const offset = (Number(offsetHours ?? 0) * 60 + Number(offsetMinutes ?? 0)) * (sign === "-" ? -1 : 1);
  const seconds = daysFromCivil(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second - offset * 60;
  const nanoseconds = BigInt(seconds) * SECOND + BigInt(fraction.slice(0, 9).padEnd(9, "0"));
  return { nanoseconds, offsetMinutes: offset };
}

/** RFC 3339 in whole seconds, as Go prints it: also years outside 0000 to 9999. */
export function formatMoment(moment: Moment): string {
  const { year, month, day, hour, minute, second } = calendarTime(moment);
  const sign = year < 0 ? "-" : "";
  const date = `${sign}${String(Math.abs(year)).padStart(4, "0")}-${twoDigits(month)}-${twoDigits(day)}`;
  const { offsetMinutes } = moment;
  const zone = offsetMinutes === 0 ? "Z" : formatOffset(offsetMinutes, ":");
  return `${date}T${twoDigits(hour)}:${twoDigits(minute)}:${twoDigits(second)}${zone}`;
}

/** `-08:00` */
export function formatOffset(minutes: number, separator: string): string {
  const size = Math.abs(minutes);
  return `${minutes < 0 ? "-" : "+"}${twoDigits(Math.floor(size / 60))}${separator}${twoDigits(size % 60)}`;
}

export function twoDigits(number: number): string {
  return String(number).padStart(2, "0");
}

/** In the moment's own zone. */
export function calendarTime({ nanoseconds, offsetMinutes }: Moment): CalendarTime {
  const seconds = Number(floorDivide(nanoseconds, SECOND)) + offsetMinutes * 60;
  const days = Math.floor(seconds / 86_400);
  const ofDay = seconds - days * 86_400;
  return {
    ...civilFromDays(days),
    hour: Math.floor(ofDay / 3600),
    minute: Math.floor(ofDay / 60) % 60,
    second: ofDay % 60,
    weekday: (((days + 4) % 7) + 7) % 7,
  };
}

function floorDivide(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor;
  return dividend % divisor < 0n ? quotient - 1n : quotient;
}

function daysIn(year: number, month: number): number {
  return daysFromCivil(month === 12 ? year + 1 : year, (month % 12) + 1, 1) - daysFromCivil(year, month, 1);
}

/** Days since 1970 in the Gregorian calendar, extended to all years: eras of 400 years, each year from March. */
function daysFromCivil(year: number, month: number, day: number): number {
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const ofEra = shifted - era * 400;
  const ofYear = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1;
  return era * 146_097 + ofEra * 365 + Math.floor(ofEra / 4) - Math.floor(ofEra / 100) + ofYear - 719_468;
}

function civilFromDays(days: number): Pick<CalendarTime, "year" | "month" | "day"> {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const ofEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (ofEra - Math.floor(ofEra / 1460) + Math.floor(ofEra / 36_524) - Math.floor(ofEra / 146_096)) / 365,
  );
  const ofYear = ofEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const fromMarch = Math.floor((5 * ofYear + 2) / 153);
  const month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9;
  const day = ofYear - Math.floor((153 * fromMarch + 2) / 5) + 1;
  return { year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day };
}

const units: ReadonlyMap<string, bigint> = new Map([
  ["ns", 1n],
  ["us", 1000n],
  // The micro sign and the Greek letter.
  ["\u00b5s", 1000n],
  ["\u03bcs", 1000n],
  ["ms", 1_000_000n],
  ["s", SECOND],
  ["m", 60n * SECOND],
  ["h", 3600n * SECOND],
]);

const largest = 2n ** 63n;

/** Go's durations, in nanoseconds: `1h30m`, `-1.5s`; a string says what is wrong. */
export function parseDuration(text: string): bigint | string {
  const negative = text.startsWith("-");
  const size = /^[+-]/.test(text) ? text.slice(1) : text;
  if (size === "0") return 0n;
  if (!/^(?:(?:\d+\.?\d*|\.\d+)[^\d.]+)+$/u.test(size)) {
    return /^(?:\d+\.?\d*|\.\d+)$/.test(size)
      ? "it has no unit; there are ns, us, ms, s, m and h"
      : 'a duration is numbers with units, such as "1h30m" or "-1.5s"';
  }
  let sum = 0n;
  for (const [, whole = "", fraction = "", unit = ""] of size.matchAll(/(\d*)\.?(\d*)([^\d.]+)/gu)) {
    const scale = units.get(unit);
    if (scale === undefined) return `there is no unit "${unit}"; there are ns, us, ms, s, m and h`;
    sum += BigInt(whole || "0") * scale;
    if (fraction !== "") sum += (BigInt(fraction) * scale) / 10n ** BigInt(fraction.length);
    if (sum > largest) break;
  }
  if (sum > largest || (sum === largest && !negative)) return "it is longer than 2562047 hours";
  return negative ? -sum : sum;
}
