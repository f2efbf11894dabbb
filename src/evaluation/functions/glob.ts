/**
 * Patterns of file names as Terraform's fileset takes them (doublestar 1.1): `*` any characters, `?` one, `[a-z]` and
 * `[^a-z]` one of or none of, `{a,b}` either, a backslash before a character itself. What matches is followed as a set
 * of places, so that no pattern takes longer than its length times the name's.
 */
export type NamePattern = readonly Item[];

type Item =
  | { readonly kind: "character"; readonly character: string }
  | { readonly kind: "any" }
  | { readonly kind: "many" }
  | { readonly kind: "class"; readonly negated: boolean; readonly ranges: readonly (readonly [number, number])[] }
  | { readonly kind: "either"; readonly patterns: readonly NamePattern[] };

/** Whether a part of a path is a pattern, rather than a name to be taken as it is. */
export function isPattern(part: string): boolean {
  return /[*?[{\\]/.test(part);
}

/** A name's pattern; a string says what is wrong with it. */
export function parsePattern(text: string): NamePattern | string {
  const items: Item[] = [];
  const characters = [...text];
  for (let at = 0; at < characters.length; at++) {
    const character = characters[at] as string;
    if (character === "*") items.push({ kind: "many" });
    else if (character === "?") items.push({ kind: "any" });
    else if (character === "\\") {
      const next = characters[++at];
      if (next === undefined) return "a backslash stands at its end";
      items.push({ kind: "character", character: next });
    } else if (character === "[" || character === "{") {
      const closing = closingOf(characters, at + 1, character === "[" ? "]" : "}");
      if (closing === -1) return `its \`${character}\` is not closed`;
      const inner = characters.slice(at + 1, closing);
      const item = character === "[" ? parseClass(inner) : parseEither(inner);
      if (typeof item === "string") return item;
      items.push(item);
      at = closing;
    } else items.push({ kind: "character", character });
  }
  return items;
}

/** Of the first `closing` that no backslash stands before. */
function closingOf(characters: readonly string[], from: number, closing: string): number {
  for (let at = from; at < characters.length; at++) {
    if (characters[at] === closing && !(at > from && characters[at - 1] === "\\")) return at;
  }
  return -1;
}

function parseClass(characters: readonly string[]): Item | string {
  if (characters.length === 0) return "its `[]` holds nothing";
  const negated = characters[0] === "^";
  const ranges: (readonly [number, number])[] = [];
  let at = negated ? 1 : 0;
  const take = (): number | undefined => {
    let character = characters[at++];
    if (character === "-") return undefined;
    if (character === "\\") character = characters[at++];
    return character?.codePointAt(0);
  };
  while (at < characters.length) {
    const low = take();
    let high = low;
    if (characters[at] === "-") {
      at++;
      high = take();
    }
    if (low === undefined || high === undefined) return "in its `[]` a range has no end, or a `-` stands alone";
    ranges.push([low, high]);
  }
  return { kind: "class", negated, ranges };
}

function parseEither(characters: readonly string[]): Item | string {
  const patterns: NamePattern[] = [];
  let start = 0;
  for (;;) {
    const comma = closingOf(characters, start, ",");
    const pattern = parsePattern(characters.slice(start, comma === -1 ? undefined : comma).join(""));
    if (typeof pattern === "string") return pattern;
    patterns.push(pattern);
    if (comma === -1) return { kind: "either", patterns };
    start = comma + 1;
  }
}

export function matches(pattern: NamePattern, name: string): boolean {
  const characters = [...name];
  return advance(pattern, characters, new Set([0])).has(characters.length);
}

/** Where in the name one may be after the pattern, having been at one of `places` before it. */
function advance(pattern: NamePattern, name: readonly string[], places: ReadonlySet<number>): ReadonlySet<number> {
  let here = places;
  for (const item of pattern) {
    if (here.size === 0) return here;
    here = step(item, name, here);
  }
  return here;
}

function step(item: Item, name: readonly string[], places: ReadonlySet<number>): ReadonlySet<number> {
  if (item.kind === "either") {
    return new Set(item.patterns.flatMap((pattern) => [...advance(pattern, name, places)]));
  }
  const next = new Set<number>();
  if (item.kind === "many") {
    for (let at = Math.min(...places); at <= name.length; at++) next.add(at);
    return next;
  }
  for (const at of places) {
    const character = name[at];
    if (character !== undefined && accepts(item, character)) next.add(at + 1);
  }
  return next;
}

function accepts(item: Exclude<Item, { readonly kind: "many" | "either" }>, character: string): boolean {
  if (item.kind === "any") return true;
  if (item.kind === "character") return item.character === character;
  const point = character.codePointAt(0) as number;
  return item.ranges.some(([low, high]) => low <= point && point <= high) !== item.negated;
}
