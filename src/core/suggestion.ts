import leven from "leven";

/** The candidate a misspelt name was most likely meant to be: a third of its letters may differ, at least one. */
export function suggestion(name: string, candidates: Iterable<string>): string | undefined {
  let best: string | undefined;
  let least = name.length === 1 ? 0 : Math.max(1, Math.floor(name.length / 3)) + 1;
  const folded = name.toLowerCase();
  for (const candidate of candidates) {
    if (candidate.toLowerCase() === folded) return candidate;
    const distance = letters(name) === letters(candidate) ? 1 : leven(name, candidate, { maxDistance: least });
    if (distance < least) {
      least = distance;
      best = candidate;
    }
  }
  return best ?? (name.length > 2 ? shortestWith(folded, candidates) : undefined);
}

/** The shortest that goes on where the name ends: `length` for `len`. */
function shortestWith(folded: string, candidates: Iterable<string>): string | undefined {
  let best: string | undefined;
  for (const candidate of candidates) {
    if (!candidate.toLowerCase().startsWith(folded)) continue;
    if (best === undefined || candidate.length < best.length) best = candidate;
  }
  return best;
}

/** A part of a longer list helps nobody. */
const MOST_CANDIDATES = 40;

/** What other languages write for them. */
const foreignLiterals = new Map([
  ["nil", "null"],
  ["none", "null"],
  ["undefined", "null"],
  ["yes", "true"],
  ["on", "true"],
  ["no", "false"],
  ["off", "false"],
]);

/** `true`, `false` or `null` where a name that is unknown was most likely meant to be it. */
export function literalMeantBy(name: string): string | undefined {
  return foreignLiterals.get(name.toLowerCase()) ?? suggestion(name, ["true", "false", "null"]);
}

/** Two names with the same letters are one slip apart: `imgae` and `image`. */
function letters(name: string): string {
  return [...name].sort().join("");
}

/** `Did you mean "image"?`, else what there is: `There are "a" and "b".` */
export function suggestionText(name: string, candidates: readonly string[], prefix = ""): string {
  const best = suggestion(name, candidates);
  const quote = (one: string) => (prefix === "" ? JSON.stringify(one) : prefix + one);
  if (best !== undefined) return `Did you mean ${quote(best)}?`;
  if (candidates.length === 0) return "There are none.";
  if (candidates.length > MOST_CANDIDATES) return "There is none like it.";
  const shown = candidates.slice(0, 8).map(quote);
  if (candidates.length > shown.length)
    return `There are ${shown.join(", ")} and ${candidates.length - shown.length} more.`;
  const last = shown.pop() as string;
  return shown.length === 0 ? `There is only ${last}.` : `There are ${shown.join(", ")} and ${last}.`;
}
