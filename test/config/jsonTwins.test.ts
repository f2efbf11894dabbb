import { readdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { parse as toJson } from "@cdktn/hcl2json";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { qemuSchema } from "../../providers/qemu/schema.ts";
import { ubridgeSchema } from "../../providers/ubridge/schema.ts";
import { parseJsonLabFile } from "../../src/config/jsonBody.ts";
import { loadLab } from "../../src/config/load.ts";
import { resourceSchema } from "../../src/core/provider.ts";
import type { SourceFile } from "../../src/core/source.ts";
import type { Expression } from "../../src/core/syntax.ts";
import { numberValue, objectValue, stringValue, tupleValue } from "../../src/core/values.ts";
import type { Scope } from "../../src/evaluation/scope.ts";
import { parseExpression } from "../../src/language/parse.ts";
import { expressionText } from "../language/labText.ts";
import { examples } from "../support/example.ts";
import { labFacts, outcome } from "./labFacts.ts";
import { resourceSchemas, schemas } from "./support.ts";

/** Files of the native syntax have twins in JSON, which HashiCorp's parser makes of them; both are the same lab. */

const real = {
  schemas: [qemuSchema, ubridgeSchema],
  resourceSchemas: new Map([
    ["node", resourceSchema(qemuSchema, "node", "")],
    ["link", resourceSchema(ubridgeSchema, "link", "")],
    ["network", resourceSchema(ubridgeSchema, "network", "")],
  ] as const),
};

type Known = typeof real | { readonly schemas: typeof schemas; readonly resourceSchemas: typeof resourceSchemas };

async function twinOf({ name, text }: SourceFile): Promise<SourceFile> {
  const json = await toJson(name, text);
  return { name: name.replace(/\.hcl$/, ".json"), text: JSON.stringify(json, null, 2) };
}

/** What a lab is, and what is said of it. Files with a directory in their name are a module's. */
function facts(
  files: readonly SourceFile[],
  known: Known,
): { readonly lab?: object; readonly said: readonly string[] } {
  const within = (directory: string) => files.filter(({ name }) => dirname(name) === directory);
  const { value, diagnostics } = loadLab({
    workspace: "default",
    directory: "/labs/twins",
    files: within("."),
    readModule: (_, shown) => within(shown),
    labformVersion: "0.1.0",
    ...known,
  });
  const said = diagnostics.map(({ summary }) => summary).sort();
  return value ? { lab: labFacts(value, known), said } : { said };
}

describe("an example and its twin in JSON are the same lab:", () => {
  for (const name of readdirSync(examples).filter((one) => /^\d/.test(one))) {
    test(name, async () => {
      const all = readdirSync(`${examples}${name}`, { recursive: true, encoding: "utf8" });
      const names = all.filter((one) => one.endsWith(".lab.hcl"));
      const files = names.map((one) => ({ name: one, text: readFileSync(`${examples}${name}/${one}`, "utf8") }));
      const twins = await Promise.all(files.map(twinOf));
      expect(twins.length).toBeGreaterThan(0);
      const expected = facts(files, real);
      expect(expected).toEqual({ lab: expect.anything(), said: [] });
      expect(facts(twins, real)).toEqual(expected);
    });
  }
});

const text = (...parts: (string | fc.Arbitrary<string>)[]): fc.Arbitrary<string> =>
  fc.tuple(...parts.map((part) => (typeof part === "string" ? fc.constant(part) : part))).map((all) => all.join(""));
const some = (part: fc.Arbitrary<string>, maxLength = 3): fc.Arbitrary<string> =>
  fc.array(part, { maxLength }).map((all) => all.join(""));

const string = fc.constantFrom(
  '""',
  '"x"',
  '"two  words"',
  '"é \\u00e9 \\U0001F600"',
  '"a\\tb\\\\c\\"d"',
  '"$${x} %%{y} 5%"',
);
const value = fc.oneof(
  string,
  fc.constantFrom(
    ...["1", "-2.5", "1 + 2 * 3", "true", "null", "[]", "{}", '[1, "a", [true]]', '{ a = 1, "b c" = { d = null } }'],
    ...[
      "var.v",
      '"${var.v}"',
      '"a-${var.v}-${upper("b")}"',
      '{ (var.v) = 1, "x-${var.v}" = 2 }',
      "local.l",
      'join(", ", ["a", var.v])',
    ],
    ...[
      '"%{ if var.v == "v" ~}\\n yes %{ else }no%{ endif }"',
      "[for x in [1, 2] : x * 2 if x > 1]",
      '<<E\n  a ${var.v}\n    "b" \\n\nE',
    ],
    ...[
      "{ for k, x in { a = 1 } : k => x }",
      "try(local.nothing.x, 3)",
      'var.v == "v" ? [1] : []',
      "<<-E\n  a\n    b\n  E",
    ],
  ),
);
const later = fc.constantFrom(
  "node.base.pid",
  '"${node.base.pid} pids"',
  '[node.base, "x"]',
  "each.key",
  '"${each.key}: ${each.value}"',
);
const line = (name: string, ...of: fc.Arbitrary<string>[]) => text(`  ${name} = `, fc.oneof(...of), "\n");
const maybe = (part: fc.Arbitrary<string>) => fc.oneof(fc.constant(""), part);

const nested = fc.oneof(
  text('  disk "hda" {\n  ', line("image", string, later), "  }\n"),
  text(
    '  disk "h d${b" {\n  '.replace("${", "$"),
    line("image", string),
    "    part {\n      size = 1\n    }\n    part {\n    }\n  }\n",
  ),
  text("  forward {\n  ", line("port", fc.constantFrom("1", "2 * 3")), "  }\n  forward {\n    port = 5\n  }\n"),
  text(
    '  dynamic "forward" {\n    for_each = [1, 2]\n    iterator = one\n    content {\n      port = one.value\n    }\n  }\n',
  ),
  text("  ready {\n  ", line("console", string, later), "  }\n"),
);
const node = (name: string) =>
  text(
    `node "${name}" {\n`,
    maybe(line("ram", fc.constantFrom("512", "256 * 2", "null", "local.l"))),
    maybe(line("adapter_type", string, later)),
    maybe(fc.constantFrom('  for_each = toset(["a"])\n', '  for_each = { a = "b" }\n', "  count = 1 + 1\n")),
    maybe(fc.constantFrom("  depends_on = [node.base]\n", "  depends_on = []\n")),
    maybe(nested),
    "}\n",
  );
const variable = text(
  'variable "v" {\n',
  fc.constantFrom("  type = string\n", "  type    = any\n", ""),
  '  default = "v"\n',
  // The converter does not know that here a string is taken as it is, and keeps its escapes.
  maybe(line("description", fc.constantFrom('"x"', '"é 5% $"'))),
  maybe(fc.constant("  sensitive = true\n")),
  maybe(fc.constant('  validation {\n    condition = var.v != ""\n    error_message = "It is ${var.v}."\n  }\n')),
  "}\n",
);
const labs = text(
  fc.constantFrom('lab "t" {}\n', 'lab "t" {\n  identity = "${lab.name}-x"\n  required_version = "~> 0.1"\n}\n'),
  variable,
  "locals {\n  l = 3\n",
  some(
    text("", value)
      .map((one) => one)
      .chain((one) => fc.nat(999).map((id) => `  l${id} = ${one}\n`)),
    4,
  ),
  "}\n",
  'node "base" {\n}\n',
  node("a"),
  node("b"),
  'link "l" {\n  endpoints = [node.a.adapter[0], { tap = "tap0" }]\n}\n',
  text(
    'output "o" {\n',
    line("value", value, fc.constant("node.b")),
    maybe(fc.constant("  depends_on = [node.a]\n")),
    "}\n",
  ),
  maybe(fc.constant('provider "qemu" {\n  accel = "a${1 + 1}"\n}\n')),
);

/** Locals of one name would be a mistake. */
const hasTwice = (lab: string) => {
  const names = [...lab.matchAll(/^ {2}(l\d+) =/gm)].map(([, name]) => name);
  return new Set(names).size < names.length;
};

test("a generated lab and its twin in JSON are the same lab", async () => {
  const known = { schemas, resourceSchemas };
  let valid = 0;
  const property = fc.asyncProperty(
    labs.filter((one) => !hasTwice(one)),
    async (lab) => {
      const file = { name: "a.lab.hcl", text: lab };
      const expected = facts([file], known);
      const twin = await twinOf(file);
      expect(facts([twin], known), twin.text).toEqual(expected);
      if (expected.lab && expected.said.length === 0) valid++;
    },
  );
  await fc.assert(property, { numRuns: 400, seed: 4 });
  expect(valid).toBeGreaterThan(150);
});

const names: Scope = (() => {
  const roots = new Map([
    ["a", numberValue(3)],
    ["b2", stringValue("é")],
    ["ram", tupleValue([numberValue(1), stringValue("k")])],
    [
      "node",
      objectValue(
        new Map([
          ["a", numberValue(5)],
          ["k", stringValue("v")],
        ]),
      ),
    ],
    ["x-y", stringValue("")],
  ]);
  return {
    member: () => undefined,
    lookup: (root) => roots.get(root),
    names: (root) => (root === undefined ? [...roots.keys()] : []),
  };
})();

/** What the converter changes: it keeps numbers as doubles, and takes sequences that are no expressions for text. */
function isConverted(expression: string): boolean {
  return !/\d{16}|::|<<|\\/.test(expression);
}

test("an expression has the value of its twin in JSON", async () => {
  let same = 0;
  const property = fc.asyncProperty(expressionText.filter(isConverted), async (expression) => {
    const native = parseExpression({ name: "a.lab.hcl", text: `(${expression}\n)` });
    if (!native.expression || native.diagnostics.length > 0) return;
    const json = await toJson("a.tf", `locals {\n  value = ${expression}\n}\n`).catch(() => undefined);
    if (json === undefined) return;
    const file = { name: "a.lab.json", text: JSON.stringify(json) };
    const { body, diagnostics } = parseJsonLabFile(file, { schemas, resourceSchemas });
    expect(diagnostics.map((one) => one.summary)).toEqual([]);
    const twin = body.blocks[0]?.body.attributes[0]?.expression as Expression;
    const expected = outcome(native.expression, names);
    expect(outcome(twin, names), file.text).toEqual(expected);
    if (expected !== "error") same++;
  });
  await fc.assert(property, { numRuns: 1_500, seed: 5 });
  expect(same).toBeGreaterThan(300);
});
