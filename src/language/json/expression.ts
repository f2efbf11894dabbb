import { parseNumber } from "../../core/bigfloat.ts";
import { type Diagnostic, errorDiagnostic } from "../../core/diagnostics.ts";
import type { Range, SourceFile } from "../../core/source.ts";
import type { Expression, LiteralExpression } from "../../core/syntax.ts";
import { normalised } from "../characters.ts";
import { type ParsedExpression, parseExpression, parseTemplate } from "../parse.ts";
import { parseJson } from "./parse.ts";
import { decodedOffsets } from "./text.ts";
import type { JsonNode, JsonProblem, JsonString } from "./tree.ts";

/** As deep as blocks and expressions of the native syntax may lie in each other. */
export const NESTING_LIMIT = 250;

/**
 * How the strings in a value are read: `template`, as everywhere; `literal`, as they are, where nothing can be
 * referred to (defaults, descriptions, files of values); `expression`, as an expression of the native syntax, where a
 * reference or a type itself is meant (`depends_on`, `type`). HCL calls these full expression mode, literal-only mode and
 * static analysis.
 */
export type Reading = "template" | "literal" | "expression";

/**
 * A JSON value as an expression (json/spec.md, "Expressions"). All ranges are of the JSON file, those inside of
 * strings too, whatever is escaped there.
 */
export function jsonExpression(
  node: JsonNode,
  file: SourceFile,
  reading: Reading,
  diagnostics: Diagnostic[],
): Expression {
  const range = rangeOf(node, file);
  switch (node.kind) {
    case "object": {
      const items = node.properties.map(({ name, value }) => ({
        // A name is never a static reference: `"a"` names what it names in an object of any reading.
        key: text(name, file, reading === "literal" ? "literal" : "template", diagnostics),
        value: jsonExpression(value, file, reading, diagnostics),
      }));
      return { kind: "object", items, range };
    }
    case "array":
      return {
        kind: "tuple",
        items: node.items.map((item) => jsonExpression(item, file, reading, diagnostics)),
        range,
      };
    case "string":
      return text(node, file, reading, diagnostics);
    case "number":
      return { kind: "literal", value: parseNumber(node.text), range };
    case "word":
      return { kind: "literal", value: node.value, range };
  }
}

/**
 * One expression in the syntax that the name of its file tells: of a JSON file a JSON value with templates in it, else
 * the native syntax.
 */
export function parseExpressionOf(file: SourceFile): ParsedExpression {
  if (!isJsonFile(file)) return parseExpression(file);
  const { value, problems } = parseJson(file.text, NESTING_LIMIT);
  const diagnostics = problems.map((one) => problemDiagnostic(one, file));
  return { expression: value && jsonExpression(value, file, "template", diagnostics), diagnostics };
}

export function isJsonFile({ name }: SourceFile): boolean {
  return name.endsWith(".json");
}

export function problemDiagnostic(problem: JsonProblem, file: SourceFile): Diagnostic {
  const { summary, detail, related } = problem;
  const places = related?.map((one) => ({ message: one.message, range: rangeOf(one, file) }));
  return errorDiagnostic(summary, { detail, range: rangeOf(problem, file), ...(places ? { related: places } : {}) });
}

export function rangeOf({ start, end }: { readonly start: number; readonly end: number }, file: SourceFile): Range {
  return { file, start, end };
}

function text(node: JsonString, file: SourceFile, reading: Reading, diagnostics: Diagnostic[]): Expression {
  if (reading === "expression") return referenceOf(node, file, diagnostics);
  const { value } = node;
  const range = rangeOf(node, file);
  // Most strings hold no sequence, and a template without one is its text, but for a byte order mark.
  if (reading === "literal" || !/^\ufeff|[$%]\{/.test(value)) return literal(value, range);
  const parsed = parseTemplate({ name: file.name, text: value });
  const place = placing(node, file);
  diagnostics.push(...parsed.diagnostics.map((one) => placed(withoutReferee(one), place)));
  // After an error its text stands for it; the file counts as incomplete then.
  return parsed.expression ? { ...placed(parsed.expression, place), range } : literal(value, range);
}

/** Also of a lone interpolation, which is how converters from the native syntax write a reference. */
function referenceOf(node: JsonString, file: SourceFile, diagnostics: Diagnostic[]): Expression {
  const source = { name: file.name, text: node.value };
  const isTemplate = node.value.trimStart().startsWith("${");
  const parsed = isTemplate ? parseTemplate(source) : parseExpression(source);
  const place = placing(node, file);
  diagnostics.push(...parsed.diagnostics.map((one) => placed(withoutReferee(one), place)));
  const { expression } = parsed;
  if (!expression) return literal(node.value, rangeOf(node, file));
  const [part] = expression.kind === "template" && expression.wrap ? expression.parts : [];
  return placed(part?.kind === "interpolation" ? part.expression : expression, place);
}

function literal(value: string, range: Range): LiteralExpression {
  return { kind: "literal", value: normalised(value), range };
}

/** The referee knows the native syntax only and is not asked about text in JSON. */
function withoutReferee({ syntax: _, ...diagnostic }: Diagnostic): Diagnostic {
  return diagnostic;
}

/** From a place in the decoded string to the place in the file that it was decoded from. */
function placing({ value, start, textEnd }: JsonString, file: SourceFile): (range: Range) => Range {
  const first = start + 1;
  const offsets = textEnd - first === value.length ? undefined : decodedOffsets(file.text.slice(first, textEnd));
  const at = (offset: number) => first + (offsets ? (offsets[offset] as number) : offset);
  return (range) => ({ file, start: at(range.start), end: at(range.end) });
}

/** The same with every range in it moved. */
function placed<T>(part: T, place: (range: Range) => Range): T {
  return move(part, place) as T;
}

function move(part: unknown, place: (range: Range) => Range): unknown {
  if (Array.isArray(part)) return part.map((item) => move(item, place));
  if (typeof part !== "object" || part === null || Object.getPrototypeOf(part) !== Object.prototype) return part;
  if ("file" in part) return place(part as Range);
  return Object.fromEntries(Object.entries(part).map(([name, inner]) => [name, move(inner, place)]));
}
