import type { Range } from "../core/source.ts";
import { identifierEnd } from "./characters.ts";
import type { Cursor, Related } from "./cursor.ts";
import { indentationAt, lineStartAt, looksLikeItem } from "./resume.ts";
import { Kind } from "./tokens.ts";

/** Mistakes by their names: what to say about a token that cannot stand where it does. */
interface Mistake {
  readonly summary: string;
  readonly detail: string;
}

export const unclosedString: Mistake = {
  summary: "The string is not closed on its line",
  detail:
    'A string ends with " on the line it began. For a line end inside write \\n; for several lines use a heredoc: <<EOT, the lines, EOT.',
};

const byKind: { readonly [kind: number]: Mistake } = {
  [Kind.singleQuoted]: {
    summary: "Text is written in double quotes",
    detail: 'Single quotes have no meaning here. Write "…" instead.',
  },
  [Kind.smartQuoted]: {
    summary: "Typographic quotes around a text",
    detail: 'Word processors and web pages put them in. Write straight double quotes: "…".',
  },
  [Kind.strayQuote]: {
    summary: "A quote mark that is not of this language",
    detail: 'Text is written in straight double quotes: "…".',
  },
  [Kind.backtick]: {
    summary: "Backticks have no meaning here",
    detail: 'Text is written in double quotes: "…". For several lines use a heredoc: <<EOT, the lines, EOT.',
  },
  [Kind.singleAnd]: { summary: "There is no operator `&`", detail: "For the logical operation write `&&`." },
  [Kind.singleOr]: { summary: "There is no operator `|`", detail: "For the logical operation write `||`." },
  [Kind.caret]: { summary: "There is no operator `^`", detail: "For a power write `pow(base, exponent)`." },
  [Kind.tilde]: {
    summary: "A `~` outside a template",
    detail: "It may only stand after `${` and `%{` and before their `}`, where it strips the spaces beside them.",
  },
  [Kind.semicolon]: {
    summary: "Semicolons have no meaning here",
    detail: "Arguments and blocks end with their line; the items of a list or call are separated by commas.",
  },
  [Kind.badHeredoc]: {
    summary: "A heredoc needs a name and then the end of the line",
    detail:
      "Write <<EOT (or <<-EOT to take away the indentation) as the last thing on the line: no space after <<, no quotes, no comment.",
  },
  [Kind.unclosedComment]: {
    summary: "The comment is not closed",
    detail: "A comment opened with /* ends with */, which does not follow in this file.",
  },
  [Kind.bareSequence]: {
    summary: "`${` outside a string",
    detail:
      "Interpolation belongs in strings. Elsewhere write the expression as it is: `var.image`, not `${var.image}`.",
  },
  [Kind.notUtf8]: {
    summary: "The file is not valid UTF-8 here",
    detail: "Lab files are UTF-8. Save the file in that encoding.",
  },
  [Kind.quotedNewline]: unclosedString,
};

export function mistakeOf(kind: Kind): Mistake | undefined {
  return byKind[kind];
}

/** The current token, as a reader would name it. */
export function describe(cursor: Cursor): string {
  switch (cursor.kind) {
    case Kind.endOfFile:
      return "the end of the text";
    case Kind.newline:
      return "the end of the line";
    case Kind.openQuote:
      return "a string";
    case Kind.openHeredoc:
      return "a heredoc";
    case Kind.closeQuote:
    case Kind.closeHeredoc:
      return "the end of the string";
    default:
      return `\`${cursor.word}\``;
  }
}

/**
 * Gives the item up because of the current token. When the token is a known mistake, that is what is said; else
 * `summary`, with what was found before the advice in `detail`.
 */
export function unexpected(cursor: Cursor, summary: string, detail: string, related?: Related): never {
  const mistake = mistakeOf(cursor.kind);
  if (mistake) cursor.fail(mistake.summary, mistake.detail, cursor.here(), related);
  if (cursor.kind === Kind.unknown) {
    cursor.fail(`The character ${codePoint(cursor.word)} has no meaning here`, detail, cursor.here(), related);
  }
  cursor.fail(summary, `Found ${describe(cursor)}. ${detail}`, cursor.here(), related);
}

function codePoint(character: string): string {
  const code = (character.codePointAt(0) as number).toString(16).toUpperCase().padStart(4, "0");
  const isVisible = /^[\p{L}\p{N}\p{P}\p{S}]$/u.test(character);
  return isVisible ? `\`${character}\` (U+${code})` : `U+${code}`;
}

const closers: { readonly [kind: number]: string } = {
  [Kind.closeBrace]: "}",
  [Kind.closeBracket]: "]",
  [Kind.closeParenthesis]: ")",
};

/** What else may stand where a closing bracket may, for the message. */
export interface Separator {
  readonly what: string;
  readonly advice: string;
}

/** Past the bracket that closes the one at `open`. `newlines` is what `countNewlines` is to be again after it. */
export function close(cursor: Cursor, kind: Kind, open: number, newlines: boolean, separator?: Separator): void {
  if (cursor.kind === kind) {
    noteSuspect(cursor, open);
    cursor.countNewlines(newlines);
    cursor.advance();
    return;
  }
  const opening = `\`${cursor.text[open]}\``;
  const closing = `\`${closers[kind]}\``;
  const range = cursor.range(open, open + 1);
  if (cursor.kind === Kind.endOfFile) {
    cursor.fail(`The ${opening} is not closed`, `It needs ${closing} before the text ends.`, range);
  }
  const related = [{ message: `${opening} opened here`, range }];
  const item = itemAt(cursor, open);
  if (item) {
    cursor.fail(`The ${opening} is not closed`, `It needs ${closing} before the item that begins here.`, item, related);
  }
  if (cursor.kind === Kind.closeSequence || isOtherCloser(cursor.kind, kind)) {
    cursor.fail(
      `The ${opening} is not closed`,
      `It needs ${closing} before ${describe(cursor)}.`,
      cursor.here(),
      related,
    );
  }
  const expected = separator ? `${separator.what} or ${closing}` : closing;
  const advice = separator?.advice ?? "Nothing more can stand before the closing bracket.";
  unexpected(cursor, `Expected ${expected}`, operatorAdvice(cursor) ?? advice, related);
}

/** The name of an item that begins with this token, or whose `=` it is, on a line below the bracket's. */
function itemAt(cursor: Cursor, open: number): Range | undefined {
  const { text } = cursor;
  const line = lineStartAt(text, cursor.start);
  const first = line + indentationAt(text, line);
  if (line <= open || !looksLikeItem(text, first)) return undefined;
  if (first === cursor.start) return cursor.here();
  return cursor.kind === Kind.equal ? cursor.range(first, identifierEnd(text, first)) : undefined;
}

function isOtherCloser(found: Kind, wanted: Kind): boolean {
  return found !== wanted && closers[found] !== undefined;
}

/** After a complete operand: what other languages have for operators. */
export function operatorAdvice(cursor: Cursor): string | undefined {
  if (cursor.isWord("and")) return "The logical operator is written `&&`.";
  if (cursor.isWord("or")) return "The logical operator is written `||`.";
  if (/(?:^|[^\w.-])not[ \t]+$/.test(cursor.text.slice(Math.max(0, cursor.start - 8), cursor.start))) {
    return "The logical operator is written `!`.";
  }
  if (cursor.kind === Kind.equal) return "To compare, write `==`.";
  return undefined;
}

/** Remembers the first brace that closes one further right: see `Cursor.suspect`. */
export function noteSuspect(cursor: Cursor, open: number): void {
  if (cursor.suspect || cursor.kind !== Kind.closeBrace) return;
  const { text } = cursor;
  let closeLine = cursor.start;
  while (text[closeLine - 1] === " " || text[closeLine - 1] === "\t") closeLine--;
  if (closeLine > 0 && text[closeLine - 1] !== "\n") return;
  if (closeLine > open && cursor.start - closeLine < indentationAt(text, lineStartAt(text, open))) {
    cursor.suspect = { open, close: cursor.start };
  }
}
