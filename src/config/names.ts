import leven from "leven";

const pattern = /^[\p{ID_Start}_][\p{ID_Continue}-]*$/u;

/** Whether `text` can be the name of a block: what can follow a dot in a reference. */
export function isName(text: string): boolean {
  return pattern.test(text);
}

/**
 * The candidate that was probably meant. The longer the name, the more may differ: one letter up to four, then one
 * more for every three letters. Two neighbours changed about are one mistake.
 */
function closest(name: string, candidates: Iterable<string>): string | undefined {
  const limit = name.length <= 4 ? 1 : Math.floor((name.length + 2) / 3);
  let best: string | undefined;
  let bestDistance = limit + 1;
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - name.length) >= bestDistance) continue;
    const distance = distanceOf(name.toLowerCase(), candidate.toLowerCase(), bestDistance);
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

function distanceOf(left: string, right: string, limit: number): number {
  let at = 0;
  while (at < left.length && left[at] === right[at]) at++;
  const swapped = left.slice(0, at) + (left[at + 1] ?? "") + (left[at] ?? "") + left.slice(at + 2);
  return swapped === right && left !== right ? 1 : leven(left, right, { maxDistance: limit });
}

/** ` Did you mean "ram"?`, with its leading space, or nothing. */
export function didYouMean(name: string, candidates: Iterable<string>): string {
  const found = closest(name, candidates);
  return found === undefined ? "" : ` Did you mean "${found}"?`;
}

/** `a`, `a and b`, `a, b and c` */
export function listed(names: readonly string[], joiner: "and" | "or" = "and"): string {
  if (names.length < 2) return names[0] ?? "";
  return `${names.slice(0, -1).join(", ")} ${joiner} ${names[names.length - 1] as string}`;
}
