import type { Cursor } from "./cursor.ts";

const simple: { readonly [selector: string]: string } = { n: "\n", r: "\r", t: "\t", '"': '"', "\\": "\\" };

/**
 * What the text token at the cursor, a piece of a quoted string, stands for. A wrong escape is reported, and the rest
 * goes on: the string is still a string.
 */
export function decodeQuoted(cursor: Cursor): string {
  const raw = decodeHeredoc(cursor.word);
  if (!raw.includes("\\")) return raw;
  return raw.replace(/\\(?:u[0-9a-fA-F]{0,4}|U[0-9a-fA-F]{0,8}|[^])/gu, (escape, offset: number) => {
    const selector = escape.slice(1, 2);
    const decoded = simple[selector] ?? decodeCodePoint(escape);
    if (decoded !== undefined) return decoded;
    const start = cursor.start + offset;
    cursor.report(`\`${escape}\` is no escape`, adviceFor(escape), cursor.range(start, start + escape.length));
    return escape;
  });
}

/** A heredoc knows no backslash; `$${` and `%%{` it knows. Such a sequence is a token of its own. */
export function decodeHeredoc(raw: string): string {
  return raw.startsWith("$${") || raw.startsWith("%%{") ? raw.slice(1) : raw;
}

/** Undefined where the digits are too few, or are of no character. */
function decodeCodePoint(escape: string): string | undefined {
  const digits = escape.slice(2);
  if (digits.length !== (escape[1] === "u" ? 4 : 8)) return undefined;
  const code = Number.parseInt(digits, 16);
  if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return undefined;
  return String.fromCodePoint(code);
}

function adviceFor(escape: string): string {
  switch (escape[1]) {
    case "u":
      return /^\\u[dD][89a-fA-F]/.test(escape)
        ? "It is half of a character. Write the whole one as \\U and eight hexadecimal digits: \\U0001F600."
        : "After \\u come four hexadecimal digits: \\u00e9.";
    case "U":
      return "After \\U come eight hexadecimal digits, at most 0010FFFF: \\U0001F600.";
    case "$":
    case "%":
      return "A ${ or %{ that is meant literally is doubled: $${ and %%{.";
    default:
      return 'There are \\n, \\r, \\t, \\", \\\\, \\uNNNN and \\UNNNNNNNN. A backslash itself is doubled: \\\\.';
  }
}
