import type { Expression, ForExpression, ObjectExpression, ObjectItem, TupleExpression } from "../core/syntax.ts";
import { identifierEnd, normalised } from "./characters.ts";
import { type Cursor, isAbandonment } from "./cursor.ts";
import { parseAny } from "./expression.ts";
import { close, type Separator, unexpected } from "./mistakes.ts";
import { findResume, indentationAt, lineStartAt, startsLine } from "./resume.ts";
import { Kind } from "./tokens.ts";

const commas: Separator = { what: "`,`", advice: "Items are separated by commas." };
const commasOrLines: Separator = { what: "`,`, a new line", advice: "Items are separated by commas or new lines." };
const ifOnly: Separator = { what: "`if`", advice: "After the value only `if` and a condition can follow." };

/** `[…]`: a tuple, or a for expression that makes one. */
export function parseTuple(cursor: Cursor): TupleExpression | ForExpression {
  const open = cursor.start;
  cursor.advance();
  const newlines = cursor.countNewlines(false);
  if (cursor.isWord("for")) return parseFor(cursor, open, Kind.closeBracket, newlines);
  const items: Expression[] = [];
  let height = 0;
  while (!endsItems(cursor.kind)) {
    items.push(parseAny(cursor));
    height = Math.max(height, cursor.height);
    if (cursor.kind !== Kind.comma) break;
    cursor.advance();
  }
  close(cursor, Kind.closeBracket, open, newlines, commas);
  cursor.grow(height, open);
  return { kind: "tuple", items, range: cursor.range(open) };
}

/** What closes a list or call, or closes something around it: then the list itself was never closed. */
export function endsItems(kind: Kind): boolean {
  return (
    kind === Kind.closeBracket ||
    kind === Kind.closeParenthesis ||
    kind === Kind.closeBrace ||
    kind === Kind.closeSequence ||
    kind === Kind.endOfFile
  );
}

/** `{…}` in an expression: an object, or a for expression that makes one. Line ends separate its items. */
export function parseObject(cursor: Cursor): ObjectExpression | ForExpression {
  const open = cursor.start;
  const before = cursor.countNewlines(true);
  cursor.advance();
  cursor.skipNewlines();
  if (cursor.isWord("for")) {
    cursor.countNewlines(false);
    return parseFor(cursor, open, Kind.closeBrace, before);
  }
  const items: ObjectItem[] = [];
  let height = 0;
  while (cursor.kind !== Kind.closeBrace) {
    const item = parseItemOrRecover(cursor, open);
    if (item) items.push(item);
    height = Math.max(height, cursor.height);
    cursor.skipNewlines();
  }
  close(cursor, Kind.closeBrace, open, before);
  cursor.grow(height, open);
  return { kind: "object", items, range: cursor.range(open) };
}

/** An item with a line of its own is given up alone; any other takes the whole argument with it. */
function parseItemOrRecover(cursor: Cursor, open: number): ObjectItem | undefined {
  const mark = cursor.mark();
  const isRecoverable = !cursor.insideTemplate && cursor.kind !== Kind.endOfFile && startsLine(cursor.text, mark.start);
  try {
    return parseItem(cursor, open);
  } catch (thrown) {
    if (!isRecoverable || !isAbandonment(thrown) || cursor.isOver) throw thrown;
    const offset = findResume(cursor.text, mark.start, cursor.start);
    if (offset === cursor.text.length) throw thrown;
    cursor.recover(mark, offset);
    return undefined;
  }
}

function parseItem(cursor: Cursor, open: number): ObjectItem {
  if (cursor.kind === Kind.endOfFile || cursor.kind === Kind.closeSequence) {
    close(cursor, Kind.closeBrace, open, true);
  }
  const { start } = cursor;
  const key = parseObjectKey(cursor);
  const height = cursor.height;
  if (cursor.kind === Kind.openBrace) failUnclosedAbove(cursor, open, start);
  if (cursor.kind !== Kind.equal && cursor.kind !== Kind.colon) {
    const compared = key.kind === "conditional" ? key.condition : key;
    if (compared.kind === "binary" && compared.operator === "==") {
      cursor.fail("An object's item is set with `=`", "Write `key = value`.", compared.operatorRange);
    }
    unexpected(
      cursor,
      "Expected `=` after the key",
      "An object's item is `key = value`; a key of several words is quoted.",
    );
  }
  if (key.range.start === start && isUnclearKey(cursor, key)) reportUnclearKey(cursor, key);
  cursor.advance();
  const value = parseAny(cursor);
  cursor.height = Math.max(height, cursor.height);
  if (cursor.kind === Kind.comma || cursor.kind === Kind.newline) cursor.advance();
  else if (cursor.kind !== Kind.closeBrace) {
    close(cursor, Kind.closeBrace, open, true, commasOrLines);
  }
  return { key, value };
}

/**
 * A bare name is a literal key, even `true`; anything else is evaluated. HCL parses `a.b = 1` and refuses it when it
 * evaluates the key, since it cannot know which of the two was meant; here it is refused at once.
 */
function parseObjectKey(cursor: Cursor): Expression {
  const isName = cursor.kind === Kind.identifier;
  const { word } = cursor;
  const key = parseAny(cursor);
  if (!isName) return key;
  if (key.range.end - key.range.start === word.length && key.kind !== "parentheses") {
    return { kind: "literal", value: normalised(word), range: key.range };
  }
  return key;
}

function isUnclearKey(cursor: Cursor, key: Expression): boolean {
  return key.kind !== "literal" && identifierEnd(cursor.text, key.range.start) > key.range.start && isTraversal(key);
}

function reportUnclearKey(cursor: Cursor, key: Expression): void {
  const text = cursor.text.slice(key.range.start, key.range.end);
  cursor.reportOwnRule(
    "It is not clear what this key means",
    `Write (${text}) for the value of that reference, or "${text}" for a key with these characters.`,
    key.range,
  );
}

/** A block's header, no deeper indented than the object's own line, where an item should be. */
function failUnclosedAbove(cursor: Cursor, open: number, itemStart: number): void {
  const { text } = cursor;
  const line = lineStartAt(text, itemStart);
  if (line <= open || !startsLine(text, itemStart)) return;
  if (indentationAt(text, line) > indentationAt(text, lineStartAt(text, open))) return;
  cursor.fail(
    "The `{` is not closed",
    "It needs `}` before the item that begins here.",
    cursor.range(itemStart, cursor.end),
    [{ message: "`{` opened here", range: cursor.range(open, open + 1) }],
  );
}

/** A name with constant steps after it. */
function isTraversal(expression: Expression): boolean {
  switch (expression.kind) {
    case "variable":
      return true;
    case "attribute":
      return isTraversal(expression.object);
    case "index":
      return expression.key.kind === "literal" && isTraversal(expression.object);
    default:
      return false;
  }
}

/** `[for x in y : x if z]`, `{for k, v in y : k => v... if z}`; line ends do not count in it. */
function parseFor(cursor: Cursor, open: number, closer: Kind, newlines: boolean): ForExpression {
  const isObject = closer === Kind.closeBrace;
  cursor.advance();
  const names = parseForNames(cursor);
  const collection = parseAny(cursor);
  let height = cursor.height;
  if (cursor.kind !== Kind.colon) {
    unexpected(cursor, "Expected `:` after what the `for` runs over", forShape(isObject));
  }
  cursor.advance();
  let value = parseAny(cursor);
  height = Math.max(height, cursor.height);
  let key: Expression | undefined;
  if (cursor.kind === Kind.arrow) {
    if (!isObject)
      cursor.fail("A `=>` in a list", `Keys are for objects. ${forShape(false)} ${forShape(true)}`, cursor.here());
    cursor.advance();
    key = value;
    value = parseAny(cursor);
    height = Math.max(height, cursor.height);
  } else if (isObject) {
    unexpected(cursor, "Expected `=>` and the item's value", forShape(true));
  }
  const group = cursor.kind === Kind.ellipsis;
  if (group) {
    if (!isObject)
      cursor.fail("A `...` in a list", "Only the values of an object can be grouped by key.", cursor.here());
    cursor.advance();
  }
  let condition: Expression | undefined;
  if (cursor.isWord("if")) {
    cursor.advance();
    condition = parseAny(cursor);
    height = Math.max(height, cursor.height);
  }
  close(cursor, closer, open, newlines, condition ? undefined : ifOnly);
  cursor.grow(height, open);
  return { kind: "for", ...names, collection, key, value, condition, group, range: cursor.range(open) };
}

function forShape(isObject: boolean): string {
  return isObject
    ? "An object is made by {for item in list : key => value}."
    : "A list is made by [for item in list : value].";
}

/** After `for`: `v in` or `k, v in`; shared with the template's directive. */
export function parseForNames(cursor: Cursor): { keyName?: string; valueName: string } {
  const advice = 'Write `for item in …` or `for key, item in …`. A key named `for` is written "for".';
  const readName = (): string => {
    const { word } = cursor;
    if (cursor.kind !== Kind.identifier) unexpected(cursor, "A name is missing in the `for`", advice);
    cursor.advance();
    return word;
  };
  const first = readName();
  let second: string | undefined;
  if (cursor.kind === Kind.comma) {
    cursor.advance();
    second = readName();
  }
  if (!cursor.isWord("in")) unexpected(cursor, "Expected `in` after the names of the `for`", advice);
  cursor.advance();
  return second === undefined ? { valueName: first } : { keyName: first, valueName: second };
}
