import type { Diagnostic } from "../core/diagnostics.ts";
import { errorDiagnostic } from "../core/diagnostics.ts";
import type { Attribute, Body } from "../core/syntax.ts";

/** Arguments that are read before anything is evaluated, and so must stand in the file as they are. */

export function attributeOf(body: Body, name: string): Attribute | undefined {
  return body.attributes.find((attribute) => attribute.name === name);
}

export function literalString(body: Body, name: string, diagnostics: Diagnostic[]): string | undefined {
  const literal = literalOf(body, name);
  if (literal === undefined || literal === null) return undefined;
  if (typeof literal === "string") return literal;
  diagnostics.push(notLiteral(attributeOf(body, name) as Attribute, "text in quotes"));
  return undefined;
}

export function literalBool(body: Body, name: string, fallback: boolean, diagnostics: Diagnostic[]): boolean {
  const literal = literalOf(body, name);
  if (literal === undefined || literal === null) return fallback;
  if (typeof literal === "boolean") return literal;
  // A bool as text is one, as in every other argument.
  if (literal === "true" || literal === "false") return literal === "true";
  diagnostics.push(notLiteral(attributeOf(body, name) as Attribute, "true or false"));
  return fallback;
}

const OTHER = Symbol("not a literal");

function literalOf(body: Body, name: string) {
  const expression = attributeOf(body, name)?.expression;
  if (!expression) return undefined;
  return expression.kind === "literal" ? expression.value : OTHER;
}

function notLiteral(attribute: Attribute, wanted: string): Diagnostic {
  return errorDiagnostic(`"${attribute.name}" must be ${wanted}`, {
    detail: "It is read before anything is evaluated, so it cannot be an expression.",
    range: attribute.expression.range,
  });
}
