import { fail } from "../../../src/core/diagnostics.ts";
import { endsOf, portAddress, portsOf } from "../../../src/core/ends.ts";
import type { Instance } from "../../../src/core/state.ts";
import { suggestionText } from "../../../src/core/suggestion.ts";
import type { Json, Path, Planned, PlannedAttributes } from "../../../src/core/values.ts";
import { digestOf } from "../endpoints/endpoint.ts";

/**
 * A port of a network. The bridge has it as a link between what is plugged in and the switch, so all else about it goes
 * as with a link: `link` is the port as the record of one.
 */
export interface Port {
  /** Null of one that is in the list of endpoints. */
  readonly label: string | null;
  readonly link: Pick<Instance, "address" | "id" | "sensitive"> & { readonly attributes: PlannedAttributes };
}

type Network = Port["link"];

/** In the order of the network's ends. */
export function networkPorts({ address, id, attributes, sensitive }: Network): readonly Port[] {
  const blocks = new Map(portsOf(attributes.port));
  return endsOf(attributes).map(({ port: label, endpoint }) => ({
    label,
    link: {
      address: label === null ? `${address} port ${nameOfEnd(endpoint)}` : portAddress(address, label),
      id: `${id}/${label === null ? nameOfEnd(endpoint) : keyOf(label)}`,
      attributes: { ...(label === null ? {} : blocks.get(label)), engine: attributes.engine ?? null },
      sensitive: label === null ? [] : within(sensitive, ["port", label]),
    },
  }));
}

/** The port as if it were a link's record, for what is read of links. Rejects with `Failure` where it has none so called. */
export function portAsLink(network: Instance, label: string): Instance {
  const port = networkPorts(network).find((one) => one.label === label);
  if (port) return { ...network, ...port.link, attributes: port.link.attributes as Instance["attributes"] };
  const labels = portsOf(network.attributes.port).map(([one]) => one);
  return fail(`${network.address} has no port ${JSON.stringify(label)}`, {
    address: network.address,
    detail: labels.length > 0 ? suggestionText(label, labels) : "It has no port blocks.",
  });
}

/** What the names of all its ports in the bridge begin with. */
export function portPrefix(id: string): string {
  return `${id}/`;
}

/** Marks as they are seen from a part on. */
function within(sensitive: readonly Path[], part: Path): readonly Path[] {
  return sensitive.flatMap((path) => {
    if (part.some((step, at) => at < path.length && path[at] !== step)) return [];
    return [path.slice(part.length)];
  });
}

/** Of an end that nobody named: the same wherever it stands in the list. */
function nameOfEnd(endpoint: Planned): string {
  const { adapter } = (endpoint ?? {}) as { readonly adapter?: Json };
  return typeof adapter === "string" ? adapter : `~${digestOf(endpoint)}`;
}

/** A name becomes a word of a command and the name of a file. */
function keyOf(label: string): string {
  return /^[\w-]{1,40}$/.test(label) ? label : `~${digestOf(label)}`;
}
