import fc from "fast-check";
import { expect, test } from "vitest";
import type { Type, Value } from "../../src/core/values.ts";
import { BOOL, NUMBER, STRING, stringValue, UNKNOWN, UNKNOWN_VALUE, unknownValue } from "../../src/core/values.ts";
import { equal } from "../../src/evaluation/equality.ts";
import { formatValue } from "../../src/evaluation/formatValue.ts";
import type { FunctionDeclaration } from "../../src/evaluation/functions.ts";
import { functions } from "../../src/evaluation/functions.ts";
import { scopeOf, tryEvaluate, valueOf } from "./support.ts";

const SECRET = "hunter2";

/** What a name may turn out to be that is not known yet. */
const later: { readonly [name: string]: { readonly type: Type; readonly values: readonly string[] } } = {
  any: { type: UNKNOWN_VALUE.type, values: ["1", '"a"', "null", "[]", '["a"]', "{a = 1}", "tolist([1])"] },
  text: { type: STRING, values: ['"a"', '""', '"1"', "tostring(null)"] },
  number: { type: NUMBER, values: ["0", "1", "-1", "1.5", "tonumber(null)"] },
  bool: { type: BOOL, values: ["true", "false"] },
  list: { type: { kind: "list", element: STRING }, values: ["tolist(compact([]))", 'tolist(["a", "b"])'] },
  set: { type: { kind: "set", element: STRING }, values: ["toset(compact([]))", 'toset(["a"])'] },
  map: { type: { kind: "map", element: NUMBER }, values: ["tomap({a = 1})", "tomap({b = 2, c = 3})"] },
  tuple: { type: { kind: "tuple", elements: [STRING, NUMBER] }, values: ['["a", 1]', '["", 0]'] },
};

const names = Object.keys(later);
const known = [
  "null",
  "true",
  "0",
  "2",
  "-1",
  "1.5",
  "1e40",
  '""',
  '"a"',
  '"b,a"',
  '"true"',
  '"é\\u0301"',
  "[]",
  "[null]",
  '["a", "b"]',
  '["b", 1, true]',
  "[[1], [], [2]]",
  "{}",
  '{a = 1, b = "x"}',
  "{a = {b = []}}",
  'tolist(["b", "a"])',
  "tolist([])",
  'toset(["a", "c"])',
  "toset([[1], [2]])",
  'tomap({a = "x"})',
  "tomap({})",
  "tomap({a = [1]})",
  "[{a = 1}, {a = null}]",
  "%Y-%m",
  '"2024-02-30T00:00:00Z"',
  '"10.0.0.0/8"',
  '"(a)|b"',
  '"%s %5.2f"',
].map((text) => (text.startsWith("%") ? `"${text}"` : text));
const open = names.flatMap((name) => [
  `u.${name}`,
  `["a", u.${name}]`,
  `{a = u.${name}, b = 1}`,
  `toset(["a", u.${name}])`,
]);
const secret = ["s.word", '["a", s.word]', "{a = s.word}", "{(s.word) = 1}", "s.list", "toset([s.word])"];

/** Of what is around it, it knows nothing; and what is time differs at each call. */
const excluded = new Set(["timestamp", "plantimestamp", "nonsensitive", "try", "can", "type"]);
const callable = [...functions().keys()].filter((name) => !excluded.has(name));

const unknownScope = Object.fromEntries(names.map((name) => [name, unknownValue(later[name]?.type as Type)]));
const secretScope = {
  word: { ...stringValue(SECRET), sensitive: true },
  list: { ...valueOf(`["${SECRET}", "b"]`), sensitive: true },
};

/** As many arguments as the function takes, mostly. */
function call(pool: readonly string[]) {
  const argument = fc.constantFrom(...pool);
  return fc.constantFrom(...callable).chain((name) => {
    const { parameters, variadic } = functions().get(name) as FunctionDeclaration;
    const least = parameters.length;
    const given = fc.array(argument, { minLength: least, maxLength: least + (variadic ? 3 : 0) });
    return given.map((all) => `${name}(${all.join(", ")})`);
  });
}

const runs = { numRuns: 2000 };

test("no call of any function throws, and each has a value or errors", () => {
  const scope = scopeOf({ u: unknownScope, s: secretScope });
  let values = 0;
  let errors = 0;
  fc.assert(
    fc.property(call([...known, ...open, ...secret]), (text) => {
      const { value, diagnostics } = tryEvaluate(text, scope);
      if (diagnostics.length > 0) errors++;
      else values++;
      expect(diagnostics.length > 0 || typeof formatValue(value) === "string").toBe(true);
    }),
    runs,
  );
  expect(values).toBeGreaterThan(100);
  expect(errors).toBeGreaterThan(100);
});

test("nothing that is sensitive is told, neither by a result nor by an error", () => {
  const scope = scopeOf({ u: unknownScope, s: secretScope });
  fc.assert(
    fc.property(call([...known, ...secret, ...secret]), (text) => {
      const { value, diagnostics } = tryEvaluate(text, scope);
      const told = diagnostics.map(({ summary, detail, values }) => [summary, detail, values]);
      expect(JSON.stringify(told)).not.toContain(SECRET);
      expect(diagnostics.length > 0 ? "" : formatValue(value)).not.toContain(SECRET);
    }),
    runs,
  );
});

/** Where one is known the other is, and the same. A set may turn out smaller. */
function agrees(before: Value, after: Value): boolean {
  const a = before.raw;
  const b = after.raw;
  if (a === UNKNOWN) return true;
  if (before.type.kind === "set") return true;
  if (Array.isArray(a) && Array.isArray(b)) {
    const items = b as readonly Value[];
    return a.length === items.length && (a as readonly Value[]).every((one, at) => agrees(one, items[at] as Value));
  }
  if (a instanceof Map && b instanceof Map) {
    const entries = b as ReadonlyMap<string, Value>;
    if (a.size !== entries.size) return false;
    return [...(a as ReadonlyMap<string, Value>)].every(([name, one]) => {
      const other = entries.get(name);
      return other !== undefined && agrees(one, other);
    });
  }
  return equal(before, after) === true;
}

test("what a call says while something is not known is still so once it is", () => {
  const texts = Object.values(later).map(({ values }) => values);
  const choice = fc.tuple(...texts.map((one) => fc.constantFrom(...one)));
  let compared = 0;
  fc.assert(
    fc.property(call([...known, ...open, ...open]), choice, (text, chosen) => {
      const before = tryEvaluate(text, scopeOf({ u: unknownScope }));
      const turned = Object.fromEntries(names.map((name, at) => [name, valueOf(chosen[at] as string)]));
      const after = tryEvaluate(text, scopeOf({ u: turned }));
      if (before.diagnostics.length > 0) {
        expect(after.diagnostics.length, `${text} with ${chosen.join(", ")}`).toBeGreaterThan(0);
        return;
      }
      if (after.diagnostics.length > 0) return;
      if (before.value.raw !== UNKNOWN && text.includes("u.")) compared++;
      const shown = `${text} with ${chosen.join(", ")}: ${formatValue(before.value)}, then ${formatValue(after.value)}`;
      expect(agrees(before.value, after.value), shown).toBe(true);
    }),
    runs,
  );
  expect(compared).toBeGreaterThan(20);
});
