import type { Range } from "../core/source.ts";
import type { Attribute, Block, Body } from "../core/syntax.ts";
import { parseBlock } from "./block.ts";
import { type Cursor, isAbandonment } from "./cursor.ts";
import { afterValueAdvice, parseAny } from "./expression.ts";
import { parseQuotedLabel } from "./header.ts";
import { describe, unexpected } from "./mistakes.ts";
import { findResume } from "./resume.ts";
import { Kind } from "./tokens.ts";

export interface Items {
  readonly attributes: Attribute[];
  readonly blocks: Block[];
}

/** The whole file as a body. */
export function parseTopBody(cursor: Cursor): Body {
  const items: Items = { attributes: [], blocks: [] };
  const declared = new Map<string, Attribute>();
  for (;;) {
    parseItems(cursor, items, declared, false);
    if (cursor.kind === Kind.endOfFile) break;
    const { suspect } = cursor;
    cursor.report(
      "A `}` that closes nothing",
      "Every `{` before it is closed already. Take it away, or put the missing `{` before it.",
      cursor.here(),
      suspect && [
        {
          message: "this `}` closes a block whose `{` is indented deeper",
          range: cursor.range(suspect.close, suspect.close + 1),
        },
      ],
    );
    cursor.advance();
  }
  const end = cursor.text.length;
  const { attributes, blocks } = items;
  return { attributes, blocks, range: cursor.range(0, end), endRange: cursor.range(end, end) };
}

/** Until a `}` or the end of the file, which stays the current token. */
export function parseItems(cursor: Cursor, items: Items, declared: Map<string, Attribute>, isBlock: boolean): void {
  for (;;) {
    cursor.skipNewlines();
    if (cursor.kind === Kind.closeBrace || cursor.kind === Kind.endOfFile) return;
    const mark = cursor.mark();
    try {
      parseItem(cursor, items, declared);
      endLine(cursor, isBlock);
    } catch (thrown) {
      if (!isAbandonment(thrown) || cursor.isOver) throw thrown;
      cursor.recover(mark, findResume(cursor.text, mark.start, cursor.start));
    }
  }
}

function parseItem(cursor: Cursor, items: Items, declared: Map<string, Attribute>): void {
  const { start } = cursor;
  const word = parseItemName(cursor);
  const nameRange = cursor.range(start);
  if (startsValue(cursor.kind)) {
    const attribute = parseAttribute(cursor, word, start);
    declare(cursor, attribute, items, declared);
    if (!endsLine(cursor)) {
      unexpected(cursor, `Expected a new line after the value of \`${word}\``, afterValueAdvice(cursor));
    }
  } else if (isHeader(cursor.kind) || bodyBeginsBelow(cursor)) {
    parseBlock(cursor, word, start, items.blocks);
    if (!endsLine(cursor)) {
      unexpected(
        cursor,
        `Expected a new line after the block \`${word}\``,
        "The next item stands on a line of its own.",
      );
    }
  } else failNotItem(cursor, word, nameRange);
}

/** A quoted one is reported, and taken where a value follows. */
export function parseItemName(cursor: Cursor): string {
  const { word, start } = cursor;
  if (cursor.kind === Kind.identifier) {
    cursor.advance();
    return word;
  }
  if (cursor.kind !== Kind.openQuote) {
    if (goesOn(cursor.kind)) failContinuation(cursor);
    unexpected(
      cursor,
      "Expected an argument or a block",
      'An argument is `name = value`, a block is `type "label" {`, the lines of its body, `}`.',
    );
  }
  const { text } = parseQuotedLabel(cursor, "name");
  const summary = "Names of arguments and blocks are not quoted";
  const detail = 'Write `name = value`. Only the labels of a block are quoted: `node "r1" {`.';
  if (!startsValue(cursor.kind)) cursor.fail(summary, detail, cursor.range(start));
  cursor.report(summary, detail, cursor.range(start));
  return text;
}

/** What only stands between two operands, or parts of a conditional. */
function goesOn(kind: Kind): boolean {
  return kind === Kind.question || kind === Kind.colon || (kind >= Kind.or && kind <= Kind.percent);
}

/** At an operator that begins a line: one mistake, however many lines begin so. */
function failContinuation(cursor: Cursor): never {
  const found = cursor.here();
  const detail =
    `Found \`${cursor.word}\`. An expression goes on in the next line only inside of parentheses or brackets: ` +
    "put `(` before its first line and `)` after its last.";
  while (goesOn(cursor.kind)) cursor.recover(cursor.mark(), findResume(cursor.text, cursor.start, cursor.start));
  cursor.fail("The expression ended with the line above", detail, found);
}

function endsLine(cursor: Cursor): boolean {
  return cursor.kind === Kind.newline || cursor.kind === Kind.endOfFile || cursor.kind === Kind.closeBrace;
}

/** Past the line end that every item needs; the end of the file serves too. A `}` in its place is taken as meant. */
function endLine(cursor: Cursor, isBlock: boolean): void {
  if (cursor.kind === Kind.newline) cursor.advance();
  else if (cursor.kind === Kind.closeBrace && isBlock) {
    cursor.report(
      "Expected a new line before `}`",
      "A body of several lines ends with a line of its own: put the `}` below.",
      cursor.here(),
    );
  }
}

/** `=`, or what is often written for it: the rest is read as if it had been. */
export function startsValue(kind: Kind): boolean {
  return kind === Kind.equal || kind === Kind.colon || kind === Kind.number || kind === Kind.openBracket;
}

export function isHeader(kind: Kind): boolean {
  return (
    kind === Kind.openBrace ||
    kind === Kind.identifier ||
    kind === Kind.openQuote ||
    kind === Kind.singleQuoted ||
    kind === Kind.smartQuoted
  );
}

/** A `{` on the next line, which is reported where it is read. */
function bodyBeginsBelow(cursor: Cursor): boolean {
  braceBelow.lastIndex = cursor.start;
  return cursor.kind === Kind.newline && braceBelow.test(cursor.text);
}

const braceBelow = /\s*\{/y;

export function failNotItem(cursor: Cursor, word: string, nameRange: Range): never {
  const whole = cursor.range(nameRange.start, cursor.kind === Kind.newline ? nameRange.end : cursor.end);
  switch (cursor.kind) {
    case Kind.newline:
    case Kind.endOfFile:
    case Kind.closeBrace:
      return cursor.fail(
        `\`${word}\` stands alone`,
        `To set an argument write \`${word} = value\`; to open a block write \`${word} {\`.`,
        nameRange,
      );
    case Kind.equalEqual:
    case Kind.arrow:
      return cursor.fail("An argument is set with `=`", `Write \`${word} = value\`.`, cursor.here());
    case Kind.dot:
      return cursor.fail(
        "The name of an argument has no dots",
        `Write the argument's own name; what is in a block is set inside its braces: \`${word} {\`, the arguments, \`}\`.`,
        whole,
      );
    default:
      return unexpected(
        cursor,
        `Expected \`=\` or \`{\` after \`${word}\``,
        `To set an argument write \`${word} = value\`.`,
      );
  }
}

export function parseAttribute(cursor: Cursor, name: string, start: number): Attribute {
  const nameRange = cursor.range(start);
  if (cursor.kind === Kind.equal) cursor.advance();
  else {
    const found = describe(cursor);
    cursor.report(
      `\`=\` is missing after \`${name}\``,
      `Found ${found}. An argument is set with \`${name} = value\`.`,
      cursor.here(),
    );
    if (cursor.kind === Kind.colon) {
      cursor.advance();
      if (cursor.kind === Kind.equal) cursor.advance();
    }
  }
  const expression = parseAny(cursor);
  return { name, nameRange, expression, range: cursor.range(start) };
}

function declare(cursor: Cursor, attribute: Attribute, items: Items, declared: Map<string, Attribute>): void {
  const first = declared.get(attribute.name);
  if (!first) {
    declared.set(attribute.name, attribute);
    items.attributes.push(attribute);
    return;
  }
  cursor.report(
    `\`${attribute.name}\` is set twice`,
    "An argument is set once in a body. Take one of the two away.",
    attribute.nameRange,
    [{ message: "first set here", range: first.nameRange }],
  );
}
