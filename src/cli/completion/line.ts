/** A command line as far as it is typed, in the words a POSIX shell makes of it. */
export interface TypedLine {
  /** Without quotes; the last one is being typed and may be "". */
  readonly words: readonly string[];
  /** The quote that is open at the end, or "". */
  readonly quote: string;
  /** How much of the last word, without quotes, stood before that quote was opened. */
  readonly quotedFrom: number;
}

/** Splits what is typed; nothing is expanded, and a quote may be open. */
export function readLine(line: string): TypedLine {
  const words: string[] = [];
  let word = "";
  let inWord = false;
  let quote = "";
  let quotedFrom = 0;
  for (let at = 0; at < line.length; at++) {
    const character = line[at] as string;
    if (quote !== "") {
      if (character === quote) quote = "";
      else if (character === "\\" && quote === '"' && /["\\$`]/.test(line[at + 1] ?? "")) word += line[++at] ?? "";
      else word += character;
    } else if (character === "'" || character === '"') {
      quote = character;
      quotedFrom = word.length;
      inWord = true;
    } else if (/\s/.test(character)) {
      if (inWord) words.push(word);
      word = "";
      inWord = false;
    } else {
      word += character === "\\" ? (line[++at] ?? "") : character;
      inWord = true;
    }
  }
  return { words: [...words, word], quote, quotedFrom };
}

/** The word as bash reads it back: each character that means something to the shell behind a backslash. */
export function escapeForBash(word: string): string {
  return word.replaceAll(/[^\w@%+=:,./-]/gu, (character) => (character === "\n" ? "$'\\n'" : `\\${character}`));
}
