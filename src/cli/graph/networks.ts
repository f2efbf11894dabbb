import { endsOf, portsOf } from "../../core/ends.ts";
import type { ResourceSchema } from "../../core/schema.ts";
import type { Path, Planned, PlannedAttributes } from "../../core/values.ts";
import type { PicturedEnd, PicturedLink } from "../../ui/graph/picture.ts";
import { captureFile, impairments } from "../console/statusRows.ts";

interface SeenNetwork extends Pick<PicturedLink, "address" | "condition" | "action" | "detail"> {
  readonly attributes: PlannedAttributes;
  readonly sensitive: readonly Path[];
}

/** A network is drawn as what cables lead to: one for each port, whose number there is its place among the ends. */
export function picturePorts(
  { address, condition, action, detail, attributes, sensitive }: SeenNetwork,
  endOf: (endpoint: Planned) => PicturedEnd | undefined,
  link: ResourceSchema | undefined,
): readonly PicturedLink[] {
  const ports = new Map(portsOf(attributes.port));
  return endsOf(attributes).flatMap(({ port, endpoint }, index): readonly PicturedLink[] => {
    const end = endOf(endpoint);
    if (!end) return [];
    const marks = sensitive.flatMap((path) => (path[0] === "port" && path[1] === port ? [path.slice(2)] : []));
    const own = { attributes: (port === null ? undefined : ports.get(port)) ?? {}, sensitive: marks };
    const suspended = own.attributes.suspended === true;
    const set = impairments(own, link);
    const ends = [{ node: address, adapter: index }, end] as const;
    return [{ address, condition, action, detail, suspended, impairments: set, capture: captureFile(own), ends }];
  });
}
