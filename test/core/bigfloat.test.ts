import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  add,
  BigFloat,
  compare,
  divide,
  exactDecimalOf,
  formatNumber,
  fromBigInt,
  fromDouble,
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

const parsed = (integer: bigint): Num => parseNumber(integer.toString());

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
        const [x, y] = [parsed(a), parsed(b)];
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
    expect(toBigInt(parsed(top + 1n))).toBe(top);
    expect(toBigInt(parsed(top + 3n))).toBe(top + 4n);
    expect(toBigInt(parsed(-(top + 1n)))).toBe(-top);
    expect(toBigInt(parsed((1n << 513n) + 3n))).toBe((1n << 513n) + 4n);
    expect(toBigInt(add(parsed(top), 1))).toBe(top);
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

describe("a number of another precision than 512 bits", () => {
  test("prints the fewest digits that tell it from its neighbours of that precision", () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (double) => {
        expect(Number(formatNumber(fromDouble(double)))).toBe(double === 0 ? 0 : double);
        if (Math.abs(double) > 1e-6 && Math.abs(double) < 1e21)
          expect(formatNumber(fromDouble(double))).toBe(String(double));
      }),
    );
    expect(formatNumber(fromDouble(2 ** 64))).toBe("18446744073709550000");
    expect(formatNumber(negate(fromDouble(0.1)))).toBe("-0.1");
  });

  test("is the same number as one of 512 bits that has its value", () => {
    expect(sameNumber(fromDouble(2 ** 64), parseNumber("18446744073709551616"))).toBe(true);
    expect(sameNumber(fromDouble(0.1), parseNumber("0.1"))).toBe(false);
    expect(fromDouble(-3)).toBe(-3);
    expect(fromDouble(-0)).toBe(0);
  });

  test("gives results of the larger precision of the two", () => {
    const root = fromDouble(Math.SQRT2);
    expect(formatNumber(add(root, fromDouble(0.1)))).toBe(String(Math.SQRT2 + 0.1));
    expect(formatNumber(add(root, 0))).toBe("1.4142135623730951454746218587388284504413604736328125");
    expect(formatNumber(divide(root, fromDouble(0.3)))).toBe(String(Math.SQRT2 / 0.3));
    expect(formatNumber(remainder(root, 1))).toBe("0.41421356237309515");
    expect(formatNumber(truncate(fromDouble(1e300 / 3)))).toBe(formatNumber(fromDouble(1e300 / 3)));
  });

  test("keeps all bits of a product of two, and of a long integer", () => {
    const tenth = fromDouble(0.1);
    const square = multiply(tenth, tenth);
    expect(sameNumber(square, multiply(parseNumber(formatNumber(add(tenth, 0))), tenth))).toBe(true);
    const long = 16n ** 144n - 1n;
    expect(formatNumber(fromBigInt(long) as Num)).toBe(long.toString());
    expect(fromBigInt(1n << 300_000n)).toBeUndefined();
  });
});
