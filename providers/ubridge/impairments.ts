import { createHash } from "node:crypto";
import type { Attributes, Path, Planned, PlannedAttributes } from "../../src/core/values.ts";
import { formatPath, isSensitive, UNKNOWN } from "../../src/core/values.ts";
import type { Engine } from "./engine.ts";

/** The frames that leave the link by that endpoint. */
export type Toward = 0 | 1;

export const WAYS: readonly Toward[] = [0, 1];

/** `bridge add_packet_filter BRIDGE name type arguments…`, or for one way `bridge add_packet_filter_toward BRIDGE 0 …`. */
export interface FilterCommand {
  /** Says what the filter does, so that `bridge show`, which lists names only, shows whether it is the wanted one. */
  readonly name: string;
  readonly type: "frequency_drop" | "packet_loss" | "corrupt" | "rate" | "delay" | "bpf";
  readonly arguments: readonly string[];
  /** Undefined: of both ways, and what it counts it counts over both together. */
  readonly toward?: Toward;
  /** The link's argument that asks for it. */
  readonly asked?: { readonly argument: string; readonly hidden: boolean };
}

/** Of a filter that drops everything; a link that has it is suspended. */
export const SUSPENDED = "suspended";

type Filter = Pick<FilterCommand, "name" | "type" | "arguments">;

/** One kind of filter, and the arguments it comes from, the first of which asks for it. */
interface Kind {
  readonly arguments: readonly [string, ...string[]];
  make(values: PlannedAttributes, engine: Engine): Filter | undefined;
}

/** In the order frames pass them: what is lost need not wait first. */
const KINDS: readonly Kind[] = [
  {
    arguments: ["drop_every"],
    make: (values) => one("drop_every", "frequency_drop", numberOf(values.drop_every)),
  },
  {
    arguments: ["loss_percent"],
    make: (values, engine) => one("loss", "packet_loss", numberOf(values.loss_percent), percentFor(engine)),
  },
  {
    arguments: ["corrupt_percent"],
    make: (values, engine) => one("corrupt", "corrupt", numberOf(values.corrupt_percent), percentFor(engine)),
  },
  { arguments: ["rate_kbps"], make: (values) => one("rate", "rate", numberOf(values.rate_kbps)) },
  { arguments: ["delay_ms", "jitter_ms"], make: delayed },
];

/** The filters that make a link's impairments, in the order frames pass them. `sensitive`: what must not be shown. */
export function filtersOf(
  attributes: Attributes,
  engine: Engine,
  sensitive: readonly Path[] = [],
): readonly FilterCommand[] {
  // Stopping the bridge would keep frames for later: what is sent on a cable that is unplugged must be gone.
  if (attributes.suspended === true) return [{ name: SUSPENDED, type: "frequency_drop", arguments: ["-1"] }];
  const drops = expressionsOf(attributes.drop_matching).map((expression, at) => ({
    ...matching(expression, at),
    asked: askedBy(["drop_matching", at], sensitive),
  }));
  return [...drops, ...KINDS.flatMap((kind) => filtersOfKind(kind, attributes, engine, sensitive))];
}

function filtersOfKind(
  kind: Kind,
  attributes: Attributes,
  engine: Engine,
  sensitive: readonly Path[],
): readonly FilterCommand[] {
  const [first] = kind.arguments;
  if (!WAYS.some((way) => kind.arguments.some((name) => ownValue(attributes, way, name) !== null))) {
    const filter = kind.make(attributes, engine);
    return filter ? [{ ...filter, asked: askedBy([first], sensitive) }] : [];
  }
  return WAYS.flatMap((toward) => {
    const filter = kind.make(valuesToward(attributes, toward), engine);
    if (!filter) return [];
    const path = ownValue(attributes, toward, first) === null ? [first] : ["toward", String(toward), first];
    return [{ ...filter, name: `toward_${toward}_${filter.name}`, toward, asked: askedBy(path, sensitive) }];
  });
}

function askedBy(path: Path, sensitive: readonly Path[]): NonNullable<FilterCommand["asked"]> {
  return { argument: formatPath(path), hidden: isSensitive(sensitive, path) };
}

/** What a link's arguments come to for the frames that travel toward one endpoint: its block's, else the link's. */
export function valuesToward(attributes: PlannedAttributes, toward: Toward): PlannedAttributes {
  const values: { [name: string]: Planned } = {};
  for (const name of KINDS.flatMap((kind) => kind.arguments)) {
    values[name] = ownValue(attributes, toward, name) ?? attributes[name] ?? null;
  }
  return values;
}

/** What the block of that way says itself; null where it says nothing. */
function ownValue({ toward: blocks }: PlannedAttributes, toward: Toward, name: string): Planned {
  const block = blocksOf(blocks)[String(toward)];
  return block?.[name] ?? null;
}

/** A link's `toward` blocks by their labels. */
export function blocksOf(toward: Planned | undefined): { readonly [label: string]: PlannedAttributes } {
  if (toward === undefined || toward === null || toward === UNKNOWN || typeof toward !== "object") return {};
  return toward as { readonly [label: string]: PlannedAttributes };
}

function one(
  word: string,
  type: FilterCommand["type"],
  value: number,
  form: (value: number) => string = String,
): Filter | undefined {
  return value > 0 ? { name: `${word}_${value}`, type, arguments: [form(value)] } : undefined;
}

function delayed(values: PlannedAttributes): Filter | undefined {
  const delay = numberOf(values.delay_ms);
  const jitter = numberOf(values.jitter_ms);
  if (delay === 0) return undefined;
  const given = jitter > 0 ? [String(delay), String(jitter)] : [String(delay)];
  return { name: ["delay", ...given].join("_"), type: "delay", arguments: given };
}

/** The expressions of `drop_matching`. */
export function expressionsOf(list: Planned | undefined): readonly string[] {
  return Array.isArray(list) ? (list as readonly Planned[]).filter((item) => typeof item === "string") : [];
}

/** The place is part of the name, since one expression may stand there twice. */
function matching(expression: string, at: number): Filter {
  const digest = createHash("sha256").update(expression).digest("hex").slice(0, 12);
  return { name: `match_${at}_${digest}`, type: "bpf", arguments: [expression] };
}

/**
 * uBridge loses and corrupts one percent more than it is told: its packet_loss_handler and corrupt_handler compare with
 * `<=`, in 0.9.19 as well as in the sources of 1.2.
 */
function percentFor(engine: Engine): (wanted: number) => string {
  return (wanted) => String(Number((engine === "ubridge" ? wanted - 1 : wanted).toFixed(6)));
}

/**
 * Whether a uBridge of that version sleeps for each frame that it delays, so that frames wait for one another. Since 1.2
 * it has a line for them (src/delay_line.c).
 */
export function delaysOneByOne(version: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major < 1 || (major === 1 && minor < 2);
}

function numberOf(value: Planned | undefined): number {
  return typeof value === "number" ? value : 0;
}
