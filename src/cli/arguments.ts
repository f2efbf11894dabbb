/**
 * Where the first word is that is neither a flag nor the value of one, from `from` on; -1 when there is none before the
 * end or `--`. `valued`: the names of the flags whose value may be the next word.
 */
export function findOperand(argv: readonly string[], from: number, valued: ReadonlySet<string>): number {
  for (let at = from; at < argv.length; at++) {
    const word = argv[at] as string;
    if (word === "--") return -1;
    if (!word.startsWith("-")) return at;
    if (valued.has(word.replace(/^--?/, ""))) at++;
  }
  return -1;
}

/**
 * Flags take one dash or two, as Terraform's do. Long ones with one dash get their second here, before the argument
 * parser sees them; what follows `--` is left alone.
 */
export function normalizeArguments(argv: readonly string[]): readonly string[] {
  const end = argv.indexOf("--");
  return argv.map((argument, at) => {
    if (end !== -1 && at >= end) return argument;
    return /^-[A-Za-z][\w-]+(?:=|$)/.test(argument) ? `-${argument}` : argument;
  });
}

/** The words of LABFORM_CLI_ARGS, split as a shell splits: quotes and backslashes, no expansion. Undefined: a quote is not closed. */
export function splitWords(text: string): readonly string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  let quote = "";
  for (let at = 0; at < text.length; at++) {
    const character = text[at] as string;
    if (quote !== "") {
      if (character === quote) quote = "";
      else if (character === "\\" && quote === '"' && /["\\$`]/.test(text[at + 1] ?? ""))
        word = (word ?? "") + text[++at];
      else word = (word ?? "") + character;
    } else if (character === "'" || character === '"') {
      quote = character;
      word ??= "";
    } else if (character === "\\" && at + 1 < text.length) word = (word ?? "") + text[++at];
    else if (/\s/.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = (word ?? "") + character;
  }
  if (quote !== "") return undefined;
  if (word !== undefined) words.push(word);
  return words;
}
