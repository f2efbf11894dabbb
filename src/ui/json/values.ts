import type { Json, Path, Planned } from "../../core/values.ts";
import { UNKNOWN } from "../../core/values.ts";

type PlannedObject = { readonly [name: string]: Planned };

/** What may be shown of a value: what is sensitive is null; what is not known is left out, and null in a list. */
export function shownValue(planned: Planned, sensitive: readonly Path[]): Json {
  if (planned === UNKNOWN || isWhole(sensitive)) return null;
  if (planned === null || typeof planned !== "object") return planned;
  if (Array.isArray(planned)) {
    return (planned as readonly Planned[]).map((item, at) => shownValue(item, below(sensitive, at)));
  }
  const known = Object.entries(planned as PlannedObject).filter(([, item]) => item !== UNKNOWN);
  return sortedObject(known.map(([name, item]) => [name, shownValue(item, below(sensitive, name))]));
}

/** The shape of a value with true in the place of what is sensitive; false where nothing can be. */
export function sensitiveMarks(planned: Planned, sensitive: readonly Path[]): Json {
  if (isWhole(sensitive)) return true;
  return marks(planned, (item, step) => sensitiveMarks(item, below(sensitive, step)));
}

/** The shape of a value with true in the place of what is not known yet. */
export function unknownMarks(planned: Planned): Json {
  return planned === UNKNOWN ? true : marks(planned, unknownMarks);
}

/** Of an object only what is not false is told, as OpenTofu does. */
function marks(planned: Planned, mark: (item: Planned, step: string | number) => Json): Json {
  if (planned === UNKNOWN || planned === null || typeof planned !== "object") return false;
  if (Array.isArray(planned)) return (planned as readonly Planned[]).map(mark);
  const marked = Object.entries(planned as PlannedObject).map(([name, item]) => [name, mark(item, name)] as const);
  return sortedObject(marked.filter(([, one]) => one !== false));
}

/** An object whose names come in order: documents of the same things are the same. */
export function sortedObject<Item>(entries: readonly (readonly [string, Item])[]): { readonly [name: string]: Item } {
  return Object.fromEntries(entries.toSorted(([one], [other]) => (one < other ? -1 : one > other ? 1 : 0)));
}

function isWhole(paths: readonly Path[]): boolean {
  return paths.some((path) => path.length === 0);
}

function below(paths: readonly Path[], step: string | number): readonly Path[] {
  return paths.filter((path) => path[0] === step).map((path) => path.slice(1));
}
