export interface BareOptions {
  readonly name?: string;
  /** By name: the two nodes it joins, each with its next free one of two adapters. */
  readonly links?: { readonly [name: string]: readonly [string, string] };
  readonly extra?: string;
}

/**
 * Machines without a guest: QEMU's firmware finds nothing to boot, which is enough to be started, wired and stopped,
 * in a fraction of a second.
 */
export function bareLab(nodes: readonly string[], { name = "bare", links = {}, extra = "" }: BareOptions = {}): string {
  const used = new Map<string, number>();
  const adapter = (node: string) => {
    const number = used.get(node) ?? 0;
    used.set(node, number + 1);
    return `node.${node}.adapter[${number}]`;
  };
  const nodeTexts = nodes.map((node) => `node "${node}" {\n  ram      = 16\n  adapters = 2\n}\n`);
  const linkTexts = Object.entries(links).map(
    ([link, [a, b]]) => `link "${link}" {\n  endpoints = [${adapter(a)}, ${adapter(b)}]\n}\n`,
  );
  const head = `lab "${name}" {}\nprovider "ubridge" {\n  engine = "builtin"\n}\n`;
  return `${head}${nodeTexts.join("")}${linkTexts.join("")}${extra}`;
}
