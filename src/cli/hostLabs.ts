import { didYouMean } from "../config/names.ts";
import { parseAddress } from "../core/addresses.ts";
import { fail } from "../core/diagnostics.ts";
import type { HostLab } from "../core/workspaces.ts";

export function byName(a: HostLab, b: HostLab): number {
  const differing = (["name", "workspace", "directory"] as const).find((one) => a[one] !== b[one]);
  if (differing === undefined) return 0;
  return a[differing] < b[differing] ? -1 : 1;
}

/** A node is its machine, whatever else of it runs. */
export function runningNodes({ running }: HostLab): number {
  const addresses = running.map(({ address }) => address).filter((one) => parseAddress(one)?.kind === "node");
  return new Set(addresses).size;
}

export function memoryOf({ running }: HostLab): number {
  return running.reduce((sum, { usage }) => sum + (usage?.residentBytes ?? 0), 0);
}

/** When the oldest of what runs was started, in milliseconds since the epoch. */
export function sinceOf({ running }: HostLab): number | undefined {
  const started = running.flatMap(({ usage }) => (usage ? [usage.startedMs] : []));
  return started.length === 0 ? undefined : Math.min(...started);
}

/** Where there are several of a name: with the workspace, and where that is not enough with the lineage. */
export function nameOf(lab: HostLab): string {
  return `${lab.name}/${lab.workspace}`;
}

/** A lineage shorter than that is rather a slip than a name. */
const SHORTEST_PREFIX = 4;

/**
 * The lab that a word names: its name, with `/workspace` behind it or not, its directory (`path`: the word as an absolute
 * one), or the beginning of its lineage. Rejects when it is none of them, or several labs: nobody wants the wrong one
 * destroyed.
 */
export function findLab(
  labs: readonly HostLab[],
  { word, path, workspace }: { readonly word: string; readonly path: string; readonly workspace: string | undefined },
): HostLab {
  const all = labs.filter((one) => workspace === undefined || one.workspace === workspace);
  const ways: readonly ((lab: HostLab) => boolean)[] = [
    ({ name }) => name === word,
    (lab) => nameOf(lab) === word,
    ({ directory }) => directory === path,
    ({ lineage }) => word.length >= SHORTEST_PREFIX && lineage.startsWith(word),
  ];
  const found = ways.map((way) => all.filter(way)).find((some) => some.length > 0) ?? [];
  const [lab, ...others] = found;
  if (lab && others.length === 0) return lab;
  if (lab) {
    return fail(`"${word}" names several labs`, {
      detail: `Name one of them, by what stands nowhere else:\n${[...found].sort(byName).map(candidate).join("")}`,
    });
  }
  const where = workspace === undefined ? "on this host" : `on this host in a workspace "${workspace}"`;
  const known = [...all].sort(byName).slice(0, 8).map(candidate).join("");
  const more = all.length > 8 ? "  …\n" : "";
  return fail(`There is no lab "${word}" of yours ${where}`, {
    detail:
      all.length === 0
        ? "labform labs lists those there are; a lab is listed from its first apply to its destroy."
        : `There are:\n${known}${more}${didYouMean(
            word,
            all.flatMap((one) => [one.name, nameOf(one)]),
          ).trim()}`,
  });
}

/** `  pair/default  3f2a9c1d  /home/alice/labs/pair` */
function candidate(lab: HostLab): string {
  return `  ${nameOf(lab)}  ${lab.lineage.slice(0, 8)}  ${lab.directory}${lab.isThere ? "" : " (gone)"}\n`;
}
