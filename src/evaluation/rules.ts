import type { Diagnostic } from "../core/diagnostics.ts";
import { errorDiagnostic, hasErrors } from "../core/diagnostics.ts";
import type { Validation } from "../core/lab.ts";
import type { Range } from "../core/source.ts";
import type { Expression } from "../core/syntax.ts";
import type { Value } from "../core/values.ts";
import { BOOL, STRING, UNKNOWN } from "../core/values.ts";
import { evaluate } from "./evaluate.ts";
import { containsSensitive } from "./marks.ts";
import type { Scope } from "./scope.ts";
import { describeReferences } from "./shown.ts";
import { convert, describeType } from "./types.ts";

/** The variable whose value a rule is about. */
export interface Ruled {
  /** `var.x`, `module.pod["a"].var.x` */
  readonly address: string;
  readonly sensitive: boolean;
  /** Where its block stands. */
  readonly range: Range;
  /** Where its value stands. */
  readonly origin: Range;
}

export interface RuleOutcome {
  /** False when the condition waits for something that is not known yet. */
  readonly decided: boolean;
  readonly diagnostics: readonly Diagnostic[];
}

/** Checks one rule; its message is evaluated only when it is needed, as it may make sense for bad values only. */
export function checkRule({ condition, errorMessage }: Validation, ruled: Ruled, scope: Scope): RuleOutcome {
  const { value, diagnostics } = evaluate(condition, scope);
  if (hasErrors(diagnostics)) return { decided: true, diagnostics };
  if (value.raw === UNKNOWN) return { decided: false, diagnostics };
  const answer = convert(value, BOOL);
  if ("error" in answer || typeof answer.value.raw !== "boolean") {
    return { decided: true, diagnostics: [noAnswer(condition.range, ruled, value)] };
  }
  if (answer.value.raw) return { decided: true, diagnostics: [] };
  const said = message(errorMessage, scope);
  const { address, sensitive, range, origin } = ruled;
  const broken = errorDiagnostic(`Invalid value for ${address}`, {
    detail: `${said.text}${sensitive ? ` The value, given in ${origin.file.name}, is sensitive and is not shown.` : ""}`,
    range: sensitive ? range : origin,
    values: describeReferences(condition, scope),
    related: [{ message: "this condition is not met", range: condition.range }],
  });
  return { decided: true, diagnostics: [broken, ...said.diagnostics] };
}

/** What is wrong with a condition whose value nothing will decide any more. */
export function noAnswer(range: Range, { address }: Pick<Ruled, "address">, value: Value): Diagnostic {
  const found = value.raw === UNKNOWN ? "not known yet" : value.raw === null ? "null" : describeType(value.type);
  const name = address.slice(address.lastIndexOf("var."));
  return errorDiagnostic(`The condition of ${address} says neither true nor false`, {
    detail: `Its result is ${found}. Write a comparison such as ${name} != "".`,
    range,
  });
}

function message(
  expression: Expression,
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
