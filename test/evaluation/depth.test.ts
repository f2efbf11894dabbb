import { describe, expect, test } from "vitest";
import { numberValue, objectValue } from "../../src/core/values.ts";
import { evaluate } from "../../src/evaluation/evaluate.ts";
import { formatValue } from "../../src/evaluation/formatValue.ts";
import { parseExpression } from "../../src/language/parse.ts";
import { references } from "../../src/language/references.ts";
import { renderDiagnostic } from "../../src/ui/diagnostics.ts";
import { scopeOf } from "./support.ts";

/** Each way in which expressions lie in each other or follow each other, `depth` times. */
const forms: { readonly [what: string]: (depth: number) => string } = {
  parentheses: (depth) => `${"(".repeat(depth)}1${")".repeat(depth)}`,
  lists: (depth) => "[".repeat(depth) + "]".repeat(depth),
  objects: (depth) => `${"{a=".repeat(depth)}1${"}".repeat(depth)}`,
  keys: (depth) => `${"{(".repeat(depth)}1${")=1}".repeat(depth)}`,
  minus: (depth) => `${"-".repeat(depth)}1`,
  not: (depth) => `${"!".repeat(depth)}true`,
  calls: (depth) => `${"upper(".repeat(depth)}1${")".repeat(depth)}`,
  "conditionals after :": (depth) => `${"true ? 1 : ".repeat(depth)}2`,
  "conditionals after ?": (depth) => `${"true ? ".repeat(depth)}1${" : 2".repeat(depth)}`,
  additions: (depth) => `1${" + 1".repeat(depth)}`,
  "logical operators": (depth) => `false${" || false".repeat(depth)}`,
  comparisons: (depth) => `true${" == true".repeat(depth)}`,
  attributes: (depth) => `a${".b".repeat(depth)}`,
  indexes: (depth) => `a${"[0]".repeat(depth)}`,
  "indexes in indexes": (depth) => `${"a[".repeat(depth)}0${"]".repeat(depth)}`,
  splats: (depth) => `a${"[*]".repeat(depth)}`,
  "splats of attributes": (depth) => `a${".*.b[*]".repeat(depth)}`,
  "for expressions": (depth) => `${"[for x in [1] : ".repeat(depth)}x${"]".repeat(depth)}`,
  "for expressions over each other": (depth) => `${"[for x in ".repeat(depth)}[1]${" : x]".repeat(depth)}`,
  "lone interpolations": (depth) => `${'"${'.repeat(depth)}1${'}"'.repeat(depth)}`,
  interpolations: (depth) => `${'"x${'.repeat(depth)}1${'}"'.repeat(depth)}`,
  "if directives": (depth) => `"${"%{if true}".repeat(depth)}${"%{endif}".repeat(depth)}"`,
  "for directives": (depth) => `"${"%{for x in [1]}".repeat(depth)}x${"%{endfor}".repeat(depth)}"`,
  "else directives": (depth) => `"${"%{if false}%{else}".repeat(depth)}${"%{endif}".repeat(depth)}"`,
  heredocs: (depth) => {
    const levels = Array.from({ length: depth }, (_, level) => level);
    const open = levels.map((level) => `<<E${level}\n\${`).join("");
    return `${open}1${levels
      .toReversed()
      .map((level) => `}\nE${level}\n`)
      .join("")}`;
  },
};

const scope = scopeOf({ a: objectValue(new Map([["b", numberValue(1)]])) });

/** All that is done with an expression; what came of it. */
function carryThrough(text: string): "a value" | "an error" {
  const { expression, diagnostics } = parseExpression({ name: "deep", text });
  for (const one of diagnostics) renderDiagnostic(one, { colour: false, width: 80 });
  if (!expression) {
    expect(diagnostics).toHaveLength(1);
    expect(diagnostics[0]?.summary).toMatch(/too (?:deeply|long)$/);
    return "an error";
  }
  references(expression);
  const result = evaluate(expression, scope);
  for (const one of result.diagnostics) renderDiagnostic(one, { colour: false, width: 80 });
  formatValue(result.value);
  return result.diagnostics.length > 0 ? "an error" : "a value";
}

describe("however deep an expression is, it has a value or an error", () => {
  for (const [what, form] of Object.entries(forms)) {
    test(what, () => {
      for (const depth of [60, 100, 120, 160, 200, 240, 248, 249, 250, 251, 400, 480, 500, 1_000]) {
        carryThrough(form(depth));
      }
      expect(carryThrough(form(10_000))).toBe("an error");
    });
  }
});
