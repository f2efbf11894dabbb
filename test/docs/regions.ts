const OPENING = /^<!-- generated: (.+) -->$/;
const CLOSING = "<!-- end of generated -->";

/**
 * A page with its generated parts made new: what stands between a line `<!-- generated: NAME -->` and the next
 * `<!-- end of generated -->` is replaced by `parts[NAME]`. The rest is its writer's. Throws when a part of the page
 * is not known, when one is not on the page, and when a region does not end.
 */
export function fillRegions(page: string, parts: { readonly [name: string]: string }): string {
  const filled: string[] = [];
  const used = new Set<string>();
  let open: string | undefined;
  for (const line of page.split("\n")) {
    const opened = OPENING.exec(line)?.[1];
    if (opened !== undefined) {
      if (open !== undefined) throw new Error(`the region ${open} does not end before ${opened} begins`);
      const part = parts[opened];
      if (part === undefined) throw new Error(`there is nothing to generate for ${opened}`);
      used.add(opened);
      open = opened;
      filled.push(line, "", part.trim(), "");
    } else if (line === CLOSING) {
      if (open === undefined) throw new Error("a region ends that did not begin");
      open = undefined;
      filled.push(line);
    } else if (open === undefined) filled.push(line);
  }
  if (open !== undefined) throw new Error(`the region ${open} does not end`);
  const missing = Object.keys(parts).filter((name) => !used.has(name));
  if (missing.length > 0) throw new Error(`the page has no region for ${missing.join(", ")}`);
  return filled.join("\n");
}
