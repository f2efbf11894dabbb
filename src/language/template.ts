import type { Range } from "../core/source.ts";
import type { Expression, TemplatePart } from "../core/syntax.ts";
import { normalised, trimSpaceEnd, trimSpaceStart } from "./characters.ts";
import { parseForNames } from "./collection.ts";
import type { Cursor } from "./cursor.ts";
import type { FlatPart } from "./directives.ts";
import { nestDirectives } from "./directives.ts";
import { decodeHeredoc, decodeQuoted } from "./escapes.ts";
import { parseAny } from "./expression.ts";
import { dedent } from "./heredoc.ts";
import { describe, unclosedString, unexpected } from "./mistakes.ts";
import { Kind } from "./tokens.ts";

/** At `"`: a literal when nothing is interpolated, else a template. */
export function parseQuoted(cursor: Cursor): Expression {
  return parseTemplate(cursor, Kind.closeQuote);
}

/** At `<<NAME` or `<<-NAME`. Like a quoted string without interpolation, a plain heredoc is a literal. */
export function parseHeredoc(cursor: Cursor): Expression {
  return parseTemplate(cursor, Kind.closeHeredoc);
}

/** The whole text as a template, without quotes: no backslash escapes, `$${` and `%%{` as everywhere. */
export function parseBareTemplate(cursor: Cursor): Expression {
  const opening = cursor.range(0, 0);
  cursor.enter("template");
  const newlines = cursor.countNewlines(true);
  const { parts: flat, height } = parseFlat(cursor, Kind.endOfFile, opening);
  const parts = nestDirectives(cursor, melded(flat));
  cursor.countNewlines(newlines);
  cursor.leave();
  return assembled(cursor, parts, flat.length, Math.max(height, cursor.height), cursor.range(0, cursor.text.length));
}

function parseTemplate(cursor: Cursor, closer: Kind): Expression {
  const { start } = cursor;
  const isFlush = cursor.text[start + 2] === "-" && closer === Kind.closeHeredoc;
  const opening = cursor.here();
  cursor.enter("template");
  const newlines = cursor.countNewlines(true);
  cursor.advance();
  const { parts: flat, height } = parseFlat(cursor, closer, opening);
  const parts = nestDirectives(cursor, melded(isFlush ? dedent(flat) : flat));
  cursor.countNewlines(newlines);
  cursor.advance();
  cursor.leave();
  return assembled(cursor, parts, flat.length, Math.max(height, cursor.height), cursor.range(start));
}

/** A literal when nothing is interpolated, else a template of `tokens` tokens. */
function assembled(
  cursor: Cursor,
  parts: readonly TemplatePart[],
  tokens: number,
  height: number,
  range: Range,
): Expression {
  const only = parts[0];
  if (only === undefined) return { kind: "literal", value: "", range };
  if (parts.length === 1 && only.kind === "text") return { kind: "literal", value: only.text, range };
  cursor.grow(height, range.start);
  return { kind: "template", parts, wrap: tokens === 1 && only.kind === "interpolation", range };
}

/** All up to the closing mark, which stays the current token; directives still unnested. */
function parseFlat(cursor: Cursor, closer: Kind, opening: Range) {
  const parts: FlatPart[] = [];
  let height = 0;
  let stripsNext = false;
  while (cursor.kind !== closer) {
    const strips = stripsNext;
    stripsNext = false;
    if (cursor.kind === Kind.text) {
      const text = closer === Kind.closeQuote ? decodeQuoted(cursor) : decodeHeredoc(cursor.word);
      parts.push({ kind: "text", text: strips ? trimSpaceStart(text) : text, range: cursor.here() });
      cursor.advance();
    } else if (cursor.kind === Kind.openInterpolation || cursor.kind === Kind.openDirective) {
      const previous = parts[parts.length - 1];
      if (cursor.word.endsWith("~") && previous?.kind === "text") {
        parts[parts.length - 1] = { ...previous, text: trimSpaceEnd(previous.text) };
      }
      const part = cursor.kind === Kind.openInterpolation ? parseInterpolation(cursor) : parseDirective(cursor);
      height = Math.max(height, cursor.height);
      stripsNext = cursor.text[cursor.previousEnd - 2] === "~";
      parts.push(part);
    } else failUnclosed(cursor, closer, opening);
  }
  return { parts, height };
}

function failUnclosed(cursor: Cursor, closer: Kind, opening: Range): never {
  if (closer === Kind.closeQuote && (cursor.kind === Kind.quotedNewline || cursor.kind === Kind.endOfFile)) {
    cursor.fail(unclosedString.summary, unclosedString.detail, cursor.range(opening.start, cursor.start));
  }
  if (cursor.kind === Kind.endOfFile) {
    const line = cursor.text.slice(opening.start, opening.end).trim();
    const marker = line.replace(/^<<-?/, "");
    cursor.fail(
      `The heredoc ${line} is not closed`,
      `It ends with a line that holds ${marker} alone, and that line needs a line end too.`,
      cursor.range(opening.start, opening.start + line.length),
    );
  }
  unexpected(cursor, "This cannot stand in a text", "Text ends its lines with LF or CR LF.");
}

function parseInterpolation(cursor: Cursor): FlatPart {
  const { start, word } = cursor;
  const opening = cursor.here();
  cursor.advance();
  const newlines = cursor.countNewlines(false);
  const expression = parseAny(cursor);
  closeSequence(cursor, word, opening, newlines);
  return { kind: "interpolation", expression, range: cursor.range(start) };
}

/** Past the `}`: what follows is text again, so line ends count. */
function closeSequence(cursor: Cursor, word: string, opening: Range, newlines: boolean): void {
  if (cursor.kind === Kind.closeSequence) {
    cursor.countNewlines(newlines);
    cursor.advance();
    return;
  }
  const literal = word.startsWith("$") ? "$${" : "%%{";
  const sequence = word.replace("~", "");
  if (cursor.kind === Kind.endOfFile || cursor.kind === Kind.openQuote) {
    cursor.fail(
      `The \`${sequence}\` is not closed`,
      `It needs a \`}\` before ${cursor.kind === Kind.openQuote ? "the string ends" : "the text ends"}. For the characters ${sequence} themselves write ${literal}.`,
      opening,
    );
  }
  unexpected(
    cursor,
    `Expected \`}\` to end the \`${sequence}\``,
    `For the characters ${sequence} themselves, in a shell script say, write ${literal}.`,
    [{ message: `\`${sequence}\` opened here`, range: opening }],
  );
}

const directives = ["if", "else", "endif", "for", "endfor"];

function parseDirective(cursor: Cursor): FlatPart {
  const { start, word } = cursor;
  const opening = cursor.here();
  cursor.height = 0;
  cursor.advance();
  const newlines = cursor.countNewlines(false);
  const name = cursor.word;
  if (cursor.kind !== Kind.identifier || !directives.includes(name)) {
    cursor.fail(
      "Expected a directive after `%{`",
      `Found ${describe(cursor)}. There are if, else, endif, for and endfor. For the characters %{ themselves write %%{.`,
      cursor.here(),
    );
  }
  cursor.advance();
  if (name === "if") {
    const condition = parseAny(cursor);
    closeSequence(cursor, word, opening, newlines);
    return { kind: "openIf", condition, range: cursor.range(start) };
  }
  if (name === "for") {
    const names = parseForNames(cursor);
    const collection = parseAny(cursor);
    closeSequence(cursor, word, opening, newlines);
    return { kind: "openFor", ...names, collection, range: cursor.range(start) };
  }
  closeSequence(cursor, word, opening, newlines);
  return { kind: name as "else" | "endif" | "endfor", range: cursor.range(start) };
}

/** Neighbouring texts become one, empty ones none; done after strip markers and indentation had their tokens. */
function melded(parts: readonly FlatPart[]): FlatPart[] {
  const result: FlatPart[] = [];
  let run: { readonly texts: string[]; readonly start: number } | undefined;
  let last: FlatPart | undefined;
  const endRun = (): void => {
    const text = run ? normalised(run.texts.join("")) : "";
    if (run && last && text !== "") {
      result.push({ kind: "text", text, range: { ...last.range, start: run.start } });
    }
    run = undefined;
  };
  for (const part of parts) {
    if (part.kind === "text") {
      run ??= { texts: [], start: part.range.start };
      run.texts.push(part.text);
      last = part;
    } else {
      endRun();
      result.push(part);
    }
  }
  endRun();
  return result;
}
