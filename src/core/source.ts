import { graphemes } from "./characters.ts";

/** Where text came from and where in it something stands. */

export interface SourceFile {
  /** As shown to the user: relative to the lab's directory, or `<argument -var x>` for text that is in no file. */
  readonly name: string;
  readonly text: string;
}

/** Half open, in UTF-16 offsets of `file.text`. Lines and columns are computed only when shown. */
export interface Range {
  readonly file: SourceFile;
  readonly start: number;
  readonly end: number;
}

/** Whether all of `inner` stands in `outer`, by the names of their files. */
export function isWithin(inner: Range, outer: Range): boolean {
  return inner.file.name === outer.file.name && outer.start <= inner.start && inner.end <= outer.end;
}

/** Both count from 1; a column is a character as a user counts it (grapheme cluster), as HCL counts. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

const lineStarts = new WeakMap<SourceFile, number[]>();

function startsOf(file: SourceFile): number[] {
  let starts = lineStarts.get(file);
  if (!starts) {
    starts = [0];
    for (let at = file.text.indexOf("\n"); at !== -1; at = file.text.indexOf("\n", at + 1)) starts.push(at + 1);
    lineStarts.set(file, starts);
  }
  return starts;
}

/** The line of an offset, counted from 1. */
export function lineOf(file: SourceFile, offset: number): number {
  const starts = startsOf(file);
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] as number) <= offset) low = middle;
    else high = middle - 1;
  }
  return low + 1;
}

/** Where a line (counted from 1) begins; the end of the text for one that is not there. */
export function lineStart(file: SourceFile, line: number): number {
  return startsOf(file)[line - 1] ?? file.text.length;
}

export function position(file: SourceFile, offset: number): Position {
  const line = lineOf(file, offset);
  return { line, column: columnFrom(file, lineStart(file, line), offset) };
}

/** Within one very long line: how many characters there are up to a place between two of them. */
interface Milestone {
  readonly line: number;
  readonly offset: number;
  readonly characters: number;
}

const milestones = new WeakMap<SourceFile, Milestone>();
const LONG_LINE = 2_000;

/** Many places in one long line are counted from each other, or their time would grow with its length each. */
function columnFrom(file: SourceFile, start: number, offset: number): number {
  if (offset - start < LONG_LINE) return graphemes(file.text.slice(start, offset)) + 1;
  const known = milestones.get(file);
  const from = known?.line === start && known.offset <= offset ? known : { offset: start, characters: 0 };
  let between = offset;
  while (between > from.offset && !/^[ -~]{2}/.test(file.text.slice(between - 1, between + 1))) between--;
  const characters = from.characters + graphemes(file.text.slice(from.offset, between));
  milestones.set(file, { line: start, offset: between, characters });
  return characters + graphemes(file.text.slice(between, offset)) + 1;
}

/** The text of a line (counted from 1) without its line end. */
export function lineText(file: SourceFile, line: number): string {
  const starts = startsOf(file);
  const start = starts[line - 1];
  if (start === undefined) return "";
  return file.text.slice(start, starts[line] ?? file.text.length).replace(/\r?\n$/, "");
}

export function rangeText(range: Range): string {
  return range.file.text.slice(range.start, range.end);
}

/** `pair.lab.hcl:3:7` */
export function formatRange(range: Range): string {
  const { line, column } = position(range.file, range.start);
  return `${range.file.name}:${line}:${column}`;
}

interface Block {
  /** Its type and labels. */
  readonly headerRange: Range;
  readonly range: Range;
}

const outlines = new WeakMap<SourceFile, readonly Block[]>();

/** Told by the parser, so that a message can say in which block something stands. */
export function rememberBlocks(file: SourceFile, outermost: readonly Block[]): void {
  outlines.set(file, outermost);
}

/** The head of the outermost block that the range stands in: `node "r1"`. */
export function enclosingBlock(range: Range): string | undefined {
  const block = outlines.get(range.file)?.findLast((one) => one.range.start <= range.start);
  return block && range.end <= block.range.end ? rangeText(block.headerRange).replaceAll(/\s+/g, " ") : undefined;
}

/** From the start of `first` to the end of `last`; both are in one file. */
export function span(first: Range, last: Range): Range {
  return { file: first.file, start: first.start, end: last.end };
}
