import { createRequire } from "node:module";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Body, Expression } from "../../src/core/syntax.ts";
import { type ParsedFile, parseExpression, parseFile } from "../../src/language/parse.ts";
import { brokenText, expressionText, labText } from "./labText.ts";
import { printExpression } from "./printTree.ts";
import { productionsInText, productionsInTree, productionsOf } from "./productions.ts";

const { parseToObject } = createRequire(import.meta.url)("hcl2-parser") as {
  readonly parseToObject: (text: string) => [unknown, unknown];
};

const LIMIT_MS = 100;

/** How many files are generated. The reference parser takes some milliseconds for each; `npm run soak` has time for more. */
const inputs = Number(process.env["LABFORM_INPUTS"] ?? "3000");
const timeout = 60_000 + inputs * 40;

/**
 * Where ours and HashiCorp's parser (hcl2-parser is HCL 2.10) are meant to differ: keys like `a.b = 1`, exponents
 * beyond 70,000 and deep nesting are errors of ours alone (without `syntax`); functions in namespaces, `a::b()`, came to HCL
 * later; and hcl2-parser converts what it parsed to JSON, which some valid files cannot be.
 */
function isMeant(text: string, parsed: ParsedFile): boolean {
  if (parsed.diagnostics.length > 0) return parsed.diagnostics.some((one) => !one.syntax);
  return text.includes("::") || /!\s*(?:\d|null)|-\s*(?:null|true|false)/.test(text) || mixesLabels(parsed.body);
}

/** Blocks of one type with different numbers of labels. */
function mixesLabels(body: Body): boolean {
  const counts = new Map<string, number>();
  return body.blocks.some((block) => {
    const known = counts.get(block.type) ?? block.labels.length;
    counts.set(block.type, known);
    return known !== block.labels.length || mixesLabels(block.body);
  });
}

/** An exponent of many digits keeps the reference parser busy for minutes. */
function isTooLong(text: string): boolean {
  return /\d[eE][+-]?\d{4}/.test(text);
}

/** Undefined when it throws, which it does for some files that are valid. */
function theirOpinion(text: string): boolean | undefined {
  if (isTooLong(text)) return undefined;
  try {
    return parseToObject(text)[0] !== null;
  } catch {
    return undefined;
  }
}

/** The fastest of a few runs: what takes long each time is slow, what takes long once was interrupted. */
function parseMilliseconds(text: string): number {
  let fastest = Number.POSITIVE_INFINITY;
  for (let run = 0; run < 5 && fastest >= LIMIT_MS; run++) {
    const start = performance.now();
    parseFile({ name: "generated", text });
    fastest = Math.min(fastest, performance.now() - start);
  }
  return fastest;
}

/** With what may stand before and be missing at the end; functions in namespaces, which came to HCL later. */
const fileText = fc
  .tuple(labText, fc.nat(6))
  .map(([text, form]) =>
    form === 0
      ? `\ufeff${text}`
      : form === 1
        ? text.replace(/\r?\n$/, "")
        : form === 2
          ? text.replace(/\b(?=(?:f|max)\()/g, "a::")
          : text,
  );

/** What was understood of a file that is accepted. */
function expectAgreement(text: string): Body | undefined {
  const parsed = parseFile({ name: "generated", text });
  const { diagnostics } = parsed;
  expect(parseMilliseconds(text)).toBeLessThan(LIMIT_MS);
  for (const one of diagnostics) expect(one.range).toBeDefined();
  const ours = diagnostics.length === 0;
  const theirs = theirOpinion(text);
  if (theirs !== undefined && ours !== theirs && !isMeant(text, parsed)) {
    expect.fail(
      `ours ${ours ? "accepts" : `rejects (${diagnostics[0]?.summary})`}, theirs not: ${JSON.stringify(text)}`,
    );
  }
  return ours ? parsed.body : undefined;
}

describe("HashiCorp's parser agrees about what is valid", () => {
  test(`on ${inputs / 2} generated lab files, with every production in many of them`, { timeout }, () => {
    let accepted = 0;
    const counts = new Map([...productionsInText, ...productionsInTree].map((production) => [production, 0]));
    const property = fc.property(fileText, (text) => {
      const body = expectAgreement(text);
      if (!body) return;
      accepted++;
      for (const production of productionsOf(text, body)) counts.set(production, (counts.get(production) ?? 0) + 1);
    });
    fc.assert(property, { numRuns: inputs / 2, seed: 1 });
    process.stdout.write([...counts].map(([production, count]) => `${count} × ${production}\n`).join(""));
    expect(accepted).toBeGreaterThan(inputs * 0.4);
    expect(counts.size).toBe(productionsInText.length + productionsInTree.length);
    expect([...counts].filter(([, count]) => count < 50)).toEqual([]);
  });

  test(`on ${inputs / 2} broken lab files`, { timeout }, () => {
    let rejected = 0;
    const property = fc.property(brokenText, (text) => {
      if (!expectAgreement(text)) rejected++;
    });
    fc.assert(property, { numRuns: inputs / 2, seed: 2 });
    expect(rejected).toBeGreaterThan(inputs * 0.27);
  });
});

test("an expression's range holds the text of it, and of nothing else", () => {
  const property = fc.property(expressionText, (text) => {
    const file = { name: "generated", text };
    const { expression } = parseExpression(file);
    if (!expression) return;
    for (const part of expressionsIn(expression)) {
      const own = text.slice(part.range.start, part.range.end);
      const again = parseExpression({ name: "part", text: own });
      expect(again.expression && printExpression(again.expression), own).toBe(printExpression(part));
    }
  });
  fc.assert(property, { numRuns: 300, seed: 3 });
});

/** The expression and all within it, but for the keys of objects, where a bare name is a literal. */
function expressionsIn(node: unknown): Expression[] {
  if (Array.isArray(node)) return node.flatMap(expressionsIn);
  if (typeof node !== "object" || node === null || !("range" in node || "value" in node)) return [];
  const inner = Object.entries(node).flatMap(([name, value]) =>
    name === "key" || name === "range" ? [] : expressionsIn(value),
  );
  const isExpression = "kind" in node && "range" in node && !("steps" in node && !("source" in node));
  const isPart = "kind" in node && ["text", "interpolation", "if"].includes(node.kind as string);
  const isStep =
    "kind" in node &&
    (("key" in node && !("object" in node) && node.kind === "index") ||
      (node.kind === "attribute" && !("object" in node)));
  const isTemplateFor = "kind" in node && node.kind === "for" && "body" in node;
  return isExpression && !isPart && !isStep && !isTemplateFor ? [node as Expression, ...inner] : inner;
}
