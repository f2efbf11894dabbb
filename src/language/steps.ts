import { parseNumber } from "../core/bigfloat.ts";
import type { Range } from "../core/source.ts";
import type { Expression, LiteralExpression, SplatStep } from "../core/syntax.ts";
import { normalised } from "./characters.ts";
import type { Cursor } from "./cursor.ts";
import { parseAny } from "./expression.ts";
import { close, unexpected } from "./mistakes.ts";
import { Kind } from "./tokens.ts";

/**
 * What may follow a term: `.name`, `.0`, `[key]`, `.*`, `[*]` (HCL spec, "Index Operator", "Attribute Access Operator",
 * "Splat Operators").
 */
export function parseSteps(cursor: Cursor, term: Expression): Expression {
  const { start } = term.range;
  let object = term;
  while (cursor.kind === Kind.dot || cursor.kind === Kind.openBracket) {
    const below = cursor.height;
    object = parseStep(cursor, object, start);
    cursor.grow(Math.max(below, cursor.height), start);
  }
  return object;
}

function parseStep(cursor: Cursor, object: Expression, start: number): Expression {
  const first = cursor.start;
  const isDot = cursor.kind === Kind.dot;
  cursor.advance();
  if (isDot) {
    if (cursor.kind === Kind.star) {
      cursor.advance();
      const steps = parseAttributeSteps(cursor);
      return { kind: "splat", style: "attribute", source: object, steps, range: cursor.range(start) };
    }
    const step = parseDotStep(cursor);
    const range = cursor.range(start);
    if (step.key) return { kind: "index", object, key: step.key, range };
    const { name, nameRange, legacyIndex } = step;
    return { kind: "attribute", object, name, ...legacyIndex, nameRange, range };
  }
  if (cursor.kind === Kind.star) {
    closeStar(cursor, first);
    const steps = parseFullSteps(cursor);
    return { kind: "splat", style: "full", source: object, steps, range: cursor.range(start) };
  }
  const key = parseKey(cursor, first);
  return { kind: "index", object, key, range: cursor.range(start) };
}

type DotStep =
  | {
      readonly name: string;
      readonly nameRange: Range;
      readonly legacyIndex: { readonly legacyIndex?: true };
      readonly key?: undefined;
    }
  | { readonly key: LiteralExpression };

/** After the dot: a name, or a whole number, which is an index in the old style. */
function parseDotStep(cursor: Cursor): DotStep {
  const { word } = cursor;
  const nameRange = cursor.here();
  if (cursor.kind === Kind.identifier) {
    cursor.advance();
    return { name: normalised(word), nameRange, legacyIndex: {} };
  }
  if (cursor.kind !== Kind.number) {
    unexpected(cursor, "A name is missing after the dot", "After `.` comes an attribute's name, a number or `*`.");
  }
  if (word.includes(".")) {
    const proper = word
      .split(".")
      .map((index) => `[${index}]`)
      .join("");
    cursor.fail(
      "Two indexes joined by a dot",
      `\`${word}\` is read as a fraction. Write ${proper} instead.`,
      nameRange,
    );
  }
  cursor.advance();
  if (/^\d+$/.test(word)) return { name: word, nameRange, legacyIndex: { legacyIndex: true } };
  return { key: { kind: "literal", value: parseNumber(word), range: nameRange } };
}

function parseKey(cursor: Cursor, open: number): Expression {
  const newlines = cursor.countNewlines(false);
  const key = parseAny(cursor);
  close(cursor, Kind.closeBracket, open, newlines);
  return key;
}

function closeStar(cursor: Cursor, open: number): void {
  cursor.advance();
  if (cursor.kind !== Kind.closeBracket) {
    unexpected(cursor, "The `[*` is not closed", "All elements of a list are written `[*]`, with nothing between.", [
      { message: "`[` opened here", range: cursor.range(open, open + 1) },
    ]);
  }
  cursor.advance();
}

function toSplatStep(step: DotStep, range: Range): SplatStep {
  if (step.key) return { kind: "index", key: step.key, range };
  return { kind: "attribute", name: step.name, ...step.legacyIndex, range };
}

/** After `.*`: names and old-style indexes only; a `[` belongs to the whole result. */
function parseAttributeSteps(cursor: Cursor): SplatStep[] {
  const steps: SplatStep[] = [];
  while (cursor.kind === Kind.dot) {
    const { start } = cursor;
    cursor.advance();
    if (cursor.kind === Kind.star) {
      cursor.fail("A `.*` inside a `.*`", "Write `[*]` instead of `.*`: it can be nested.", cursor.here());
    }
    const step = parseDotStep(cursor);
    steps.push(toSplatStep(step, cursor.range(start)));
  }
  return steps;
}

/** After `[*]`: everything that follows is done to each element, a further splat included. */
function parseFullSteps(cursor: Cursor): SplatStep[] {
  const steps: SplatStep[] = [];
  let height = 0;
  while (cursor.kind === Kind.dot || cursor.kind === Kind.openBracket) {
    cursor.height = 0;
    steps.push(parseFullStep(cursor));
    height = Math.max(height, cursor.height);
  }
  cursor.height = height;
  return steps;
}

function parseFullStep(cursor: Cursor): SplatStep {
  const { start } = cursor;
  const isDot = cursor.kind === Kind.dot;
  cursor.advance();
  if (cursor.kind === Kind.star) {
    cursor.enter("splat");
    if (isDot) cursor.advance();
    else closeStar(cursor, start);
    const steps = isDot ? parseAttributeSteps(cursor) : parseFullSteps(cursor);
    cursor.leave();
    cursor.grow(cursor.height, start);
    return { kind: "splat", style: isDot ? "attribute" : "full", steps, range: cursor.range(start) };
  }
  if (isDot) {
    const step = parseDotStep(cursor);
    return toSplatStep(step, cursor.range(start));
  }
  const key = parseKey(cursor, start);
  return { kind: "index", key, range: cursor.range(start) };
}
