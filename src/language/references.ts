import type { CallExpression, Expression, ForExpression, Reference, TemplatePart } from "../core/syntax.ts";
import { innerOf } from "./eachExpression.ts";

/**
 * What an expression refers to, in the order of its text, repetitions included. Names that a `for` around them
 * introduces are no references, nor are those in `bound`. Parentheses make no difference: `(node.r1).pid` is path
 * `r1`, `pid`.
 */
export function references(expression: Expression, bound: Bound = NOTHING_BOUND): Reference[] {
  const found: Reference[] = [];
  collect(expression, bound, found);
  return found;
}

type Bound = ReadonlySet<string>;

const NOTHING_BOUND: Bound = new Set();

function collect(expression: Expression, bound: Bound, found: Reference[]): void {
  if (expression.kind === "literal") return;
  const reference = asReference(expression);
  if (reference) {
    if (!bound.has(reference.root)) found.push(reference);
    return;
  }
  switch (expression.kind) {
    case "template":
      return collectParts(expression.parts, bound, found);
    case "call":
      return collectArguments(expression, bound, found);
    case "for":
      return collectFor(expression, bound, found);
    default:
      return collectAll(innerOf(expression), bound, found);
  }
}

function collectAll(expressions: readonly Expression[], bound: Bound, found: Reference[]): void {
  for (const expression of expressions) collect(expression, bound, found);
}

const ATTEMPTS = /^(?:core::)?(?:try|can)$/;

function collectArguments({ name, arguments: given }: CallExpression, bound: Bound, found: Reference[]): void {
  if (!ATTEMPTS.test(name)) return collectAll(given, bound, found);
  const inner: Reference[] = [];
  collectAll(given, bound, inner);
  found.push(...inner.map((one) => ({ ...one, attempted: true as const })));
}

function collectFor(expression: ForExpression, bound: Bound, found: Reference[]): void {
  collect(expression.collection, bound, found);
  const inner = withNames(bound, expression);
  if (expression.key) collect(expression.key, inner, found);
  collect(expression.value, inner, found);
  if (expression.condition) collect(expression.condition, inner, found);
}

function collectParts(parts: readonly TemplatePart[], bound: Bound, found: Reference[]): void {
  for (const part of parts) {
    if (part.kind === "interpolation") collect(part.expression, bound, found);
    else if (part.kind === "if") {
      collect(part.condition, bound, found);
      collectParts(part.then, bound, found);
      collectParts(part.otherwise, bound, found);
    } else if (part.kind === "for") {
      collect(part.collection, bound, found);
      collectParts(part.body, withNames(bound, part), found);
    }
  }
}

function withNames(bound: Bound, names: { readonly keyName?: string | undefined; readonly valueName: string }): Bound {
  const inner = new Set(bound).add(names.valueName);
  return names.keyName === undefined ? inner : inner.add(names.keyName);
}

/** A name with nothing but constant steps after it; undefined for anything else. */
function asReference(expression: Expression): Reference | undefined {
  const path: (string | number)[] = [];
  let at = expression;
  while (at.kind === "parentheses") at = at.inner;
  const { range } = at;
  for (;;) {
    if (at.kind === "variable") return { root: at.name, path: path.reverse(), range };
    if (at.kind === "parentheses") at = at.inner;
    else if (at.kind === "attribute") {
      path.push(at.legacyIndex ? Number(at.name) : at.name);
      at = at.object;
    } else if (at.kind === "index" && at.key.kind === "literal") {
      const { value } = at.key;
      if (typeof value !== "string" && typeof value !== "number") return undefined;
      path.push(value);
      at = at.object;
    } else return undefined;
  }
}
