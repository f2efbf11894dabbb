import fc from "fast-check";
import { COMMENT, type Piece, piecesOf } from "../../../src/language/format/pieces.ts";
import { parseFile } from "../../../src/language/parse.ts";
import { Kind } from "../../../src/language/tokens.ts";
import { expressionText, labText } from "../labText.ts";

/** Valid lab files as nobody writes them: spaces, tabs, comments and line ends wherever the language takes them. */

/** What may stand between two tokens of one line. */
const gaps = ["", "", "", " ", " ", "   ", "\t", " /* c */", "/* é */ "];
/** And what may where lines do not count. */
const lineGaps = ["\n", "\n\n", " # c\n", "// é \n", "  \r\n", "\n\t"];
/** What may stand at the end of a line. */
const endings = ["", "", "", "  ", " # c", "# c", "\t// c", " /* c */"];

/** Two tokens of these kinds would be one if they touched; so would a dot behind a number, and a minus behind a name. */
const wordKinds: ReadonlySet<Kind> = new Set([Kind.identifier, Kind.number, Kind.minus]);

/** Text surrounds these, in which a space is a character. */
const afterText: ReadonlySet<Kind> = new Set([
  Kind.text,
  Kind.closeQuote,
  Kind.closeHeredoc,
  Kind.openInterpolation,
  Kind.openDirective,
]);
const beforeText: ReadonlySet<Kind> = new Set([Kind.text, Kind.openQuote, Kind.openHeredoc, Kind.closeSequence]);

/** What is unwrapped. */
const lone: fc.Arbitrary<string> = fc
  .tuple(fc.constantFrom("lone = ", "lone { b = "), fc.constantFrom("${", "${~"), expressionText)
  .map(([start, open, inside]) => `${start}"${open}${inside}}"${start.includes("{") ? " }" : ""}\n`);

/** Most are valid; not all, where a comment ends a line that has to go on. */
export const spacedText: fc.Arbitrary<string> = fc
  .tuple(fc.oneof({ weight: 5, arbitrary: labText }, { weight: 1, arbitrary: lone }), fc.infiniteStream(fc.nat(0xffff)))
  .filter(([text]) => isValid(text))
  .map(([text, stream]) => respaced(text, () => stream.next().value as number));

export function isValid(text: string): boolean {
  return parseFile({ name: "generated", text }).diagnostics.length === 0;
}

function respaced(text: string, random: () => number): string {
  const pick = (from: readonly string[]): string => from[random() % from.length] as string;
  const open: Kind[] = [];
  let result = "";
  let previous: Piece | undefined;
  for (const piece of piecesOf(text)) {
    result += gapBefore(piece, previous, open, pick);
    if (piece.kind !== COMMENT) result += piece.text;
    else result += piece.text.replace("c", pick(["c", "  two words  ", "é{"]));
    if (opening.has(piece.kind)) open.push(piece.kind);
    if (closing.has(piece.kind)) open.pop();
    previous = piece;
  }
  return result;
}

const opening: ReadonlySet<Kind> = new Set([
  Kind.openBrace,
  Kind.openBracket,
  Kind.openParenthesis,
  Kind.openInterpolation,
  Kind.openDirective,
]);
const closing: ReadonlySet<Kind> = new Set([
  Kind.closeBrace,
  Kind.closeBracket,
  Kind.closeParenthesis,
  Kind.closeSequence,
]);

function gapBefore(
  piece: Piece,
  previous: Piece | undefined,
  open: readonly Kind[],
  pick: (from: readonly string[]) => string,
): string {
  if (afterText.has(piece.kind) || (previous && beforeText.has(previous.kind))) return "";
  if (previous?.kind === Kind.closeHeredoc) return "";
  if (piece.kind === Kind.newline) return pick(endings);
  if (piece.kind === COMMENT) return pick(["", " ", "\t"]);
  const innermost = open[open.length - 1];
  const linesAreSpaces = innermost !== undefined && innermost !== Kind.openBrace;
  const gap = linesAreSpaces ? pick([...gaps, ...gaps, ...lineGaps]) : pick(gaps);
  const wouldJoin = gap === "" && previous !== undefined && touch(previous, piece);
  return wouldJoin ? " " : gap;
}

function touch(previous: Piece, piece: Piece): boolean {
  if (wordKinds.has(previous.kind) && wordKinds.has(piece.kind)) return true;
  return (
    piece.spaces > 0 && (previous.kind === Kind.number || previous.kind === Kind.dot || previous.kind === piece.kind)
  );
}
