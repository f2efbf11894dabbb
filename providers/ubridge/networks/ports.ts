import { createHash } from "node:crypto";
import { endsOf, portsOf } from "../../../src/core/ends.ts";
import type { Instance } from "../../../src/core/state.ts";
import type { Json, Path, Planned, PlannedAttributes } from "../../../src/core/values.ts";

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
      address: `${address} port ${label === null ? nameOfEnd(endpoint) : JSON.stringify(label)}`,
      id: `${id}/${label === null ? nameOfEnd(endpoint) : keyOf(label)}`,
      attributes: { ...(label === null ? {} : blocks.get(label)), engine: attributes.engine ?? null },
      sensitive: label === null ? [] : within(sensitive, ["port", label]),
    },
  }));
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
  return typeof adapter === "string" ? adapter : `~${digest(JSON.stringify(endpoint))}`;
}

/** A name becomes a word of a command and the name of a file. */
function keyOf(label: string): string {
  return /^[\w-]{1,40}$/.test(label) ? label : `~${digest(label)}`;
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 12);
}
