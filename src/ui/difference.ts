import type { Planned } from "../core/values.ts";
import { samePlanned, UNKNOWN } from "../core/values.ts";
import type { Line, Mark } from "./lines.ts";
import { comment, line } from "./lines.ts";
import { compareLists, textDifference } from "./sequences.ts";
import { countOf, displayWidth } from "./text.ts";
import type { Concealed, Words } from "./value.ts";
import { formatPlanned, heredocLines, inside, isConcealed, keyText } from "./value.ts";

/** How a value is shown, and what of it is not: before and after may conceal different parts. */
export interface Showing {
  readonly words: Words;
  readonly before: Concealed;
  readonly after: Concealed;
}

type PlannedObject = { readonly [name: string]: Planned };

/** A value that comes or goes as a whole, every entry marked. `lead` is what stands before it, `name = ` say. */
export function wholeValue(
  mark: "+" | "-",
  lead: string,
  value: Planned,
  tail: string,
  depth: number,
  showing: Showing,
): Line[] {
  const concealed = mark === "+" ? showing.after : showing.before;
  const text = typeof value === "string" && value.includes("\n") && !isConcealed(concealed);
  if (text) return closed(line(depth, mark, `${lead}<<-EOT`), textLines(value, depth + 1), `EOT${tail}`, depth);
  if (!isComposite(value) || isConcealed(concealed) || isEmpty(value)) {
    const [shown] = formatPlanned(value, { concealed, words: showing.words });
    return [line(depth, mark, `${lead}${shown}${tail}`)];
  }
  const open = line(depth, mark, `${lead}${Array.isArray(value) ? "[" : "{"}`);
  return closed(open, entriesOf(mark, value, depth + 1, showing), `${Array.isArray(value) ? "]" : "}"}${tail}`, depth);
}

function entriesOf(mark: "+" | "-", value: Planned, depth: number, showing: Showing): Line[] {
  const lines: Line[] = [];
  if (Array.isArray(value)) {
    for (const [at, item] of (value as readonly Planned[]).entries())
      lines.push(...wholeValue(mark, "", item, ",", depth, within(showing, at, at)));
    return lines;
  }
  const object = value as PlannedObject;
  const names = Object.keys(object).sort();
  const leads = alignedLeads(names.map(keyText));
  for (const [at, name] of names.entries())
    lines.push(
      ...wholeValue(mark, leads[at] as string, object[name] as Planned, "", depth, within(showing, name, name)),
    );
  return lines;
}

/** A value that changes: only its parts that do, and how many do not. Of two equal values there are no lines. */
export function changedValue(
  lead: string,
  before: Planned,
  after: Planned,
  tail: string,
  depth: number,
  showing: Showing,
): Line[] {
  if (samePlanned(before, after)) return [];
  if (isConcealed(showing.before) || isConcealed(showing.after)) {
    return [line(depth, "~", `${lead}${showing.words.sensitive}${tail}`)];
  }
  if (before === null) return wholeValue("+", lead, after, tail, depth, showing);
  if (after === null) return wholeValue("-", lead, before, ` -> null${tail}`, depth, showing);
  if (after === UNKNOWN) return becomesUnknown(lead, before, tail, depth, showing);
  if (typeof before === "string" && typeof after === "string" && `${before}${after}`.includes("\n")) {
    return closed(line(depth, "~", `${lead}<<-EOT`), textDifference(before, after, depth + 1), `EOT${tail}`, depth);
  }
  if (Array.isArray(before) && Array.isArray(after)) {
    return closed(line(depth, "~", `${lead}[`), listLines(before, after, depth + 1, showing), `]${tail}`, depth);
  }
  if (isObject(before) && isObject(after)) {
    return closed(line(depth, "~", `${lead}{`), objectLines(before, after, depth + 1, showing), `}${tail}`, depth);
  }
  if (isComposite(before) || isComposite(after)) {
    return [
      ...wholeValue("-", lead, before, tail, depth, showing),
      ...wholeValue("+", lead, after, tail, depth, showing),
    ];
  }
  return [line(depth, "~", `${lead}${scalar(before)} -> ${scalar(after)}${tail}`)];
}

function becomesUnknown(lead: string, before: Planned, tail: string, depth: number, showing: Showing): Line[] {
  const end = ` -> ${showing.words.unknown}${tail}`;
  const [first, ...rest] = wholeValue("-", lead, before, end, depth, showing) as [Line, ...Line[]];
  return [{ ...first, mark: "~" }, ...rest];
}

function objectLines(before: PlannedObject, after: PlannedObject, depth: number, showing: Showing): Line[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  const changed = names.filter((name) => !samePlanned(before[name] ?? null, after[name] ?? null));
  const leads = alignedLeads(changed.map(keyText));
  const lines = changed.flatMap((name, at) => {
    const deeper = within(showing, name, name);
    return changedValue(leads[at] as string, before[name] ?? null, after[name] ?? null, "", depth, deeper);
  });
  return withUnchanged(lines, names.length - changed.length, "attribute", depth);
}

function listLines(before: readonly Planned[], after: readonly Planned[], depth: number, showing: Showing): Line[] {
  let unchanged = 0;
  const lines = compareLists(before, after).flatMap((step): Line[] => {
    if (step.kind === "same") {
      unchanged++;
      return [];
    }
    const deeper = within(showing, step.from ?? -1, step.to ?? -1);
    if (step.kind === "removed") return wholeValue("-", "", before[step.from] as Planned, ",", depth, deeper);
    if (step.kind === "added") return wholeValue("+", "", after[step.to] as Planned, ",", depth, deeper);
    return changedValue("", before[step.from] as Planned, after[step.to] as Planned, ",", depth, deeper);
  });
  return withUnchanged(lines, unchanged, "element", depth);
}

/** Names with their equals signs in one column. */
export function alignedLeads(names: readonly string[]): string[] {
  const widths = names.map(displayWidth);
  const width = Math.max(0, ...widths);
  return names.map((name, at) => `${name}${" ".repeat(width - (widths[at] as number))} = `);
}

export function withUnchanged(lines: Line[], count: number, what: string, depth: number): Line[] {
  if (count > 0) lines.push(comment(depth, `(${countOf(count, `unchanged ${what}`)} hidden)`));
  return lines;
}

function textLines(text: string, depth: number, mark: Mark = " "): Line[] {
  return heredocLines(text).map((one) => line(depth, mark, one));
}

function closed(open: Line, lines: readonly Line[], end: string, depth: number): Line[] {
  return [open, ...lines, line(depth, " ", end)];
}

export function within(showing: Showing, before: string | number, after: string | number): Showing {
  const { words } = showing;
  if (showing.before.paths.length + showing.after.paths.length === 0) return showing;
  return { words, before: inside(showing.before, before), after: inside(showing.after, after) };
}

function scalar(value: Planned): string {
  return formatPlanned(value)[0] as string;
}

function isComposite(value: Planned): value is readonly Planned[] | PlannedObject {
  return typeof value === "object" && value !== null;
}

function isObject(value: Planned): value is PlannedObject {
  return isComposite(value) && !Array.isArray(value);
}

function isEmpty(value: readonly Planned[] | PlannedObject): boolean {
  return Array.isArray(value) ? value.length === 0 : Object.keys(value).length === 0;
}
