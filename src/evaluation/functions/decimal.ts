import type { Decimal } from "../../core/bigfloat.ts";
import { compare, exactDecimalOf, roundDecimal, shortestDecimal, toBigInt } from "../../core/bigfloat.ts";
import type { Num } from "../../core/values.ts";
import type { Verb } from "./format.ts";

const bases: { readonly [letter: string]: number } = { b: 2, d: 10, o: 8, x: 16, X: 16 };
const prefixes: { readonly [letter: string]: string } = { b: "0b", o: "0", x: "0x", X: "0X" };

/** A whole number as Go's `fmt` writes a `big.Int`. */
export function formatInteger(verb: Verb, num: Num): string {
  const integer = toBigInt(num);
  // Not even padding, in Go too.
  if (integer === 0n && verb.precision === 0) return "";
  const negative = integer < 0n;
  let digits = (negative ? -integer : integer).toString(bases[verb.letter]);
  if (verb.letter === "X") digits = digits.toUpperCase();
  if (verb.precision !== undefined) digits = digits.padStart(verb.precision, "0");
  const prefix = verb.sharp ? (prefixes[verb.letter] ?? "") : "";
  const sign = signOf(verb, negative) + prefix;
  if (verb.zero && !verb.minus && verb.precision === undefined)
    return sign + digits.padStart((verb.width ?? 0) - sign.length, "0");
  return aligned(verb, sign + digits);
}

/** With the letters e, E, f, g, G, as Go's `fmt` writes a `big.Float`. */
export function formatDecimal(verb: Verb, num: Num): string {
  const negative = compare(num, 0) < 0;
  const sign = signOf(verb, negative);
  const letter = verb.letter.toLowerCase();
  let digits: string;
  if (letter === "f") digits = fixed(num, verb.precision ?? 6);
  else if (letter === "e") digits = scientific(num, verb.precision ?? 6);
  else digits = general(num, verb.precision);
  if (verb.letter !== letter) digits = digits.toUpperCase();
  if (verb.zero) return sign + digits.padStart((verb.width ?? 0) - sign.length, "0");
  return aligned(verb, sign + digits);
}

function signOf(verb: Verb, negative: boolean): string {
  if (negative) return "-";
  if (verb.plus) return "+";
  return verb.space ? " " : "";
}

function aligned({ width = 0, minus }: Verb, text: string): string {
  return minus ? text.padEnd(width) : text.padStart(width);
}

function fixed(num: Num, precision: number): string {
  const exact = exactDecimalOf(num);
  return plain(roundDecimal(exact, exact.point + precision), precision);
}

function scientific(num: Num, precision: number): string {
  return withExponent(roundDecimal(exactDecimalOf(num), precision + 1), precision);
}

/** The shorter of the two forms; without precision, the fewest digits that mean this number. */
function general(num: Num, precision: number | undefined): string {
  const decimal = precision === undefined ? shortestDecimal(num) : roundDecimal(exactDecimalOf(num), precision || 1);
  const count = decimal.digits.length;
  const exponent = decimal.point - 1;
  let limit = precision === undefined ? 6 : precision || 1;
  if (precision !== undefined && limit > count && count >= decimal.point) limit = count;
  if (precision === undefined) limit = Math.max(limit, 6);
  if (count > 0 && (exponent < -4 || exponent >= limit)) return withExponent(decimal, count - 1);
  return plain(decimal, Math.max(count - decimal.point, 0));
}

function plain({ digits, point }: Decimal, places: number): string {
  const whole = point > 0 ? digits.slice(0, point).padEnd(point, "0") : "0";
  if (places === 0) return whole;
  const fraction = point >= 0 ? digits.slice(point) : "0".repeat(-point) + digits;
  return `${whole}.${fraction.slice(0, places).padEnd(places, "0")}`;
}

function withExponent({ digits, point }: Decimal, places: number): string {
  const exponent = digits === "" ? 0 : point - 1;
  const mantissa = digits.padEnd(places + 1, "0");
  const fraction = places > 0 ? `.${mantissa.slice(1, places + 1)}` : "";
  const sign = exponent < 0 ? "-" : "+";
  return `${mantissa[0]}${fraction}e${sign}${String(Math.abs(exponent)).padStart(2, "0")}`;
}
