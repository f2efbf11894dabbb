import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import type { Json } from "../../../src/core/values.ts";
import { DYNAMIC } from "../../../src/core/values.ts";
import { valueToYaml } from "../../../src/evaluation/functions/yamlEncode.ts";
import { valueFromJson, valueToJson } from "../../../src/evaluation/json.ts";
import { errorOf, scopeOf, valueOf } from "../support.ts";

/**
 * Of the kinds that YAML's quoting is about; the language holds texts in NFC. Without U+2028 and U+2029: they end lines
 * in YAML 1.1, which Terraform's library writes, and not in YAML 1.2, which everybody reads.
 */
const text = fc
  .string({
    unit: fc.oneof(fc.constantFrom(..." \n\t:-#'\"\\|>é日\u0085\ufeff🎉"), fc.string({ minLength: 1, maxLength: 1 })),
    maxLength: 30,
  })
  .map((one) => one.normalize("NFC"))
  .filter((one) => !/[\u2028\u2029]/.test(one))
  .filter((one) => Buffer.from(one, "utf8").toString("utf8") === one);
const { tree } = fc.letrec<{ tree: Json }>((tie) => ({
  tree: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.oneof(text, fc.integer(), fc.boolean(), fc.constant(null)),
    fc.array(tie("tree"), { maxLength: 4 }),
    fc.dictionary(text, tie("tree"), { maxKeys: 4, noNullPrototype: true }),
  ),
}));

function call(name: string, argument: Json): Json {
  return valueToJson(valueOf(`${name}(x.y)`, scopeOf({ x: { y: valueFromJson(DYNAMIC, argument) } })));
}

describe("yamlencode", () => {
  test("writes what any reader of YAML takes for the same", () => {
    fc.assert(
      fc.property(tree, (json) => {
        const encoded = valueToYaml(valueFromJson(DYNAMIC, json));
        expect(parse(encoded, { version: "1.2" })).toEqual(JSON.parse(JSON.stringify(json)));
      }),
      { numRuns: 1000 },
    );
  });

  test("and yamldecode are each other's reverse", () => {
    fc.assert(
      fc.property(tree, (json) => {
        expect(call("yamldecode", call("yamlencode", json))).toEqual(JSON.parse(JSON.stringify(json)));
      }),
      { numRuns: 500 },
    );
  });
});

test("jsonencode and jsondecode are each other's reverse", () => {
  fc.assert(
    fc.property(tree, (json) => {
      expect(call("jsondecode", call("jsonencode", json))).toEqual(JSON.parse(JSON.stringify(json)));
    }),
  );
});

test("base64gzip is unpacked to the same text, and base64decode undoes base64encode", () => {
  fc.assert(
    fc.property(
      fc.array(text).map((parts) => parts.join("")),
      (one) => {
        expect(gunzipSync(Buffer.from(call("base64gzip", one) as string, "base64")).toString("utf8")).toBe(one);
        expect(call("base64decode", call("base64encode", one))).toBe(one);
      },
    ),
  );
});

test("csvdecode reads what is written as RFC 4180 has it", () => {
  const field = text.filter((one) => !one.includes("\r"));
  const written = (fields: readonly string[]) => fields.map((one) => `"${one.replaceAll('"', '""')}"`).join(",");
  fc.assert(
    fc.property(fc.array(fc.tuple(field, field), { maxLength: 5 }), fc.constantFrom("\n", "\r\n"), (rows, end) => {
      const lines = [["left", "right"], ...rows].map(written);
      expect(call("csvdecode", lines.join(end) + end)).toEqual(rows.map(([left, right]) => ({ left, right })));
    }),
  );
});

describe("yamldecode refuses with a word and a place", () => {
  test.each([
    ['yamldecode("a: [1, 2")', /it is no YAML: .* at line 1, column \d+/],
    ['yamldecode("a: 1\\n---\\nb: 2")', /several documents, and only one can be decoded at line 2/],
    ['yamldecode("a: *x")', /there is no anchor "x" before this at line 1, column 4|no YAML: .*x/],
    ['yamldecode("{[a]: 1}")', /only a text, a number or a bool can be a name at line 1, column 2/],
    ['yamldecode("!thing x")', /the tag "!thing" is not known/],
    [`yamldecode("${"[".repeat(20_000)}")`, /nested too deeply|no YAML/],
  ])("%$", (expression, expected) => {
    expect(errorOf(expression)).toMatch(expected);
  });

  test("what its aliases would make too large", () => {
    const levels = Array.from({ length: 12 }, (_, at) => {
      const items = Array.from({ length: 9 }, () => `*a${at}`).join(", ");
      return `a${at + 1}: &a${at + 1} [${items}]`;
    });
    const bomb = ["a0: &a0 x", ...levels].join("\n");
    const scope = scopeOf({ x: { y: valueFromJson(DYNAMIC, bomb) } });
    expect(errorOf("yamldecode(x.y)", scope)).toContain("with its aliases it stands for more than 1000000 values");
  });
});
