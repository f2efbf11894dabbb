import type { Body, Expression, SplatStep, TemplatePart } from "../../src/core/syntax.ts";

/**
 * The productions of HCL's grammar (its spec.md), with what the specification or the implementation tells apart in
 * them. What leaves no trace in the tree is read off the text.
 */
const inText: readonly (readonly [production: string, pattern: RegExp])[] = [
  ["comment #", /^[^"\n]*# c$/m],
  ["comment //", /^[^"\n]*\/\/ c$/m],
  ["comment /* */", /\/\* c \*\//],
  ["line end CR LF", /\r\n/],
  ["line end missing at the end of the file", /[^\n]$/],
  ["byte order mark", /^\ufeff/],
  ["block on one line, empty", /^[^"\n]*\{ {0,2}\}/m],
  ["block on one line with an argument", /^[a-z]+[^\n={]*\{ a = /m],
  ["label bare", /^(?:node|link) [^"\s{]/m],
  ["label quoted", /^(?:node|link) "/m],
  ["object item with =", /\{ [^\n]* = /],
  ["object item with :", /\{ [^\n]*: /],
  ["comma after the last item", /,\s*[\]})]/],
  ["line end in brackets", /[[(]\n/],
  ["line end between an object's items", /\{\n {2}\S+ = /],
  ["heredoc <<", /<<[A-Z]/],
  ["heredoc <<-", /<<-/],
  ["strip marker after ${", /\$\{~/],
  ["strip marker before }", /~\}/],
  ["strip marker in a directive", /%\{~/],
  ["escape $${", /\$\$\{/],
  ["escape %%{", /%%\{/],
  ["escape \\n", /\\n/],
  ['escape \\"', /\\"/],
  ["escape \\u", /\\u/],
  ["escape \\U", /\\U/],
  ["number with a fraction", /\b\d+\.\d/],
  ["number with an exponent", /\b\de[+-]?\d/],
  ["spaces around a step", / \. a/],
];

export const productionsInText: readonly string[] = inText.map(([production]) => production);

export const productionsInTree: readonly string[] = [
  ..."body,argument,block,label,block in a block,literal string,literal number,literal bool,literal null".split(","),
  ..."template,template wrap,template text,interpolation,if,if else,for directive,for directive with key".split(","),
  ..."variable,attribute,legacy index,index,full splat,attribute splat,splat in a splat,index in a splat".split(","),
  ..."attribute in a splat,call,call in a namespace,call without arguments,call ...".split(","),
  ..."unary -,unary !,conditional,parentheses,tuple,tuple empty,object,object empty".split(","),
  ..."key name,key string,key template,key parentheses,key other".split(","),
  ..."for tuple,for object,for with key,for if,for ...".split(","),
  ..."||,&&,==,!=,<,<=,>,>=,+,-,*,/,%".split(",").map((operator) => `binary ${operator}`),
];

/** Those that a valid file is made of. */
export function productionsOf(text: string, body: Body): Set<string> {
  const found = new Set<string>();
  for (const [production, pattern] of inText) if (pattern.test(text)) found.add(production);
  ofBody(body, found);
  return found;
}

function ofBody(body: Body, found: Set<string>): void {
  found.add("body");
  for (const { expression } of body.attributes) {
    found.add("argument");
    ofExpression(expression, found);
  }
  for (const block of body.blocks) {
    found.add("block");
    if (block.labels.length > 0) found.add("label");
    if (block.body.blocks.length > 0) found.add("block in a block");
    ofBody(block.body, found);
  }
}

function ofExpression(expression: Expression, found: Set<string>): void {
  const all = (expressions: readonly (Expression | undefined)[]): void => {
    for (const one of expressions) if (one) ofExpression(one, found);
  };
  switch (expression.kind) {
    case "literal": {
      const { value } = expression;
      const type = typeof value === "boolean" ? "bool" : typeof value === "string" ? "string" : "number";
      found.add(`literal ${value === null ? "null" : type}`);
      return;
    }
    case "template":
      found.add(expression.wrap ? "template wrap" : "template");
      return ofParts(expression.parts, found);
    case "variable":
      found.add("variable");
      return;
    case "attribute":
      found.add(expression.legacyIndex ? "legacy index" : "attribute");
      return ofExpression(expression.object, found);
    case "index":
      found.add("index");
      return all([expression.object, expression.key]);
    case "splat":
      found.add(`${expression.style} splat`);
      ofExpression(expression.source, found);
      return ofSteps(expression.steps, found);
    case "call":
      found.add(expression.name.includes("::") ? "call in a namespace" : "call");
      if (expression.arguments.length === 0) found.add("call without arguments");
      if (expression.expandLast) found.add("call ...");
      return all(expression.arguments);
    case "unary":
      found.add(`unary ${expression.operator}`);
      return ofExpression(expression.operand, found);
    case "binary":
      found.add(`binary ${expression.operator}`);
      return all([expression.left, expression.right]);
    case "conditional":
      found.add("conditional");
      return all([expression.condition, expression.then, expression.otherwise]);
    case "parentheses":
      found.add("parentheses");
      return ofExpression(expression.inner, found);
    case "tuple":
      found.add(expression.items.length === 0 ? "tuple empty" : "tuple");
      return all(expression.items);
    case "object":
      found.add(expression.items.length === 0 ? "object empty" : "object");
      for (const { key, value } of expression.items) {
        found.add(`key ${keyKind(key)}`);
        all([key, value]);
      }
      return;
    case "for":
      found.add(expression.key ? "for object" : "for tuple");
      if (expression.keyName !== undefined) found.add("for with key");
      if (expression.condition) found.add("for if");
      if (expression.group) found.add("for ...");
      return all([expression.collection, expression.key, expression.value, expression.condition]);
  }
}

function keyKind(key: Expression): string {
  if (key.kind === "template" || key.kind === "parentheses") return key.kind;
  if (key.kind !== "literal" || typeof key.value !== "string") return "other";
  return key.range.file.text[key.range.start] === '"' ? "string" : "name";
}

function ofSteps(steps: readonly SplatStep[], found: Set<string>): void {
  for (const step of steps) {
    found.add(step.kind === "splat" ? "splat in a splat" : `${step.kind} in a splat`);
    if (step.kind === "index") ofExpression(step.key, found);
    if (step.kind === "splat") ofSteps(step.steps, found);
  }
}

function ofParts(parts: readonly TemplatePart[], found: Set<string>): void {
  for (const part of parts) {
    switch (part.kind) {
      case "text":
        found.add("template text");
        break;
      case "interpolation":
        found.add("interpolation");
        ofExpression(part.expression, found);
        break;
      case "if":
        found.add(part.otherwise.length > 0 ? "if else" : "if");
        ofExpression(part.condition, found);
        ofParts(part.then, found);
        ofParts(part.otherwise, found);
        break;
      case "for":
        found.add(part.keyName === undefined ? "for directive" : "for directive with key");
        ofExpression(part.collection, found);
        ofParts(part.body, found);
        break;
    }
  }
}
