import type { Diagnostic } from "../../core/diagnostics.ts";
import { errorDiagnostic, hasErrors } from "../../core/diagnostics.ts";
import type { Type, Value } from "../../core/values.ts";
import { BOOL, boolValue, DYNAMIC, isWhollyKnown, UNKNOWN_VALUE, unknownValue } from "../../core/values.ts";
import { Fault } from "../fault.ts";
import type { Attempt, FunctionDeclaration } from "../functions.ts";
import { containsSensitive, marked } from "../marks.ts";

/**
 * The first that has a value. While that is not known through and through it may still fail, so that nothing is
 * known, not even which of them it will be.
 */
function tryEach(attempts: readonly Attempt[]): Value | Fault {
  const errors: Diagnostic[] = [];
  for (const attempt of attempts) {
    const { value, diagnostics } = attempt();
    if (!hasErrors(diagnostics)) {
      return isWhollyKnown(value) ? value : marked(UNKNOWN_VALUE, containsSensitive(value));
    }
    errors.push(...diagnostics.filter((one) => one.severity === "error"));
  }
  if (errors.length === 0) return new Fault("at least one expression is needed");
  return new Fault("no expression has a value", undefined, [nothingSucceeded(errors)]);
}

function nothingSucceeded(errors: readonly Diagnostic[]): Diagnostic {
  const reasons = errors.map(({ summary, detail }) => (detail ? `${summary} (${detail})` : `${summary}.`));
  return errorDiagnostic("No argument of try() has a value", {
    detail: `Each of them fails: ${reasons.join(" ")} Give a last argument that cannot fail, a constant say.`,
    range: errors[0]?.range,
    related: errors.slice(1).flatMap(({ summary, range }) => (range ? [{ message: summary, range }] : [])),
  });
}

function can(attempts: readonly Attempt[]): Value {
  const { value, diagnostics } = (attempts[0] as Attempt)();
  if (hasErrors(diagnostics)) return boolValue(false);
  return isWhollyKnown(value) ? boolValue(true) : unknownValue(BOOL);
}

function evaluated(value: Value): Attempt {
  return () => ({ value, diagnostics: [] });
}

function attempting(
  name: string,
  parameters: Pick<FunctionDeclaration, "parameters" | "variadic">,
  result: Type,
  lazily: (attempts: readonly Attempt[]) => Value | Fault,
): FunctionDeclaration {
  return { name, ...parameters, result, lazily, call: (...values) => lazily(values.map(evaluated)) };
}

export const attemptFunctions: readonly FunctionDeclaration[] = [
  attempting("try", { parameters: [], variadic: { name: "expressions", type: DYNAMIC } }, DYNAMIC, tryEach),
  attempting("can", { parameters: [{ name: "expression", type: DYNAMIC }] }, BOOL, can),
];
