import type { CallExpression, Expression, ForExpression, Reference, SplatStep, TemplatePart } from "../core/syntax.ts";

/**
 * What an expression refers to, in the order of its text, repetitions included. Names that a `for` around them
 * introduces are no references, nor are those in `bound`. Parentheses make no difference: `(node.r1).pid` is path
 * `r1`, `pid`.
 */
export function references(expression: Expression, bound: Bound = new Set()): Reference[] {
  const found: Reference[] = [];
  collect(expression, bound, found);
  return found;
}

type Bound = ReadonlySet<string>;

function collect(expression: Expression, bound: Bound, found: Reference[]): void {
  const reference = asReference(expression);
  if (reference) {
    if (!bound.has(reference.root)) found.push(reference);
    return;
  }
  switch (expression.kind) {
    case "literal":
    case "variable":
      return;
    case "template":
      return collectParts(expression.parts, bound, found);
    case "attribute":
      return collect(expression.object, bound, found);
    case "index":
      collect(expression.object, bound, found);
      return collect(expression.key, bound, found);
    case "splat":
      collect(expression.source, bound, found);
      return collectSteps(expression.steps, bound, found);
    case "call":
      return collectArguments(expression, bound, found);
    case "unary":
      return collect(expression.operand, bound, found);
    case "binary":
      return collectAll([expression.left, expression.right], bound, found);
    case "conditional":
      return collectAll([expression.condition, expression.then, expression.otherwise], bound, found);
    case "tuple":
      return collectAll(expression.items, bound, found);
    case "object":
      return collectAll(
        expression.items.flatMap((item) => [item.key, item.value]),
        bound,
        found,
      );
    case "for":
      return collectFor(expression, bound, found);
    case "parentheses":
      return collect(expression.inner, bound, found);
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

function collectSteps(steps: readonly SplatStep[], bound: Bound, found: Reference[]): void {
  for (const step of steps) {
    if (step.kind === "index") collect(step.key, bound, found);
    else if (step.kind === "splat") collectSteps(step.steps, bound, found);
  }
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
