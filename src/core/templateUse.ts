import type { Diagnostic } from "./diagnostics.ts";
import type { Resource, Template } from "./lab.ts";
import type { Range } from "./source.ts";

/**
 * The diagnostic with the node it came up in, where its text stands in a template: the same text may be right for
 * another node.
 */
export function withUser(
  diagnostic: Diagnostic,
  resource: Pick<Resource, "address" | "range" | "templates">,
): Diagnostic {
  const { range, related = [] } = diagnostic;
  const template = range && resource.templates?.find((one) => contains(one, range));
  if (!template) return diagnostic;
  const user = { message: `${resource.address} uses template.${template.name}`, range: resource.range };
  return { ...diagnostic, related: [...related, user] };
}

function contains({ block }: Template, { file, start, end }: Range): boolean {
  return block.file === file && block.start <= start && end <= block.end;
}

/**
 * Adds it, unless the same is said of the same text already, for another user of a template: then only its related
 * places are added there. One mistake is told once.
 */
export function addOnce(diagnostic: Diagnostic, diagnostics: Diagnostic[]): void {
  const at = diagnostics.findIndex((one) => isSame(one, diagnostic));
  const told = diagnostics[at];
  if (!told) {
    diagnostics.push(diagnostic);
    return;
  }
  const { related = [] } = told;
  const others = (diagnostic.related ?? []).filter((one) => !related.some(({ message }) => message === one.message));
  if (others.length > 0) diagnostics[at] = { ...told, related: [...related, ...others].slice(0, mostRelated) };
}

const mostRelated = 4;

function isSame(one: Diagnostic, other: Diagnostic): boolean {
  const { range } = one;
  return (
    range !== undefined &&
    one.summary === other.summary &&
    range.file === other.range?.file &&
    range.start === other.range.start &&
    range.end === other.range.end
  );
}
