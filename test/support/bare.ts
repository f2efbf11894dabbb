/**
 * Machines without a guest: QEMU's firmware finds nothing to boot, which is enough to be started, wired and stopped,
 * in a fraction of a second. Each link joins the first adapters of two of them that are free.
 */
export function bareLab(nodes: readonly string[], links: { readonly [name: string]: readonly [string, string] } = {}, extra = ""): string {
  const used = new Map<string, number>();
  const adapter = (node: string) => {
    const number = used.get(node) ?? 0;
    used.set(node, number + 1);
    return `node.${node}.adapter[${number}]`;
  };
  const nodeText = nodes.map((name) => `node "${name}" {\n  ram      = 16\n  adapters = 2\n}\n`);
  const linkText = Object.entries(links).map(([name, [a, b]]) => `link "${name}" {\n  endpoints = [${adapter(a)}, ${adapter(b)}]\n}\n`);
  return `lab "bare" {}\nprovider "ubridge" {\n  engine = "builtin"\n}\n${nodeText.join("")}${linkText.join("")}${extra}`;
}
