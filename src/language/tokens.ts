/**
 * The kinds of tokens. Those of the last group are in no valid file: they exist so that a mistake can be called by
 * its name (src/language/mistakes.ts).
 */
const kinds = {
  endOfFile: 0,
  newline: 1,
  identifier: 2,
  number: 3,

  openBrace: 10,
  closeBrace: 11,
  openBracket: 12,
  closeBracket: 13,
  openParenthesis: 14,
  closeParenthesis: 15,
  dot: 16,
  ellipsis: 17,
  comma: 18,
  colon: 19,
  doubleColon: 20,
  equal: 21,
  arrow: 22,
  question: 23,

  or: 30,
  and: 31,
  equalEqual: 32,
  notEqual: 33,
  less: 34,
  lessOrEqual: 35,
  greater: 36,
  greaterOrEqual: 37,
  plus: 38,
  minus: 39,
  star: 40,
  slash: 41,
  percent: 42,
  not: 43,

  /** `"` */
  openQuote: 50,
  closeQuote: 51,
  /** `<<NAME` or `<<-NAME` with its line end */
  openHeredoc: 52,
  /** the marker's line, without surrounding spaces and line end */
  closeHeredoc: 53,
  /** a piece of literal text, not yet decoded */
  text: 54,
  /** `${` or `${~` */
  openInterpolation: 55,
  /** `%{` or `%{~` */
  openDirective: 56,
  /** `}` or `~}` that ends one of the two above */
  closeSequence: 57,

  /** `'text'` on one line */
  singleQuoted: 70,
  /** text between typographic quotes on one line */
  smartQuoted: 71,
  /** a single or typographic quote without its partner */
  strayQuote: 72,
  backtick: 73,
  singleAnd: 74,
  singleOr: 75,
  caret: 76,
  tilde: 77,
  semicolon: 78,
  /** `<<` that introduces no heredoc */
  badHeredoc: 79,
  unclosedComment: 80,
  /** the line end inside a quoted string */
  quotedNewline: 81,
  /** `${` or `%{` outside a string */
  bareSequence: 82,
  /** U+FFFD: what decoding makes of bytes that are not UTF-8; or half of a surrogate pair */
  notUtf8: 83,
  unknown: 84,
};

/** Plain numbers, since TypeScript would take the kind seen before a call of `advance` for the one after it. */
export type Kind = number;
export const Kind: { readonly [name in keyof typeof kinds]: Kind } = kinds;
