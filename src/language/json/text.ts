import type { JsonProblem } from "./tree.ts";

const simple: { readonly [selector: string]: string } = {
  '"': '"',
  "\\": "\\",
  "/": "/",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
};

/** A pair of surrogates, one `\u`, any other escape, a control character. */
const special = /\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{0,4}|\\[^]?|[\x00-\x1f]/gu;

const REPLACEMENT = "\ufffd";

/**
 * The text between quotes, decoded. `start` is where it begins in the file. What is no JSON is reported, and stands for
 * itself then; half of a pair of surrogates, which `isHalf` tells, is U+FFFD.
 */
export function decodeJsonText(
  raw: string,
  start: number,
  report: (problem: JsonProblem, isHalf: boolean) => void,
): string {
  if (!/[\\\x00-\x1f]/.test(raw)) return raw;
  return raw.replace(special, (found, offset: number) => {
    // Line ends have been reported with the string.
    if (/[\n\r]$/.test(found)) return found;
    const decoded = decodeOne(found);
    if (typeof decoded === "string") return decoded;
    const { summary, detail, stands } = decoded;
    report({ summary, detail, start: start + offset, end: start + offset + found.length }, stands !== undefined);
    return stands ?? found;
  });
}

interface Refusal {
  readonly summary: string;
  readonly detail: string;
  readonly stands?: string;
}

function decodeOne(found: string): string | Refusal {
  if (found[0] !== "\\") return refuseControl(found);
  const known = simple[found[1] ?? ""];
  if (known !== undefined) return known;
  if (found[1] === "u" && found.length === 12) return JSON.parse(`"${found}"`) as string;
  if (found[1] !== "u" || found.length < 6) return refuseEscape(found);
  const code = Number.parseInt(found.slice(2), 16);
  if (code < 0xd800 || code > 0xdfff) return String.fromCharCode(code);
  return {
    summary: `\`${found}\` is half of a character`,
    detail: "It is one of a pair of surrogates, and the other is missing. Write both, or the character itself.",
    stands: REPLACEMENT,
  };
}

function refuseControl(character: string): Refusal {
  const code = character.charCodeAt(0);
  const escape = character === "\t" ? "\\t" : `\\u${code.toString(16).padStart(4, "0")}`;
  const name =
    character === "\t" ? "A tab" : `The control character U+${code.toString(16).toUpperCase().padStart(4, "0")}`;
  return { summary: `${name} inside a string`, detail: `Write ${escape} for it.` };
}

function refuseEscape(found: string): Refusal {
  const summary = `\`${found}\` is no escape`;
  if (found[1] === "u") return { summary, detail: "After \\u come four hexadecimal digits: \\u00e9." };
  const detail =
    'There are \\" \\\\ \\/ \\b \\f \\n \\r \\t and \\u with four hexadecimal digits. For a backslash write \\\\.';
  return { summary, detail };
}

/** Of the text between quotes: the offset in it that each UTF-16 unit of the decoded text came from, and its end. */
export function decodedOffsets(raw: string): readonly number[] {
  const offsets: number[] = [];
  let at = 0;
  const plainUntil = (end: number) => {
    while (at < end) offsets.push(at++);
  };
  for (const match of raw.matchAll(special)) {
    plainUntil(match.index);
    const decoded = decodeOne(match[0]);
    const { length } = typeof decoded === "string" ? decoded : (decoded.stands ?? match[0]);
    for (let unit = 0; unit < length; unit++) offsets.push(at);
    at = match.index + match[0].length;
  }
  plainUntil(raw.length);
  offsets.push(raw.length);
  return offsets;
}
