import { type Range, rangeText } from "../core/source.ts";
import type { Label } from "../core/syntax.ts";
import { normalised } from "./characters.ts";
import type { Cursor } from "./cursor.ts";
import { decodeQuoted } from "./escapes.ts";
import { readWrongQuotes } from "./expression.ts";
import { unclosedString, unexpected } from "./mistakes.ts";
import { Kind } from "./tokens.ts";

/** Quoted or bare, up to what is no label. */
export function parseLabels(cursor: Cursor, type: string): Label[] {
  const labels: Label[] = [];
  for (;;) {
    const range = cursor.here();
    if (cursor.kind === Kind.identifier) {
      labels.push({ text: cursor.word, range });
      cursor.advance();
    } else if (cursor.kind === Kind.openQuote) labels.push(parseQuotedLabel(cursor, type));
    else if (cursor.kind === Kind.singleQuoted || cursor.kind === Kind.smartQuoted) {
      labels.push(readWrongQuotes(cursor));
    } else return labels;
  }
}

/** A string without interpolation. */
export function parseQuotedLabel(cursor: Cursor, type: string): Label {
  const { start } = cursor;
  cursor.advance();
  let text = "";
  while (cursor.kind === Kind.text) {
    text += decodeQuoted(cursor);
    cursor.advance();
  }
  if (cursor.kind === Kind.openInterpolation || cursor.kind === Kind.openDirective) {
    const sequence = cursor.word.slice(0, 2);
    cursor.fail(
      "Nothing is interpolated in a label",
      `The label of a block is known before anything is evaluated. For many \`${type}\` blocks use count or for_each; for the characters ${sequence} themselves double the first.`,
      cursor.here(),
    );
  }
  if (cursor.kind !== Kind.closeQuote) {
    cursor.fail(unclosedString.summary, unclosedString.detail, cursor.range(start, cursor.start));
  }
  cursor.advance();
  return { text: normalised(text), range: cursor.range(start) };
}

/** To the `{` of the block. One on the next line is reported and then taken. */
export function openBody(cursor: Cursor, type: string, headerRange: Range, labels: readonly Label[]): void {
  if (cursor.kind === Kind.openBrace) return;
  if (cursor.kind === Kind.newline) {
    cursor.skipNewlines();
    if (cursor.kind === Kind.openBrace) {
      cursor.report(
        "The `{` must stand on the line of its block",
        "Move it up to the end of this line.",
        cursor.here(),
        [{ message: "the block begins here", range: headerRange }],
      );
      return;
    }
    const setting = labels.length === 1 ? ` If it is meant to be an argument, write \`${type} = …\`.` : "";
    cursor.fail(
      `The block \`${type}\` has no body`,
      `A block's \`{\` stands at the end of its first line, and its \`}\` on a line below.${setting}`,
      headerRange,
    );
  }
  if (cursor.kind === Kind.equal) {
    cursor.fail(
      "A block is not set with `=`",
      `Write \`${rangeText(headerRange)} {\`. If \`${type}\` is meant to be an argument, its name is one word without quotes.`,
      cursor.here(),
    );
  }
  unexpected(
    cursor,
    `Expected \`{\` after the block's labels`,
    `If \`${type}\` is meant to be an argument, write \`${type} = …\`.`,
    [{ message: "the block begins here", range: headerRange }],
  );
}
