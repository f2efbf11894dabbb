import type { ResourceKind } from "../core/addresses.ts";
import type { Cause, Drift, Plan } from "../core/plan.ts";
import type { ResourceSchema } from "../core/schema.ts";
import { samePlanned } from "../core/values.ts";
import type { Palette } from "./colour.ts";
import { alignedLeads, changedValue } from "./difference.ts";
import { renderLine } from "./lines.ts";
import { printable, wrap } from "./text.ts";
import { WORDS } from "./value.ts";

interface DriftOptions {
  readonly colours: Palette;
  readonly width: number;
  readonly schemas: ReadonlyMap<ResourceKind, ResourceSchema>;
}

/** What became of one instance by one cause. */
interface Entry {
  readonly address: string;
  readonly details: readonly string[];
}

/**
 * What a plan starts from and no lab file asked for, one paragraph a cause: who is concerned and what shows it. The
 * changes that follow from it name the cause again in a line, without what shows it. A refresh-only plan shows every
 * value that it would record.
 */
export function driftParagraphs(plan: Plan, options: DriftOptions): string[][] {
  const recordsAll = plan.mode === "refresh-only";
  const byCause = new Map<string, Entry[]>();
  for (const item of plan.drift) {
    const named = new Set(item.causes.flatMap(({ path }) => (path ? [path[0]] : [])));
    const causes: readonly Pick<Cause, "summary" | "path" | "evidence">[] =
      item.causes.length > 0 ? item.causes : recordsAll ? [{ summary: OTHERWISE }] : [];
    for (const [at, cause] of causes.entries()) {
      const { path } = cause;
      const isOf = (name: string) => (path ? name === path[0] : at === 0) || (at === 0 && !named.has(name));
      const values = valueLines(item, recordsAll, isOf, options);
      const evidence = (cause.evidence ?? []).map((one) => `| ${printable(one)}`);
      const summary = printable(cause.summary);
      const entry = { address: item.address, details: [...evidence, ...values] };
      // Of what is there and runs, a cause that nothing shows is said once: at the change.
      if (item.condition === "present" && !recordsAll && entry.details.length === 0) continue;
      const entries = byCause.get(summary);
      if (entries) entries.push(entry);
      else byCause.set(summary, [entry]);
    }
  }
  if (byCause.size === 0) return [];
  const groups = [...byCause].map(([summary, entries]) => groupLines(summary, entries, options));
  return [["What is not as the last apply left it:"], ...groups];
}

const OTHERWISE = "found otherwise than recorded";

function groupLines(summary: string, entries: readonly Entry[], { colours, width }: DriftOptions): string[] {
  const lines = wrap(summary, Math.max(40, width - 4)).map((part) => `  ${colours.bold(`# ${part}`)}`);
  const bare = entries.filter(({ details }) => details.length === 0).map(({ address }) => address);
  if (bare.length > 0) lines.push(...wrap(bare.join(", "), Math.max(40, width - 4)).map((part) => `    ${part}`));
  for (const { address, details } of entries) {
    if (details.length > 0) lines.push(`    ${address}`, ...details.map((one) => `      ${one}`));
  }
  return lines;
}

/** The arguments that were found otherwise, of those that are wanted; with `all` also what the host decides. */
function valueLines(
  { kind, before, after, sensitive }: Drift,
  all: boolean,
  isWanted: (name: string) => boolean,
  options: DriftOptions,
): readonly string[] {
  if (after === null) return all ? [options.colours.dim("nothing is left of it: its record goes")] : [];
  const attributes = options.schemas.get(kind)?.attributes ?? {};
  const names = Object.keys({ ...before, ...after })
    .filter((name) => !samePlanned(before[name] ?? null, after[name] ?? null))
    .filter(isWanted)
    .filter((name) => all || (name in attributes && attributes[name]?.computed === undefined))
    .sort();
  const leads = alignedLeads(names);
  return names.flatMap((name, at) => {
    const hidden = attributes[name]?.sensitive ? [[]] : belowName(sensitive, name);
    const showing = { words: WORDS, before: { paths: hidden }, after: { paths: hidden } };
    return changedValue(leads[at] as string, before[name] ?? null, after[name] ?? null, "", 0, showing).map((one) =>
      renderLine(one, options.colours).replace(/^ {2}/, ""),
    );
  });
}

function belowName(paths: Drift["sensitive"], name: string): Drift["sensitive"] {
  return paths.filter(([first]) => first === name).map((path) => path.slice(1));
}
