import { identifierEnd, isDigit, trimSpaceEnd, trimSpaceStart } from "./characters.ts";
import { Kind } from "./tokens.ts";

/**
 * Text to tokens, one at a time and on demand, so that the parser can set it down elsewhere after an error.
 *
 * The language is three languages in each other: expressions, quoted templates, heredocs. `frames` holds what is open:
 * none means expressions; an interpolation is a frame of its own, and counts the braces inside it to know its own.
 */
type Frame =
  | { readonly kind: "quoted" }
  /** Without a marker: a whole text that is one template. */
  | { readonly kind: "heredoc"; readonly marker: string | undefined; startOfLine: boolean }
  | { readonly kind: "sequence"; braces: number };

const NEWLINE = 10;
const CARRIAGE_RETURN = 13;
const QUOTE = 34;
const DOLLAR = 36;
const PERCENT = 37;
const DOT = 46;
const BACKSLASH = 92;
const OPEN_BRACE = 123;
const TILDE = 126;

export class Scanner {
  readonly text: string;
  /** The token last scanned; offsets are of UTF-16. */
  kind: Kind = Kind.endOfFile;
  start = 0;
  end = 0;
  private frames: Frame[] = [];
  private readonly markerMayEndText: boolean;

  /**
   * In a file a heredoc's marker must be followed by a line end, as HCL has it; the text of a lone expression ends at
   * its marker, which `markerMayEndText` allows.
   */
  constructor(text: string, markerMayEndText: boolean) {
    this.text = text;
    this.markerMayEndText = markerMayEndText;
    this.end = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  }

  get insideTemplate(): boolean {
    return this.frames.length > 0;
  }

  /** The whole text is one template, as the inside of a heredoc that no marker ends. */
  openTemplate(): void {
    this.frames.push({ kind: "heredoc", marker: undefined, startOfLine: true });
  }

  /** Outside all templates, just before `offset`. */
  restart(offset: number): void {
    this.frames = [];
    this.end = offset;
  }

  next(): void {
    const frame = this.frames[this.frames.length - 1];
    if (frame === undefined) this.scanExpression(undefined);
    else if (frame.kind === "quoted") this.scanQuoted();
    else if (frame.kind === "heredoc") this.scanHeredoc(frame);
    else this.scanExpression(frame);
  }

  private emit(kind: Kind, start: number, end: number): void {
    this.kind = kind;
    this.start = start;
    this.end = end;
  }

  private scanExpression(frame: (Frame & { kind: "sequence" }) | undefined): void {
    const { text } = this;
    const at = this.skipSpaces();
    if (at < 0) return;
    const code = text.charCodeAt(at);
    const next = text.charCodeAt(at + 1);
    switch (code) {
      case NEWLINE:
        return this.emit(Kind.newline, at, at + 1);
      case CARRIAGE_RETURN:
        return next === NEWLINE ? this.emit(Kind.newline, at, at + 2) : this.emit(Kind.unknown, at, at + 1);
      case 33: // !
        return next === 61 ? this.emit(Kind.notEqual, at, at + 2) : this.emit(Kind.not, at, at + 1);
      case QUOTE:
        this.frames.push({ kind: "quoted" });
        return this.emit(Kind.openQuote, at, at + 1);
      case DOLLAR:
        return next === OPEN_BRACE ? this.emit(Kind.bareSequence, at, at + 2) : this.emit(Kind.unknown, at, at + 1);
      case PERCENT:
        return this.emit(Kind.percent, at, at + 1);
      case 38: // &
        return next === 38 ? this.emit(Kind.and, at, at + 2) : this.emit(Kind.singleAnd, at, at + 1);
      case 39: // '
        return this.scanPair(at, "'", Kind.singleQuoted);
      case 40:
        return this.emit(Kind.openParenthesis, at, at + 1);
      case 41:
        return this.emit(Kind.closeParenthesis, at, at + 1);
      case 42:
        return this.emit(Kind.star, at, at + 1);
      case 43:
        return this.emit(Kind.plus, at, at + 1);
      case 44:
        return this.emit(Kind.comma, at, at + 1);
      case 45:
        return this.emit(Kind.minus, at, at + 1);
      case DOT:
        return next === DOT && text.charCodeAt(at + 2) === DOT
          ? this.emit(Kind.ellipsis, at, at + 3)
          : this.emit(Kind.dot, at, at + 1);
      case 47:
        return this.emit(Kind.slash, at, at + 1);
      case 58: // :
        return next === 58 ? this.emit(Kind.doubleColon, at, at + 2) : this.emit(Kind.colon, at, at + 1);
      case 59:
        return this.emit(Kind.semicolon, at, at + 1);
      case 60: // <
        // Of three the first is an operator, as HCL's scanner takes them.
        if (next === 60 && text.charCodeAt(at + 2) !== 60) return this.scanHeredocOpening(at);
        return next === 61 ? this.emit(Kind.lessOrEqual, at, at + 2) : this.emit(Kind.less, at, at + 1);
      case 61: // =
        if (next === 61) return this.emit(Kind.equalEqual, at, at + 2);
        return next === 62 ? this.emit(Kind.arrow, at, at + 2) : this.emit(Kind.equal, at, at + 1);
      case 62: // >
        return next === 61 ? this.emit(Kind.greaterOrEqual, at, at + 2) : this.emit(Kind.greater, at, at + 1);
      case 63:
        return this.emit(Kind.question, at, at + 1);
      case 91:
        return this.emit(Kind.openBracket, at, at + 1);
      case 93:
        return this.emit(Kind.closeBracket, at, at + 1);
      case 94:
        return this.emit(Kind.caret, at, at + 1);
      case 96:
        return this.emit(Kind.backtick, at, at + 1);
      case OPEN_BRACE:
        if (frame) frame.braces++;
        return this.emit(Kind.openBrace, at, at + 1);
      case 124: // |
        return next === 124 ? this.emit(Kind.or, at, at + 2) : this.emit(Kind.singleOr, at, at + 1);
      case 125: // }
        if (frame?.braces === 0) {
          this.frames.pop();
          return this.emit(Kind.closeSequence, at, at + 1);
        }
        if (frame) frame.braces--;
        return this.emit(Kind.closeBrace, at, at + 1);
      case TILDE:
        if (frame?.braces === 0 && next === 125) {
          this.frames.pop();
          return this.emit(Kind.closeSequence, at, at + 2);
        }
        return this.emit(Kind.tilde, at, at + 1);
      case 0x2018:
      case 0x201c:
        return this.scanPair(at, code === 0x2018 ? "\u2019" : "\u201d", Kind.smartQuoted);
      case 0x2019:
      case 0x201d:
        return this.emit(Kind.strayQuote, at, at + 1);
      case 0xfffd:
        return this.emit(Kind.notUtf8, at, at + 1);
      default:
        return this.scanWord(at, code);
    }
  }

  /** Where the next token starts; negative when the end of the text or an unclosed comment was emitted instead. */
  private skipSpaces(): number {
    const { text } = this;
    let at = this.end;
    for (;;) {
      const code = text.charCodeAt(at);
      if (code === 32 || code === 9) at++;
      else if (code === 35 || (code === 47 && text.charCodeAt(at + 1) === 47)) {
        const lineEnd = text.indexOf("\n", at);
        at = lineEnd === -1 ? text.length : lineEnd;
      } else if (code === 47 && text.charCodeAt(at + 1) === 42) {
        const close = text.indexOf("*/", at + 2);
        if (close === -1) {
          this.emit(Kind.unclosedComment, at, at + 2);
          return -1;
        }
        at = close + 2;
      } else if (at >= text.length) {
        this.emit(Kind.endOfFile, text.length, text.length);
        return -1;
      } else return at;
    }
  }

  private scanWord(at: number, code: number): void {
    if (isDigit(code)) return this.emit(Kind.number, at, this.numberEnd(at));
    const end = identifierEnd(this.text, at);
    if (end > at) return this.emit(Kind.identifier, at, end);
    const point = this.text.codePointAt(at) as number;
    const isHalfPair = point >= 0xd800 && point <= 0xdfff;
    this.emit(isHalfPair ? Kind.notUtf8 : Kind.unknown, at, at + (point > 0xffff ? 2 : 1));
  }

  /**
   * As long as digits, dots and exponents go on, but never ending in a dot: `1.2.3` is one (wrong) number, `1...` is
   * a number and an ellipsis, as in HCL's scanner.
   */
  private numberEnd(start: number): number {
    const { text } = this;
    let at = start + 1;
    let end = at;
    for (;;) {
      const code = text.charCodeAt(at);
      if (isDigit(code)) end = ++at;
      else if (code === DOT) at++;
      else if (code === 69 || code === 101) {
        const sign = text.charCodeAt(at + 1);
        const digit = sign === 43 || sign === 45 ? at + 2 : at + 1;
        if (!isDigit(text.charCodeAt(digit))) return end;
        at = digit + 1;
        end = at;
      } else return end;
    }
  }

  /** A quotation that is none in this language, as one token where it closes on its line. */
  private scanPair(at: number, closing: string, kind: Kind): void {
    const { text } = this;
    for (let end = at + 1; end < text.length && text.charCodeAt(end) !== NEWLINE; end++) {
      if (text[end] === closing) return this.emit(kind, at, end + 1);
    }
    this.emit(Kind.strayQuote, at, at + 1);
  }

  private scanHeredocOpening(at: number): void {
    const { text } = this;
    const name = text.charCodeAt(at + 2) === 45 ? at + 3 : at + 2;
    const nameEnd = identifierEnd(text, name);
    let lineEnd = nameEnd;
    if (text.charCodeAt(lineEnd) === CARRIAGE_RETURN) lineEnd++;
    if (nameEnd === name || text.charCodeAt(lineEnd) !== NEWLINE) return this.emit(Kind.badHeredoc, at, nameEnd);
    this.frames.push({ kind: "heredoc", marker: text.slice(name, nameEnd), startOfLine: true });
    this.emit(Kind.openHeredoc, at, lineEnd + 1);
  }

  private scanQuoted(): void {
    const { text } = this;
    const at = this.end;
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      this.frames.pop();
      return this.emit(Kind.closeQuote, at, at + 1);
    }
    if (at >= text.length) return this.emit(Kind.endOfFile, at, at);
    if (code === NEWLINE || code === CARRIAGE_RETURN) return this.emit(Kind.quotedNewline, at, at + 1);
    if (code === DOLLAR || code === PERCENT) return this.scanSequence(at, code);
    let end = at;
    for (;;) {
      const inside = text.charCodeAt(end);
      if (inside === BACKSLASH) {
        const escaped = text.charCodeAt(end + 1);
        if (escaped === NEWLINE || escaped === CARRIAGE_RETURN || end + 1 >= text.length) {
          return this.emit(Kind.quotedNewline, end, end + 1);
        }
        end += 2;
      } else if (
        inside === QUOTE ||
        inside === DOLLAR ||
        inside === PERCENT ||
        inside === NEWLINE ||
        inside === CARRIAGE_RETURN ||
        end >= text.length
      ) {
        return this.emit(Kind.text, at, end);
      } else end++;
    }
  }

  /**
   * At a `$` or `%` in a template: `${` opens a sequence, `$${` is an escape, any other is itself. Each is a token of
   * its own, which strip markers can tell: they take spaces from the one adjacent token.
   */
  private scanSequence(at: number, code: number): void {
    const { text } = this;
    const next = text.charCodeAt(at + 1);
    if (next === OPEN_BRACE) {
      const strips = text.charCodeAt(at + 2) === TILDE;
      this.frames.push({ kind: "sequence", braces: 0 });
      return this.emit(code === DOLLAR ? Kind.openInterpolation : Kind.openDirective, at, at + (strips ? 3 : 2));
    }
    if (next === code && text.charCodeAt(at + 2) === OPEN_BRACE) {
      return this.emit(Kind.text, at, at + (text.charCodeAt(at + 3) === TILDE ? 4 : 3));
    }
    this.emit(Kind.text, at, at + 1);
  }

  /** One token a line at most, so that indentation and strip markers are a matter of lines. */
  private scanHeredoc(frame: Frame & { kind: "heredoc" }): void {
    const { text } = this;
    const at = this.end;
    const code = text.charCodeAt(at);
    if (code === DOLLAR || code === PERCENT) {
      frame.startOfLine = false;
      return this.scanSequence(at, code);
    }
    let end = at;
    for (;;) {
      const inside = text.charCodeAt(end);
      if (inside === NEWLINE) return this.scanHeredocLine(frame, at, end + 1);
      if (inside === CARRIAGE_RETURN && text.charCodeAt(end + 1) !== NEWLINE) {
        // HCL's scanner takes all from here on as it is, sequences too.
        if (frame.marker === undefined) return this.emit(Kind.text, at, text.length);
        return end > at ? this.emit(Kind.text, at, end) : this.emit(Kind.unknown, at, at + 1);
      }
      if (end >= text.length) return this.scanHeredocEnd(frame, at);
      if (inside === DOLLAR || inside === PERCENT) {
        frame.startOfLine = false;
        return this.emit(Kind.text, at, end);
      }
      end++;
    }
  }

  private scanHeredocLine(frame: Frame & { kind: "heredoc" }, at: number, end: number): void {
    if (!this.closesHeredoc(frame, at, end)) {
      frame.startOfLine = true;
      this.emit(Kind.text, at, end);
    }
  }

  private scanHeredocEnd(frame: Frame & { kind: "heredoc" }, at: number): void {
    const { length } = this.text;
    if (this.markerMayEndText && this.closesHeredoc(frame, at, length)) return;
    if (at < length) this.emit(Kind.text, at, length);
    else this.emit(Kind.endOfFile, length, length);
  }

  private closesHeredoc(frame: Frame & { kind: "heredoc" }, at: number, end: number): boolean {
    if (!frame.startOfLine || frame.marker === undefined) return false;
    const untrimmed = trimSpaceStart(this.text.slice(at, end));
    if (!untrimmed.startsWith(frame.marker) || trimSpaceEnd(untrimmed) !== frame.marker) return false;
    const start = end - untrimmed.length;
    this.frames.pop();
    this.emit(Kind.closeHeredoc, start, start + frame.marker.length);
    return true;
  }
}
