import type { Value } from "../../core/values.ts";
import { NUMBER, numberValue, STRING, stringValue } from "../../core/values.ts";
import { Fault } from "../fault.ts";
import type { FunctionDeclaration } from "../functions.ts";
import { shortText } from "../shown.ts";
import type { CalendarTime, Moment } from "./timestamps.ts";
import { calendarTime, formatMoment, formatOffset, parseDuration, parseMoment, twoDigits } from "./timestamps.ts";

function momentOf(value: Value, argument: number): Moment | Fault {
  const text = value.raw as string;
  const moment = parseMoment(text);
  return typeof moment === "string"
    ? new Fault(`${shortText(text)} is no time of RFC 3339: ${moment}`, argument)
    : moment;
}

function timeadd(timestamp: Value, duration: Value): Value | Fault {
  const moment = momentOf(timestamp, 0);
  if (moment instanceof Fault) return moment;
  const length = parseDuration(duration.raw as string);
  if (typeof length === "string") return new Fault(`${shortText(duration.raw as string)} is no duration: ${length}`, 1);
  return stringValue(formatMoment({ ...moment, nanoseconds: moment.nanoseconds + length }));
}

function timecmp(first: Value, second: Value): Value | Fault {
  const a = momentOf(first, 0);
  if (a instanceof Fault) return a;
  const b = momentOf(second, 1);
  if (b instanceof Fault) return b;
  if (a.nanoseconds === b.nanoseconds) return numberValue(0);
  return numberValue(a.nanoseconds < b.nanoseconds ? -1 : 1);
}

const months = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
];
const weekdays = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/** Go writes the sign into the width: of years before 0 there are none here. */
const fourDigits = (number: number): string => String(number).padStart(4, "0");
const halfDay = ({ hour }: CalendarTime): string => (hour < 12 ? "AM" : "PM");
const twelveHours = ({ hour }: CalendarTime): number => hour % 12 || 12;

type Field = (time: CalendarTime, offsetMinutes: number) => string;

/** What formatdate knows, by its letters. */
const fields: ReadonlyMap<string, Field> = new Map<string, Field>([
  ["YY", ({ year }) => twoDigits(year % 100)],
  ["YYYY", ({ year }) => fourDigits(year)],
  ["M", ({ month }) => String(month)],
  ["MM", ({ month }) => twoDigits(month)],
  ["MMM", ({ month }) => (months[month - 1] as string).slice(0, 3)],
  ["MMMM", ({ month }) => months[month - 1] as string],
  ["D", ({ day }) => String(day)],
  ["DD", ({ day }) => twoDigits(day)],
  ["EEE", ({ weekday }) => (weekdays[weekday] as string).slice(0, 3)],
  ["EEEE", ({ weekday }) => weekdays[weekday] as string],
  ["h", ({ hour }) => String(hour)],
  ["hh", ({ hour }) => twoDigits(hour)],
  ["H", (time) => String(twelveHours(time))],
  ["HH", (time) => twoDigits(twelveHours(time))],
  ["AA", halfDay],
  ["aa", (time) => halfDay(time).toLowerCase()],
  ["m", ({ minute }) => String(minute)],
  ["mm", ({ minute }) => twoDigits(minute)],
  ["s", ({ second }) => String(second)],
  ["ss", ({ second }) => twoDigits(second)],
  ["Z", (_, offset) => (offset === 0 ? "Z" : formatOffset(offset, ":"))],
  ["ZZZ", (_, offset) => (offset === 0 ? "UTC" : formatOffset(offset, ""))],
  ["ZZZZ", (_, offset) => formatOffset(offset, "")],
  ["ZZZZZ", (_, offset) => formatOffset(offset, ":")],
]);

/** A literal in quotes (doubled inside for one), the same letter repeated, all else as it is. */
const tokens = /''|'(?:[^']|'')*'?|([A-Za-z])\1*|[^'A-Za-z]+/g;

function formatdate(format: Value, time: Value): Value | Fault {
  const moment = momentOf(time, 1);
  if (moment instanceof Fault) return moment;
  const calendar = calendarTime(moment);
  let result = "";
  for (const [token, letter] of (format.raw as string).matchAll(tokens)) {
    if (letter !== undefined) {
      const field = fields.get(token);
      if (!field) return new Fault(unknownField(token, letter), 0);
      result += field(calendar, moment.offsetMinutes);
    } else if (token === "''") result += "'";
    else if (token.startsWith("'")) {
      if (token.length === 1 || !token.endsWith("'")) return new Fault("a text in it begins with ' and has no end", 0);
      result += token.slice(1, -1).replaceAll("''", "'");
    } else result += token;
  }
  return stringValue(result.normalize("NFC"));
}

function unknownField(token: string, letter: string): string {
  const known = [...fields.keys()].filter((one) => one.startsWith(letter)).map((one) => `"${one}"`);
  const there =
    known.length === 0 ? "Letters that mean themselves stand in single quotes" : `There is ${known.join(", ")}`;
  return `${shortText(token)} is no part of a time. ${there}`;
}

/** Of go-cty's function/stdlib/datetime.go. */
export const timeFunctions: readonly FunctionDeclaration[] = [
  {
    name: "formatdate",
    parameters: [
      { name: "format", type: STRING },
      { name: "time", type: STRING },
    ],
    result: STRING,
    call: formatdate,
  },
  {
    name: "timeadd",
    parameters: [
      { name: "timestamp", type: STRING },
      { name: "duration", type: STRING },
    ],
    result: STRING,
    call: timeadd,
  },
  {
    name: "timecmp",
    parameters: [
      { name: "timestamp_a", type: STRING },
      { name: "timestamp_b", type: STRING },
    ],
    result: NUMBER,
    call: timecmp,
  },
];
