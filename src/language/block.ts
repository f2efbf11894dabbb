import type { Range } from "../core/source.ts";
import type { Block, Body } from "../core/syntax.ts";
import { failNotItem, type Items, isHeader, parseAttribute, parseItemName, parseItems, startsValue } from "./body.ts";
import type { Cursor } from "./cursor.ts";
import { openBody, parseLabels } from "./header.ts";
import { noteSuspect, operatorAdvice, unexpected } from "./mistakes.ts";
import { indentationAt, lineStartAt } from "./resume.ts";
import { Kind } from "./tokens.ts";

/** After the block's type, which began at `start`: labels and body. What strayed into it goes to the blocks `around`. */
export function parseBlock(cursor: Cursor, type: string, start: number, around: Block[]): void {
  const typeRange = cursor.range(start);
  const labels = parseLabels(cursor, type);
  const headerRange = cursor.range(start);
  openBody(cursor, type, headerRange, labels);
  const open = cursor.start;
  cursor.enter("block");
  cursor.advance();
  const isMultiLine = cursor.kind === Kind.newline || cursor.kind === Kind.closeBrace || cursor.kind === Kind.endOfFile;
  const strays: Block[] = [];
  const body = isMultiLine ? parseBody(cursor, open, headerRange, strays) : parseOneLineBody(cursor, type, open);
  cursor.leave();
  around.push({ type, typeRange, labels, body, headerRange, range: cursor.range(start, body.range.end) }, ...strays);
}

function parseBody(cursor: Cursor, open: number, header: Range, strays: Block[]): Body {
  const items: Items = { attributes: [], blocks: [] };
  const first = cursor.start;
  parseItems(cursor, items, new Map(), true);
  const closeStart = cursor.start;
  if (cursor.kind === Kind.closeBrace) {
    noteSuspect(cursor, open);
    cursor.advance();
  } else {
    const stranger = findStranger(cursor, items, header, first);
    reportUnclosed(cursor, stranger?.range, header);
    // Read as if the `}` stood there, so that the one mistake is one error.
    if (stranger?.isBlock) strays.push(...takeFrom(items.blocks, stranger.range.start));
  }
  const end = strays[0] ? strays[0].range.start : cursor.previousEnd;
  const { attributes, blocks } = items;
  return { attributes, blocks, range: cursor.range(open, end), endRange: cursor.range(Math.min(closeStart, end), end) };
}

interface Stranger {
  readonly range: Range;
  readonly isBlock: boolean;
}

/** The first item that stands no deeper than the header of the block that it is in. */
function findStranger({ text }: Cursor, items: Items, header: Range, bodyStart: number): Stranger | undefined {
  const indentation = indentationAt(text, lineStartAt(text, header.start));
  const all: Stranger[] = [
    ...items.attributes.map((item) => ({ range: item.nameRange, isBlock: false })),
    ...items.blocks.map((item) => ({ range: item.headerRange, isBlock: true })),
  ];
  return all
    .sort((left, right) => left.range.start - right.range.start)
    .find(
      ({ range }) => range.start >= bodyStart && indentationAt(text, lineStartAt(text, range.start)) <= indentation,
    );
}

function takeFrom(blocks: Block[], start: number): readonly Block[] {
  const at = blocks.findIndex((block) => block.range.start >= start);
  return blocks.splice(at);
}

/** At the end of the file. Says where the `}` is most likely missing, which indentation tells. */
function reportUnclosed(cursor: Cursor, stranger: Range | undefined, header: Range): void {
  if (cursor.lostEnd) return;
  const suspect = cursor.suspect && cursor.suspect.open > header.start ? cursor.suspect : undefined;
  const related = [];
  if (suspect) {
    related.push(
      { message: "this `{` may be the one", range: cursor.range(suspect.open, suspect.open + 1) },
      { message: "its `}` stands further left than its line", range: cursor.range(suspect.close, suspect.close + 1) },
    );
    cursor.suspect = undefined;
  } else if (stranger) {
    related.push({ message: "a `}` is most likely missing before this", range: stranger });
  }
  const detail = "The file ends before the `}` of this block.";
  cursor.report("The block is not closed", detail, header, related.length > 0 ? related : undefined);
}

/** `{ name = value }` */
function parseOneLineBody(cursor: Cursor, type: string, open: number): Body {
  const advice = `A block on one line holds one argument and no block: \`${type} { name = value }\`. For more, give each a line of its own.`;
  const { start } = cursor;
  const word = parseItemName(cursor);
  if (isHeader(cursor.kind)) cursor.fail("A block inside a block on one line", advice, cursor.range(start, cursor.end));
  if (!startsValue(cursor.kind)) failNotItem(cursor, word, cursor.range(start));
  const attribute = parseAttribute(cursor, word, start);
  if (cursor.kind !== Kind.closeBrace) {
    const related = [{ message: "`{` opened here", range: cursor.range(open, open + 1) }];
    if (cursor.kind === Kind.endOfFile) cursor.fail("The block is not closed", advice, cursor.range(open, open + 1));
    unexpected(cursor, "Expected `}`", operatorAdvice(cursor) ?? advice, related);
  }
  const endRange = cursor.here();
  cursor.advance();
  return { attributes: [attribute], blocks: [], range: cursor.range(open), endRange };
}
