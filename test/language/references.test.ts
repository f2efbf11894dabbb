import { expect, test } from "vitest";
import { rangeText } from "../../src/core/source.ts";
import { parseExpression } from "../../src/language/parse.ts";
import { references } from "../../src/language/references.ts";

function found(text: string): string[] {
  const { expression } = parseExpression({ name: "x", text });
  if (!expression) throw new Error(`not an expression: ${text}`);
  return references(expression).map(
    ({ root, path, range }) => `${JSON.stringify([root, ...path])} ${rangeText(range)}`,
  );
}

test("a reference is a root and the constant steps after it", () => {
  expect(found('node.router["r1"].adapter[0].id')).toEqual([
    '["node","router","r1","adapter",0,"id"] node.router["r1"].adapter[0].id',
  ]);
  expect(found("a")).toEqual(['["a"] a']);
});

test("an old-style index is a number", () => {
  expect(found("node.r.0.id")).toEqual(['["node","r",0,"id"] node.r.0.id']);
});

test("parentheses make no difference", () => {
  expect(found("(node.r).id")).toEqual(['["node","r","id"] (node.r).id']);
  expect(found("((a))")).toEqual(['["a"] a']);
});

test("the path ends before an index that is not constant, whose own references count", () => {
  expect(found("node.r[each.key].id")).toEqual(['["node","r"] node.r', '["each","key"] each.key']);
  expect(found('a["${b}"].c[-1]')).toEqual(['["a"] a', '["b"] b']);
  expect(found("a[true]")).toEqual(['["a"] a']);
});

test("the path ends before a splat, in whose steps references count", () => {
  expect(found("node.r[*].adapter[var.i].x[*][var.j]")).toEqual([
    '["node","r"] node.r',
    '["var","i"] var.i',
    '["var","j"] var.j',
  ]);
});

test("every kind of expression is looked into", () => {
  const text = '[a, { b = c, (d) = e }, "${h}", -i, j + k, l ? m : n, o(p, q...), (r + s)]';
  const names = ["a", "c", "d", "e", "h", "i", "j", "k", "l", "m", "n", "p", "q", "r", "s"];
  expect(found(text)).toEqual(names.map((name) => `["${name}"] ${name}`));
  expect(found('f(a).b["c"]')).toEqual(['["a"] a']);
});

test("the names of a for expression are none inside it, but are in what it runs over", () => {
  expect(found("[for x in x.y : x.z]")).toEqual(['["x","y"] x.y']);
  expect(found("{for k, v in a : k => [v, b]... if v == c}")).toEqual(['["a"] a', '["b"] b', '["c"] c']);
  expect(found("[[for x in a : [for x in x : x]], x]")).toEqual(['["a"] a', '["x"] x']);
});

test("the names of a template's for are none inside it", () => {
  expect(found('"%{ for k, v in a }${k}${v.b}${c}%{ endfor }${v}"')).toEqual(['["a"] a', '["c"] c', '["v"] v']);
  expect(found('"%{ if a }${b}%{ else }${c}%{ endif }"')).toEqual(['["a"] a', '["b"] b', '["c"] c']);
});

test("literals refer to nothing, and a bare key of an object neither", () => {
  expect(found('["x", 1, null, <<E\ny\nE\n, { z = 1 }]')).toEqual([]);
});
