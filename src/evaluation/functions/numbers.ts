import { add, compare, fromBigInt, fromDouble, isWhole, negate, toJavaScript, truncate } from "../../core/bigfloat.ts";
import type { Num, Value } from "../../core/values.ts";
import { DYNAMIC, isWhollyKnown, NUMBER, numberValue, unknownValue } from "../../core/values.ts";
import { converted } from "../convert.ts";
import { Fault } from "../fault.ts";
import type { FunctionDeclaration, Parameter } from "../functions.ts";
import { shortText, shortValue } from "../shown.ts";
import { describeType } from "../types.ts";
import { naturalLogarithm, power } from "./doubles.ts";
import { wholeNumber } from "./wholeNumbers.ts";

const NUM: Parameter = { name: "num", type: NUMBER };

function ofNumber(name: string, change: (number: Num) => Num): FunctionDeclaration {
  return { name, parameters: [NUM], result: NUMBER, call: (value: Value) => numberValue(change(value.raw as Num)) };
}

function floor(number: Num): Num {
  const towardsZero = truncate(number);
  return isWhole(number) || compare(number, 0) > 0 ? towardsZero : add(towardsZero, -1);
}

function ceil(number: Num): Num {
  return negate(floor(negate(number)));
}

function extreme(name: string, isBetter: (one: Num, best: Num) => boolean): FunctionDeclaration {
  return {
    name,
    parameters: [],
    variadic: { name: "numbers", type: NUMBER },
    result: NUMBER,
    call: (...values: readonly Value[]) => {
      const numbers = values.map((one) => one.raw as Num);
      if (numbers.length === 0) return new Fault("at least one number is needed");
      return numberValue(numbers.reduce((best, one) => (isBetter(one, best) ? one : best)));
    },
  };
}

/** Of two doubles, which Terraform computes these with. */
function ofDoubles(
  name: string,
  second: string,
  compute: (first: number, second: number) => number,
): FunctionDeclaration {
  return {
    name,
    parameters: [NUM, { name: second, type: NUMBER }],
    result: NUMBER,
    call: (...values: readonly Value[]) => {
      const doubles = values.map((one) => toJavaScript(one.raw as Num));
      const huge = doubles.findIndex((one) => !Number.isFinite(one));
      if (huge !== -1)
        return new Fault(
          `${name}() computes with numbers below 1.8e308, this is ${shortValue(values[huge] as Value)}`,
          huge,
        );
      const result = compute(...(doubles as [number, number]));
      const call = `${name}(${values.map(shortValue).join(", ")})`;
      if (Number.isNaN(result)) return new Fault(`${call} is no real number`, 0);
      if (!Number.isFinite(result))
        return new Fault(`${call} is infinite or beyond the numbers it computes with (1.8e308)`, 0);
      return numberValue(fromDouble(result));
    },
  };
}

function signum(value: Value): Value | Fault {
  const number = wholeNumber(value, 0);
  return number instanceof Fault ? number : numberValue(Math.sign(number));
}

function sum(list: Value): Value | Fault {
  const { raw, type } = list;
  if (type.kind === "dynamic") return unknownValue(NUMBER);
  if (!Array.isArray(raw))
    return new Fault(`a list, set or tuple of numbers is required, this is ${describeType(type)}`, 0);
  const items = raw as readonly Value[];
  if (items.length === 0) return new Fault("there is no sum of nothing: it is empty", 0);
  if (!isWhollyKnown(list)) return unknownValue(NUMBER);
  let total: Num | undefined;
  for (const [at, item] of items.entries()) {
    if (item.raw === null) return new Fault(`element ${at} is null`, 0);
    const number = converted(item, NUMBER);
    if (typeof number === "string") return new Fault(`element ${at}: ${number}`, 0);
    total = total === undefined ? (number.raw as Num) : add(total, number.raw as Num);
  }
  return numberValue(total as Num);
}

const digits = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
const mostDigits = 20_000;

function parseInteger(text: Value, base: Value): Value | Fault {
  if (text.type.kind !== "string") return new Fault(`a string is required, this is ${describeType(text.type)}`, 0);
  const radix = wholeNumber(base, 1);
  if (radix instanceof Fault) return radix;
  if (radix < 2 || radix > 62) return new Fault(`a base is a number from 2 to 62, this is ${shortValue(base)}`, 1);
  const written = text.raw as string;
  const unsigned = written.replace(/^[+-]/, "");
  if (unsigned.length > mostDigits) return new Fault(`it has more than ${mostDigits} digits`, 0);
  // Capitals are digits of their own only where the small letters do not suffice.
  const folded = radix <= 36 ? unsigned.toLowerCase() : unsigned;
  let result = 0n;
  for (const character of folded) {
    const digit = digits.indexOf(character);
    if (digit < 0 || digit >= radix)
      return new Fault(
        `${shortText(written)} is no whole number in base ${radix}: ${shortText(character)} is no digit there`,
        0,
      );
    result = result * BigInt(radix) + BigInt(digit);
  }
  if (folded === "") return new Fault(`${shortText(written)} has no digits`, 0);
  const number = fromBigInt(written.startsWith("-") ? -result : result);
  return number === undefined ? new Fault("it is too large a number", 0) : numberValue(number);
}

/** As many as Terraform allows. */
const longestRange = 1024;

function range(...values: readonly Value[]): Value | Fault {
  const numbers = values.map((one) => one.raw as Num);
  if (numbers.length === 0 || numbers.length > 3) {
    return new Fault(`it takes an end; a start and an end; or a start, an end and a step. ${numbers.length} are given`);
  }
  const [first, second] = numbers as [Num, Num | undefined];
  const start = second === undefined ? 0 : first;
  const end = second ?? first;
  const falling = compare(end, start) < 0;
  const step = numbers[2] ?? (falling ? -1 : 1);
  const direction = compare(step, 0);
  if (direction === 0 && compare(end, start) !== 0) return new Fault("with a step of 0 the end is never reached", 2);
  if (direction < 0 && compare(end, start) > 0)
    return new Fault("with a negative step the end must be below the start", 2);
  if (direction > 0 && falling) return new Fault("with a positive step the end must be above the start", 2);
  const items: Value[] = [];
  for (
    let number = start;
    direction > 0 ? compare(number, end) < 0 : compare(number, end) > 0;
    number = add(number, step)
  ) {
    if (items.length === longestRange) return new Fault(`the range has more than ${longestRange} numbers`);
    items.push(numberValue(number));
  }
  return { type: { kind: "list", element: NUMBER }, raw: items, sensitive: false };
}

export const numberFunctions: readonly FunctionDeclaration[] = [
  ofNumber("abs", (number) => (compare(number, 0) < 0 ? negate(number) : number)),
  ofNumber("ceil", ceil),
  ofNumber("floor", floor),
  ofDoubles("log", "base", (number, base) => naturalLogarithm(number) / naturalLogarithm(base)),
  extreme("max", (one, best) => compare(one, best) > 0),
  extreme("min", (one, best) => compare(one, best) < 0),
  {
    name: "parseint",
    parameters: [
      { name: "number", type: DYNAMIC },
      { name: "base", type: NUMBER },
    ],
    result: NUMBER,
    call: parseInteger,
  },
  ofDoubles("pow", "power", power),
  {
    name: "range",
    parameters: [],
    variadic: { name: "limits", type: NUMBER },
    result: { kind: "list", element: NUMBER },
    call: range,
  },
  { name: "signum", parameters: [NUM], result: NUMBER, call: signum },
  { name: "sum", parameters: [{ name: "list", type: DYNAMIC, partial: true }], result: NUMBER, call: sum },
];
