import { suggestion } from "../core/suggestion.ts";

const pattern = /^[\p{ID_Start}_][\p{ID_Continue}-]*$/u;

/** Whether `text` can be the name of a block: what can follow a dot in a reference. */
export function isName(text: string): boolean {
  return pattern.test(text);
}

/** ` Did you mean "ram"?`, with its leading space, or nothing. */
export function didYouMean(name: string, candidates: Iterable<string>): string {
  const found = suggestion(name, candidates);
  return found === undefined ? "" : ` Did you mean "${found}"?`;
}

/** `a`, `a and b`, `a, b and c` */
export function listed(names: readonly string[], joiner: "and" | "or" = "and"): string {
  if (names.length < 2) return names[0] ?? "";
  return `${names.slice(0, -1).join(", ")} ${joiner} ${names[names.length - 1] as string}`;
}
