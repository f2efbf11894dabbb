import { asDynamic } from "../core/dynamic.ts";
import type { Lifecycle, Resource } from "../core/lab.ts";
import type { ResourceSchema } from "../core/schema.ts";
import type { Instance } from "../core/state.ts";
import type { Json, Path, Planned, PlannedAttributes } from "../core/values.ts";
import { formatPath } from "../core/values.ts";
import type { Decoded } from "../evaluation/decode.ts";
import type { Found } from "./refresh.ts";

/** What of a body has come out of the lab files, and what stays as it is recorded. */
export type Kept = Pick<Decoded, "attributes" | "sensitive" | "deferred" | "unsettled">;

/**
 * A body with what `ignore_changes` names as it is recorded, values and marks alike. What is made or made anew because it
 * is gone or tainted is made as the lab files say: it begins anew.
 */
export function keepIgnored(
  decoded: Decoded,
  { lifecycle, body }: Resource,
  found: Found | undefined,
  schema: ResourceSchema,
): Kept {
  const paths = ignoredPaths(lifecycle?.ignoreChanges, schema);
  const prior =
    found && found.condition !== "absent" && found.instance.status !== "tainted" ? found.instance : undefined;
  if (!prior || paths.length === 0) return decoded;
  const keeps = paths.filter((path) => isKept(path, decoded, prior));
  let attributes: PlannedAttributes = decoded.attributes;
  for (const path of keeps) attributes = withRecorded(attributes, prior.attributes, path) as PlannedAttributes;
  const isIgnored = (path: Path) => keeps.some((one) => isWithin(path, one));
  return {
    attributes,
    sensitive: [...decoded.sensitive.filter((path) => !isIgnored(path)), ...recordedMarks(prior, keeps, attributes)],
    deferred: decoded.deferred.filter(({ path }) => !isIgnored(path)),
    unsettled: decoded.unsettled.filter(({ dynamic }) => !settles(dynamic.block, keeps, schema, body)),
  };
}

/**
 * Whether there is something to keep at a path, or to keep out: what it is a part of is there, both recorded and written.
 * A part of an argument that is evaluated at apply is not: it comes with the whole.
 */
function isKept(path: Path, { attributes, deferred }: Decoded, prior: Instance): boolean {
  if (path.length === 1) return Object.hasOwn(prior.attributes, String(path[0]));
  if (deferred.some((one) => one.path.length < path.length && isWithin(path, one.path))) return false;
  const around = path.slice(0, -1);
  const [written, recorded] = [valueAt(attributes, around), valueAt(prior.attributes, around)];
  if (Array.isArray(written) && Array.isArray(recorded)) {
    const at = Number(path.at(-1));
    return at in written && at in recorded;
  }
  return isObject(written) && isObject(recorded);
}

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Undefined where the path leads nowhere. */
function valueAt(attributes: PlannedAttributes, path: Path): Planned | undefined {
  let at: unknown = attributes;
  for (const step of path) {
    if (typeof at !== "object" || at === null || !Object.hasOwn(at, step)) return undefined;
    at = (at as { readonly [step: string | number]: unknown })[step];
  }
  return at as Planned;
}

/** Of `all`, every argument that a lab file may set, and every block. */
function ignoredPaths(ignored: Lifecycle["ignoreChanges"], schema: ResourceSchema): readonly Path[] {
  if (ignored !== "all") return ignored ?? [];
  const settable = Object.entries(schema.attributes).filter(([, one]) => !one.computed || one.optional);
  const blocks = Object.entries(schema.blocks ?? {}).map(([name, { attribute }]) => attribute ?? name);
  return [...settable.map(([name]) => name), ...blocks].map((name) => [name]);
}

function isWithin(path: Path, whole: Path): boolean {
  return whole.length <= path.length && whole.every((step, at) => step === path[at]);
}

/** Of the record's marks those that are on what stays: what is sensitive as a whole makes its parts so. */
function recordedMarks(
  { sensitive }: Instance,
  paths: readonly Path[],
  attributes: PlannedAttributes,
): readonly Path[] {
  const marks = new Map<string, Path>();
  for (const path of paths) {
    for (const mark of sensitive) {
      const at = isWithin(mark, path) ? mark : isWithin(path, mark) ? path : undefined;
      if (at && valueAt(attributes, at) !== undefined) marks.set(formatPath(at), at);
    }
  }
  return [...marks.values()];
}

/** Whether the blocks that a dynamic block of the body itself would make are as they are recorded in any case. */
function settles(
  block: Parameters<typeof asDynamic>[0],
  paths: readonly Path[],
  { blocks = {} }: ResourceSchema,
  body: Resource["body"],
): boolean {
  const type = asDynamic(block)?.type;
  const top = body.blocks.find(
    (one) =>
      one === block ||
      (block.range.file === one.range.file && one.range.start <= block.range.start && block.range.end <= one.range.end),
  );
  const owner = top && (top === block ? type : (asDynamic(top)?.type ?? top.type));
  if (owner === undefined) return false;
  const name = (Object.hasOwn(blocks, owner) ? blocks[owner]?.attribute : undefined) ?? owner;
  return paths.some((path) => path.length === 1 && path[0] === name);
}

/**
 * `wanted` with what is recorded at a path that is kept in place of its own: also where that is nothing, since an element
 * that is not recorded is then not to be there.
 */
function withRecorded(wanted: Planned, recorded: Json, [step, ...rest]: Path): Planned {
  if (step === undefined) return recorded;
  if (Array.isArray(wanted)) {
    const [at, items] = [Number(step), wanted as readonly Planned[]];
    return items.with(at, withRecorded(items[at] as Planned, (recorded as readonly Json[])[at] as Json, rest));
  }
  const name = String(step);
  const items = wanted as { readonly [name: string]: Planned };
  const before = recorded as { readonly [name: string]: Json };
  if (Object.hasOwn(before, name)) {
    return { ...items, [name]: withRecorded(items[name] ?? null, before[name] as Json, rest) };
  }
  const { [name]: _, ...others } = items;
  return others;
}
