import { FORMAT_VERSION } from "../json/types.ts";
import type { Picture } from "./picture.ts";
import { placeOf } from "./picture.ts";

/** `graph -format=json`. */
export function graphDocument({ lab, shows, nodes, links }: Picture): object {
  return {
    format_version: FORMAT_VERSION,
    lab,
    shows,
    nodes: nodes.map(({ address, ...rest }) => ({ address, ...placeOf(address), ...rest })),
    links: links.map(({ address, ...rest }) => ({ address, ...placeOf(address), ...rest })),
  };
}
