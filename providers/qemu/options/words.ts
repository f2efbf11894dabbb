/** The words of a text as a POSIX shell splits it; nothing is expanded. `fault` says what is not closed. */
export function splitWords(text: string): { readonly words: readonly string[] } | { readonly fault: string } {
  const words: string[] = [];
  let word: string | undefined;
  for (let at = 0; at < text.length; at++) {
    const character = text[at] as string;
    if (/\s/.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (character === "\\") {
      if (at + 1 === text.length) return { fault: "it ends in a backslash, which makes the character after it plain" };
      at++;
      // A line that goes on in the next one.
      if (text[at] !== "\n") word = (word ?? "") + text[at];
    } else if (character === "'" || character === '"') {
      const quoted = character === "'" ? inSingle(text, at + 1) : inDouble(text, at + 1);
      if (!quoted) return { fault: `the quote before ${JSON.stringify(text.slice(at + 1, at + 21))} is not closed` };
      word = (word ?? "") + quoted.text;
      at = quoted.end;
    } else word = (word ?? "") + character;
  }
  if (word !== undefined) words.push(word);
  return { words };
}

interface Quoted {
  readonly text: string;
  /** Where the closing quote stands. */
  readonly end: number;
}

function inSingle(text: string, from: number): Quoted | undefined {
  const end = text.indexOf("'", from);
  return end === -1 ? undefined : { text: text.slice(from, end), end };
}

/** A backslash counts only before what has a meaning in double quotes. */
function inDouble(text: string, from: number): Quoted | undefined {
  let inner = "";
  for (let at = from; at < text.length; at++) {
    const character = text[at] as string;
    if (character === '"') return { text: inner, end: at };
    const next = text[at + 1];
    if (character === "\\" && next !== undefined && '"\\$`\n'.includes(next)) {
      if (next !== "\n") inner += next;
      at++;
    } else inner += character;
  }
  return undefined;
}
