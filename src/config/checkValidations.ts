import type { Diagnostic } from "../core/diagnostics.ts";
import { errorDiagnostic, hasErrors } from "../core/diagnostics.ts";
import type { Lab, Validation, Variable } from "../core/lab.ts";
import type { Range } from "../core/source.ts";
import type { Value } from "../core/values.ts";
import { BOOL, STRING, UNKNOWN } from "../core/values.ts";
import { evaluate } from "../evaluation/evaluate.ts";
import { containsSensitive } from "../evaluation/marks.ts";
import type { Scope } from "../evaluation/scope.ts";
import { describeReferences } from "../evaluation/shown.ts";
import { convert, describeType } from "../evaluation/types.ts";
import { EarlyScope } from "./earlyScope.ts";
import { localsOfRules } from "./order.ts";

export interface GivenValues {
  readonly values: ReadonlyMap<string, Value>;
  /** Where each value stands. */
  readonly origins: ReadonlyMap<string, Range>;
}

/**
 * Checks every value against the rules of its variable and tells all that are broken, as Terraform does since 1.9:
 * conditions may refer to other variables and to locals. With `open` some variables have no usable value; a condition
 * that comes from one of them, or from a local in error, is passed over.
 */
export function checkValidations(lab: Lab, given: GivenValues, open: boolean): readonly Diagnostic[] {
  const ruled = [...lab.variables.values()].filter((one) => one.validations.length > 0 && given.values.has(one.name));
  if (ruled.length === 0) return [];
  const scope = new EarlyScope(lab, given.values);
  const diagnostics = localsOfRules(lab).flatMap((name) => scope.addLocal(name));
  const isOpen = open || hasErrors(diagnostics);
  for (const variable of ruled) {
    for (const validation of variable.validations) {
      diagnostics.push(...check(validation, variable, given.origins.get(variable.name) as Range, scope, isOpen));
    }
  }
  return diagnostics;
}

function check(
  { condition, errorMessage }: Validation,
  variable: Variable,
  origin: Range,
  scope: Scope,
  open: boolean,
): readonly Diagnostic[] {
  const { value, diagnostics } = evaluate(condition, scope);
  if (hasErrors(diagnostics)) return diagnostics;
  if (value.raw === UNKNOWN && open) return [];
  const answer = convert(value, BOOL);
  if ("error" in answer || typeof answer.value.raw !== "boolean") {
    return [noAnswer(condition.range, variable, value)];
  }
  if (answer.value.raw) return [];
  const said = message(errorMessage, scope);
  const broken = errorDiagnostic(`Invalid value for var.${variable.name}`, {
    detail: `${said.text}${variable.sensitive ? ` The value, given in ${origin.file.name}, is sensitive and is not shown.` : ""}`,
    range: variable.sensitive ? variable.range : origin,
    values: describeReferences(condition, scope),
    related: [{ message: "this condition is not met", range: condition.range }],
  });
  return [broken, ...said.diagnostics];
}

function noAnswer(range: Range, { name }: Variable, value: Value): Diagnostic {
  const found = value.raw === UNKNOWN ? "not known yet" : value.raw === null ? "null" : describeType(value.type);
  return errorDiagnostic(`The condition of var.${name} says neither true nor false`, {
    detail: `Its result is ${found}. Write a comparison such as var.${name} != "".`,
    range,
  });
}

/** Evaluated only now that it is needed: its text may make sense for bad values only. */
function message(
  expression: Validation["errorMessage"],
  scope: Scope,
): { readonly text: string; readonly diagnostics: readonly Diagnostic[] } {
  const { value, diagnostics } = evaluate(expression, scope);
  const { range } = expression;
  if (hasErrors(diagnostics)) return { text: "Its error_message cannot be told, see below.", diagnostics };
  if (containsSensitive(value)) {
    const detail =
      "What it says comes from something sensitive, so it is not shown. Say which values are allowed without it.";
    return {
      text: "Its error_message is not shown, see below.",
      diagnostics: [errorDiagnostic("error_message refers to sensitive values", { detail, range })],
    };
  }
  const text = convert(value, STRING);
  if ("value" in text && typeof text.value.raw === "string" && text.value.raw !== "") {
    return { text: text.value.raw, diagnostics: [] };
  }
  const found = value.raw === UNKNOWN ? "not known yet" : value.raw === null ? "null" : describeType(value.type);
  const detail = `It is ${value.raw === "" ? "empty" : found}. Say in a sentence or two which values are allowed.`;
  return {
    text: "Its error_message cannot be told, see below.",
    diagnostics: [errorDiagnostic("error_message must be a text", { detail, range })],
  };
}
