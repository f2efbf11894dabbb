import type { Diagnostic } from "../core/diagnostics.ts";
import { errorDiagnostic, hasErrors, warningDiagnostic } from "../core/diagnostics.ts";
import type { Rule } from "../core/lab.ts";
import type { DeferredRule, RuleKind } from "../core/plan.ts";
import type { Range } from "../core/source.ts";
import type { Expression } from "../core/syntax.ts";
import type { Value } from "../core/values.ts";
import { BOOL, STRING, UNKNOWN } from "../core/values.ts";
import { evaluate } from "./evaluate.ts";
import { containsSensitive } from "./marks.ts";
import type { Scope } from "./scope.ts";
import { describeReferences } from "./shown.ts";
import { convert, describeType } from "./types.ts";

/** What a rule is about. */
export type Ruled =
  | {
      readonly kind: "validation";
      /** `var.x`, `module.pod["a"].var.x` */
      readonly address: string;
      readonly sensitive: boolean;
      /** Where its block stands. */
      readonly range: Range;
      /** Where its value stands. */
      readonly origin: Range;
    }
  /** `node.r1`, `module.pod["a"].output.x`, `check.health` */
  | { readonly kind: Exclude<RuleKind, "validation">; readonly address: string };

export interface RuleOutcome {
  /** False when the condition waits for something that is not known yet. */
  readonly decided: boolean;
  readonly diagnostics: readonly Diagnostic[];
}

/** Checks one rule; its message is evaluated only when it is needed, as it may make sense for bad values only. */
export function checkRule({ condition, errorMessage }: Rule, ruled: Ruled, scope: Scope): RuleOutcome {
  const { value, diagnostics } = evaluate(condition, scope);
  if (hasErrors(diagnostics)) return { decided: true, diagnostics };
  if (value.raw === UNKNOWN) return { decided: false, diagnostics };
  const answer = convert(value, BOOL);
  if ("error" in answer || typeof answer.value.raw !== "boolean") {
    return { decided: true, diagnostics: [noAnswer(condition.range, ruled, value)] };
  }
  if (answer.value.raw) return { decided: true, diagnostics: [] };
  const said = message(errorMessage, scope, ruled.kind === "assertion" ? "warning" : "error");
  const values = describeReferences(condition, scope);
  return { decided: true, diagnostics: [broken(condition.range, ruled, said.text, values), ...said.diagnostics] };
}

function broken(condition: Range, ruled: Ruled, said: string, values: Diagnostic["values"] = []): Diagnostic {
  if (ruled.kind !== "validation") return brokenCondition(ruled, { detail: said, range: condition, values });
  const { address, sensitive, range, origin } = ruled;
  const hidden = ` The value, given in ${origin.file.name}, is sensitive and is not shown.`;
  return errorDiagnostic(`Invalid value for ${address}`, {
    detail: `${said}${sensitive ? hidden : ""}`,
    range: sensitive ? range : origin,
    values,
    related: [{ message: "this condition is not met", range: condition }],
  });
}

/** What is said of a condition or assertion that is false: of a check a warning, else an error. */
export function brokenCondition(
  { kind, address }: Pick<DeferredRule, "kind"> & { readonly address: string },
  rest: Omit<Diagnostic, "severity" | "summary">,
): Diagnostic {
  if (kind === "assertion") return warningDiagnostic(`${capitalised(nameOfCheck(address))} failed`, rest);
  return errorDiagnostic(`A ${kind} of ${address} is not met`, rest);
}

/** `check "health" of module.pod` */
function nameOfCheck(address: string): string {
  const [, module, name] = /^(?:(.*)\.)?check\.([^.]*)$/.exec(address) ?? [];
  return `check ${JSON.stringify(name ?? address)}${module === undefined ? "" : ` of ${module}`}`;
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** What is wrong with a condition whose value nothing will decide any more. */
export function noAnswer(range: Range | undefined, ruled: Pick<Ruled, "kind" | "address">, value: Value): Diagnostic {
  const { kind, address } = ruled;
  const found = value.raw === UNKNOWN ? "not known yet" : value.raw === null ? "null" : describeType(value.type);
  const name = kind === "validation" ? `${address.slice(address.lastIndexOf("var."))} != ""` : examples[kind];
  return errorDiagnostic(`${capitalised(conditionOf(ruled))} says neither true nor false`, {
    detail: `Its result is ${found}. Write a comparison such as ${name}.`,
    range,
  });
}

const examples: { readonly [kind in Exclude<RuleKind, "validation">]: string } = {
  precondition: "var.routers > 1",
  postcondition: "self.ram > 256",
  assertion: "node.r1.ram > 256",
};

/** `a precondition of node.r1` */
function conditionOf({ kind, address }: Pick<Ruled, "kind" | "address">): string {
  if (kind === "validation") return `the condition of ${address}`;
  return kind === "assertion" ? `an assertion of ${nameOfCheck(address)}` : `a ${kind} of ${address}`;
}

/** What an error_message says, and what is wrong with it. */
export interface Message {
  readonly text: string;
  readonly diagnostics: readonly Diagnostic[];
}

/** Stands for a message that is in error itself. */
export const UNTOLD = "Its error_message cannot be told, see below.";

function message(expression: Expression, scope: Scope, severity: Diagnostic["severity"]): Message {
  const { value, diagnostics } = evaluate(expression, scope);
  if (hasErrors(diagnostics)) return { text: UNTOLD, diagnostics };
  return readMessage(value, expression.range, severity);
}

/** `severity`: of what is said of a message that would give something away. */
export function readMessage(value: Value, range: Range | undefined, severity: Diagnostic["severity"]): Message {
  if (containsSensitive(value)) {
    const detail =
      "What it says comes from something sensitive, so it is not shown. Say what is wanted without it, or use nonsensitive() where it gives nothing away.";
    return {
      text: "Its error_message is not shown, see below.",
      diagnostics: [{ severity, summary: "error_message refers to sensitive values", detail, range }],
    };
  }
  if (value.raw === UNKNOWN) return { text: "What its error_message says is not known yet.", diagnostics: [] };
  const text = convert(value, STRING);
  if ("value" in text && typeof text.value.raw === "string" && text.value.raw !== "") {
    return { text: text.value.raw, diagnostics: [] };
  }
  const found = value.raw === null ? "null" : describeType(value.type);
  const detail = `It is ${value.raw === "" ? "empty" : found}. Say in a sentence or two what is wanted.`;
  return {
    text: UNTOLD,
    diagnostics: [errorDiagnostic("error_message must be a text", { detail, range })],
  };
}
