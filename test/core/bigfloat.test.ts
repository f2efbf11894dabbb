import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  add,
  BigFloat,
  compare,
  divide,
  exactDecimalOf,
  formatNumber,
  fromJavaScript,
  isWhole,
  multiply,
  negate,
  numberFromText,
  parseNumber,
  remainder,
  roundDecimal,
  sameNumber,
  subtract,
  toBigInt,
  toJavaScript,
  truncate,
} from "../../src/core/bigfloat.ts";
import type { Num } from "../../src/core/values.ts";

const fromBigInt = (integer: bigint): Num => parseNumber(integer.toString());

const decimalText = fc
  .tuple(fc.constantFrom("", "-"), fc.bigInt({ min: 0n, max: 10n ** 60n }), fc.integer({ min: -60, max: 60 }))
  .map(([sign, digits, exponent]) => `${sign}${digits}e${exponent}`);
const number: fc.Arbitrary<Num> = fc.oneof(fc.maxSafeInteger(), decimalText.map(parseNumber));

function isCanonical(num: Num): boolean {
  if (typeof num === "number") return Number.isSafeInteger(num) && !Object.is(num, -0);
  const safe = num.exponent >= 0 && Number.isSafeInteger(Number(toBigInt(num)));
  return (num.mantissa & 1n) === 1n && num.mantissa.toString(2).replace("-", "").length <= 512 && !safe;
}

describe("numbers", () => {
  test("are JavaScript's where they are safe integers, and never -0", () => {
    expect(parseNumber("9007199254740991")).toBe(9007199254740991);
    expect(parseNumber("-9007199254740991")).toBe(-9007199254740991);
    expect(parseNumber("9007199254740992")).toBeInstanceOf(BigFloat);
    expect(parseNumber("2.0")).toBe(2);
    expect(parseNumber("1e3")).toBe(1000);
    expect(parseNumber("-0")).toBe(0);
    expect(parseNumber("0.000")).toBe(0);
    expect(negate(0)).toBe(0);
    expect(multiply(0, -5)).toBe(0);
    expect(divide(0, -5)).toBe(0);
    expect(remainder(-4, 2)).toBe(0);
  });

  test("are in one form, whatever made them", () => {
    fc.assert(
      fc.property(number, number, (a, b) => {
        const made = [add(a, b), subtract(a, b), multiply(a, b), negate(a), truncate(a)];
        if (b !== 0) made.push(divide(a, b), remainder(a, b));
        for (const one of made) expect(isCanonical(one), formatNumber(one)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  test("print so that they read back as the same number", () => {
    fc.assert(
      fc.property(number, fc.integer({ min: 1, max: 1000 }), (a, divisor) => {
        for (const one of [a, divide(a, divisor)]) {
          expect(sameNumber(parseNumber(formatNumber(one)), one)).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
  });

  test("print short decimals as they were written", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: 10n ** 100n }), fc.integer({ min: 1, max: 120 }), (digits, places) => {
        if (digits % 10n === 0n) return;
        const text = digits.toString().padStart(places + 1, "0");
        const written = `${text.slice(0, -places)}.${text.slice(-places)}`;
        expect(formatNumber(parseNumber(written))).toBe(written);
      }),
      { numRuns: 300 },
    );
  });

  test("add, multiply and compare integers of up to 512 bits exactly", () => {
    const integer = fc.bigInt({ min: -(2n ** 250n), max: 2n ** 250n });
    fc.assert(
      fc.property(integer, integer, (a, b) => {
        const [x, y] = [fromBigInt(a), fromBigInt(b)];
        expect(toBigInt(add(x, y))).toBe(a + b);
        expect(toBigInt(subtract(x, y))).toBe(a - b);
        expect(toBigInt(multiply(x, y))).toBe(a * b);
        expect(Math.sign(compare(x, y))).toBe(a < b ? -1 : a > b ? 1 : 0);
        if (b !== 0n) expect(toBigInt(truncate(divide(x, y)))).toBe(a / b);
        if (b !== 0n) expect(toBigInt(remainder(x, y))).toBe(a % b);
      }),
      { numRuns: 300 },
    );
  });

  test("round to 512 bits, a tie to the even neighbour", () => {
    const top = 1n << 512n;
    expect(toBigInt(fromBigInt(top + 1n))).toBe(top);
    expect(toBigInt(fromBigInt(top + 3n))).toBe(top + 4n);
    expect(toBigInt(fromBigInt(-(top + 1n)))).toBe(-top);
    expect(toBigInt(fromBigInt((1n << 513n) + 3n))).toBe((1n << 513n) + 4n);
    expect(toBigInt(add(fromBigInt(top), 1))).toBe(top);
  });

  test("agree with doubles wherever doubles are exact", () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (double) => {
        expect(toJavaScript(fromJavaScript(double))).toBe(double === 0 ? 0 : double);
      }),
    );
    expect(() => fromJavaScript(Number.NaN)).toThrow(RangeError);
    expect(() => fromJavaScript(Number.POSITIVE_INFINITY)).toThrow(RangeError);
    expect(toJavaScript(parseNumber("1e400"))).toBe(Number.POSITIVE_INFINITY);
  });

  test("are whole where they have no fraction", () => {
    expect([parseNumber("1e30"), parseNumber("1.5"), 3].map(isWhole)).toEqual([true, false, true]);
    expect(truncate(parseNumber("-2.75"))).toBe(-2);
    expect(remainder(parseNumber("-5.5"), 2)).toEqual(parseNumber("-1.5"));
  });

  test("of absurd size saturate instead of taking memory", () => {
    const largest = parseNumber("1e999999999999");
    expect(compare(largest, parseNumber("1e70000"))).toBeGreaterThan(0);
    expect(sameNumber(multiply(largest, largest), largest)).toBe(true);
    expect(sameNumber(parseNumber("-1e999999999999"), negate(largest))).toBe(true);
    expect(parseNumber("1e-999999999999")).toBe(0);
  });

  test("are not read from text that is none", () => {
    for (const text of ["", " 1", "1 ", "0x10", "1_000", "1e", "e1", ".", "--1", "Inf", "NaN", "1.2.3", "１"]) {
      expect(numberFromText(text), text).toBeUndefined();
      expect(() => parseNumber(text)).toThrow(RangeError);
    }
    expect(() => divide(1, 0)).toThrow(RangeError);
    expect(() => remainder(1, 0)).toThrow(RangeError);
  });

  test("are rounded to digits by their exact binary value", () => {
    expect(roundDecimal(exactDecimalOf(parseNumber("0.25")), 1)).toEqual({ digits: "2", point: 0 });
    expect(roundDecimal(exactDecimalOf(parseNumber("0.75")), 1)).toEqual({ digits: "8", point: 0 });
    expect(roundDecimal(exactDecimalOf(parseNumber("9.96")), 2)).toEqual({ digits: "1", point: 2 });
    expect(exactDecimalOf(0)).toEqual({ digits: "", point: 0 });
  });
});
