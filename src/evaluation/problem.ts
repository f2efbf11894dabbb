import type { Diagnostic } from "../core/diagnostics.ts";
import type { Range } from "../core/source.ts";
import type { Expression } from "../core/syntax.ts";
import type { Value } from "../core/values.ts";
import { UNKNOWN_VALUE } from "../core/values.ts";
import type { Scope } from "./scope.ts";
import { describeReferences } from "./shown.ts";

/** What went wrong with values, before it is known which text they came from. */
export class Problem {
  readonly summary: string;
  readonly detail: string;
  constructor(summary: string, detail: string) {
    this.summary = summary;
    this.detail = detail;
  }
}

/**
 * Reports at `range`, with the values of what `expression` refers to. The value after an error is unknown, so that
 * nothing that follows from it is an error again.
 */
export function report(
  problem: Problem,
  range: Range,
  expression: Expression,
  scope: Scope,
  diagnostics: Diagnostic[],
): Value {
  const values = describeReferences(expression, scope);
  diagnostics.push({
    severity: "error",
    summary: problem.summary,
    detail: problem.detail,
    range,
    ...(values.length > 0 ? { values } : {}),
  });
  return UNKNOWN_VALUE;
}
