import fc from "fast-check";
import { expect, test } from "vitest";
import { loadLab } from "../../src/config/load.ts";
import { labFacts } from "./labFacts.ts";
import { resourceSchemas, schemas } from "./support.ts";

const known = { schemas, resourceSchemas };

function loadText(text: string) {
  return loadLab({
    workspace: "default",
    directory: "/labs/robust",
    files: [{ name: "a.lab.json", text }],
    readModule: () => "there are no modules here",
    labformVersion: "0.1.0",
    ...known,
  });
}

const words = fc.constantFrom(
  ..."lab provider qemu variable locals output node link template module moved removed check import resource terraform".split(
    " ",
  ),
  ..."disk part ready forward dynamic content lifecycle precondition validation condition assert backend".split(" "),
  ..."count for_each depends_on template type default sensitive nullable description value source from to iterator".split(
    " ",
  ),
  ..."labels image port ram endpoints identity required_version a b // __proto__ constructor toString r1 hda 0".split(
    " ",
  ),
  "",
  "${var.a}",
);
const strings = fc.constantFrom(
  ..."x|${var.a}|${local.b}|node.r1|node.r1.pid|template.a|list(string)|string|${|${1 +}|%{if}|${each.key}|${disk.value}".split(
    "|",
  ),
  ..."~> 0.1|./a|all|\ufeffx|\r${1}|é\n|${node.r1.adapter[0]}|${[for x in [1] : x]}|a.b.c|${f(1)}|[1]|{}".split("|"),
);
const { value } = fc.letrec<{ value: unknown; object: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 6 },
    strings,
    fc.constantFrom(null, true, false, 0, 1, -1.5, 1e21),
    { weight: 4, arbitrary: tie("object") },
    fc.array(tie("value"), { maxLength: 3 }),
  ),
  object: fc.dictionary(words, tie("value"), { maxKeys: 5 }),
}));
const wellFormed = fc.constantFrom({}, null, { ram: 512, "//": "x" }, { disk: { hda: { image: "${var.a}" } } }, [{}]);
const file = fc
  .tuple(
    fc.oneof(wellFormed, value),
    fc.constantFrom({}, { type: "string", default: "x" }),
    fc.oneof(fc.constant({}), value),
  )
  .map(([node, variable, rest]) => ({
    lab: { t: {} },
    node: { r1: node },
    variable: { a: variable },
    ...(typeof rest === "object" ? rest : {}),
  }));

test("whatever JSON a lab file holds is a lab or told with its place", () => {
  let labs = 0;
  let wrong = 0;
  const property = fc.property(fc.oneof(file, value), (content) => {
    const { value: lab, diagnostics } = loadText(JSON.stringify(content));
    if (lab) expect(labFacts(lab, known)).toBeDefined();
    else expect(diagnostics.length).toBeGreaterThan(0);
    for (const { range, subject } of diagnostics) expect(range ?? subject).toBeDefined();
    if (lab && diagnostics.length === 0) labs++;
    else wrong++;
  });
  fc.assert(property, { numRuns: 2_000, seed: 6 });
  expect(labs).toBeGreaterThan(50);
  expect(wrong).toBeGreaterThan(700);
});

test.each([
  ["objects", '{"locals": {"a": '.padEnd(60_017, '{"a": ')],
  ["lists", '{"locals": {"a": '.padEnd(10_017, "[")],
  ["lists around a body", '{"node": {"a": '.padEnd(10_015, "[")],
])("10,000 nested %s are one error", (_, text) => {
  const { diagnostics } = loadText(text);
  expect(diagnostics.map((one) => one.summary)).toEqual(["The value is nested too deeply"]);
});

test("10,000 nested parentheses in a string are one error", () => {
  const { diagnostics } = loadText(`{"locals": {"a": "\${${"(".repeat(10_000)}}"}}`);
  expect(diagnostics.map((one) => one.summary)).toEqual(["The expression is nested too deeply"]);
});
