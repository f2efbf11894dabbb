import type { ResourceKind } from "../../core/addresses.ts";
import { adapterIdOf, connects, endsOf } from "../../core/ends.ts";
import { renameInstances } from "../../core/moves.ts";
import type { Plan } from "../../core/plan.ts";
import type { ResourceSchema } from "../../core/schema.ts";
import type { State } from "../../core/state.ts";
import type { Path, Planned, PlannedAttributes } from "../../core/values.ts";
import { isSensitive } from "../../core/values.ts";
import { nodeIdOf } from "../../planner/endpoints.ts";
import type { Picture, PicturedAdapter, PicturedEnd, PicturedLink, PicturedNode } from "../../ui/graph/picture.ts";
import type { Sight } from "../console/look.ts";
import { captureFile, impairments } from "../console/statusRows.ts";
import { placeOf } from "../console/ways.ts";
import { picturePorts } from "./networks.ts";
import { pictureOutside } from "./outside.ts";

type Schemas = ReadonlyMap<ResourceKind, ResourceSchema>;

/** What a node or link is, or is to be, however it is known. */
interface Seen extends Pick<PicturedNode, "address" | "condition" | "action" | "detail"> {
  readonly kind: ResourceKind;
  readonly id: string;
  readonly attributes: PlannedAttributes;
  readonly sensitive: readonly Path[];
}

/** What is recorded, as one look found it. */
export function pictureOfState({ rows, found, lab }: Sight, schemas: Schemas): Picture {
  const seen = rows.flatMap(({ address, condition, detail }): readonly Seen[] => {
    const instance = found.get(address)?.instance;
    return instance ? [{ ...instance, condition, detail, action: null }] : [];
  });
  return picture("state", lab ?? null, seen, schemas);
}

/** What a plan makes of a state; what it leaves as it is, as the state has it. */
export function pictureOfPlan(plan: Plan, state: State, schemas: Schemas): Picture {
  const changed = new Map(plan.changes.map((change) => [change.address, change]));
  const present = new Map(plan.moves?.map(({ from, to }) => [from, to] as const));
  const kept = [...renameInstances(state, present).instances.values()].filter(({ address }) => !changed.has(address));
  const seen: readonly Seen[] = [
    ...plan.changes.map((change) => ({
      ...change,
      attributes: change.planned ?? change.prior?.attributes ?? {},
      sensitive: [...change.sensitive, ...(change.prior?.sensitive ?? [])],
      condition: null,
      detail: change.causes.map(({ summary }) => summary).join("; ") || null,
    })),
    ...kept.map((instance) => ({ ...instance, condition: null, detail: null, action: "none" as const })),
  ];
  return picture("plan", plan.lab?.name ?? null, seen, schemas);
}

function picture(shows: Picture["shows"], lab: string | null, seen: readonly Seen[], schemas: Schemas): Picture {
  const inOrder = seen.toSorted((one, other) => compareNames(one.address, other.address));
  const nodes = inOrder.filter(({ kind }) => kind === "node" || kind === "network");
  const byId = new Map(nodes.map(({ id, address }) => [id, address]));
  const links = inOrder.filter(({ kind }) => kind === "link");
  return {
    lab,
    shows,
    nodes: [...nodes.map(pictureNode), ...outsides(inOrder.filter(({ kind }) => connects(kind)))],
    links: [
      ...links.flatMap((link) => pictureLink(link, byId, schemas.get("link"))),
      ...inOrder.flatMap((one) =>
        one.kind === "network" ? picturePorts(one, (end) => pictureEnd(one, end, byId), schemas.get("link")) : [],
      ),
    ],
  };
}

/** Each once, whatever number of links end there. */
function outsides(links: readonly Seen[]): readonly PicturedNode[] {
  const found = new Map<string, PicturedNode>();
  for (const { address, attributes, sensitive } of links) {
    for (const { endpoint } of endsOf(attributes)) {
      const outside = adapterIdOf(endpoint) ? undefined : pictureOutside(endpoint, address, sensitive);
      if (outside) found.set(outside.address, outside);
    }
  }
  return [...found.values()];
}

function pictureNode({ address, condition, action, detail, attributes, sensitive }: Seen): PicturedNode {
  const { adapter } = attributes;
  const adapters = Array.isArray(adapter) ? (adapter as readonly Planned[]) : [];
  return {
    address,
    condition,
    action,
    detail,
    console: isSensitive(sensitive, ["console"]) ? null : placeOf(attributes, "console"),
    adapters: adapters.map((one, index): PicturedAdapter => {
      const text = (name: "name" | "mac_address") => {
        const value = fields(one)[name];
        return typeof value === "string" && !isSensitive(sensitive, ["adapter", index, name]) ? value : null;
      };
      return { index, name: text("name"), mac_address: text("mac_address") };
    }),
  };
}

/** None where an end is at no node of the picture: one of a lab that is half removed. */
function pictureLink(
  { address, condition, action, detail, attributes, sensitive }: Seen,
  byId: ReadonlyMap<string, string>,
  schema: ResourceSchema | undefined,
): readonly PicturedLink[] {
  const seen = { address, sensitive };
  const ends = endsOf(attributes).flatMap(({ endpoint }) => pictureEnd(seen, endpoint, byId) ?? []);
  const [from, to] = ends;
  if (!from || !to) return [];
  const of = { attributes, sensitive };
  const suspended = attributes.suspended === true;
  const set = impairments(of, schema);
  return [
    { address, condition, action, detail, suspended, impairments: set, capture: captureFile(of), ends: [from, to] },
  ];
}

function pictureEnd(
  { address, sensitive }: Pick<Seen, "address" | "sensitive">,
  endpoint: Planned,
  byId: ReadonlyMap<string, string>,
): PicturedEnd | undefined {
  const id = adapterIdOf(endpoint);
  if (id === undefined) {
    const outside = pictureOutside(endpoint, address, sensitive);
    return outside && { node: outside.address, adapter: 0 };
  }
  const node = byId.get(nodeIdOf(id));
  return node === undefined ? undefined : { node, adapter: Number(id.slice(id.lastIndexOf("/") + 1)) };
}

function fields(value: Planned): { readonly [name: string]: Planned } {
  return value !== null && typeof value === "object" && !Array.isArray(value)
    ? (value as { readonly [name: string]: Planned })
    : {};
}

/** Numbers in names by what they count: r2 before r10. The same everywhere, whatever the locale. */
function compareNames(one: string, other: string): number {
  const parts = (text: string) => text.match(/\d+|\D+/g) ?? [];
  const left = parts(one);
  const right = parts(other);
  for (const [at, part] of left.entries()) {
    const against = right[at];
    if (against === undefined) return 1;
    if (part === against) continue;
    const difference = Number(part) - Number(against);
    if (!Number.isNaN(difference) && difference !== 0) return difference;
    return part < against ? -1 : 1;
  }
  return left.length - right.length;
}
