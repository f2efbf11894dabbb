/** What the language calls an identifier: UAX #31 with `_` at the start and `-` inside (HCL spec, "Identifiers"). */
export const IDENTIFIER = String.raw`[\p{ID_Start}_][\p{ID_Continue}-]*`;

const sticky = new RegExp(IDENTIFIER, "uy");

const START = 1;
const CONTINUE = 2;
const classes = new Uint8Array(128);
for (let code = 0; code < 128; code++) {
  const character = String.fromCharCode(code);
  if (/[A-Za-z_]/.test(character)) classes[code] = START | CONTINUE;
  else if (/[0-9-]/.test(character)) classes[code] = CONTINUE;
}

/** Where the identifier that starts at `at` ends; `at` itself when none does. */
export function identifierEnd(text: string, at: number): number {
  const first = text.charCodeAt(at);
  if (first < 128 && ((classes[first] as number) & START) === 0) return at;
  let end = at;
  for (;;) {
    const code = text.charCodeAt(end);
    if (code < 128) {
      if (((classes[code] as number) & CONTINUE) === 0) return end;
      end++;
    } else if (code >= 128) {
      sticky.lastIndex = at;
      return sticky.test(text) ? sticky.lastIndex : at;
    } else {
      return end;
    }
  }
}

export function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

/** Go's `unicode.IsSpace`, which decides what strip markers and heredocs take away; JavaScript's `\s` differs. */
const SPACE = String.raw`[\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]`;
const leading = new RegExp(`^${SPACE}+`);

export function trimSpaceStart(text: string): string {
  return text.replace(leading, "");
}

const isSpace = new RegExp(SPACE);

/** By hand, since a pattern anchored at the end takes quadratic time on long runs of spaces. */
export function trimSpaceEnd(text: string): string {
  let end = text.length;
  while (end > 0 && isSpace.test(text[end - 1] as string)) end--;
  return text.slice(0, end);
}

// The fast path is exactly the ASCII range.
const ascii = /^[\x00-\x7f]*$/;

/** Strings are NFC normalised (HCL spec, "Source Code Representation"; cty's strings). */
export function normalised(text: string): string {
  return ascii.test(text) ? text : text.normalize("NFC");
}
