import { graphemes } from "../core/characters.ts";
import { trimSpaceStart } from "./characters.ts";
import type { FlatPart } from "./directives.ts";

/**
 * `<<-`: takes from each line as many leading spaces as the least indented line has. Blank lines neither count nor
 * change; a line that begins with an interpolation counts as not indented. HCL spec, "Template Expressions", and what
 * HCL does where the spec is silent.
 */
export function dedent(parts: readonly FlatPart[]): FlatPart[] {
  const result = [...parts];
  const lines: { readonly index: number; readonly spaces: string }[] = [];
  let least = Number.POSITIVE_INFINITY;
  let startsLine = true;
  for (const [index, part] of parts.entries()) {
    if (startsLine) {
      const spaces =
        part.kind === "text" ? part.text.slice(0, part.text.length - trimSpaceStart(part.text).length) : "";
      const isBlank = part.kind === "text" && spaces === part.text && spaces.endsWith("\n");
      if (!isBlank) {
        least = Math.min(least, graphemes(spaces));
        lines.push({ index, spaces });
      }
    }
    startsLine = part.kind === "text" && part.text.endsWith("\n");
  }
  for (const { index, spaces } of lines) {
    const part = parts[index];
    if (part?.kind !== "text") continue;
    const width = prefixLength(spaces, least);
    result[index] = {
      ...part,
      text: part.text.slice(width),
      range: { ...part.range, start: part.range.start + width },
    };
  }
  return result;
}

/** How long the first `count` characters of `spaces` are, as text. */
function prefixLength(spaces: string, count: number): number {
  let length = 0;
  for (let seen = 0; seen < count && length < spaces.length; seen++) {
    length += spaces.startsWith("\r\n", length) ? 2 : 1;
  }
  return length;
}
