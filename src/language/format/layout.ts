import { graphemes } from "../../core/characters.ts";
import { Kind } from "../tokens.ts";
import { bracketChange, COMMENT, endsLine, type Piece } from "./pieces.ts";
import { spaceBetween } from "./spacing.ts";

/** Lines are cut into cells, which are put one below the other in neighbouring lines. */
interface Line {
  lead: readonly Piece[];
  /** From the `=` of an argument on, where what it is set to ends on the line. */
  assign: readonly Piece[];
  /** The comment behind something else. */
  comment: Piece | undefined;
}

/**
 * Sets the spaces before all pieces of a file, but for its end, to what HashiCorp's formatter gives them (`format` in
 * hclwrite/format.go): indentation by open brackets, spaces between tokens, columns of equals signs and comments.
 */
export function layOut(pieces: readonly Piece[]): void {
  const lines = linesOf(pieces);
  indent(lines);
  for (const line of lines) {
    setSpaces(line.lead);
    setSpaces(line.assign);
  }
  align(
    lines,
    (line) => line.assign[0],
    (line) => columns(line.lead),
  );
  align(
    lines,
    (line) => line.comment,
    (line) => columns(line.lead) + columns(line.assign),
  );
}

function linesOf(pieces: readonly Piece[]): readonly Line[] {
  const lines: Line[] = [];
  let start = 0;
  pieces.forEach((piece, at) => {
    if (endsLine(piece)) {
      lines.push(cells(pieces.slice(start, at + 1)));
      start = at + 1;
    } else if (piece.kind === Kind.endOfFile && at > start) lines.push(cells(pieces.slice(start, at)));
  });
  return lines;
}

function cells(line: readonly Piece[]): Line {
  const last = line[line.length - 1] as Piece;
  const hasComment = line.length > 1 && last.kind === COMMENT;
  const rest = hasComment ? line.slice(0, -1) : line;
  const equal = rest.findIndex((piece, at) => at > 0 && piece.kind === Kind.equal);
  const isWhole = equal !== -1 && openedBy(rest.slice(equal)) === 0;
  return {
    lead: isWhole ? rest.slice(0, equal) : rest,
    assign: isWhole ? rest.slice(equal) : [],
    comment: hasComment ? last : undefined,
  };
}

function openedBy(pieces: readonly Piece[]): number {
  return pieces.reduce((sum, piece) => sum + bracketChange(piece), 0);
}

/**
 * Two spaces for each line that leaves brackets open, however many it opens: `f([{` is one step in, and so is what
 * closes them step by step.
 */
function indent(lines: readonly Line[]): void {
  const open: number[] = [];
  for (const { lead, assign } of lines) {
    const first = lead[0] as Piece;
    if (first.kind === Kind.newline) {
      first.spaces = 0;
      continue;
    }
    const heredoc = lead.findIndex((piece) => piece.kind === Kind.openHeredoc);
    const change = openedBy(heredoc === -1 ? lead : lead.slice(0, heredoc)) + openedBy(assign);
    close(open, -change);
    first.spaces = 2 * open.length;
    if (change > 0) open.push(change);
  }
}

/** Takes `count` brackets from the steps that are open, the innermost first. */
function close(open: number[], count: number): void {
  let left = count;
  while (left > 0 && open.length > 0) {
    const last = open.length - 1;
    const innermost = open[last] as number;
    if (left < innermost) open[last] = innermost - left;
    else open.pop();
    left -= innermost;
  }
}

function setSpaces(cell: readonly Piece[]): void {
  for (let at = 1; at < cell.length; at++) {
    const after = cell[at] as Piece;
    after.spaces = spaceBetween(cell[at - 2], cell[at - 1] as Piece, after, cell[at + 1]) ? 1 : 0;
  }
}

/** Puts the cells that `cellOf` finds below each other, in each run of lines that have one; `width` is what stands before it. */
function align(lines: readonly Line[], cellOf: (line: Line) => Piece | undefined, width: (line: Line) => number): void {
  let run: { readonly cell: Piece; readonly width: number }[] = [];
  const endRun = (): void => {
    const widest = run.reduce((most, one) => Math.max(most, one.width), 0);
    for (const one of run) one.cell.spaces = widest - one.width + 1;
    run = [];
  };
  for (const line of lines) {
    const cell = cellOf(line);
    if (cell) run.push({ cell, width: width(line) });
    else endRun();
  }
  endRun();
}

function columns(cell: readonly Piece[]): number {
  return cell.reduce((sum, piece) => sum + piece.spaces + graphemes(piece.text.replaceAll("\r\n", "\n")), 0);
}
