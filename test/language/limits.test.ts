import { describe, expect, test } from "vitest";
import { parseExpression, parseFile } from "../../src/language/parse.ts";
import { references } from "../../src/language/references.ts";

const nestings: { readonly [what: string]: readonly [before: string, open: string, inner: string, close: string] } = {
  parentheses: ["a = ", "(", "1", ")"],
  lists: ["a = ", "[", "1", "]"],
  objects: ["a = ", "{a=", "1", "}"],
  "objects over lines": ["a = ", "{\na = ", "1", "\n}"],
  "minus signs": ["a = ", "- ", "1", ""],
  negations: ["a = ", "!", "b", ""],
  calls: ["a = ", "f(", "1", ")"],
  indexes: ["a = b", "[c", "", "]"],
  conditionals: ["a = ", "b ? 1 : ", "2", ""],
  "for expressions": ["a = ", "[for x in y : ", "x", "]"],
  interpolations: ["a = ", '"${', "b", '}"'],
  directives: ['a = "', "%{ if b }", "", "%{ endif }"],
  blocks: ["", "b {\n", "", "}\n"],
  "blocks never closed": ["", "b {\n", "", ""],
  additions: ["a = 1", " + 1", "", ""],
  attributes: ["a = b", ".c", "", ""],
  "constant indexes": ["a = b", "[0]", "", ""],
  splats: ["a = b", "[*].c", "", ""],
  "attribute splats": ["a = b", ".*[*]", "", ""],
};

describe("nesting", () => {
  for (const [what, [before, open, inner, close]] of Object.entries(nestings)) {
    const nested = (depth: number): string => {
      const quote = before.endsWith('"') ? '"' : "";
      return `${before}${open.repeat(depth)}${inner}${close.repeat(depth)}${quote}\n`;
    };

    test(`10,000 ${what} in each other are one error, which is a rule of our own`, () => {
      const { diagnostics } = parseFile({ name: "deep", text: nested(10_000) });
      expect(diagnostics.map((one) => one.summary)).toEqual([
        expect.stringMatching(/^The (expression|block|template directive|splat) is (nested too deeply|too long)$/),
      ]);
      expect(diagnostics[0]?.syntax).toBeUndefined();
    });

    if (close === "" && what === "blocks never closed") continue;
    test(`100 ${what} in each other are fine`, () => {
      const { body, diagnostics } = parseFile({ name: "deep", text: nested(100) });
      expect(diagnostics).toEqual([]);
      for (const attribute of body.attributes) expect(() => references(attribute.expression)).not.toThrow();
    });
  }

  test("an error too deep inside does not end what stands beside it", () => {
    const text = `a = ${"(".repeat(200)}1 2${")".repeat(200)}\nb = 1\n`;
    const { body, diagnostics } = parseFile({ name: "deep", text });
    expect(diagnostics.length).toBe(1);
    expect(body.attributes.map((one) => one.name)).toEqual(["b"]);
  });
});

describe("long files", () => {
  const block = 'node "r" {\n  ram = 512\n  image = "${var.name}.qcow2"\n}\n';

  test("a file of 2 MB is read", () => {
    const count = Math.ceil(2_000_000 / block.length);
    const { body, diagnostics } = parseFile({ name: "long", text: block.repeat(count) });
    expect(diagnostics).toEqual([]);
    expect(body.blocks.length).toBe(count);
  });

  const mistakes = [
    "a = = 1\n",
    "a = [1 2\n",
    '"\n',
    "{\n",
    'a = "${\n',
    "}\n",
    "x = {\n",
    "(",
    "a {\n b = 1 2\n}\n",
    "/*",
    "<<A\n",
  ];
  for (const mistake of mistakes) {
    test(`time grows with the length where ${JSON.stringify(mistake)} repeats`, () => {
      const cost = (times: number): number => {
        const text = mistake.repeat(times);
        const before = process.cpuUsage();
        parseFile({ name: "wrong", text });
        return process.cpuUsage(before).user / 1_000;
      };
      cost(2_000);
      // Were it quadratic, ten times the length would take a hundred times as long.
      expect(cost(20_000)).toBeLessThan(40 * Math.max(cost(2_000), 5));
    });
  }
});

describe("an expression alone", () => {
  test("may go on in the next line, and end with a heredoc's marker", () => {
    expect(parseExpression({ name: "x", text: "1 +\n  2" }).diagnostics).toEqual([]);
    expect(parseExpression({ name: "x", text: "<<EOT\n  text\n  EOT" }).expression).toMatchObject({
      value: "  text\n",
    });
  });

  test("has nothing after it", () => {
    const { expression, diagnostics } = parseExpression({ name: "x", text: "1 2" });
    expect(expression).toBeUndefined();
    expect(diagnostics.map((one) => one.summary)).toEqual(["The expression ends before this"]);
  });

  test("is not empty", () => {
    expect(parseExpression({ name: "x", text: " # nothing" }).diagnostics.length).toBe(1);
  });
});
