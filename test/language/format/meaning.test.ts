import fc from "fast-check";
import { expect, test } from "vitest";
import type { Body, Expression } from "../../../src/core/syntax.ts";
import { formatFile } from "../../../src/language/format/format.ts";
import { COMMENT, piecesOf } from "../../../src/language/format/pieces.ts";
import { parseFile } from "../../../src/language/parse.ts";
import { brokenText } from "../labText.ts";
import { printBody } from "../printTree.ts";
import { isValid, spacedText } from "./spacedText.ts";

const formatted = (text: string): string | undefined => formatFile({ name: "generated", text }).text;

const tree = (text: string): Body => parseFile({ name: "generated", text }).body;

/** A tree where `"${x}"` and `(x)` as the whole value of an argument are the same as `x`. */
function unwrappedBody(body: Body): Body {
  return {
    ...body,
    attributes: body.attributes.map((one) => ({ ...one, expression: unwrapped(one.expression) })),
    blocks: body.blocks.map((one) => ({ ...one, body: unwrappedBody(one.body) })),
  };
}

function unwrapped(expression: Expression): Expression {
  if (expression.kind === "parentheses") return unwrapped(expression.inner);
  const [part] = expression.kind === "template" && expression.wrap ? expression.parts : [];
  return part?.kind === "interpolation" ? unwrapped(part.expression) : expression;
}

const commentsOf = (text: string): readonly string[] =>
  piecesOf(text).flatMap((piece) => (piece.kind === COMMENT ? [piece.text.trimEnd()] : []));

test("what is formatted means the same, has the same comments, and formatted again it stays", () => {
  let unwrapping = 0;
  const property = fc.property(spacedText.filter(isValid), (text) => {
    const once = formatted(text) as string;
    expect(formatted(once), text).toBe(once);
    const [before, after] = [tree(text), tree(once)];
    expect(printBody(unwrappedBody(after)), text).toBe(printBody(unwrappedBody(before)));
    expect(commentsOf(once), text).toEqual(commentsOf(text));
    if (printBody(after) !== printBody(before)) unwrapping++;
  });
  fc.assert(property, { numRuns: 5000, seed: 5 });
  expect(unwrapping).toBeGreaterThan(50);
});

test("what has errors has no form, and says why", () => {
  let refused = 0;
  const property = fc.property(brokenText, (text) => {
    const result = formatFile({ name: "generated", text });
    expect(result.text === undefined).toBe(result.diagnostics.length > 0);
    expect(result.diagnostics).toEqual(parseFile({ name: "generated", text }).diagnostics);
    if (result.text === undefined) refused++;
    else expect(formatted(result.text)).toBe(result.text);
  });
  fc.assert(property, { numRuns: 500, seed: 6 });
  expect(refused).toBeGreaterThan(200);
});

test("eight times the text takes about eight times the time", () => {
  const block = 'node "r1" {\n  a=1 # one\n  bbb  = "${x}"\n  c = [\n1,2, # é\n  ]\n d=<<E\n x ${y}\nE\n}\n';
  const milliseconds = (blocks: number): number => {
    const text = block.repeat(blocks);
    const start = performance.now();
    expect(formatted(text)).toBeDefined();
    return performance.now() - start;
  };
  milliseconds(250);
  const small = Math.min(milliseconds(500), milliseconds(500), milliseconds(500));
  const large = Math.min(milliseconds(4000), milliseconds(4000));
  expect(large / small).toBeLessThan(24);
});
