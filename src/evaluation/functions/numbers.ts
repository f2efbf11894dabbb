import { add, compare } from "../../core/bigfloat.ts";
import type { Num, Value } from "../../core/values.ts";
import { NUMBER, numberValue } from "../../core/values.ts";
import { Fault } from "../fault.ts";
import type { FunctionDeclaration } from "../functions.ts";

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
  extreme("max", (one, best) => compare(one, best) > 0),
  extreme("min", (one, best) => compare(one, best) < 0),
  {
    name: "range",
    parameters: [],
    variadic: { name: "limits", type: NUMBER },
    result: { kind: "list", element: NUMBER },
    call: range,
  },
];
