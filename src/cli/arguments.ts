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
