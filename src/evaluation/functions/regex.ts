import type { Matcher, RE2JS } from "re2js";
import type { Type, Value } from "../../core/values.ts";
import { DYNAMIC, objectValue, STRING, stringValue, tupleValue, UNKNOWN, unknownValue } from "../../core/values.ts";
import { Fault } from "../fault.ts";
import type { FunctionDeclaration } from "../functions.ts";
import { re2 } from "../lazily.ts";
import { shortText } from "../shown.ts";
import { textValue } from "./characters.ts";

/**
 * Regular expressions are RE2's, as in Terraform: matching takes time in proportion to the text, and there is neither
 * looking around nor reference to a group within the pattern.
 */
interface Pattern {
  readonly expression: RE2JS;
  /** Of the groups in order; undefined for one without name. */
  readonly names: readonly (string | undefined)[];
  readonly result: Type;
}

const patterns = new Map<string, Pattern | string>();
const mostPatterns = 200;

/** A string is what is wrong with it, as a clause. */
function compiled(pattern: string): Pattern | string {
  let found = patterns.get(pattern);
  if (found === undefined) {
    found = compile(pattern);
    if (patterns.size >= mostPatterns) patterns.clear();
    patterns.set(pattern, found);
  }
  return found;
}

function compile(pattern: string): Pattern | string {
  let expression: RE2JS;
  try {
    expression = re2().RE2JS.compile(pattern);
  } catch (error) {
    return `${shortText(pattern)} is no regular expression: ${syntaxFault(error as Error)}`;
  }
  const names: (string | undefined)[] = Array.from({ length: expression.groupCount() }, () => undefined);
  for (const [name, group] of Object.entries(expression.namedGroups())) names[group - 1] = name;
  return { expression, names, result: resultType(names) };
}

/** `missing closing ): "(a"`, of RE2's own words; what other languages have and RE2 has not is called by its name. */
function syntaxFault({ message }: Error): string {
  const reason = message
    .replace(/^error parsing regexp: /, "")
    .replace(/`([^]*)`$/, (_, part: string) => shortText(part));
  if (/"\(\?(?:=|!|<=|<!)/.test(reason)) return `${reason}; there is no looking ahead or behind`;
  return /^invalid escape sequence: "\\\\[1-9]"/.test(reason)
    ? `${reason}; a pattern cannot refer to its groups`
    : reason;
}

function resultType(names: Pattern["names"]): Type {
  if (names.length === 0) return STRING;
  const attributes = new Map<string, Type>();
  for (const name of names) if (name !== undefined) attributes.set(name, STRING);
  return attributes.size > 0 ? { kind: "object", attributes } : { kind: "tuple", elements: names.map(() => STRING) };
}

/** For `regex` and `regexall`, whose result has either names or numbers. */
function patternOf(value: Value): Pattern | Fault {
  const pattern = compiled(value.raw as string);
  if (typeof pattern === "string") return new Fault(pattern, 0);
  const named = pattern.names.filter((name) => name !== undefined);
  if (named.length === 0 || named.length === pattern.names.length) return pattern;
  const text = shortText(value.raw as string);
  return new Fault(
    `in ${text} some groups have names and some have none; name all, or write (?:…) where none is needed`,
    0,
  );
}

/**
 * Where it matches, from left to right; each match ends where the next may begin, and an empty one directly behind
 * another is none.
 */
function* matches({ expression }: Pattern, text: string): Generator<Matcher> {
  const matcher = expression.matcher(text);
  let position = 0;
  let end = -1;
  while (position <= text.length && matcher.find(position)) {
    const isEmpty = matcher.end() === matcher.start();
    const isBehind = isEmpty && matcher.start() === end;
    end = matcher.end();
    position = isEmpty ? nextCharacter(text, end) : end;
    if (!isBehind) yield matcher;
  }
}

function nextCharacter(text: string, at: number): number {
  return at + ((text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1);
}

const NO_TEXT: Value = { type: STRING, raw: null, sensitive: false };

function matchValue({ names, result }: Pattern, matcher: Matcher): Value {
  if (names.length === 0) return stringValue(matcher.group() ?? "");
  const groups = names.map((_, at) => {
    const text = matcher.group(at + 1);
    return text === null ? NO_TEXT : stringValue(text);
  });
  if (result.kind === "tuple") return tupleValue(groups);
  return objectValue(new Map(names.map((name, at) => [name as string, groups[at] as Value])));
}

function regex(pattern: Value, text: Value): Value | Fault {
  if (pattern.raw === UNKNOWN) return unknownValue(DYNAMIC);
  const parsed = patternOf(pattern);
  if (parsed instanceof Fault) return parsed;
  if (text.raw === UNKNOWN) return unknownValue(parsed.result);
  for (const match of matches(parsed, text.raw as string)) return matchValue(parsed, match);
  const shown = shortText(text.raw as string);
  return new Fault(
    `${shortText(pattern.raw as string)} matches nothing in ${shown}; where it may match nothing, use regexall or can`,
    1,
  );
}

function regexAll(pattern: Value, text: Value): Value | Fault {
  if (pattern.raw === UNKNOWN) return unknownValue({ kind: "list", element: DYNAMIC });
  const parsed = patternOf(pattern);
  if (parsed instanceof Fault) return parsed;
  const type: Type = { kind: "list", element: parsed.result };
  if (text.raw === UNKNOWN) return unknownValue(type);
  const found: Value[] = [];
  for (const match of matches(parsed, text.raw as string)) found.push(matchValue(parsed, match));
  return { type, raw: found, sensitive: false };
}

/** Whether `replace` takes it for a regular expression: it stands between slashes. */
export function isBetweenSlashes(text: string): boolean {
  return text.length > 1 && text.startsWith("/") && text.endsWith("/");
}

/** Of a known text. In the replacement `$1` and `${name}` stand for groups, `$$` for a dollar sign. */
export function replaceMatches(text: string, pattern: string, replacement: string): Value | Fault {
  const parsed = compiled(pattern);
  if (typeof parsed === "string") return new Fault(parsed, 1);
  const parts = replacementParts(replacement, parsed);
  let result = "";
  let end = 0;
  for (const match of matches(parsed, text)) {
    result += text.slice(end, match.start());
    for (const part of parts) result += typeof part === "string" ? part : (match.group(part) ?? "");
    end = match.end();
  }
  return textValue(result + text.slice(end));
}

/** Literal text and numbers of groups. A name takes all letters, digits and underscores there are; an unknown one gives nothing. */
function replacementParts(replacement: string, { names }: Pattern): readonly (string | number)[] {
  const parts: (string | number)[] = [];
  let end = 0;
  for (const match of replacement.matchAll(/\$(?:\$|\{([\p{L}\p{Nd}_]+)\}|([\p{L}\p{Nd}_]+))/gu)) {
    parts.push(replacement.slice(end, match.index));
    end = match.index + match[0].length;
    const name = match[1] ?? match[2];
    if (name === undefined) parts.push("$");
    else {
      const group = /^(?:0|[1-9]\d{0,7})$/.test(name) ? Number(name) : names.indexOf(name) + 1 || -1;
      if (group >= 0 && group <= names.length) parts.push(group);
    }
  }
  parts.push(replacement.slice(end));
  return parts;
}

const PARAMETERS = [
  { name: "pattern", type: STRING, unknown: true },
  { name: "string", type: STRING, unknown: true },
];

export const regexFunctions: readonly FunctionDeclaration[] = [
  { name: "regex", parameters: PARAMETERS, result: DYNAMIC, call: regex },
  { name: "regexall", parameters: PARAMETERS, result: { kind: "list", element: DYNAMIC }, call: regexAll },
];
