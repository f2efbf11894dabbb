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

  const filled = (before: string, repeated: string, after: string) => (size: number) =>
    before + repeated.repeat(Math.ceil(size / repeated.length)) + after;

  const shapes: { readonly [what: string]: (size: number) => string } = {
    blocks: filled("", block, ""),
    "blocks in a block": filled("outer {\n", block, "}\n"),
    arguments: (size) => Array.from({ length: size / 16 }, (_, at) => `name_${at} = [${at}]\n`).join(""),
    comments: filled("", "# comment\n/* another */ // third\n", "a = 1\n"),
    "one comment": filled("/*", " * / ", "*/\na = 1\n"),
    "one string": filled('a = "', "text ", '"\n'),
    "one string of escapes": filled('a = "', '\\n\\u00e9\\"', '"\n'),
    "one string of dollars and percents": filled('a = "', "$ % $${ ", '"\n'),
    "one string of interpolations": filled('a = "', "text ${b} ", '"\n'),
    "one string of other scripts": filled('a = "', "日本e\u0301", '"\n'),
    "one heredoc": filled("a = <<-EOT\n", "    line of text ${b}\n", "  EOT\n"),
    "one line in a heredoc": filled("a = <<EOT\n", " EOT EOT", "\nEOT\n"),
    "spaces and a strip marker": filled('a = "', "    ", '${~ b}"\n'),
    "empty lines": filled("", "\n   \n\t\n", "a = 1\n"),
    "one list": filled("a = [\n", "  1, b,\n", "]\n"),
    "one object": filled("a = {\n", "  b = c\n", "}\n"),
    "one call": filled("a = f(", "b, 1, ", ")\n"),
    "one name": filled("", "name", " = 1\n"),
    "one number": filled("a = 1.", "123456789", "\n"),
    directives: filled('a = "', "%{ if b }c%{ else }d%{ endif }", '"\n'),
  };

  const parseMilliseconds = (text: string): number => {
    const before = process.cpuUsage();
    const { body, diagnostics } = parseFile({ name: "long", text });
    const spent = process.cpuUsage(before).user / 1_000;
    expect(diagnostics).toEqual([]);
    for (const { expression } of body.attributes.slice(0, 1)) references(expression);
    return spent;
  };

  test("a file of 5 MB takes about four times as long as one of 1.25 MB", () => {
    parseMilliseconds(filled("", block, "")(1_250_000));
    const short = Math.min(...[1, 2, 3].map(() => parseMilliseconds(filled("", block, "")(1_250_000))));
    const long = Math.min(...[1, 2].map(() => parseMilliseconds(filled("", block, "")(5_000_000))));
    // Were it quadratic, sixteen times.
    expect(long).toBeLessThan(9 * Math.max(short, 10));
  });

  for (const [what, text] of Object.entries(shapes)) {
    test(`time grows with the length of ${what}`, () => {
      parseMilliseconds(text(20_000));
      const short = Math.min(...[1, 2].map(() => parseMilliseconds(text(100_000))));
      const long = Math.min(...[1, 2].map(() => parseMilliseconds(text(800_000))));
      // Were it quadratic, eight times the length would take sixty-four times as long.
      expect(long).toBeLessThan(28 * Math.max(short, 4));
    });
  }

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
