import { Scanner } from "../scan.ts";
import { Kind } from "../tokens.ts";

/** A comment is a space to the parser and so is no kind of token; here it must be kept. */
export const COMMENT: Kind = 100;

/**
 * A token or comment with the number of spaces before it: what a file is made of, nothing left out. The layout changes
 * `spaces` and nothing else. A tab counts as one space, as in HashiCorp's formatter.
 */
export interface Piece {
  readonly kind: Kind;
  readonly text: string;
  spaces: number;
  /** Where it stands in the file. */
  readonly start: number;
}

/**
 * The pieces of a valid file, the end of the file as the last one. A comment that ends with its line holds the line
 * end, and the closing marker of a heredoc is its whole line: the spaces around it are the user's. A byte order mark
 * is left out.
 */
export function piecesOf(text: string): Piece[] {
  const scanner = new Scanner(text, false);
  const pieces: Piece[] = [];
  let { end } = scanner;
  const add = (kind: Kind, from: number, to: number): void => {
    pieces.push({ kind, text: text.slice(from, to), spaces: from - end, start: from });
    end = to;
  };
  do {
    scanner.next();
    if (scanner.kind === Kind.closeHeredoc) {
      add(scanner.kind, end, lineEndAfter(text, scanner.end));
      continue;
    }
    let at = skipSpaces(text, end);
    while (at < scanner.start && text[at + 1] === "*") {
      add(COMMENT, at, text.indexOf("*/", at + 2) + 2);
      at = skipSpaces(text, end);
    }
    const endsInComment = at < scanner.start;
    if (endsInComment) add(COMMENT, at, scanner.end);
    if (!endsInComment || scanner.kind === Kind.endOfFile) add(scanner.kind, scanner.start, scanner.end);
  } while (scanner.kind !== Kind.endOfFile);
  return pieces;
}

/** Whether a line of the file ends with it. */
export function endsLine({ kind, text }: Piece): boolean {
  return kind === Kind.newline || (kind === COMMENT && text.endsWith("\n"));
}

/** How many brackets it opens; negative where it closes one. */
export function bracketChange({ kind }: Piece): number {
  return bracketChanges.get(kind) ?? 0;
}

const bracketChanges: ReadonlyMap<Kind, number> = new Map([
  [Kind.openBrace, 1],
  [Kind.openBracket, 1],
  [Kind.openParenthesis, 1],
  [Kind.openInterpolation, 1],
  [Kind.openDirective, 1],
  [Kind.closeBrace, -1],
  [Kind.closeBracket, -1],
  [Kind.closeParenthesis, -1],
  [Kind.closeSequence, -1],
]);

/** Inside quotes and heredocs spaces are text, and there a token never starts later than the one before it ends. */
function skipSpaces(text: string, from: number): number {
  let at = from;
  while (text[at] === " " || text[at] === "\t") at++;
  return at;
}

/** Of the line that `from` is on, without its line end. */
function lineEndAfter(text: string, from: number): number {
  const newline = text.indexOf("\n", from);
  return text[newline - 1] === "\r" ? newline - 1 : newline;
}
