import type { Diagnostic } from "../core/diagnostics.ts";
import { errorDiagnostic } from "../core/diagnostics.ts";
import { adapterIdOf, endsOf } from "../core/ends.ts";
import { rests } from "../core/lifecycle.ts";
import type { Change } from "../core/plan.ts";
import type { Range } from "../core/source.ts";
import { formatRange, rangeText } from "../core/source.ts";
import { suggestionText } from "../core/suggestion.ts";
import type { Expression } from "../core/syntax.ts";
import type { Planned, PlannedAttributes, Value } from "../core/values.ts";
import { isWhollyPlanned, UNKNOWN } from "../core/values.ts";
import { evaluate } from "../evaluation/evaluate.ts";
import type { Scope } from "../evaluation/scope.ts";
import type { EndpointKinds } from "./outsideEnds.ts";
import { outsideEnd } from "./outsideEnds.ts";

/** What the walk has planned of a node, as far as an endpoint needs it. */
type PlannedNode = Pick<Change, "address" | "id" | "planned">;

/** The node id and index in an adapter's id. */
function splitAdapterId(id: string): { readonly node: string; readonly index: number } | undefined {
  const slash = id.lastIndexOf("/");
  const index = id.slice(slash + 1);
  return slash > 0 && /^\d+$/.test(index) ? { node: id.slice(0, slash), index: Number(index) } : undefined;
}

/** The id of the node that an adapter's id names. */
export function nodeIdOf(adapter: string): string {
  return adapter.slice(0, adapter.lastIndexOf("/"));
}

/**
 * Whether the guest at each end of a link is to see a carrier: none on a cable that is suspended, or whose other end is
 * off. `isOff` is asked of node ids.
 */
export function carriersOf(link: PlannedAttributes, isOff: (node: string) => boolean): readonly boolean[] {
  const off = endsOf(link).map(({ endpoint }) => {
    const adapter = adapterIdOf(endpoint);
    return adapter !== undefined && isOff(nodeIdOf(adapter));
  });
  return off.map((_, end) => link.suspended !== true && off.every((one, other) => other === end || !one));
}

/**
 * An endpoint written as `….adapter[n]` with n beyond what the node has, or as `….port["name"]` with a name of none, told
 * in terms of nodes and adapters: as mere values it would be an index past the end of a list, or a missing key of a map.
 */
export function findMissingAdapters(
  link: string,
  expression: Expression | undefined,
  scope: Scope,
): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  for (const item of expression?.kind === "tuple" ? expression.items : [expression]) {
    if (item?.kind !== "index" || item.object.kind !== "attribute") continue;
    const { name, object } = item.object;
    if (name !== "adapter" && name !== "port") continue;
    const key = evaluate(item.key, scope).value.raw;
    const node = evaluate(object, scope).value.raw;
    if (!(node instanceof Map)) continue;
    const told = name === "port" ? missingPort(link, item, key, node) : missingAdapter(link, item, key, node);
    if (told) found.push(told);
  }
  return found;
}

type Written = Extract<Expression, { readonly kind: "index" }>;
type NodeValue = ReadonlyMap<string, Value>;

function missingAdapter(link: string, { object, range }: Written, index: unknown, node: NodeValue) {
  const adapters = node.get("adapters")?.raw;
  if (typeof index !== "number" || typeof adapters !== "number" || index < adapters) return undefined;
  return noSuchAdapter(link, nodeText(object), index, adapters, range);
}

function missingPort(link: string, { object, range }: Written, name: unknown, node: NodeValue): Diagnostic | undefined {
  const ports = node.get("port")?.raw;
  if (typeof name !== "string" || !(ports instanceof Map) || ports.has(name)) return undefined;
  const detail = `${suggestionText(name, [...(ports as NodeValue).keys()])} Ports are named by the node's port_name_format and by name in its adapter blocks.`;
  return errorDiagnostic(`${nodeText(object)} has no port ${JSON.stringify(name)}`, { detail, range, address: link });
}

/** Of `node.r1.adapter`: `node.r1`. */
function nodeText(adapters: Expression): string {
  return rangeText((adapters.kind === "attribute" ? adapters.object : adapters).range);
}

function noSuchAdapter(link: string, node: string, index: number, adapters: number, range: Range): Diagnostic {
  const many =
    adapters === 0
      ? "no adapters"
      : adapters === 1
        ? "one adapter, number 0"
        : `${adapters} adapters, 0 to ${adapters - 1}`;
  const detail = `It has ${many}. Raise its argument "adapters", or name another adapter.`;
  return errorDiagnostic(`${node} has no adapter ${index}`, { detail, range, address: link });
}

/**
 * Turns what `endpoints` says into recorded endpoints and the nodes at them, and sees to it that each adapter exists
 * and carries one link. One object for a whole walk.
 */
export class EndpointUses {
  readonly #nodes = new Map<string, PlannedNode>();
  readonly #uses = new Map<string, { readonly link: string; readonly range: Range }>();

  /** Nodes are added as they are planned; a link comes after those it ends at. */
  add(node: PlannedNode): void {
    this.#nodes.set(node.id, node);
  }

  isOff(node: string): boolean {
    return rests("node", this.#nodes.get(node)?.planned ?? null);
  }

  resolve(
    link: string,
    endpoints: Planned | undefined,
    placeOf: (position?: number) => Range,
    afterErrors: boolean,
    /** Of a network: how many there are is its own matter. */
    anyNumber = false,
    kinds: EndpointKinds = {},
  ): { readonly endpoints: Planned; readonly ends: readonly string[]; readonly diagnostics: readonly Diagnostic[] } {
    const diagnostics: Diagnostic[] = [];
    const refuse = (summary: string, detail: string, range = placeOf(), related: Diagnostic["related"] = []) => {
      diagnostics.push(errorDiagnostic(summary, { detail, range, related, address: link }));
      return { endpoints: null, ends: [], diagnostics };
    };
    if (endpoints === UNKNOWN) {
      return refuse(
        "The endpoints are not known at plan",
        "What a link connects must be known before anything is started. Name the adapters themselves: node.r1.adapter[0].",
      );
    }
    if (anyNumber && !Array.isArray(endpoints)) {
      return refuse("The endpoints are no list", "Give a list of adapters: [node.r1.adapter[0], node.r2.adapter[0]].");
    }
    if (!Array.isArray(endpoints) || (endpoints.length !== 2 && !anyNumber)) {
      const count = Array.isArray(endpoints) ? `; there are ${endpoints.length}` : "";
      return refuse(
        "A link has two endpoints",
        `Give a list of two, [node.r1.adapter[0], node.r2.adapter[0]]${count}.`,
      );
    }
    const resolved: Planned[] = [];
    /** What each end uses, as `#uses` knows it. */
    const uses: (string | null)[] = [];
    const ends: string[] = [];
    for (const [position, item] of (endpoints as readonly Planned[]).entries()) {
      const place = placeOf(position);
      // The node at this end could not be planned: it has had its message.
      if (item === UNKNOWN && afterErrors) return { endpoints: null, ends: [], diagnostics: [] };
      const outside = outsideEnd(item, kinds);
      if (outside && "summary" in outside) {
        const mayFollow = afterErrors && !isWhollyPlanned(item);
        return mayFollow
          ? { endpoints: null, ends: [], diagnostics: [] }
          : refuse(outside.summary, outside.detail, place);
      }
      if (outside) {
        const { word, use } = outside;
        const other = uses.includes(use) ? { link, range: placeOf(uses.indexOf(use)) } : this.#uses.get(use ?? "");
        if (use !== null && other) {
          return refuse(
            `Two endpoints have the same ${word}`,
            `${other.link} (${formatRange(other.range)}) ends there too, and it can carry one link. Give one of them another.`,
            place,
            [{ message: `${other.link} ends there too`, range: other.range }],
          );
        }
        resolved.push(item);
        uses.push(use);
        continue;
      }
      const id = endpointId(item);
      const parts = id === undefined ? undefined : splitAdapterId(id);
      if (id === undefined || !parts) {
        return refuse(
          `Endpoint ${position} of ${link} is no adapter`,
          `An endpoint is an adapter of a node (node.r1.adapter[0]) or its id${or(kinds)}. A whole node does not say which of its adapters is meant.`,
          place,
        );
      }
      const node = this.#nodes.get(parts.node);
      if (!node) {
        return refuse(
          `Endpoint ${position} of ${link} is an adapter of no node of this lab`,
          `There is no node with the id "${parts.node}". Refer to the adapter through its node: node.r1.adapter[0].`,
          place,
        );
      }
      const adapters = node.planned?.adapters;
      if (typeof adapters === "number" && parts.index >= adapters) {
        diagnostics.push(noSuchAdapter(link, node.address, parts.index, adapters, place));
        return { endpoints: null, ends: [], diagnostics };
      }
      if (hasUserNetwork(node, parts.index)) {
        return refuse(
          `Adapter ${parts.index} of ${node.address} has a user_network and takes no cable`,
          `Remove user_network from the node's block adapter "${parts.index}", or take another adapter for ${link}.`,
          place,
        );
      }
      if (uses.includes(id)) {
        return refuse(
          `${link} connects an adapter to itself`,
          `Both its endpoints are adapter ${parts.index} of ${node.address}.`,
          place,
        );
      }
      const other = this.#uses.get(id);
      if (other) {
        return refuse(
          `Adapter ${parts.index} of ${node.address} is used twice`,
          `${other.link} (${formatRange(other.range)}) and ${link} both end there; an adapter carries one link or is in one network. Raise the node's "adapters" and take another for one of them.`,
          place,
          [{ message: `${other.link} ends there too`, range: other.range }],
        );
      }
      resolved.push({ adapter: id });
      uses.push(id);
      if (!ends.includes(node.address)) ends.push(node.address);
    }
    uses.forEach((use, position) => {
      if (use !== null) this.#uses.set(use, { link, range: placeOf(position) });
    });
    return { endpoints: resolved, ends, diagnostics };
  }
}

/** How else a link may end, for a message. */
function or(kinds: EndpointKinds): string {
  const words = Object.keys(kinds).map((word) => `{ ${word} = … }`);
  return words.length === 0 ? "" : `, or one of ${words.join(", ")}`;
}

/** Of a kind of node whose adapters may have one: then it is at the place of the cable. */
function hasUserNetwork({ planned }: PlannedNode, index: number): boolean {
  const settings = planned?.["adapter_settings"] as
    | { readonly [index: string]: { readonly user_network?: Planned } }
    | undefined;
  return (settings?.[String(index)]?.user_network ?? null) !== null;
}

function endpointId(item: Planned): string | undefined {
  if (typeof item === "string") return item;
  if (item === null || item === UNKNOWN || typeof item !== "object" || Array.isArray(item)) return undefined;
  const one = item as { readonly id?: Planned; readonly adapter?: Planned };
  if (typeof one.adapter === "string") return one.adapter;
  return typeof one.id === "string" ? one.id : undefined;
}
