import { type Diagnostic, errorDiagnostic } from "../core/diagnostics.ts";
import type { Range, SourceFile } from "../core/source.ts";
import { Scanner } from "./scan.ts";
import { Kind } from "./tokens.ts";

/** How deep blocks and expressions may lie in each other, so that no input overflows the stack. */
const NESTING_LIMIT = 250;

/**
 * How high an expression's tree may be. Chains (`a + b + c …`, `a.b.c …`) make trees that lean to one side without
 * nesting; whoever walks a tree by recursion is safe within this.
 */
const HEIGHT_LIMIT = 500;

/** After so many mistakes a text is most likely no lab file at all, and nobody reads on. */
const MOST_MISTAKES = 100;

/** Thrown when an item is given up, after its error was reported. Caught where the next item can be found. */
const ABANDONMENT = new Error("the item was given up");

export function isAbandonment(thrown: unknown): boolean {
  return thrown === ABANDONMENT;
}

export type Related = NonNullable<Diagnostic["related"]>;

/**
 * The parser's place in a file: the current token, whether line ends count here, and what was found wrong.
 *
 * An error gives up the item it is in (an argument, a block's header, an object's item) and with it everything that
 * would go wrong because of it; parsing goes on at the next item. So each mistake is one error.
 */
export class Cursor {
  readonly file: SourceFile;
  readonly text: string;
  readonly diagnostics: Diagnostic[] = [];
  /** Set with the error that ends the parse: what nests too deeply, or has too many mistakes, is given up whole. */
  isOver = false;
  /** An error took everything up to the end of the file with it, so what is not closed there is no news. */
  lostEnd = false;
  kind: Kind = Kind.endOfFile;
  start = 0;
  end = 0;
  /** Where the token before the current one ended. */
  previousEnd = 0;
  /** Of the tree last built. */
  height = 0;
  /** A closing brace that stands left of its opening line: most likely an earlier brace was never closed. */
  suspect: { readonly open: number; readonly close: number } | undefined;
  private readonly scanner: Scanner;
  private newlinesCount = true;
  private depth = 0;

  /** `isTemplate`: the text is a template from its first character on, not an expression or a body. */
  constructor(file: SourceFile, options: { readonly markerMayEndText: boolean; readonly isTemplate?: boolean }) {
    this.file = file;
    this.text = file.text;
    this.scanner = new Scanner(file.text, options.markerMayEndText);
    if (options.isTemplate) this.scanner.openTemplate();
    this.advance();
  }

  advance(): void {
    this.previousEnd = this.end;
    const { scanner } = this;
    do scanner.next();
    while (!this.newlinesCount && scanner.kind === Kind.newline);
    this.kind = scanner.kind;
    this.start = scanner.start;
    this.end = scanner.end;
  }

  /** Whether a line end is a token or a space from here on; returns what held before, to be set again. */
  countNewlines(count: boolean): boolean {
    const before = this.newlinesCount;
    this.newlinesCount = count;
    if (!count && this.kind === Kind.newline) {
      const { previousEnd } = this;
      this.advance();
      this.previousEnd = previousEnd;
    }
    return before;
  }

  get insideTemplate(): boolean {
    return this.scanner.insideTemplate;
  }

  /** The current token's text. */
  get word(): string {
    return this.text.slice(this.start, this.end);
  }

  isWord(word: string): boolean {
    return (
      this.kind === Kind.identifier && this.end - this.start === word.length && this.text.startsWith(word, this.start)
    );
  }

  skipNewlines(): void {
    while (this.kind === Kind.newline) this.advance();
  }

  range(start: number, end: number = this.previousEnd): Range {
    return { file: this.file, start, end: Math.max(start, end) };
  }

  /** The current token; nothing wide for a line end. */
  here(): Range {
    return { file: this.file, start: this.start, end: this.kind === Kind.newline ? this.start : this.end };
  }

  report(summary: string, detail: string, range: Range, related?: Related): void {
    this.add(errorDiagnostic(summary, { detail, range, syntax: true, ...(related === undefined ? {} : { related }) }));
  }

  /** For a rule of labform's own, or of evaluation: that HashiCorp's parser accepts the text says nothing about it. */
  reportOwnRule(summary: string, detail: string, range: Range): void {
    this.add(errorDiagnostic(summary, { detail, range }));
  }

  private add(diagnostic: Diagnostic): void {
    if (this.diagnostics.length < MOST_MISTAKES) {
      this.diagnostics.push(diagnostic);
      return;
    }
    const { name } = this.file;
    const detail = `${name} has more than ${MOST_MISTAKES} mistakes; the rest of it was not read. Is it a lab file?`;
    this.diagnostics.push(errorDiagnostic("Too many mistakes", { detail, range: diagnostic.range, syntax: true }));
    this.isOver = true;
    throw ABANDONMENT;
  }

  fail(summary: string, detail: string, range: Range, related?: Related): never {
    this.report(summary, detail, range, related);
    throw ABANDONMENT;
  }

  failOwnRule(summary: string, detail: string, range: Range): never {
    this.reportOwnRule(summary, detail, range);
    throw ABANDONMENT;
  }

  /** One level deeper, until `leave`. */
  enter(what: string): void {
    if (++this.depth <= NESTING_LIMIT) return;
    this.isOver = true;
    this.failOwnRule(
      `The ${what} is nested too deeply`,
      `labform reads ${NESTING_LIMIT} levels of blocks, brackets and templates in each other, and this is one more.`,
      this.here(),
    );
  }

  leave(): void {
    this.depth--;
  }

  /** Records the height of the tree that spans from `start`, made of parts at most `below` high. */
  grow(below: number, start: number): void {
    this.height = below + 1;
    if (this.height <= HEIGHT_LIMIT) return;
    this.failOwnRule(
      "The expression is too long",
      `labform reads chains of about ${HEIGHT_LIMIT} operators or steps. Split it with \`locals\`.`,
      this.range(start),
    );
  }

  /** What `recover` needs to come back here. */
  mark(): Mark {
    return { start: this.start, depth: this.depth, newlinesCount: this.newlinesCount };
  }

  /** Goes on at `offset`, outside all templates, in the state of `mark`. */
  recover(mark: Mark, offset: number): void {
    this.depth = mark.depth;
    this.lostEnd = offset >= this.text.length;
    this.newlinesCount = mark.newlinesCount;
    this.scanner.restart(offset);
    this.end = offset;
    this.advance();
  }
}

export interface Mark {
  readonly start: number;
  readonly depth: number;
  readonly newlinesCount: boolean;
}
