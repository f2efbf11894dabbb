import type { ResourceKind } from "./addresses.ts";
import { quoteKey } from "./addresses.ts";
import type { Planned, PlannedAttributes } from "./values.ts";

/** Whether it connects nodes: its ends are prepared before it is made, and started after it. */
export function connects(kind: ResourceKind): boolean {
  return kind === "link" || kind === "network";
}

/** One of the ports of a network, by its label; null of an end that it has in its list. */
export interface End {
  readonly port: string | null;
  /** `{ adapter = "r1-3f2a9c1d/0" }`; as it is written where it is not resolved yet. */
  readonly endpoint: Planned;
}

/**
 * What a link or network connects, in the order that all else about its ends goes by: its `endpoints` as they stand,
 * then the `endpoint` of each `port`, by label.
 */
export function endsOf({ endpoints, port }: PlannedAttributes): readonly End[] {
  const listed = Array.isArray(endpoints) ? (endpoints as readonly Planned[]) : [];
  const ends: End[] = listed.map((endpoint) => ({ port: null, endpoint }));
  for (const [label, { endpoint = null }] of portsOf(port)) ends.push({ port: label, endpoint });
  return ends;
}

/** The blocks of a network's ports, by label. */
export function portsOf(port: Planned | undefined): readonly (readonly [label: string, port: PlannedAttributes])[] {
  if (port === null || port === undefined || typeof port !== "object" || Array.isArray(port)) return [];
  const ports = Object.entries(port as { readonly [label: string]: PlannedAttributes });
  return ports.sort(([one], [other]) => (one < other ? -1 : 1));
}

/** How a network's port is called: `network.lan.port["web"]`. */
export function portAddress(network: string, label: string): string {
  return `${network}.port[${quoteKey(label)}]`;
}

/** The adapters' ids among the ends of a recorded link or network. */
export function adapterIds(attributes: PlannedAttributes): readonly string[] {
  return endsOf(attributes).flatMap(({ endpoint }) => adapterIdOf(endpoint) ?? []);
}

/** Of a recorded endpoint that is an adapter: `<node id>/<index>`. */
export function adapterIdOf(endpoint: Planned): string | undefined {
  if (endpoint === null || typeof endpoint !== "object") return undefined;
  const { adapter } = endpoint as { readonly adapter?: Planned };
  return typeof adapter === "string" ? adapter : undefined;
}
