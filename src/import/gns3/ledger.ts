import type { Json } from "../../core/values.ts";

/**
 * What became of one piece of a project.
 * `taken`: it stands in the lab files, at `as`. `leftOut`: it says nothing, or what labform does anyway. `apart`: it has
 * no counterpart and needs none, since a lab runs the same without it. `lost`: it has no counterpart, and the lab is
 * otherwise than the project in this. `unknown`: labform does not know it.
 */
export type Outcome = "taken" | "leftOut" | "apart" | "lost" | "unknown";

/** One line of the report. */
export interface Line {
  /** Whose it is, for people: `QEMU node "R1"`. */
  readonly owner: string;
  /** Where it stands in the project file, `topology.nodes[0].properties.ram`, or a file of the project with its line. */
  readonly path: string;
  readonly value: Json;
  readonly outcome: Outcome;
  /** Where it stands now: `node.R1.ram`. */
  readonly as?: string;
  readonly why?: string;
}

/** Every line of a report, in the order in which they were told. */
export class Ledger {
  readonly #lines = new Map<string, Line>();

  /** The first word about a piece counts. */
  tell(line: Line): void {
    if (!this.#lines.has(line.path)) this.#lines.set(line.path, line);
  }

  has(path: string): boolean {
    return this.#lines.has(path);
  }

  /** Sorted as the pieces stand in the project; pieces of other files come last. */
  lines(project: Json): readonly Line[] {
    const left = new Map(this.#lines);
    const sorted: Line[] = [];
    const walk = (value: Json, path: string) => {
      const line = left.get(path);
      if (line) sorted.push(line);
      left.delete(path);
      for (const [inner, part] of partsOf(value, path)) walk(part, inner);
    };
    walk(project, "");
    return [...sorted, ...left.values()];
  }
}

function partsOf(value: Json, path: string): readonly (readonly [string, Json])[] {
  if (Array.isArray(value)) return value.map((part: Json, at) => [`${path}[${at}]`, part]);
  if (value === null || typeof value !== "object") return [];
  return Object.entries(value).map(([key, part]) => [path === "" ? key : `${path}.${key}`, part]);
}

/**
 * An object of the project, every key of which must be accounted for: `finish` tells of those that nobody spoke of, so
 * that none is dropped silently, whatever a newer GNS3 writes.
 */
export class Entry {
  readonly ledger: Ledger;
  readonly owner: string;
  readonly path: string;
  readonly #object: { readonly [key: string]: Json };

  constructor(ledger: Ledger, owner: string, path: string, object: { readonly [key: string]: Json }) {
    this.ledger = ledger;
    this.owner = owner;
    this.path = path;
    this.#object = object;
  }

  keys(): readonly string[] {
    return Object.keys(this.#object);
  }

  has(key: string): boolean {
    return Object.hasOwn(this.#object, key);
  }

  /** Undefined where it is absent, null where that is written. */
  get(key: string): Json | undefined {
    return this.has(key) ? this.#object[key] : undefined;
  }

  /** A text that says something. */
  text(key: string): string | undefined {
    const value = this.get(key);
    return typeof value === "string" && value !== "" ? value : undefined;
  }

  pathOf(key: string): string {
    return this.path === "" ? key : `${this.path}.${key}`;
  }

  /** For another owner's name, once it is known. */
  named(owner: string): Entry {
    return new Entry(this.ledger, owner, this.path, this.#object);
  }

  taken(key: string, as: string, why?: string): void {
    this.#tell(key, { outcome: "taken", as, ...(why === undefined ? {} : { why }) });
  }

  leftOut(key: string, why: string): void {
    this.#tell(key, { outcome: "leftOut", why });
  }

  apart(key: string, why: string): void {
    this.#tell(key, { outcome: "apart", why });
  }

  /** `as`: where the part of it is that is taken over all the same. */
  lost(key: string, why: string, as?: string): void {
    this.#tell(key, { outcome: "lost", why, ...(as === undefined ? {} : { as }) });
  }

  /** What is accounted for by its own keys. */
  child(key: string): Entry | undefined {
    const value = this.get(key);
    if (!isObject(value)) return undefined;
    return new Entry(this.ledger, this.owner, this.pathOf(key), value);
  }

  /** The objects of a list, each accounted for by its own keys; what is no object is told as unknown. */
  items(key: string): readonly Entry[] {
    const value = this.get(key);
    if (!Array.isArray(value)) return [];
    return (value as readonly Json[]).flatMap((item, at) => {
      const path = `${this.pathOf(key)}[${at}]`;
      if (isObject(item)) return [new Entry(this.ledger, this.owner, path, item)];
      this.ledger.tell({ owner: this.owner, path, value: item, outcome: "unknown" });
      return [];
    });
  }

  /** Accounts for what nobody spoke of. Parts that have lines of their own need none for the whole. */
  finish(parts: readonly string[] = []): void {
    for (const key of this.keys()) {
      const value = this.#object[key] as Json;
      if (isEmpty(value)) this.leftOut(key, "It says nothing.");
      else if (!parts.includes(key) || !(typeof value === "object")) this.#tell(key, { outcome: "unknown" });
    }
  }

  #tell(key: string, rest: Pick<Line, "outcome" | "as" | "why">): void {
    if (!this.has(key)) return;
    this.ledger.tell({ owner: this.owner, path: this.pathOf(key), value: this.#object[key] as Json, ...rest });
  }
}

export function isObject(value: Json | undefined): value is { readonly [key: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isEmpty(value: Json): boolean {
  if (value === null || value === "") return true;
  return typeof value === "object" && Object.keys(value).length === 0;
}
