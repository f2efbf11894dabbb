import { expect, test } from "vitest";
import { rangeText } from "../../src/core/source.ts";
import { eachExpression } from "../../src/language/eachExpression.ts";
import { parseExpression } from "../../src/language/parse.ts";

/** The calls in an expression, by the text of each. */
function calls(text: string): readonly string[] {
  const { expression } = parseExpression({ name: "x.lab.hcl", text });
  if (!expression) throw new Error(`no expression: ${text}`);
  return [...eachExpression(expression)].flatMap((one) => (one.kind === "call" ? [rangeText(one.range)] : []));
}

test.each([
  ["a(b(1), [c()])", ["a(b(1), [c()])", "b(1)", "c()"]],
  ["{ (a()) = -b() }", ["a()", "b()"]],
  ["{ for k, v in a() : b(k) => c(v)... if d(v) }", ["a()", "b(k)", "c(v)", "d(v)"]],
  ["a() ? b() : (c() + d())", ["a()", "b()", "c()", "d()"]],
  ["a()[b()].x[*].y[c()]", ["a()", "b()", "c()"]],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a template of the language
  [
    '"${a()}%{ if b() }${c()}%{ else }${d()}%{ endif }%{ for x in e() }${f(x)}%{ endfor }"',
    ["a()", "b()", "c()", "d()", "e()", "f(x)"],
  ],
])("finds every call in %s, in the order of the text", (text, expected) => {
  expect(calls(text)).toEqual(expected);
});
