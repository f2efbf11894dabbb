import { parseNumber } from "../core/bigfloat.ts";
import type { Range } from "../core/source.ts";
import type { BinaryOperator, CallExpression, Expression } from "../core/syntax.ts";
import { endsItems, parseObject, parseTuple } from "./collection.ts";
import type { Cursor } from "./cursor.ts";
import { close, mistakeOf, operatorAdvice, type Separator, unexpected } from "./mistakes.ts";
import { parseSteps } from "./steps.ts";
import { parseHeredoc, parseQuoted } from "./template.ts";
import { Kind } from "./tokens.ts";

/** HCL spec, "Operations": the higher, the tighter; operators of one level group to the left. */
const binary = new Map<Kind, { readonly operator: BinaryOperator; readonly level: number }>([
  [Kind.or, { operator: "||", level: 1 }],
  [Kind.and, { operator: "&&", level: 2 }],
  [Kind.equalEqual, { operator: "==", level: 3 }],
  [Kind.notEqual, { operator: "!=", level: 3 }],
  [Kind.less, { operator: "<", level: 4 }],
  [Kind.lessOrEqual, { operator: "<=", level: 4 }],
  [Kind.greater, { operator: ">", level: 4 }],
  [Kind.greaterOrEqual, { operator: ">=", level: 4 }],
  [Kind.plus, { operator: "+", level: 5 }],
  [Kind.minus, { operator: "-", level: 5 }],
  [Kind.star, { operator: "*", level: 6 }],
  [Kind.slash, { operator: "/", level: 6 }],
  [Kind.percent, { operator: "%", level: 6 }],
]);

const commas: Separator = { what: "`,`", advice: "Arguments are separated by commas." };

/** Beyond about 10^78,000 numbers would turn into infinity or zero without a word (src/core/bigfloat.ts). */
const EXPONENT_LIMIT = 70_000;

/** A whole expression, conditional included. */
export function parseAny(cursor: Cursor): Expression {
  cursor.enter("expression");
  const condition = parseBinary(cursor, 1);
  const expression = cursor.kind === Kind.question ? parseConditional(cursor, condition) : condition;
  cursor.leave();
  return expression;
}

function parseConditional(cursor: Cursor, condition: Expression): Expression {
  const question = cursor.here();
  let height = cursor.height;
  cursor.advance();
  const then = parseAny(cursor);
  height = Math.max(height, cursor.height);
  if (cursor.kind !== Kind.colon) {
    unexpected(
      cursor,
      "The conditional has no `:` part",
      "Write `condition ? value if true : value if false`; over several lines, put parentheses around it.",
      [{ message: "`?` is here", range: question }],
    );
  }
  cursor.advance();
  const otherwise = parseAny(cursor);
  cursor.grow(Math.max(height, cursor.height), condition.range.start);
  return { kind: "conditional", condition, then, otherwise, range: cursor.range(condition.range.start) };
}

function parseBinary(cursor: Cursor, lowest: number): Expression {
  let left = parseUnary(cursor);
  for (;;) {
    const found = binary.get(cursor.kind);
    if (!found || found.level < lowest) {
      if (mistakeOf(cursor.kind) && isOperatorLike(cursor.kind)) unexpected(cursor, "", "");
      return left;
    }
    const operatorRange = cursor.here();
    const height = cursor.height;
    cursor.advance();
    const right = parseBinary(cursor, found.level + 1);
    const range = cursor.range(left.range.start);
    cursor.grow(Math.max(height, cursor.height), range.start);
    left = { kind: "binary", operator: found.operator, operatorRange, left, right, range };
  }
}

function isOperatorLike(kind: Kind): boolean {
  return kind === Kind.singleAnd || kind === Kind.singleOr || kind === Kind.caret;
}

function parseUnary(cursor: Cursor): Expression {
  if (cursor.kind !== Kind.minus && cursor.kind !== Kind.not) return parseSteps(cursor, parseTerm(cursor));
  const { start } = cursor;
  const operator = cursor.kind === Kind.minus ? "-" : "!";
  cursor.enter("expression");
  cursor.advance();
  const operand = parseUnary(cursor);
  cursor.leave();
  cursor.grow(cursor.height, start);
  return { kind: "unary", operator, operand, range: cursor.range(start) };
}

function parseTerm(cursor: Cursor): Expression {
  cursor.height = 0;
  switch (cursor.kind) {
    case Kind.identifier:
      return parseName(cursor);
    case Kind.number:
      return parseNumberLiteral(cursor);
    case Kind.openQuote:
      return parseQuoted(cursor);
    case Kind.openHeredoc:
      return parseHeredoc(cursor);
    case Kind.openParenthesis:
      return parseParentheses(cursor);
    case Kind.openBracket:
      return parseTuple(cursor);
    case Kind.openBrace:
      return parseObject(cursor);
    case Kind.singleQuoted:
    case Kind.smartQuoted:
      return parseWrongQuotes(cursor);
    default:
      return unexpected(cursor, "A value is missing", valueAdvice(cursor));
  }
}

function valueAdvice(cursor: Cursor): string {
  switch (cursor.kind) {
    case Kind.newline:
      return "A value must begin on this line; to go on in the next, put it in parentheses.";
    case Kind.slash:
    case Kind.dot:
      return 'A value was expected here. Paths and other texts are written in double quotes: "…".';
    case Kind.percent:
      return "A value was expected here. The directives %{if} and %{for} belong in strings.";
    default:
      return "A value was expected here: a number, a string, a list, an object, a reference or a call.";
  }
}

function parseWrongQuotes(cursor: Cursor): Expression {
  const { text, range } = readWrongQuotes(cursor);
  return { kind: "literal", value: text, range };
}

/** Reported, and then read as the string that was meant: what follows is most likely right. */
export function readWrongQuotes(cursor: Cursor): { readonly text: string; readonly range: Range } {
  const mistake = mistakeOf(cursor.kind);
  const range = cursor.here();
  if (mistake) cursor.report(mistake.summary, mistake.detail, range);
  const text = cursor.word.slice(1, -1);
  cursor.advance();
  return { text, range };
}

function parseNumberLiteral(cursor: Cursor): Expression {
  const { word } = cursor;
  const range = cursor.here();
  if (!/^\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(word)) {
    cursor.fail(
      `\`${word}\` is not a number`,
      'A number has at most one dot and one exponent: 1500, 0.5, 1.5e3. Addresses, versions and other texts are written in double quotes: "…".',
      range,
    );
  }
  if (Math.abs(Number(/[eE](.*)/.exec(word)?.[1] ?? 0)) > EXPONENT_LIMIT) {
    cursor.failOwnRule(`\`${word}\` is out of range`, `An exponent may be ${EXPONENT_LIMIT} at most.`, range);
  }
  cursor.advance();
  return { kind: "literal", value: parseNumber(word), range };
}

function parseName(cursor: Cursor): Expression {
  const { word } = cursor;
  const range = cursor.here();
  cursor.advance();
  if (cursor.kind === Kind.openParenthesis || cursor.kind === Kind.doubleColon)
    return parseCall(cursor, word, range.start);
  if (word === "true") return { kind: "literal", value: true, range };
  if (word === "false") return { kind: "literal", value: false, range };
  if (word === "null") return { kind: "literal", value: null, range };
  return { kind: "variable", name: word, range };
}

function parseParentheses(cursor: Cursor): Expression {
  const { start } = cursor;
  cursor.advance();
  const newlines = cursor.countNewlines(false);
  const inner = parseAny(cursor);
  close(cursor, Kind.closeParenthesis, start, newlines);
  cursor.grow(cursor.height, start);
  return { kind: "parentheses", inner, range: cursor.range(start) };
}

function parseCall(cursor: Cursor, first: string, start: number): CallExpression {
  let name = first;
  while (cursor.kind === Kind.doubleColon) {
    cursor.advance();
    if (cursor.kind !== Kind.identifier)
      unexpected(cursor, "A function's name must follow `::`", "Write `namespace::name(…)`.");
    name += `::${cursor.word}`;
    cursor.advance();
  }
  const nameRange = cursor.range(start);
  if (cursor.kind !== Kind.openParenthesis) {
    unexpected(
      cursor,
      `The call of ${name} has no arguments`,
      "`::` belongs to function names: write `namespace::name(…)`.",
    );
  }
  const open = cursor.start;
  cursor.advance();
  const newlines = cursor.countNewlines(false);
  const items: Expression[] = [];
  let expandLast = false;
  let height = 0;
  while (!endsItems(cursor.kind) && !expandLast) {
    items.push(parseAny(cursor));
    height = Math.max(height, cursor.height);
    if (cursor.kind === Kind.ellipsis) {
      expandLast = true;
      cursor.advance();
    } else if (cursor.kind === Kind.comma) cursor.advance();
    else break;
  }
  close(cursor, Kind.closeParenthesis, open, newlines, expandLast ? undefined : commas);
  cursor.grow(height, start);
  return { kind: "call", name, nameRange, arguments: items, expandLast, range: cursor.range(start) };
}

/** For the place right after a complete value, where another token is too many. */
export function afterValueAdvice(cursor: Cursor): string {
  const operator = operatorAdvice(cursor);
  if (operator) return operator;
  if (cursor.kind === Kind.comma) return "Arguments are not separated by commas; each has a line of its own.";
  if (cursor.kind === Kind.openParenthesis) return "Only functions are called, and their names have no dots.";
  if (cursor.kind === Kind.closeBracket) return "No `[` is open here.";
  if (cursor.kind === Kind.closeParenthesis) return "No `(` is open here.";
  return 'The value ends before this. A text is written in double quotes: "…".';
}
