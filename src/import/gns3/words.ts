/** The words of GNS3's QEMU options, which it splits as a POSIX shell does; undefined where a quote is not closed. */
export function splitOptions(text: string): readonly string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  const pieces = /\s+|'([^']*)'|"((?:[^"\\]|\\[\s\S])*)"|\\([\s\S])|([^\s'"\\]+)/gy;
  while (pieces.lastIndex < text.length) {
    const match = pieces.exec(text);
    if (match === null) return undefined;
    const [piece, single, double, escaped, plain] = match;
    const part = single ?? double?.replace(/\\(["\\$`])/g, "$1") ?? escaped ?? plain;
    if (part !== undefined) word = (word ?? "") + part;
    else if (word !== undefined && piece !== undefined) {
      words.push(word);
      word = undefined;
    }
  }
  return word === undefined ? words : [...words, word];
}
