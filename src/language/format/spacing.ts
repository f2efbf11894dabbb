import { Kind } from "../tokens.ts";
import { bracketChange, type Piece } from "./pieces.ts";

/**
 * Whether a space belongs between `subject` and `after`, which follows it on its line. `before` is what precedes
 * `subject` in its cell of the line, if anything; `next` what follows `after`. The rules are those of HashiCorp's
 * formatter in their order (`spaceAfterToken` in hclwrite/format.go), and one of labform's own in `joinsNumber`.
 */
export function spaceBetween(
  before: Piece | undefined,
  subject: Piece,
  after: Piece,
  next: Piece | undefined,
): boolean {
  if (after.kind === Kind.newline) return false;
  if (subject.kind === Kind.identifier && after.kind === Kind.openParenthesis) return false;
  if (isNamespace(subject, after)) return false;
  if (subject.kind === Kind.dot || after.kind === Kind.dot) return joinsNumber(subject, after, next);
  if (after.kind === Kind.comma || after.kind === Kind.ellipsis) return false;
  if (subject.kind === Kind.comma) return true;
  if (beforeText.has(subject.kind) || afterText.has(after.kind)) return false;
  if (before?.kind === Kind.identifier && subject.kind === Kind.identifier && subject.text === "in") return true;
  if (after.kind === Kind.openBracket && canBeIndexed(subject)) return false;
  if (subject.kind === Kind.not) return false;
  if (subject.kind === Kind.minus) return !(before === undefined || beforeNegation.has(before.kind));
  if (subject.kind === Kind.openBrace || after.kind === Kind.closeBrace) {
    return !(subject.kind === Kind.openBrace && after.kind === Kind.closeBrace);
  }
  if (subject.kind === Kind.closeSequence && opensSequence(after)) return false;
  if (opensSequence(subject) && after.kind === Kind.openBrace) return true;
  if (subject.kind === Kind.closeBrace && after.kind === Kind.closeSequence) return true;
  return bracketChange(subject) <= 0 && bracketChange(after) >= 0;
}

/** After these, text begins. */
const beforeText: ReadonlySet<Kind> = new Set([Kind.text, Kind.openQuote, Kind.openHeredoc]);
/** Before these, text ends. */
const afterText: ReadonlySet<Kind> = new Set([Kind.text, Kind.closeQuote, Kind.closeHeredoc]);

/** What a minus sign follows when it negates what comes after it; behind anything else it subtracts. */
const beforeNegation: ReadonlySet<Kind> = new Set([
  Kind.openParenthesis,
  Kind.openBrace,
  Kind.openBracket,
  Kind.equal,
  Kind.colon,
  Kind.comma,
  Kind.question,
  Kind.plus,
  Kind.minus,
  Kind.star,
  Kind.slash,
  Kind.percent,
  Kind.equalEqual,
  Kind.notEqual,
  Kind.greater,
  Kind.greaterOrEqual,
  Kind.less,
  Kind.lessOrEqual,
  Kind.and,
  Kind.or,
  Kind.not,
]);

function isNamespace(subject: Piece, after: Piece): boolean {
  return (
    (subject.kind === Kind.identifier && after.kind === Kind.doubleColon) ||
    (subject.kind === Kind.doubleColon && after.kind === Kind.identifier)
  );
}

function canBeIndexed(subject: Piece): boolean {
  return subject.kind === Kind.identifier || subject.kind === Kind.number || bracketChange(subject) < 0;
}

function opensSequence({ kind }: Piece): boolean {
  return kind === Kind.openInterpolation || kind === Kind.openDirective;
}

/** `x.0 .1` are two steps and `x.0.1` is one and a wrong one: there, and only there, a dot has a space before it. */
function joinsNumber(subject: Piece, after: Piece, next: Piece | undefined): boolean {
  if (subject.kind !== Kind.number || after.kind !== Kind.dot || next === undefined) return false;
  return next.kind === Kind.number || (next.kind === Kind.identifier && /^[eE][+-]?\d/.test(next.text));
}
