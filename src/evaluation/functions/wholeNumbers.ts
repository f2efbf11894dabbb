import { compare, isWhole, numberFromText } from "../../core/bigfloat.ts";
import type { Num, Value } from "../../core/values.ts";
import { Fault } from "../fault.ts";
import { shortValue } from "../shown.ts";

const LARGEST = numberFromText("9223372036854775807") as Num;
const SMALLEST = numberFromText("-9223372036854775808") as Num;

/**
 * A number as Terraform's functions take where they count: whole, and of 64 bits. One that is no safe integer comes as
 * the nearest there is: it is larger than anything that is counted.
 */
export function wholeNumber(value: Value, argument: number): number | Fault {
  const number = value.raw as Num;
  if (!isWhole(number)) return new Fault(`a whole number is required, this is ${shortValue(value)}`, argument);
  if (compare(number, LARGEST) > 0 || compare(number, SMALLEST) < 0)
    return new Fault(`a whole number of at most 64 bits is required, this is ${shortValue(value)}`, argument);
  if (typeof number === "number") return number;
  return compare(number, 0) < 0 ? Number.MIN_SAFE_INTEGER : Number.MAX_SAFE_INTEGER;
}
