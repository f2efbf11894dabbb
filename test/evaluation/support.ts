import type { Diagnostic } from "../../src/core/diagnostics.ts";
import type { Expression } from "../../src/core/syntax.ts";
import type { Value } from "../../src/core/values.ts";
import { evaluate } from "../../src/evaluation/evaluate.ts";
import type { Scope } from "../../src/evaluation/scope.ts";
import { parseExpression } from "../../src/language/parse.ts";

/** A scope of plain roots: each an object whose members are asked for one by one. */
export function scopeOf(roots: { readonly [root: string]: { readonly [name: string]: Value } | Value }): Scope {
  const isValue = (one: object): one is Value => "raw" in one && "type" in one;
  const members = (root: string): { readonly [name: string]: Value } => {
    const found = roots[root];
    return found && !isValue(found) ? found : {};
  };
  return {
    member: (root, name) => members(root)[name],
    lookup: (root) => {
      const found = roots[root];
      return found && isValue(found) ? found : undefined;
    },
    names: (root) => (root === undefined ? Object.keys(roots) : Object.keys(members(root))),
  };
}

const emptyScope = scopeOf({});

/** Throws for what does not parse. */
export function expressionOf(text: string): Expression {
  const { expression, diagnostics } = parseExpression({ name: "test.lab.hcl", text });
  if (!expression || diagnostics.length > 0) throw new Error(diagnostics.map((one) => one.summary).join("; "));
  return expression;
}

/** Errors of the parser included. */
export function tryEvaluate(
  text: string,
  scope: Scope = emptyScope,
): { readonly value: Value; readonly diagnostics: readonly Diagnostic[] } {
  const { expression, diagnostics } = parseExpression({ name: "test.lab.hcl", text });
  const result = expression && evaluate(expression, scope);
  return { value: result?.value as Value, diagnostics: [...diagnostics, ...(result?.diagnostics ?? [])] };
}

/** Throws when there are diagnostics. */
export function valueOf(text: string, scope: Scope = emptyScope): Value {
  const { value, diagnostics } = tryEvaluate(text, scope);
  if (diagnostics.length > 0) throw new Error(diagnostics.map((one) => `${one.summary}: ${one.detail}`).join("; "));
  return value;
}

/** The only error there is: `summary | detail | text at fault`. */
export function errorOf(text: string, scope: Scope = emptyScope): string {
  const { diagnostics } = tryEvaluate(text, scope);
  if (diagnostics.length !== 1)
    throw new Error(`${diagnostics.length} errors: ${diagnostics.map((one) => one.summary).join("; ")}`);
  const [one] = diagnostics as [Diagnostic];
  return `${one.summary} | ${one.detail} | ${one.range?.file.text.slice(one.range.start, one.range.end)}`;
}

export function secret(value: Value): Value {
  return { ...value, sensitive: true };
}
