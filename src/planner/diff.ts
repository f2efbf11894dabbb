import type { Action } from "../core/lifecycle.ts";
import type { Cause, Change } from "../core/plan.ts";
import type { BlockSchema, ChangeClass } from "../core/schema.ts";
import type { Attributes, Path, Planned, PlannedAttributes } from "../core/values.ts";
import { formatPath, samePlanned, UNKNOWN } from "../core/values.ts";

export interface Difference {
  readonly path: Path;
  readonly change: ChangeClass;
}

const severity: { readonly [change in ChangeClass]: number } = { live: 0, restart: 1, replace: 2 };

/**
 * Where the wanted attributes differ from the recorded ones, and what each difference takes: read off the schema, unless
 * the provider judged otherwise.
 * What is decided on the host or at start is no difference: it follows.
 */
export function differences(
  schema: BlockSchema,
  before: Attributes,
  after: PlannedAttributes,
  classes: Change["classes"] = {},
): readonly Difference[] {
  const found: Difference[] = [];
  compareBlock(schema, before, after, [], "live", found);
  return found.map(({ path, change }) => ({ path, change: classes[formatPath(path)] ?? change }));
}

function compareBlock(
  schema: BlockSchema,
  before: Attributes,
  after: PlannedAttributes,
  path: Path,
  inherited: ChangeClass,
  found: Difference[],
): void {
  for (const [name, attribute] of Object.entries(schema.attributes)) {
    const decidedByHost = attribute.computed === "create" || attribute.computed === "start";
    const wanted = after[name] ?? null;
    if (decidedByHost && (wanted === null || wanted === UNKNOWN)) continue;
    if (!samePlanned(before[name] ?? null, wanted)) {
      found.push({ path: [...path, name], change: attribute.change ?? inherited });
    }
  }
  for (const [blockName, block] of Object.entries(schema.blocks ?? {})) {
    const name = block.attribute ?? blockName;
    const change = block.change ?? inherited;
    const old = before[name] ?? null;
    const wanted = after[name] ?? null;
    if (samePlanned(old, wanted)) continue;
    const entries = (one: Planned): ReadonlyMap<string | number | undefined, Planned> => {
      if (one === null || one === UNKNOWN || typeof one !== "object") return new Map();
      if (block.nesting === "single") return new Map([[undefined, one]]);
      return Array.isArray(one) ? new Map((one as readonly Planned[]).entries()) : new Map(Object.entries(one));
    };
    const olds = entries(old);
    const news = entries(wanted);
    for (const key of new Set([...olds.keys(), ...news.keys()])) {
      const at: Path = key === undefined ? [...path, name] : [...path, name, key];
      const oldItem = olds.get(key);
      const newItem = news.get(key);
      if (oldItem === undefined || newItem === undefined) found.push({ path: at, change });
      else compareBlock(block, oldItem as Attributes, newItem as PlannedAttributes, at, change, found);
    }
  }
}

/** The gravest of the changes. */
export function gravest(all: readonly { readonly change: ChangeClass }[]): ChangeClass | undefined {
  let worst: ChangeClass | undefined;
  for (const one of all) if (worst === undefined || severity[one.change] > severity[worst]) worst = one.change;
  return worst;
}

/** The action for what is recorded, what was found of it and what is wanted; see ARCHITECTURE.md, "Lab, state and host to plan". */
export function chooseAction(
  change: ChangeClass | undefined,
  found: {
    readonly condition: "present" | "down" | "broken" | "absent" | null;
    readonly status: string;
    readonly kind: string;
    /** It is not to run, and was not to run before. */
    readonly rests?: boolean;
    readonly rested?: boolean;
  },
): { readonly action: Action; readonly cause?: Cause } {
  const { condition, status, rests = false, rested = false } = found;
  if (condition === "absent") return { action: "create" };
  if (status === "tainted") {
    return { action: "replace", cause: { kind: "unfinished", summary: "marked as tainted" } };
  }
  if (change === "replace") return { action: "replace" };
  if (condition === "broken") return { action: "restart" };
  if (status === "deleting" && condition !== "down") {
    return { action: "restart", cause: { kind: "unfinished", summary: "an earlier run did not finish removing it" } };
  }
  const off = condition === "down" || (condition === null && rested);
  if (rests) {
    // What went off by itself, or was never started, is recorded as resting from now on.
    if (off) return { action: change === undefined && rested && status === "ok" ? "none" : "update" };
    return { action: change === undefined ? "stop" : "restart" };
  }
  if (off) return { action: "start" };
  if (change === "restart") return { action: "restart" };
  if (status === "unready") {
    const cause: Cause = { kind: "unready", summary: "it was not ready in time" };
    return { action: change === "live" ? "update" : "wait", cause };
  }
  if (status === "creating" && found.kind === "node") {
    const cause: Cause = { kind: "unfinished", summary: "an earlier apply did not finish it" };
    return condition === null ? { action: "restart", cause } : { action: change === "live" ? "update" : "wait", cause };
  }
  return { action: change === "live" ? "update" : "none" };
}
