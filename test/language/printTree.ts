import type { Attribute, Block, Body, Expression, SplatStep, TemplatePart } from "../../src/core/syntax.ts";

/** A body as indented lines, items in the order of the text; expressions as lists in parentheses. */
export function printBody(body: Body, indentation = ""): string {
  const items: (Attribute | Block)[] = [...body.attributes, ...body.blocks];
  items.sort((left, right) => left.range.start - right.range.start);
  return items
    .map((item) => {
      if ("expression" in item) return `${indentation}${item.name} = ${printExpression(item.expression)}\n`;
      const labels = item.labels.map((label) => ` ${JSON.stringify(label.text)}`).join("");
      return `${indentation}${item.type}${labels}\n${printBody(item.body, `${indentation}  `)}`;
    })
    .join("");
}

export function printExpression(expression: Expression): string {
  switch (expression.kind) {
    case "literal":
      return typeof expression.value === "string" ? JSON.stringify(expression.value) : String(expression.value);
    case "template":
      return list(expression.wrap ? "wrap" : "template", ...expression.parts.map(printPart));
    case "variable":
      return expression.name;
    case "attribute":
      return list(
        expression.legacyIndex ? "legacy-index" : "attribute",
        printExpression(expression.object),
        expression.name,
      );
    case "index":
      return list("index", printExpression(expression.object), printExpression(expression.key));
    case "splat":
      return list(`${expression.style}-splat`, printExpression(expression.source), ...expression.steps.map(printStep));
    case "call":
      return list(
        "call",
        expression.name,
        ...expression.arguments.map(printExpression),
        ...(expression.expandLast ? ["..."] : []),
      );
    case "unary":
      return list(expression.operator, printExpression(expression.operand));
    case "binary":
      return list(expression.operator, printExpression(expression.left), printExpression(expression.right));
    case "conditional":
      return list("?", ...[expression.condition, expression.then, expression.otherwise].map(printExpression));
    case "tuple":
      return list("tuple", ...expression.items.map(printExpression));
    case "object":
      return list(
        "object",
        ...expression.items.map((item) => list(printExpression(item.key), printExpression(item.value))),
      );
    case "for": {
      const names = expression.keyName === undefined ? [] : [expression.keyName];
      const key = expression.key ? ["key", printExpression(expression.key)] : [];
      const condition = expression.condition ? ["if", printExpression(expression.condition)] : [];
      const group = expression.group ? ["group"] : [];
      const value = [printExpression(expression.collection), ...key, "value", printExpression(expression.value)];
      return list("for", ...names, expression.valueName, "in", ...value, ...group, ...condition);
    }
    case "parentheses":
      return list("parentheses", printExpression(expression.inner));
  }
}

function printPart(part: TemplatePart): string {
  switch (part.kind) {
    case "text":
      return JSON.stringify(part.text);
    case "interpolation":
      return printExpression(part.expression);
    case "if":
      return list(
        "if",
        printExpression(part.condition),
        list("then", ...part.then.map(printPart)),
        list("else", ...part.otherwise.map(printPart)),
      );
    case "for": {
      const names = part.keyName === undefined ? [] : [part.keyName];
      return list("for", ...names, part.valueName, "in", printExpression(part.collection), ...part.body.map(printPart));
    }
  }
}

function printStep(step: SplatStep): string {
  switch (step.kind) {
    case "attribute":
      return `.${step.name}`;
    case "index":
      return `[${printExpression(step.key)}]`;
    case "splat":
      return list(`each-${step.style}`, ...step.steps.map(printStep));
  }
}

function list(...items: string[]): string {
  return `(${items.join(" ")})`;
}
