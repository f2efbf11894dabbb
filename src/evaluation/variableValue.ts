import type { Diagnostic } from "../core/diagnostics.ts";
import { errorDiagnostic } from "../core/diagnostics.ts";
import type { Captured, CapturedVariable } from "../core/plan.ts";
import type { Type, Value } from "../core/values.ts";
import { DYNAMIC } from "../core/values.ts";
import { parseExpression } from "../language/parse.ts";
import { marked } from "./marks.ts";
import { parseType } from "./typeConstraint.ts";
import { convert, formatType } from "./types.ts";

/** What decides how a value of a variable is taken. */
export interface Wanted {
  readonly name: string;
  readonly type: Type;
  readonly nullable: boolean;
  readonly sensitive: boolean;
}

/** Null for a variable that is not nullable is left to the caller, who knows whether there is a default. */
export function convertFor(
  value: Value,
  wanted: Pick<Wanted, "type" | "sensitive">,
): { readonly value: Value } | { readonly error: string } {
  // Marked before, so that the error does not show it.
  const converted = convert(marked(value, wanted.sensitive), wanted.type);
  if ("error" in converted) return converted;
  return wanted.sensitive ? { value: { ...converted.value, sensitive: true } } : converted;
}

/** The value of a captured variable, whose expression now gives `given`. `resolve` is asked for its default. */
export function variableValue(
  given: Value,
  captured: CapturedVariable,
  resolve: (one: Captured) => Value,
): { readonly value: Value } | { readonly error: Diagnostic } {
  const { address, sensitive, nullable } = captured;
  const type = typeOf(captured.type);
  const value = convertFor(given, { type, sensitive });
  if ("error" in value) return { error: wrongArgument(address, type, value.error) };
  if (value.value.raw !== null || nullable) return value;
  if (!captured.default) return { error: nullArgument(address) };
  return { value: resolve(captured.default) };
}

function typeOf(text: string | undefined): Type {
  const parsed = text === undefined ? undefined : parseExpression({ name: "type", text }).expression;
  return (parsed && parseType(parsed).value) ?? DYNAMIC;
}

/** `address`: `module.pod.var.x` */
export function wrongArgument(address: string, type: Type, error: string): Diagnostic {
  const detail = `Its type is ${formatType(type)}: ${error}.`;
  return errorDiagnostic(`Wrong type for ${address}`, { detail });
}

export function nullArgument(address: string): Diagnostic {
  const detail = "It is declared with nullable = false and has no default to take instead. Give it another value.";
  return errorDiagnostic(`${address} cannot be null`, { detail });
}
