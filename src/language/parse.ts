import type { Diagnostic } from "../core/diagnostics.ts";
import type { SourceFile } from "../core/source.ts";
import { rememberBlocks } from "../core/source.ts";
import type { Body, Expression } from "../core/syntax.ts";
import { parseTopBody } from "./body.ts";
import { Cursor, isAbandonment } from "./cursor.ts";
import { afterValueAdvice, parseAny } from "./expression.ts";
import { unexpected } from "./mistakes.ts";
import { parseBareTemplate } from "./template.ts";
import { Kind } from "./tokens.ts";

export interface ParsedFile {
  /** What was understood. Items with an error in them are missing, so nothing can be said about what is absent. */
  readonly body: Body;
  /** All are errors. Those with `syntax` are errors to HashiCorp's parser too; the others are rules of labform's own. */
  readonly diagnostics: readonly Diagnostic[];
}

export interface ParsedExpression {
  /** Undefined when the text is no expression; `diagnostics` then says why. */
  readonly expression: Expression | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

/** A whole file of HCL's native syntax. Takes time linear in its length, and never throws. */
export function parseFile(file: SourceFile): ParsedFile {
  const cursor = new Cursor(file, { markerMayEndText: false });
  const body = untilAbandoned(() => parseTopBody(cursor)) ?? emptyBody(cursor);
  rememberBlocks(file, body.blocks);
  return { body, diagnostics: cursor.diagnostics };
}

/** One expression; line ends are spaces in it, as in parentheses. */
export function parseExpression(file: SourceFile): ParsedExpression {
  const cursor = new Cursor(file, { markerMayEndText: true });
  const expression = untilAbandoned(() => {
    cursor.countNewlines(false);
    const parsed = parseAny(cursor);
    if (cursor.kind !== Kind.endOfFile) unexpected(cursor, "The expression ends before this", afterValueAdvice(cursor));
    return parsed;
  });
  return { expression, diagnostics: cursor.diagnostics };
}

/** A whole text as a template (a template file, a string of the JSON syntax): what stands in quotes, without them. */
export function parseTemplate(file: SourceFile): ParsedExpression {
  const cursor = new Cursor(file, { markerMayEndText: false, isTemplate: true });
  return { expression: untilAbandoned(() => parseBareTemplate(cursor)), diagnostics: cursor.diagnostics };
}

function untilAbandoned<T>(parse: () => T): T | undefined {
  try {
    return parse();
  } catch (thrown) {
    if (isAbandonment(thrown)) return undefined;
    throw thrown;
  }
}

function emptyBody(cursor: Cursor): Body {
  const end = cursor.text.length;
  return { attributes: [], blocks: [], range: cursor.range(0, end), endRange: cursor.range(end, end) };
}
