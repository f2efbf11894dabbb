import type { Num } from "./values.ts";

/**
 * Numbers as Terraform has them: binary floats with 512 bits of mantissa, rounded to nearest even (Go's
 * `big.Float`, which cty's numbers are). Nearly every number in a lab is a small integer, so `Num` is a JavaScript
 * number wherever the value is a safe integer and a `BigFloat` only elsewhere. That form is canonical: equal numbers
 * have equal forms, and a JavaScript number in a `Num` is never a fraction, NaN, infinite or -0.
 *
 * A few functions make numbers of another precision (`pow` works with doubles, `parseint` keeps all digits), and Go
 * prints the fewest digits that tell a number from its neighbours of the same precision. So a `BigFloat` knows its
 * own; the result of an operation has the larger one of its operands, a JavaScript number counting as 512 bits.
 */
const PRECISION = 512;

/**
 * Binary exponents beyond this saturate (underflow gives 0), so that a slip like `1e999999999` costs no memory.
 * About 10^±78,000; Go allows 10^±600,000,000 and takes minutes to print it.
 */
const EXPONENT_LIMIT = 262_144;

/** `mantissa * 2^exponent`, with an odd mantissa of at most `precision` bits. Immutable; made by this file's functions only. */
export class BigFloat {
  readonly mantissa: bigint;
  readonly exponent: number;
  readonly precision: number;
  constructor(mantissa: bigint, exponent: number, precision = PRECISION) {
    this.mantissa = mantissa;
    this.exponent = exponent;
    this.precision = precision;
  }
  toString(): string {
    return formatNumber(this);
  }
}

export function parseNumber(text: string): Num {
  const parsed = numberFromText(text);
  if (parsed === undefined) throw new RangeError(`not a number: ${JSON.stringify(text)}`);
  return parsed;
}

/** Decimal digits with optional sign, fraction and exponent; undefined for any other text. */
export function numberFromText(text: string): Num | undefined {
  const short = shortInteger(text);
  if (short !== undefined) return short;
  const match = /^([+-]?)(?:(\d+)(?:\.(\d*))?|\.(\d+))(?:[eE]([+-]?\d+))?$/.exec(text);
  if (!match) return undefined;
  const fraction = match[3] ?? match[4] ?? "";
  const digits = BigInt((match[2] ?? "") + fraction);
  const power = Number(match[5] ?? "0") - fraction.length;
  const mantissa = match[1] === "-" ? -digits : digits;
  if (mantissa === 0n) return 0;
  if (power >= 0) return power > EXPONENT_LIMIT ? saturated(mantissa, 1) : scaleUp(mantissa, power);
  return power < -EXPONENT_LIMIT - text.length ? 0 : scaleDown(mantissa, -power);
}

/** Up to 15 digits, the usual case, without a regular expression. */
function shortInteger(text: string): number | undefined {
  const { length } = text;
  if (length === 0 || length > 15) return undefined;
  let number = 0;
  for (let at = 0; at < length; at++) {
    const digit = text.charCodeAt(at) - 48;
    if (digit < 0 || digit > 9) return undefined;
    number = number * 10 + digit;
  }
  return number;
}

/** `mantissa * 10^power`, with the intermediate precisions of Go's `Float.Parse`, so that the last bit agrees. */
function scaleUp(mantissa: bigint, power: number): Num {
  if (power === 0) return normalize(mantissa, 0);
  const five = powerOfFive(power);
  return normalize(mantissa * five.mantissa, five.exponent + power);
}

function scaleDown(mantissa: bigint, power: number): Num {
  const five = powerOfFive(power);
  return quotient(mantissa, -power, five.mantissa, five.exponent);
}

interface Parts {
  readonly mantissa: bigint;
  readonly exponent: number;
}

function powerOfFive(power: number): Parts {
  const start = Math.min(power, 27);
  let result: Parts = { mantissa: 5n ** BigInt(start), exponent: 0 };
  let factor: Parts = { mantissa: 5n, exponent: 0 };
  for (let rest = power - start; rest > 0; rest >>>= 1) {
    if (rest & 1) result = product(result, factor, PRECISION + 64);
    factor = product(factor, factor, PRECISION + 128);
  }
  return result;
}

function product(left: Parts, right: Parts, precision: number): Parts {
  return round(left.mantissa * right.mantissa, left.exponent + right.exponent, precision);
}

/** Of a positive integer. */
function bitLength(integer: bigint): number {
  const hex = integer.toString(16);
  return hex.length * 4 - Math.clz32(Number.parseInt(hex[0] as string, 16)) + 28;
}

/** To nearest, ties to even. */
function round(mantissa: bigint, exponent: number, precision: number): Parts {
  const magnitude = mantissa < 0n ? -mantissa : mantissa;
  const drop = magnitude === 0n ? 0 : bitLength(magnitude) - precision;
  if (drop <= 0) return { mantissa, exponent };
  const shift = BigInt(drop);
  let kept = magnitude >> shift;
  const dropped = magnitude - (kept << shift);
  const half = 1n << (shift - 1n);
  if (dropped > half || (dropped === half && (kept & 1n) === 1n)) kept += 1n;
  return { mantissa: mantissa < 0n ? -kept : kept, exponent: exponent + drop };
}

/** Rounds to the precision and makes the form canonical. */
function normalize(mantissa: bigint, exponent: number, precision = PRECISION): Num {
  if (mantissa === 0n) return 0;
  const rounded = round(mantissa, exponent, precision);
  const negative = rounded.mantissa < 0n;
  let magnitude = negative ? -rounded.mantissa : rounded.mantissa;
  let power = rounded.exponent;
  if ((magnitude & 1n) === 0n) {
    const zeros = bitLength(magnitude & -magnitude) - 1;
    magnitude >>= BigInt(zeros);
    power += zeros;
  }
  const top = bitLength(magnitude) + power;
  if (power >= 0 && top <= 53) return Number(negative ? -magnitude : magnitude) * 2 ** power;
  if (top > EXPONENT_LIMIT) return saturated(mantissa, 1);
  if (top < -EXPONENT_LIMIT) return 0;
  return new BigFloat(negative ? -magnitude : magnitude, power, precision);
}

function saturated(sign: bigint, direction: number): Num {
  const largest = (1n << BigInt(PRECISION)) - 1n;
  const negative = sign < 0n !== direction < 0;
  return new BigFloat(negative ? -largest : largest, EXPONENT_LIMIT - PRECISION);
}

function partsOf(num: Num): Parts {
  return typeof num === "number" ? { mantissa: BigInt(num), exponent: 0 } : num;
}

function precisionOf(left: Num, right: Num): number {
  const of = (num: Num): number => (typeof num === "number" ? PRECISION : num.precision);
  return Math.max(of(left), of(right));
}

function quotient(
  left: bigint,
  leftExponent: number,
  right: bigint,
  rightExponent: number,
  precision = PRECISION,
): Num {
  const numerator = left < 0n ? -left : left;
  const denominator = right < 0n ? -right : right;
  if (numerator === 0n) return 0;
  const shift = Math.max(0, precision + 2 + bitLength(denominator) - bitLength(numerator));
  const shifted = numerator << BigInt(shift);
  const whole = shifted / denominator;
  // One bit more that says "not exact" keeps a tie from being seen where there is none.
  const sticky = whole * denominator === shifted ? 0n : 1n;
  const magnitude = (whole << 1n) | sticky;
  const exponent = leftExponent - rightExponent - shift - 1;
  return normalize(left < 0n === right < 0n ? magnitude : -magnitude, exponent, precision);
}

export function add(left: Num, right: Num): Num {
  if (typeof left === "number" && typeof right === "number") {
    const sum = left + right;
    return Number.isSafeInteger(sum) ? sum : normalize(BigInt(left) + BigInt(right), 0);
  }
  const a = partsOf(left);
  const b = partsOf(right);
  const precision = precisionOf(left, right);
  if (left === 0) return normalize(b.mantissa, b.exponent, precision);
  if (right === 0) return normalize(a.mantissa, a.exponent, precision);
  const exponent = Math.min(a.exponent, b.exponent);
  const sum = (a.mantissa << BigInt(a.exponent - exponent)) + (b.mantissa << BigInt(b.exponent - exponent));
  return normalize(sum, exponent, precision);
}

export function subtract(left: Num, right: Num): Num {
  return add(left, negate(right));
}

export function negate(num: Num): Num {
  if (typeof num === "number") return num === 0 ? 0 : -num;
  return new BigFloat(-num.mantissa, num.exponent, num.precision);
}

/** A product of 512 bits, kept at more than its operands' precision where it needs that (as cty does). */
export function multiply(left: Num, right: Num): Num {
  if (typeof left === "number" && typeof right === "number") {
    const result = left * right;
    if (Number.isSafeInteger(result)) return result === 0 ? 0 : result;
  }
  const a = partsOf(left);
  const b = partsOf(right);
  const { mantissa, exponent } = product(a, b, PRECISION);
  if (mantissa === 0n) return 0;
  const needed = bitLength(mantissa < 0n ? -mantissa : mantissa);
  return normalize(mantissa, exponent, Math.max(precisionOf(left, right), needed));
}

/** Throws a RangeError for a zero divisor: callers say it to the user first. */
export function divide(left: Num, right: Num): Num {
  if (right === 0) throw new RangeError("division by zero");
  if (typeof left === "number" && typeof right === "number" && left % right === 0) {
    const result = left / right;
    return result === 0 ? 0 : result;
  }
  const a = partsOf(left);
  const b = partsOf(right);
  return quotient(a.mantissa, a.exponent, b.mantissa, b.exponent, precisionOf(left, right));
}

/** With the sign of `left`. From the rounded quotient, as cty computes it: `0.3 % 0.1` is 0 and not 0.09999. */
export function remainder(left: Num, right: Num): Num {
  if (right === 0) throw new RangeError("division by zero");
  if (typeof left === "number" && typeof right === "number") {
    const result = left % right;
    return result === 0 ? 0 : result;
  }
  const precision = precisionOf(left, left);
  const whole = partsOf(truncate(divide(left, right)));
  const divisor = partsOf(right);
  const multiple = product(whole, divisor, precision);
  const rest = subtract(left, normalize(multiple.mantissa, multiple.exponent, precision));
  return typeof rest === "number" ? rest : normalize(rest.mantissa, rest.exponent, precision);
}

/** Towards zero. */
export function truncate(num: Num): Num {
  if (typeof num === "number" || num.exponent >= 0) return num;
  const shift = BigInt(-num.exponent);
  return normalize(num.mantissa < 0n ? -(-num.mantissa >> shift) : num.mantissa >> shift, 0, num.precision);
}

export function isWhole(num: Num): boolean {
  return typeof num === "number" || num.exponent >= 0;
}

/** Negative, zero or positive, as `left` is less than, equal to or greater than `right`. */
export function compare(left: Num, right: Num): number {
  if (typeof left === "number" && typeof right === "number") return left - right;
  const difference = subtract(left, right);
  if (typeof difference === "number") return difference;
  return difference.mantissa < 0n ? -1 : 1;
}

export function sameNumber(left: Num, right: Num): boolean {
  if (typeof left === "number" || typeof right === "number") return left === right;
  return left.exponent === right.exponent && left.mantissa === right.mantissa;
}

/** A double as people mean it: 0.1 is one tenth, not the binary fraction next to it. Throws on NaN and infinities. */
export function fromJavaScript(number: number): Num {
  if (Number.isSafeInteger(number)) return number === 0 ? 0 : number;
  return parseNumber(String(number));
}

/** The double itself, with a double's precision: 0.1 is the binary fraction. Throws on NaN and infinities. */
export function fromDouble(double: number): Num {
  if (Number.isSafeInteger(double)) return double === 0 ? 0 : double;
  let exponent = 0;
  let mantissa = double;
  while (!Number.isInteger(mantissa)) {
    mantissa *= 2;
    exponent--;
  }
  return normalize(BigInt(mantissa), exponent, 53);
}

/** Exactly, with as many bits as it takes; undefined for what is beyond the exponents there are. */
export function fromBigInt(integer: bigint): Num | undefined {
  const bits = integer === 0n ? 0 : bitLength(integer < 0n ? -integer : integer);
  return bits > EXPONENT_LIMIT ? undefined : normalize(integer, 0, Math.max(bits, 64));
}

/** The nearest double; infinite beyond 1.8e308. */
export function toJavaScript(num: Num): number {
  return typeof num === "number" ? num : Number(formatNumber(num));
}

/** Of a whole number. */
export function toBigInt(num: Num): bigint {
  const { mantissa, exponent } = partsOf(num);
  return exponent >= 0 ? mantissa << BigInt(exponent) : mantissa >> BigInt(-exponent);
}

/**
 * Without exponent, with the fewest digits that read back as the same 512 bits: `0.1`, `0.333…` (154 digits),
 * `10000000000000000000000`.
 */
export function formatNumber(num: Num): string {
  if (typeof num === "number") return String(num);
  const negative = num.mantissa < 0n;
  const { digits, point } = shortest(negative ? -num.mantissa : num.mantissa, num.exponent, num.precision);
  const sign = negative ? "-" : "";
  if (point <= 0) return `${sign}0.${"0".repeat(-point)}${digits}`;
  if (point >= digits.length) return sign + digits + "0".repeat(point - digits.length);
  return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
}

/** The shortest digits that read back as the same number; without sign. */
export function shortestDecimal(num: Num): Decimal {
  if (typeof num === "number") return exactDecimalOf(num);
  const { mantissa, exponent, precision } = num;
  return shortest(mantissa < 0n ? -mantissa : mantissa, exponent, precision);
}

/** All digits of the binary number; without sign. */
export function exactDecimalOf(num: Num): Decimal {
  const { mantissa, exponent } = partsOf(num);
  return mantissa === 0n ? { digits: "", point: 0 } : exactDecimal(mantissa < 0n ? -mantissa : mantissa, exponent);
}

/** To `length` digits, a tie to the even digit; as it is when it has no more, or `length` is negative. */
export function roundDecimal(decimal: Decimal, length: number): Decimal {
  if (length < 0 || length >= decimal.digits.length) return decimal;
  return nextDigitRoundsUp(decimal.digits, length) ? cutUp(decimal, length) : cut(decimal, length);
}

/** `0.digits * 10^point`, no zero at the end of `digits`; zero has no digits. */
export interface Decimal {
  readonly digits: string;
  readonly point: number;
}

function exactDecimal(mantissa: bigint, exponent: number): Decimal {
  const text = (exponent >= 0 ? mantissa << BigInt(exponent) : mantissa * 5n ** BigInt(-exponent)).toString();
  let end = text.length;
  while (end > 0 && text.charCodeAt(end - 1) === 48) end--;
  return { digits: text.slice(0, end), point: text.length + Math.min(exponent, 0) };
}

/**
 * The shortest decimal between the midpoints to the two neighbouring floats, digit by digit, as Go's
 * `math/big.roundShortest` finds it.
 */
function shortest(mantissa: bigint, exponent: number, precision: number): Decimal {
  const exact = exactDecimal(mantissa, exponent);
  const shift = precision + 1 - bitLength(mantissa);
  const doubled = mantissa << BigInt(shift);
  const lower = exactDecimal(doubled - 1n, exponent - shift).digits;
  const upper = exactDecimal(doubled + 1n, exponent - shift).digits;
  const inclusive = (doubled & 2n) === 0n;
  const { digits } = exact;
  for (let at = 0; at < digits.length; at++) {
    const digit = digits.charCodeAt(at);
    const low = at < lower.length ? lower.charCodeAt(at) : 48;
    const high = at < upper.length ? upper.charCodeAt(at) : 48;
    const down = low !== digit || (inclusive && at + 1 === lower.length);
    const up = digit !== high && (inclusive || digit + 1 < high || at + 1 < upper.length);
    if (!down && !up) continue;
    return down && !(up && nextDigitRoundsUp(digits, at + 1)) ? cut(exact, at + 1) : cutUp(exact, at + 1);
  }
  return exact;
}

function nextDigitRoundsUp(digits: string, at: number): boolean {
  if (at >= digits.length) return false;
  const next = digits.charCodeAt(at) - 48;
  if (next === 5 && at + 1 === digits.length) return at > 0 && (digits.charCodeAt(at - 1) & 1) === 1;
  return next >= 5;
}

function cut(decimal: Decimal, length: number): Decimal {
  let end = Math.min(length, decimal.digits.length);
  while (end > 0 && decimal.digits.charCodeAt(end - 1) === 48) end--;
  return { digits: decimal.digits.slice(0, end), point: decimal.point };
}

function cutUp(decimal: Decimal, length: number): Decimal {
  if (length >= decimal.digits.length) return decimal;
  let end = length;
  while (end > 0 && decimal.digits.charCodeAt(end - 1) === 57) end--;
  if (end === 0) return { digits: "1", point: decimal.point + 1 };
  const last = decimal.digits.charCodeAt(end - 1) - 48;
  return { digits: decimal.digits.slice(0, end - 1) + String(last + 1), point: decimal.point };
}
