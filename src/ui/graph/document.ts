import type { Picture } from "./picture.ts";
import { placeOf } from "./picture.ts";

/** `graph -format=json`. */
export function graphDocument({ lab, shows, nodes, links }: Picture): object {
  return {
    format_version: "1.0",
    lab,
    shows,
    nodes: nodes.map(({ address, ...rest }) => ({ address, ...placeOf(address), ...rest })),
    links: links.map(({ address, ...rest }) => ({ address, ...placeOf(address), ...rest })),
  };
}
