/** Text as its reader counts it: in characters (grapheme clusters), as HCL and its users do. */

// ASCII, but for the carriage return, which is one character with the line feed behind it.
const plain = /^[\x00-\x0c\x0e-\x7f]*$/;

let segmenter: Intl.Segmenter | undefined;

/** `Intl.Segmenter` takes quadratic time, seconds for a page, so it gets a piece at a time. */
const PIECE = 256;

/** The characters of a text, in order. Takes time linear in its length. */
export function characters(text: string): string[] {
  if (plain.test(text)) return text.split("");
  segmenter ??= new Intl.Segmenter("en", { granularity: "grapheme" });
  const found: string[] = [];
  let at = 0;
  let length = PIECE;
  while (at < text.length) {
    let end = Math.min(at + length, text.length);
    if (isHighSurrogate(text.charCodeAt(end - 1))) end++;
    const piece = Array.from(segmenter.segment(text.slice(at, end)), ({ segment }) => segment);
    if (end < text.length) {
      // The last may go on behind the piece.
      piece.pop();
      if (piece.length === 0) {
        length *= 2;
        continue;
      }
    }
    for (const one of piece) {
      found.push(one);
      at += one.length;
    }
    length = PIECE;
  }
  return found;
}

function isHighSurrogate(code: number): boolean {
  return code >= 0xd800 && code <= 0xdbff;
}

/** How many characters a user sees in `text`. */
export function graphemes(text: string): number {
  return plain.test(text) ? text.length : characters(text).length;
}
