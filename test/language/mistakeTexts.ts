import fc from "fast-check";

/**
 * Every diagnostic of the scanner and the parser, each with texts that have this one mistake. They stand between whole
 * items, on lines of their own. All but those with `ownRule` are rejected by HashiCorp's parser too.
 */
export interface Mistake {
  /** The summary, names and other quotations in it as `…`. */
  readonly summary: string;
  readonly text: fc.Arbitrary<string>;
  readonly ownRule?: true;
  /** It takes everything after it along: nothing can be said about what follows. */
  readonly isLast?: true;
}

const name = fc.constantFrom("a", "ram", "x-y", "é", "_z");
const value = fc.constantFrom("1", '"x"', "true", "b.c", "f(1)", "[1, 2]", "{ a = 1 }", "-x", "1 + 2", "a ? 1 : 2");
/** `pattern` with `€` for a name and `¥` for a value. */
const form = (...patterns: readonly string[]): fc.Arbitrary<string> =>
  fc
    .tuple(fc.constantFrom(...patterns), fc.tuple(name, name), fc.tuple(value, value))
    .map(([pattern, names, values]) => {
      let nextName = 0;
      let nextValue = 0;
      return pattern
        .replace(/€/g, () => names[nextName++ % 2] as string)
        .replace(/¥/g, () => values[nextValue++ % 2] as string);
    });

const argument = (...values: readonly string[]): fc.Arbitrary<string> => form(...values.map((one) => `€ = ${one}\n`));

const deep = (open: string, inner: string, close: string): string =>
  `deep = ${open.repeat(300)}${inner}${close.repeat(300)}\n`;

export const mistakes: readonly Mistake[] = [
  // Items
  {
    summary: "Expected an argument or a block",
    text: form("= ¥\n", "[1]\n", "(¥)\n", "1 = ¥\n", ", € = ¥\n"),
  },
  {
    summary: "The expression ended with the line above",
    text: form(
      "€ = b\n  ? ¥\n  : ¥\n",
      "€ = ¥\n+ 2\n",
      "€ = b\n  && ¥\n\n  || c # d\n",
      "? ¥\n",
      "€ = b\n  ? [\n    ¥\n  ]\n  : ¥\n",
    ),
  },
  { summary: "… stands alone", text: form("€\n", "€ # c\n", "€\n") },
  { summary: "… is missing after …", text: form("€ 1\n", "€ [¥]\n", "€: ¥\n", "€ := ¥\n", "€ 42 # c\n") },
  { summary: "An argument is set with …", text: form("€ == ¥\n", "€ => ¥\n") },
  { summary: "The name of an argument has no dots", text: form("€.b = ¥\n", "€.0 = ¥\n", "€.b.c = ¥\n") },
  { summary: "Expected … or … after …", text: form("€ + ¥\n", "€ ? ¥\n", "€, b = 1\n", "€ ) = ¥\n", "€ - 1\n") },
  { summary: "Names of arguments and blocks are not quoted", text: form('"€" = ¥\n', '"€" {\n}\n', '"€ b" = ¥\n') },
  {
    summary: "Expected a new line after the value of …",
    text: argument("¥, b", "1 2", '"x" y', "¥ )", "1 ]", "true false"),
  },
  {
    summary: "Expected a new line after the block …",
    text: form("€ {} b {}\n", "€ {\n} b\n", "€ {} 1\n", "€ {} , \n"),
  },
  { summary: "Expected a new line before …", text: form("€ {\n  b = ¥ }\n", '€ "x" {\n  b = 1 }\n') },
  { summary: "… is set twice", text: form("€ {\n  b = ¥\n  b = ¥\n}\n", '€ "x" {\n  c = 1\n  d = 2\n  c = ¥\n}\n') },
  { summary: "A … that closes nothing", text: form("}\n", "} # c\n", "  }\n") },
  { summary: "The block is not closed", text: form("€ {\n", "€ {\n  b = ¥\n", '€ "l" {\n  c {\n  }\n'), isLast: true },
  { summary: "The block … has no body", text: form('€ "x"\n', "€ b\n", '€ "x" "y" # c\n') },
  { summary: "The … must stand on the line of its block", text: form('€ "x"\n{\n  b = ¥\n}\n', "€\n{\n}\n") },
  { summary: "A block is not set with …", text: form('€ "x" = {\n  b = 1\n}\n', '€ "x" "y" = ¥\n') },
  {
    summary: "Expected … after the block's labels",
    text: form('€ "x" 1 {\n}\n', '€ "x" [1] {}\n', "€ b + c {}\n", '€ "x": {\n}\n'),
  },
  {
    summary: "Nothing is interpolated in a label",
    text: form('€ "a${b}" {\n  c = ¥\n}\n', '€ "%{if x}" {}\n', '€ "x" "${y}z" {\n}\n'),
  },
  { summary: "A block inside a block on one line", text: form("€ { b {} }\n", '€ "x" { b "c" { d = ¥ } }\n') },

  // Brackets
  {
    summary: "The … is not closed",
    text: argument("[¥", "f(¥", "(¥", "{ a = ¥, b = [1 }", "[1)", "(1]", "[", "f(", "[1, ", "x[0"),
  },
  { summary: "Expected … or …", text: argument("[1 2]", "f(1 2)", '["a" "b"]', "f(¥ : 2)", "[¥ : 1]") },
  { summary: "Expected …, a new line or …", text: argument("{ a = 1 b = 2 }", "{ a = ¥ : 2 }", '{ a = "x" "y" }') },
  {
    summary: "Expected …",
    text: argument("(1 2)", "x[1 2]", "(¥ : 2)").chain((one) =>
      form(one, "€ { b = 1, c = 2 }\n", "€ { b = 1 c = 2 }\n", "€ { b = 1\n}\n"),
    ),
  },
  {
    summary: "Expected … after the key",
    text: argument("{ a }", "{ a b = 1 }", "{ (x) }", "{ a, b }", '{ "a" 1 }', "{ 1 }"),
  },
  { summary: "An object's item is set with …", text: argument("{ a == ¥ }", "{ a == 1 }", '{ "a" == 1 }') },
  {
    summary: "It is not clear what this key means",
    text: argument("{ a.b = ¥ }", "{ a[0] = ¥ }", '{ a["x"].c = 1 }'),
    ownRule: true,
  },

  // Values
  {
    summary: "A value is missing",
    text: argument(
      "",
      "= 1",
      "1 +",
      "[1, , 2]",
      "f(, 1)",
      "(1 + )",
      "? 1 : 2",
      "a ? : 1",
      "{ a = }",
      "/x",
      "%x",
      '"${}"',
      "*",
    ),
  },
  { summary: "The conditional has no … part", text: argument("a ? 1", "a ? ¥ ", "(a ? 1)", "[a ? 1, 2]", "a ? 1 , 2") },
  {
    summary: "… is not a number",
    text: argument("1.2.3", "10.0.0.1", "1..2", "0.1.2.3", "[1.2.3]", "f(1.2.3)", "1e1e1"),
  },
  { summary: "… is out of range", text: argument("1e70001", "1e-70001", "[1e999999]", "f(2.5E+70001)"), ownRule: true },
  {
    summary: "Text is written in double quotes",
    text: argument("'x'", "['x']", "f('x')", "{ a = 'x' }").chain((one) => form(one, "€ 'x' {\n}\n")),
  },
  {
    summary: "Typographic quotes around a text",
    text: argument("\u201cx\u201d", "\u2018x\u2019", "[\u201cx\u201d]").chain((one) =>
      form(one, "€ \u201cx\u201d {\n}\n"),
    ),
  },
  {
    summary: "A quote mark that is not of this language",
    text: argument("'", "\u201d", "\u2019", "\u201cx", "[1, ']"),
  },
  { summary: "Backticks have no meaning here", text: argument("`x`", "`", "[`x`]", "1 + `x`") },
  { summary: "There is no operator `&`", text: argument("a & b", "[a & b]", "¥ & ¥", "& a") },
  { summary: "There is no operator `|`", text: argument("a | b", "[a | b]", "¥ | ¥", "(a | b)") },
  { summary: "There is no operator `^`", text: argument("2 ^ 3", "[2 ^ 3]", "(¥ ^ 3)") },
  { summary: "A `~` outside a template", text: argument("~1", "[~x]", "1 + ~2", "x ~") },
  { summary: "Semicolons have no meaning here", text: argument("¥;", "1 ; b = 2", "[1; 2]", "{ a = 1; b = 2 }") },
  { summary: "`${` outside a string", text: argument("${x}", "[${x}]", "f(${x})", "1 + ${x}") },
  {
    summary: "The file is not valid UTF-8 here",
    text: argument("\ufffd", "[\ufffd]", "1 + \ufffd", "x\ufffd", "\ud800"),
  },
  {
    summary: "The character … has no meaning here",
    text: argument("@", "§", "1 @", "[1, ¶]", "$x", "\u0000", "\ufeff"),
  },
  { summary: "The comment is not closed", text: form("€ = ¥ /* c\n", "/* c\n", "€ {\n} /*\n"), isLast: true },
  {
    summary: "The expression is nested too deeply",
    text: fc.constantFrom(
      deep("(", "1", ")"),
      deep("[", "", "]"),
      deep("f(", "1", ")"),
      deep("-", "1", ""),
      deep("{a=", "1", "}"),
      deep("b ? 1 : ", "2", ""),
    ),
    ownRule: true,
    isLast: true,
  },
  {
    summary: "The block is nested too deeply",
    text: fc.constantFrom(`${"b {\n".repeat(300)}${"}\n".repeat(300)}`, 'b "x" {\n'.repeat(400)),
    ownRule: true,
    isLast: true,
  },
  {
    summary: "The … is nested too deeply",
    text: fc.constantFrom(deep('"${', "1", '}"'), deep('"x${', "b", '}"')),
    ownRule: true,
    isLast: true,
  },
  {
    summary: "The template directive is nested too deeply",
    text: fc.constantFrom(
      `a = "${"%{if x}".repeat(300)}${"%{endif}".repeat(300)}"\n`,
      `a = "${"%{for x in y}".repeat(300)}"\n`,
    ),
    ownRule: true,
    isLast: true,
  },
  {
    summary: "The splat is nested too deeply",
    text: fc.constantFrom(`a = b${"[*]".repeat(300)}\n`, `a = b${"[*].c".repeat(400)}\n`),
    ownRule: true,
    isLast: true,
  },
  {
    summary: "The expression is too long",
    text: fc.constantFrom(
      `long = 1${" + 1".repeat(600)}\n`,
      `long = b${".c".repeat(600)}\n`,
      `long = b${"[0]".repeat(600)}\n`,
    ),
    ownRule: true,
  },
  {
    summary: "Too many mistakes",
    text: fc.integer({ min: 101, max: 400 }).map((count) => "a = = 1\n".repeat(count)),
    isLast: true,
  },

  // Steps and calls
  {
    summary: "A name is missing after the dot",
    text: argument("a.", "a.[0]", "a..b", 'a."b"', "a.(b)", "[a.]", "f(a.)"),
  },
  { summary: "Two indexes joined by a dot", text: argument("a.0.1", "a.b.1.2", "a[0].0.1", "[a.0.1]") },
  { summary: "A `.*` inside a `.*`", text: argument("a.*.*", "a.*.b.*", "[a.*.b.*.c]") },
  { summary: "The `[*` is not closed", text: argument("a[*", "a[*.b", "a[* 1]", "[a[*, 1]") },
  { summary: "A function's name must follow `::`", text: argument("a::", "a::(1)", "a::1(2)", "a::b::()", "[a::]") },
  { summary: "The call of … has no arguments", text: argument("a::b", "a::b + 1", "[a::b]", "a::b::c") },
  { summary: "A name is missing in the `for`", text: argument("[for 1 in b : c]", "[for : a]", '[for "a" in b : c]') },
  {
    summary: "Expected `in` after the names of the `for`",
    text: argument("[for a : b]", "[for a b : c]", "{for a, b, c in d : e => f}", "[for a]"),
  },
  {
    summary: "Expected `:` after what the `for` runs over",
    text: argument("[for a in b]", "[for a in b, c]", "{for a in b}", "{for a in b => c}"),
  },
  {
    summary: "Expected `=>` and the item's value",
    text: argument("{for a in b : c}", "{for a in b : c if d}", "{for a in b : c, d}"),
  },
  { summary: "A `=>` in a list", text: argument("[for a in b : c => d]", "[for k, v in ¥ : k => v]") },
  { summary: "A `...` in a list", text: argument("[for a in b : c...]", "[for a in ¥ : a ... if b]") },
  {
    summary: "Expected … or … in a for",
    text: argument("[for a in b : c d]", "[for a in b : c, d]", "{for a in b : c => d e}", "{for a in b : c => d, }"),
  },

  // Strings and templates
  {
    summary: "The string is not closed on its line",
    text: argument('"x', '"', '["x]', 'f("x)', '"x\\', '"a ${b} c', '"x" + "y').chain((one) =>
      form(one, '€ "x {\n}\n'),
    ),
  },
  {
    summary: "… is no escape",
    text: argument('"\\q"', '"\\u12"', '"x \\U0001 y"', '"\\${x}"', '"\\ud83d"', '["\\\'"]').chain((one) =>
      form(one, '€ "\\d" {\n}\n'),
    ),
  },
  { summary: "The … is not closed (template)", text: argument('"${x"', '"a ${f(1)"', '"%{if x"', '["${1 + 2"]') },
  {
    summary: "Expected … to end the …",
    text: argument(
      '"${x y}"',
      '"${x: 1}"',
      '"%{if x y}%{endif}"',
      '"%{for a in b c}%{endfor}"',
      '"%{if x}%{endif x}"',
      '"${X:-1}"',
    ),
  },
  {
    summary: "Expected a directive after `%{`",
    text: argument('"%{x}"', '"%{ }"', '"%{elseif a}"', '"%{1}"', '"%{ while x }"'),
  },
  {
    summary: "The `%{…}` has no `%{…}`",
    text: argument('"%{if x}"', '"%{for a in b}c"', '"%{if x}%{else}"', '"a%{if x}b${c}"'),
  },
  { summary: "An `%{else}` without `%{if}`", text: argument('"%{else}"', '"a%{ else }b"', '"%{if x}%{endif}%{else}"') },
  {
    summary: "An `%{else}` in a `%{for}`",
    text: argument('"%{for a in b}%{else}%{endfor}"', '"%{for a in b}c%{ else ~}d%{endfor}"'),
  },
  {
    summary: "A second `%{else}`",
    text: argument('"%{if x}%{else}%{else}%{endif}"', '"%{if x}a%{else}b%{else}c%{endif}"'),
  },
  {
    summary: "A `%{…}` too many",
    text: argument('"%{endif}"', '"%{endfor}"', '"%{if x}%{endif}%{endif}"', '"a %{~ endfor ~} b"'),
  },
  {
    summary: "A `%{…}` where `%{…}` is due",
    text: argument('"%{if x}%{endfor}"', '"%{for a in b}%{endif}"', '"%{if x}%{for a in b}%{endif}%{endfor}"'),
  },
  {
    summary: "A heredoc needs a name and then the end of the line",
    text: argument("<< E\nx\nE", "<<E x", '<<"E"\nx\nE', "<<1", "<<", "<<E # c\nx\nE", "[<<E, 1]", "1 << 2"),
  },
  {
    summary: "The heredoc … is not closed",
    text: form("€ = <<E\nx\n", "€ = <<-E\n  E x\n", "€ = [<<E\nx\nE]\n", "€ {\n  b = <<E\n}\n"),
    isLast: true,
  },
  {
    summary: "The character … has no meaning here (in a heredoc)",
    text: argument("<<E\nx\ry\nE", "<<E\n\ry\nE", "<<E\n${a}\r\nb\rc\nE"),
  },
];
