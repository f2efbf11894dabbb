import type { Expression, SplatStep, TemplatePart } from "../core/syntax.ts";

/** An expression and all that stand in it, from outside inwards, in the order of the text. */
export function* eachExpression(expression: Expression): Generator<Expression> {
  const open = [expression];
  for (let one = open.pop(); one; one = open.pop()) {
    yield one;
    for (const inner of innerOf(one).toReversed()) open.push(inner);
  }
}

/** The expressions that stand directly in one, in the order of the text. */
export function innerOf(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case "literal":
    case "variable":
      return [];
    case "template":
      return inParts(expression.parts);
    case "attribute":
      return [expression.object];
    case "index":
      return [expression.object, expression.key];
    case "splat":
      return [expression.source, ...inSteps(expression.steps)];
    case "call":
      return expression.arguments;
    case "unary":
      return [expression.operand];
    case "binary":
      return [expression.left, expression.right];
    case "conditional":
      return [expression.condition, expression.then, expression.otherwise];
    case "tuple":
      return expression.items;
    case "object":
      return expression.items.flatMap(({ key, value }) => [key, value]);
    case "for": {
      const { collection, key, value, condition } = expression;
      return [collection, ...(key ? [key] : []), value, ...(condition ? [condition] : [])];
    }
    case "parentheses":
      return [expression.inner];
  }
}

function inSteps(steps: readonly SplatStep[]): readonly Expression[] {
  return steps.flatMap((step) => {
    if (step.kind === "attribute") return [];
    return step.kind === "index" ? [step.key] : inSteps(step.steps);
  });
}

function inParts(parts: readonly TemplatePart[]): readonly Expression[] {
  return parts.flatMap((part) => {
    switch (part.kind) {
      case "text":
        return [];
      case "interpolation":
        return [part.expression];
      case "if":
        return [part.condition, ...inParts(part.then), ...inParts(part.otherwise)];
      case "for":
        return [part.collection, ...inParts(part.body)];
    }
  });
}
