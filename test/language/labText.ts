import fc from "fast-check";

/** Arbitrary texts of lab files: valid ones by construction, and the same with a few things broken. */

const name = fc.constantFrom("a", "b2", "ram", "node", "for", "if", "in", "x-y", "é", "_z", "true", "null");
const number = fc.constantFrom("0", "1", "42", "1.5", "2e3", "007", "9007199254740993");
const plain = fc.constantFrom(
  "",
  "x",
  " ",
  "two words",
  "é",
  "$",
  "%",
  "$$",
  "$${x}",
  "%%{x}",
  "\\n",
  '\\"',
  "\\u00e9",
  "\\U0001F600",
  "#",
  "}",
  "'",
);
const space = fc.constantFrom("", " ", " ", "  ", "\t", " /* c */ ");
const lineEnd = fc.constantFrom("\n", "\n", "\n", " # c\n", " // c\n", "\r\n", "\n\n");
const operator = fc.constantFrom("+", "-", "*", "/", "%", "==", "!=", "<", "<=", ">", ">=", "&&", "||");

const text = (...parts: (string | fc.Arbitrary<string>)[]): fc.Arbitrary<string> =>
  fc.tuple(...parts.map((part) => (typeof part === "string" ? fc.constant(part) : part))).map((all) => all.join(""));
const many = (part: fc.Arbitrary<string>, separator: string, maxLength = 3): fc.Arbitrary<string> =>
  fc.array(part, { maxLength }).map((all) => all.join(separator));

const { expression } = fc.letrec<{ expression: string; term: string; step: string; part: string }>((tie) => ({
  expression: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    { weight: 4, arbitrary: tie("term") },
    { weight: 2, arbitrary: text(tie("term"), many(tie("step"), "")) },
    { weight: 3, arbitrary: text(tie("term"), " ", operator, space, tie("expression")) },
    { weight: 1, arbitrary: text(tie("expression"), " ? ", tie("expression"), space, ": ", tie("expression")) },
    { weight: 1, arbitrary: text(fc.constantFrom("-", "!", "- "), tie("term")) },
  ),
  term: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    { weight: 3, arbitrary: name },
    { weight: 3, arbitrary: number },
    { weight: 3, arbitrary: text('"', many(tie("part"), ""), '"') },
    { weight: 1, arbitrary: text("(", fc.constantFrom("", "\n"), tie("expression"), fc.constantFrom("", "\n"), ")") },
    {
      weight: 1,
      arbitrary: fc.oneof(
        text("[", many(tie("expression"), ",\n"), "]"),
        text("[", tie("expression"), ",]"),
        fc.constant("[]"),
      ),
    },
    {
      weight: 1,
      arbitrary: text(
        "{ ",
        many(
          text(
            fc.oneof(
              name.filter((one) => one !== "for"),
              text("(", tie("expression"), ")"),
              fc.constantFrom('"${a}"', '"x${a}"', '"${f(b2)}"', "1", "f(a)"),
            ),
            fc.constantFrom(" = ", ": "),
            tie("expression"),
          ),
          ", ",
        ),
        " }",
      ),
    },
    {
      weight: 1,
      arbitrary: text(
        "{\n",
        many(text("  ", fc.constantFrom("a", "b", '"c d"'), " = ", tie("expression")), "\n"),
        "\n}",
      ),
    },
    { weight: 1, arbitrary: text(fc.constantFrom("f", "max"), "(", many(tie("expression"), ", "), ")") },
    { weight: 1, arbitrary: text("f(", tie("expression"), "...)") },
    { weight: 1, arbitrary: text('"${', tie("expression"), '}"') },
    {
      weight: 1,
      arbitrary: text(
        "[for ",
        name,
        " in ",
        tie("expression"),
        " : ",
        tie("expression"),
        fc.constantFrom("", " if a"),
        "]",
      ),
    },
    {
      weight: 1,
      arbitrary: text(
        "{for k, v in ",
        tie("expression"),
        " : k => ",
        tie("expression"),
        fc.constantFrom("", "..."),
        "}",
      ),
    },
    {
      weight: 1,
      arbitrary: text(
        fc.constantFrom("<<E\n", "<<-E\n", "<<-E\r\n"),
        many(
          text(
            plain.filter((one) => !one.includes("\\")),
            tie("part"),
            "\n",
          ),
          "",
        ),
        "  E\n",
      ),
    },
  ),
  step: fc.oneof(
    { maxDepth: 2 },
    fc.constantFrom(
      ".a",
      ".b2",
      ".0",
      ".1.a",
      "[*]",
      ".*",
      "[0]",
      '["k"]',
      " . a",
      " . a",
      "[*].a[*]",
      "[*][0]",
      ".*.a",
      "[*].0",
    ),
    text("[", tie("expression"), "]"),
  ),
  part: fc.oneof(
    { maxDepth: 2 },
    { weight: 3, arbitrary: plain },
    { weight: 1, arbitrary: text(fc.constantFrom("${", "${~ "), tie("expression"), fc.constantFrom("}", " ~}")) },
    {
      weight: 1,
      arbitrary: text(
        "%{ if ",
        tie("expression"),
        " }",
        tie("part"),
        fc.constantFrom("", "%{ else ~}"),
        tie("part"),
        "%{endif}",
      ),
    },
    {
      weight: 1,
      arbitrary: text(
        fc.constantFrom("%{for a, b in ", "%{ for a in "),
        tie("expression"),
        "}",
        tie("part"),
        "%{~endfor}",
      ),
    },
  ),
}));

const label = fc.oneof(name, text('"', plain, '"'));
/** A type has one number of labels, or the reference parser cannot convert the file. */
const header = fc.oneof(fc.constant("output"), text("node ", label), text("link ", label, " ", label));
const block = (body: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  text(header, fc.constantFrom(" {\n", "{ # c\n"), body, "}", lineEnd);
const attribute = text(space, name, " = ", expression, lineEnd);
const oneLine = text(header, " { ", fc.oneof(fc.constant(""), text("a = ", expression)), " }", lineEnd);
const item = fc.oneof(
  { weight: 3, arbitrary: attribute },
  { weight: 1, arbitrary: oneLine },
  { weight: 1, arbitrary: block(many(attribute, "", 1)) },
);

/** Mostly valid: a heredoc where a line goes on, say, makes some that are not. */
export const labText: fc.Arbitrary<string> = fc.oneof(many(item, ""), block(many(item, "", 2)));
export const expressionText: fc.Arbitrary<string> = expression;

const fragment = fc.constantFrom(
  ..."\n \t \" ' ` $ % { } ( ) [ ] . , : ; = < > ! ? & | + - * / \\ ~ ^ # @ 0 a é \r \u2019 \u201c \ufffd \0".split(
    " ",
  ),
  ...'\n|${|%{|%{if a}|%{else}|%{endif}|%{endfor}|~}|<<E\n|<<-E\n|E\n|/*|*/|//|...|=>|::|==|[*]|.*|.0|.0.1|for |in |if |1.2.3|a = 1\n|b {\n|}\n|\\u12|"x"'.split(
    "|",
  ),
);

/** A place as a fraction of the text, a length to take away, something to put there. */
const edit = fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(3), fc.oneof(fc.constant(""), fragment));

export const brokenText: fc.Arbitrary<string> = fc
  .tuple(labText, fc.array(edit, { minLength: 1, maxLength: 3 }))
  .map(([start, edits]) =>
    edits.reduce((whole, [place, length, inserted]) => {
      const at = Math.floor(place * whole.length);
      return whole.slice(0, at) + inserted + whole.slice(at + length);
    }, start),
  );
