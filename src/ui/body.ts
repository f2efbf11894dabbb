import type { AttributeSchema, BlockSchema, ChangeClass, NestedBlockSchema } from "../core/schema.ts";
import type { Path, Planned } from "../core/values.ts";
import { samePlanned, UNKNOWN } from "../core/values.ts";
import type { Showing } from "./difference.ts";
import { alignedLeads, changedValue, wholeValue, within, withUnchanged } from "./difference.ts";
import type { Line } from "./lines.ts";
import { comment, line } from "./lines.ts";
import { countOf } from "./text.ts";
import { isConcealed, quote } from "./value.ts";

type PlannedObject = { readonly [name: string]: Planned };

export interface BodyOptions {
  readonly showing: Showing;
  /** Stands for what the host decides, while the host was not looked at. */
  readonly undecided?: string | undefined;
  /** What a change of the attribute brings about: `forces replacement`. */
  readonly note?: ((path: Path, bySchema: ChangeClass | undefined) => string | undefined) | undefined;
  /** The class of the enclosing block, and where it stands. */
  readonly inherited?: ChangeClass | undefined;
  readonly path?: Path;
}

/**
 * The inside of a resource or nested block: of one that is made or goes, what is set beside the defaults; of one that
 * changes, what changes, with the rest counted. A schema of undefined shows every entry as an attribute.
 */
export function bodyLines(
  before: PlannedObject | null,
  after: PlannedObject | null,
  schema: BlockSchema | undefined,
  depth: number,
  options: BodyOptions,
): Line[] {
  const layout = layoutOf(schema);
  const attributes = attributeLines(before, after, layout, depth, options);
  let unchanged = 0;
  const nested: Line[] = [];
  for (const [attribute, name, block] of layout.blocks) {
    const old = before?.[attribute] ?? null;
    const fresh = after?.[attribute] ?? null;
    if (old === null && fresh === null) continue;
    const deeper = {
      ...options,
      showing: within(options.showing, attribute, attribute),
      inherited: block.change,
      path: [...(options.path ?? []), attribute],
    };
    const lines = blockLines(name, block, old, fresh, depth, deeper);
    unchanged += lines.unchanged;
    nested.push(...lines.lines);
  }
  if (nested.length > 0 && attributes.length > 0) attributes.push(line(depth, " ", ""));
  return withUnchanged([...attributes, ...nested], unchanged, "block", depth);
}

/** What is the same for all bodies of a schema. */
interface Layout {
  readonly attributes: ReadonlyMap<string, AttributeSchema>;
  /** Where each kind of block is found, and what it is called. */
  readonly blocks: readonly (readonly [attribute: string, name: string, NestedBlockSchema])[];
  readonly isBlock: ReadonlySet<string>;
}

const NO_SCHEMA: BlockSchema = { attributes: {} };
const layouts = new WeakMap<BlockSchema, Layout>();

function layoutOf(schema: BlockSchema = NO_SCHEMA): Layout {
  let layout = layouts.get(schema);
  if (!layout) {
    const blocks = Object.entries(schema.blocks ?? {}).map(
      ([name, block]) => [block.attribute ?? name, name, block] as const,
    );
    const attributes = new Map(Object.entries(schema.attributes));
    layout = { attributes, blocks, isBlock: new Set(blocks.map(([attribute]) => attribute)) };
    layouts.set(schema, layout);
  }
  return layout;
}

interface Entry {
  readonly name: string;
  readonly attribute: AttributeSchema | undefined;
  readonly before: Planned;
  readonly after: Planned;
}

function attributeLines(
  before: PlannedObject | null,
  after: PlannedObject | null,
  { attributes, isBlock }: Layout,
  depth: number,
  options: BodyOptions,
): Line[] {
  const others = new Set<string>();
  for (const side of [before, after]) {
    for (const name in side) if (!attributes.has(name) && !isBlock.has(name)) others.add(name);
  }
  const entries: Entry[] = [];
  let hidden = 0;
  const add = (name: string, attribute?: AttributeSchema) => {
    const entry: Entry = { name, attribute, before: before?.[name] ?? null, after: after?.[name] ?? null };
    const choice = choose(entry, before === null, after === null);
    if (choice === "show") entries.push(entry);
    else if (choice === "count") hidden++;
  };
  for (const [name, attribute] of attributes) add(name, attribute);
  for (const name of [...others].sort()) add(name);
  const leads = alignedLeads(entries.map(({ name }) => name));
  const mark = before === null ? "+" : after === null ? "-" : "~";
  const lines: Line[] = [];
  for (const [at, entry] of entries.entries())
    lines.push(...entryLines(entry, leads[at] as string, mark, depth, options));
  if (hidden === 0) return lines;
  if (before === null) lines.push(comment(depth, `(${countOf(hidden, "attribute")} at default hidden)`));
  else if (after === null) lines.push(comment(depth, `(${countOf(hidden, "attribute")} hidden)`));
  else withUnchanged(lines, hidden, "attribute", depth);
  return lines;
}

function choose({ attribute, before, after }: Entry, created: boolean, deleted: boolean): "show" | "count" | "drop" {
  if (created) {
    if (after === null) return "drop";
    return isDefault(after, attribute) ? "count" : "show";
  }
  if (deleted) {
    if (before === null) return "drop";
    const computed = attribute?.computed !== undefined && attribute.computed !== "plan";
    return computed || isDefault(before, attribute) ? "count" : "show";
  }
  // What every start renews, and what goes with the power, says nothing about this change.
  if (attribute?.computed === "start" && (after === UNKNOWN || after === null)) return "drop";
  if (!samePlanned(before, after)) return "show";
  return before === null ? "drop" : "count";
}

function isDefault(value: Planned, attribute: AttributeSchema | undefined): boolean {
  return attribute?.default !== undefined && samePlanned(value, attribute.default);
}

function entryLines(
  { attribute, before, after, name }: Entry,
  lead: string,
  mark: "+" | "-" | "~",
  depth: number,
  options: BodyOptions,
): Line[] {
  let showing = within(options.showing, name, name);
  if (attribute?.sensitive) showing = { ...showing, before: { paths: [[]] }, after: { paths: [[]] } };
  if (attribute?.computed && options.undecided !== undefined) {
    showing = { ...showing, words: { ...showing.words, unknown: options.undecided } };
  }
  if (mark === "+") return wholeValue("+", lead, after, "", depth, showing);
  if (mark === "-") return wholeValue("-", lead, before, " -> null", depth, showing);
  const lines = changedValue(lead, before, after, "", depth, showing);
  const note = attribute && options.note?.([...(options.path ?? []), name], attribute.change ?? options.inherited);
  if (note === undefined || lines.length === 0) return lines;
  const [first, ...rest] = lines as [Line, ...Line[]];
  return [{ ...first, note }, ...rest];
}

function blockLines(
  name: string,
  schema: NestedBlockSchema,
  before: Planned,
  after: Planned,
  depth: number,
  options: BodyOptions,
): { lines: Line[]; unchanged: number } {
  const { showing } = options;
  if (isConcealed(showing.before) || isConcealed(showing.after)) {
    const mark = before === null ? "+" : after === null ? "-" : "~";
    const same = samePlanned(before, after);
    return { lines: same ? [] : [line(depth, mark, `${name} = ${showing.words.sensitive}`)], unchanged: same ? 1 : 0 };
  }
  if (before === UNKNOWN || after === UNKNOWN) {
    return { lines: changedValue(`${name} = `, before, after, "", depth, showing), unchanged: 0 };
  }
  const lines: Line[] = [];
  let unchanged = 0;
  for (const { label, step, old, fresh } of instancesOf(schema, before, after)) {
    if (samePlanned(old, fresh)) {
      if (old !== null) unchanged++;
      continue;
    }
    const deeper =
      step === undefined
        ? options
        : { ...options, showing: within(options.showing, step, step), path: [...(options.path ?? []), step] };
    const mark = old === null ? "+" : fresh === null ? "-" : "~";
    lines.push(line(depth, mark, `${name}${label} {`));
    lines.push(...bodyLines(objectOf(old), objectOf(fresh), schema, depth + 1, deeper));
    lines.push(line(depth, " ", "}"));
  }
  return { lines, unchanged };
}

interface BlockInstance {
  readonly label: string;
  readonly step: string | number | undefined;
  readonly old: Planned;
  readonly fresh: Planned;
}

function instancesOf(schema: NestedBlockSchema, before: Planned, after: Planned): BlockInstance[] {
  if (schema.nesting === "single") return [{ label: "", step: undefined, old: before, fresh: after }];
  if (schema.nesting === "list") {
    const old = (before ?? []) as readonly Planned[];
    const fresh = (after ?? []) as readonly Planned[];
    return Array.from({ length: Math.max(old.length, fresh.length) }, (_, at) => {
      return { label: "", step: at, old: old[at] ?? null, fresh: fresh[at] ?? null };
    });
  }
  const old = objectOf(before) ?? {};
  const fresh = objectOf(after) ?? {};
  return [...new Set([...Object.keys(old), ...Object.keys(fresh)])].sort().map((key) => {
    return { label: ` ${quote(key)}`, step: key, old: old[key] ?? null, fresh: fresh[key] ?? null };
  });
}

function objectOf(value: Planned): PlannedObject | null {
  return value === null ? null : (value as PlannedObject);
}
