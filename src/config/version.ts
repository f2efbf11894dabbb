/**
 * Version constraints as Terraform writes them: `~> 0.1`, `>= 0.2, < 1.0`. A pre-release counts as the release it
 * precedes: a 0.2.0-dev build is tried with labs for 0.2.
 */
interface Comparison {
  readonly operator: string;
  readonly numbers: readonly number[];
}

const comparison = /^(=|!=|>=|<=|>|<|~>)?\s*v?(\d+(?:\.\d+){0,2})$/;

/** Undefined when `constraint` is not one. */
export function satisfies(version: string, constraint: string): boolean | undefined {
  const actual = numbersOf(/^v?(\d+(?:\.\d+)*)/.exec(version)?.[1] ?? "0");
  const parts = constraint.split(",").map(parsePart);
  if (parts.some((part) => part === undefined)) return undefined;
  return (parts as Comparison[]).every((part) => holds(actual, part));
}

function parsePart(text: string): Comparison | undefined {
  const match = comparison.exec(text.trim());
  return match ? { operator: match[1] ?? "=", numbers: numbersOf(match[2] as string) } : undefined;
}

function numbersOf(text: string): number[] {
  return text.split(".").map(Number);
}

function holds(actual: readonly number[], { operator, numbers }: Comparison): boolean {
  const order = compare(actual, numbers);
  if (operator === "=") return order === 0;
  if (operator === "!=") return order !== 0;
  if (operator === ">") return order > 0;
  if (operator === ">=") return order >= 0;
  if (operator === "<") return order < 0;
  if (operator === "<=") return order <= 0;
  // ~>: the last number given may rise, those before it may not.
  return order >= 0 && numbers.slice(0, -1).every((number, at) => (actual[at] ?? 0) === number);
}

function compare(left: readonly number[], right: readonly number[]): number {
  for (let at = 0; at < Math.max(left.length, right.length); at++) {
    const difference = (left[at] ?? 0) - (right[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
