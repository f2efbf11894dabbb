import { isAbsolute, relative } from "node:path";
import type { ResourceKind } from "../../core/addresses.ts";
import { adapterIdOf, connects, endsOf, portAddress, portsOf } from "../../core/ends.ts";
import type { EndStatistics } from "../../core/provider.ts";
import type { BlockSchema, ResourceSchema } from "../../core/schema.ts";
import type { Instance, Pending, State } from "../../core/state.ts";
import type { Path, Planned, PlannedAttributes } from "../../core/values.ts";
import { formatPath, isSensitive, UNKNOWN } from "../../core/values.ts";
import { handCause } from "../../planner/byHand.ts";
import { nodeIdOf } from "../../planner/endpoints.ts";
import type { Found } from "../../planner/refresh.ts";
import type { StatusPort, StatusRow } from "../../ui/status.ts";
import { WORDS } from "../../ui/value.ts";
import { pictureOutside } from "../graph/outside.ts";
import { whyOff } from "./nodes.ts";
import { whatIsUnderWay, whatWasLeft } from "./underWay.ts";
import { placeOf } from "./ways.ts";

interface Surroundings {
  /** As recorded, with what is under way. */
  readonly state: State;
  /** Of what is under way: what a labform left that is gone. */
  readonly left: ReadonlySet<Pending>;
  readonly found: ReadonlyMap<string, Found>;
  readonly schemas: ReadonlyMap<ResourceKind, ResourceSchema>;
  /** By address, of what carries frames. */
  readonly statistics: ReadonlyMap<string, readonly EndStatistics[]>;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** Of a link as it is recorded, or as it is planned. */
interface LinkAttributes {
  readonly attributes: PlannedAttributes;
  readonly sensitive: readonly Path[];
}

/** Every instance as it was found. */
export function statusRows(around: Surroundings): readonly StatusRow[] {
  return [...around.found.values()].flatMap((one) => (one.live ? [row(one, around)] : []));
}

function row(one: Found, around: Surroundings): StatusRow {
  const { instance } = one;
  const { attributes, kind, address } = instance;
  const present = one.condition === "present";
  const { condition, detail } = seen(one, around);
  return {
    address,
    kind,
    condition,
    detail,
    ready: kind === "node" && present ? instance.status === "ok" && condition !== "suspended" : null,
    pid: present ? processId(instance) : null,
    started: present && typeof instance.private.started === "string" ? instance.private.started : null,
    console: placeOf(attributes, "console"),
    aux: placeOf(attributes, "aux"),
    monitor: placeOf(attributes, "monitor"),
    impairments: kind === "link" ? impairments(instance, around.schemas.get("link")) : null,
    capture: kind === "link" ? captureFile(instance) : null,
    ports: kind === "network" ? portRows(instance, around) : null,
    statistics: around.statistics.get(address) ?? null,
  };
}

/** In the order of the network's ends. */
function portRows({ address, attributes, sensitive }: Instance, around: Surroundings): readonly StatusPort[] {
  const blocks = new Map(portsOf(attributes.port));
  const schema = around.schemas.get("network")?.blocks?.port;
  return endsOf(attributes).map(({ port, endpoint }) => {
    const marks = sensitive.flatMap((path) => (path[0] === "port" && path[1] === port ? [path.slice(2)] : []));
    const own = { attributes: (port === null ? undefined : blocks.get(port)) ?? {}, sensitive: marks };
    return {
      name: port === null ? endName(endpoint, { address, sensitive }, around) : portAddress("", port).slice(1),
      suspended: own.attributes.suspended === true,
      impairments: impairments(own, schema),
      capture: captureFile(own),
    };
  });
}

function endName(
  endpoint: Planned,
  { address, sensitive }: Pick<Instance, "address" | "sensitive">,
  { found }: Surroundings,
): string {
  const adapter = adapterIdOf(endpoint);
  if (adapter === undefined) return pictureOutside(endpoint, address, sensitive)?.address ?? "";
  const node = [...found.values()].find(({ instance }) => instance.id === nodeIdOf(adapter));
  return node ? `${node.instance.address}.adapter[${adapter.slice(adapter.lastIndexOf("/") + 1)}]` : adapter;
}

function seen(one: Found, around: Surroundings): { readonly condition: string; readonly detail: string | null } {
  const { instance, live } = one;
  const pending = around.state.instances.get(instance.address)?.pending;
  const underWay = pending
    ? around.left.has(pending)
      ? whatWasLeft(pending)
      : whatIsUnderWay(pending, around.now)
    : null;
  if (live && live.condition !== "present") {
    const off = whyOff(one, around.now) ?? live.cause.summary;
    const rests = live.condition === "down" && off !== live.cause.summary;
    return { condition: rests ? "off" : live.condition, detail: underWay ?? off };
  }
  const bridge = lostBridge(instance, around.found);
  if (bridge !== undefined) return { condition: "down", detail: `${bridge} does not carry it` };
  const byHand = instance.byHand ? handCause(instance.byHand, new Date(around.now).toISOString()).summary : null;
  if (instance.status !== "ok") return { condition: instance.status, detail: underWay ?? byHand };
  return { condition: presentCondition(instance), detail: underWay ?? byHand };
}

function presentCondition({ kind, attributes }: Instance): string {
  if (kind === "service") return "running";
  if (kind === "node") return attributes.power === "suspended" ? "suspended" : "running";
  return attributes.suspended === true ? "suspended" : "up";
}

/** A link is whole in the record while its bridge is gone, for the bridge's next start wires it again; but it carries nothing. */
function lostBridge(instance: Instance, found: ReadonlyMap<string, Found>): string | undefined {
  if (!connects(instance.kind)) return undefined;
  return instance.dependencies.find((address) => {
    const one = found.get(address);
    return one?.instance.kind === "service" && one.condition !== "present";
  });
}

/** Not all that have a process show its pid as an attribute. */
function processId({ private: notes, attributes }: Instance): number | null {
  const { process } = notes;
  if (typeof process === "object" && process !== null && "pid" in process) return Number(process.pid);
  return typeof attributes.pid === "number" ? attributes.pid : null;
}

/**
 * The link's live arguments that are set otherwise than by default; that it is suspended is a condition of its own.
 * Those that are not known yet are left out.
 */
export function impairments(
  { attributes, sensitive }: LinkAttributes,
  schema: BlockSchema | undefined,
): StatusRow["impairments"] {
  const set = Object.fromEntries([
    ...setIn(schema, attributes, [], sensitive),
    ...Object.entries(schema?.blocks ?? {}).flatMap(([type, block]) => {
      const items = block.nesting === "map" && block.change === "live" ? (attributes[type] ?? null) : null;
      if (typeof items !== "object" || items === null) return [];
      return Object.entries(items as { readonly [label: string]: PlannedAttributes }).flatMap(([label, item]) =>
        setIn(block, item, [type, label], sensitive),
      );
    }),
  ]);
  return Object.keys(set).length > 0 ? set : null;
}

function setIn(
  schema: BlockSchema | undefined,
  attributes: PlannedAttributes,
  at: Path,
  sensitive: readonly Path[],
): readonly (readonly [name: string, value: string | number | boolean])[] {
  return Object.entries(schema?.attributes ?? {}).flatMap(([name, { change, computed, default: usual }]) => {
    const value = attributes[name] ?? null;
    if (change !== "live" || computed !== undefined || name === "suspended" || value === null) return [];
    const path = [...at, name];
    if (sensitive.some((one) => isSensitive([one], path) || isSensitive([path], one))) return [];
    const shown = Array.isArray(value) ? value.filter((item) => typeof item === "string").join("; ") : value;
    if (shown === UNKNOWN || typeof shown === "object" || shown === (usual ?? null) || shown === "") return [];
    return [[formatPath(path), shown] as const];
  });
}

/** The file a link's frames are written to, so far as it is known and may be shown; null where they are not. */
export function captureFile({ attributes, sensitive }: LinkAttributes): string | null {
  const { capture, capture_file: actual } = attributes;
  if (typeof capture !== "object" || capture === null) return null;
  if ([["capture", "file"], ["capture_file"]].some((path) => isSensitive(sensitive, path))) return WORDS.sensitive;
  if (typeof actual === "string") return actual;
  return "file" in capture && typeof capture.file === "string" ? capture.file : null;
}

/** Captures by their names from the lab's directory, where they are in it: for people. */
export function withShortNames<Row extends Pick<StatusRow, "capture"> & Partial<Pick<StatusRow, "ports">>>(
  rows: readonly Row[],
  directory: string,
): readonly Row[] {
  const shortOf = (file: string | null) => {
    if (file === null || !isAbsolute(file)) return file;
    const short = relative(directory, file);
    return short.startsWith("..") ? file : short;
  };
  return rows.map((one) => {
    const ports = one.ports?.map((port) => ({ ...port, capture: shortOf(port.capture) }));
    return { ...one, capture: shortOf(one.capture), ...(ports ? { ports } : {}) };
  });
}
