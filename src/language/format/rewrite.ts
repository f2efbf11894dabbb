import type { Range } from "../../core/source.ts";
import type { Body, Expression, Label } from "../../core/syntax.ts";
import { Kind } from "../tokens.ts";
import { endsLine, type Piece } from "./pieces.ts";

/** What takes the place of the pieces from `first` on, up to `end`. */
interface Edit {
  readonly first: number;
  readonly end: number;
  readonly pieces: readonly Piece[];
}

/**
 * The pieces of a file with what `terraform fmt` brings up to date in them (internal/command/fmt.go): labels in quotes,
 * `"${x}"` as the value of an argument is `x`, and types of variables as they were written long ago. What Terraform
 * does only when it is run again is done at once; where it would break the file, all stays.
 */
export function rewrite(pieces: readonly Piece[], body: Body): Piece[] {
  const edits: Edit[] = [];
  collect(pieces, body, [], edits);
  edits.sort((left, right) => left.first - right.first);
  const parts: (readonly Piece[])[] = [];
  let at = 0;
  for (const { first, end, pieces: instead } of edits) {
    parts.push(pieces.slice(at, first), instead);
    at = end;
  }
  parts.push(pieces.slice(at));
  return parts.flat();
}

function collect(pieces: readonly Piece[], body: Body, inside: readonly string[], edits: Edit[]): void {
  for (const { name, expression } of body.attributes) {
    const isType = name === "type" && inside.length === 1 && inside[0] === "variable";
    const edit = isType ? renewType(pieces, expression) : unwrap(pieces, expression);
    if (edit) edits.push(edit);
  }
  for (const block of body.blocks) {
    for (const label of block.labels) edits.push(quote(pieces, label));
    collect(pieces, block.body, [...inside, block.type], edits);
  }
}

/** The indices of what a range spans: its first piece, and the one after its last. */
function placeOf(pieces: readonly Piece[], range: Range): { readonly first: number; readonly end: number } {
  return { first: indexFrom(pieces, range.start), end: indexFrom(pieces, range.end) };
}

/** Of the first piece that starts at `offset` or later. */
function indexFrom(pieces: readonly Piece[], offset: number): number {
  let low = 0;
  let high = pieces.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((pieces[middle] as Piece).start < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}

function quote(pieces: readonly Piece[], label: Label): Edit {
  const text = escaped(label.text);
  const inside = text === "" ? [] : [made(Kind.text, text)];
  const quoted = [made(Kind.openQuote, '"'), ...inside, made(Kind.closeQuote, '"')];
  return { ...placeOf(pieces, label.range), pieces: quoted };
}

const selectors: { readonly [character: string]: string } = {
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  '"': '\\"',
  "\\": "\\\\",
};

/** As it stands between quotes: what cannot be seen by its number (`escapeQuotedStringLit` in hclwrite/generate.go). */
function escaped(text: string): string {
  return text.replace(/[\n\r\t"\\]|[$%](?=\{)|[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu, (character) => {
    if (character === "$" || character === "%") return character + character;
    const selector = selectors[character];
    if (selector !== undefined) return selector;
    const digits = (character.codePointAt(0) as number).toString(16);
    return digits.length <= 4 ? `\\u${digits.padStart(4, "0")}` : `\\U${digits.padStart(8, "0")}`;
  });
}

/** `list` says `list(any)`. In quotes, as before Terraform 0.12, the elements were always strings. */
function renewType(pieces: readonly Piece[], expression: Expression): Edit | undefined {
  const place = placeOf(pieces, expression.range);
  const old = pieces.slice(place.first, place.end);
  const [first, text] = old;
  if (old.length === 1 && first?.kind === Kind.identifier) {
    return ["list", "map", "set"].includes(first.text) ? { ...place, pieces: call(first.text, "any") } : undefined;
  }
  if (old.length !== 3 || first?.kind !== Kind.openQuote || text?.kind !== Kind.text) return undefined;
  if (text.text === "string") return { ...place, pieces: [made(Kind.identifier, "string")] };
  return ["list", "map"].includes(text.text) ? { ...place, pieces: call(text.text, "string") } : undefined;
}

function call(name: string, argument: string): readonly Piece[] {
  return [
    made(Kind.identifier, name),
    made(Kind.openParenthesis, "("),
    made(Kind.identifier, argument),
    made(Kind.closeParenthesis, ")"),
  ];
}

function unwrap(pieces: readonly Piece[], expression: Expression): Edit | undefined {
  const place = placeOf(pieces, expression.range);
  const value = unwrapped(pieces, expression, pieces[place.end] as Piece);
  return value && { ...place, pieces: value };
}

/** What is in `"${…}"`, in parentheses where it takes several lines; undefined where it is to stay. `next` follows it. */
function unwrapped(pieces: readonly Piece[], expression: Expression, next: Piece): readonly Piece[] | undefined {
  if (expression.kind !== "template" || !expression.wrap) return undefined;
  const [part] = expression.parts;
  if (part?.kind !== "interpolation") return undefined;
  const { first, end } = placeOf(pieces, expression.range);
  const inside = trimLines(pieces.slice(first + 2, end - 2));
  if (holdsOpenTemplate(inside)) return undefined;
  const needsParentheses = inside.some(endsLine) && !isInParentheses(inside, part.expression);
  const endsInHeredoc = inside[inside.length - 1]?.kind === Kind.closeHeredoc;
  if (endsInHeredoc && (needsParentheses || next.kind !== Kind.newline)) return undefined;
  if (needsParentheses) return [made(Kind.openParenthesis, "("), ...inside, made(Kind.closeParenthesis, ")")];
  const within = placeOf(inside, part.expression.range);
  const deeper = unwrapped(inside, part.expression, inside[within.end] ?? next);
  return deeper ? [...inside.slice(0, within.first), ...deeper, ...inside.slice(within.end)] : inside;
}

function trimLines(pieces: readonly Piece[]): readonly Piece[] {
  const first = pieces.findIndex((piece) => piece.kind !== Kind.newline);
  const last = pieces.findLastIndex((piece) => piece.kind !== Kind.newline);
  return pieces.slice(first, last + 1);
}

/** Whether something is interpolated in it outside quotes: in a heredoc, then. */
function holdsOpenTemplate(pieces: readonly Piece[]): boolean {
  let quotes = 0;
  for (const { kind } of pieces) {
    if (kind === Kind.openQuote) quotes++;
    else if (kind === Kind.closeQuote) quotes--;
    else if (quotes === 0 && (kind === Kind.openInterpolation || kind === Kind.openDirective)) return true;
  }
  return false;
}

/** One pair of parentheses around all, comments included. */
function isInParentheses(pieces: readonly Piece[], expression: Expression): boolean {
  const last = pieces[pieces.length - 1];
  return (
    expression.kind === "parentheses" &&
    pieces[0]?.kind === Kind.openParenthesis &&
    last?.kind === Kind.closeParenthesis
  );
}

/** The layout decides what stands before it. */
function made(kind: Kind, text: string): Piece {
  return { kind, text, spaces: 0, start: -1 };
}
