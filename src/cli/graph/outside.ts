import type { Path, Planned } from "../../core/values.ts";
import type { PicturedNode } from "../../ui/graph/picture.ts";
import { WORDS } from "../../ui/value.ts";

/**
 * What is at an end of a link that is no adapter, to stand among the nodes: `tap tap0`, `udp 5000 192.0.2.7 5001`. Where
 * nothing tells it from others, it is told by its link.
 */
export function pictureOutside(endpoint: Planned, link: string, sensitive: readonly Path[]): PicturedNode | undefined {
  if (endpoint === null || typeof endpoint !== "object" || Array.isArray(endpoint)) return undefined;
  const [entry] = Object.entries(endpoint as { readonly [word: string]: Planned });
  if (!entry) return undefined;
  const [word, value] = entry;
  const parts = sensitive.some(([first]) => first === undefined || first === "endpoints")
    ? WORDS.sensitive
    : words(value);
  return {
    address: parts === "" ? `${word} of ${link}` : `${word} ${parts}`,
    condition: "outside",
    action: null,
    detail: null,
    console: null,
    adapters: [{ index: 0, name: word, mac_address: null }],
  };
}

function words(value: Planned): string {
  if (value === null || typeof value === "symbol") return "";
  if (typeof value !== "object") return String(value);
  return Object.values(value)
    .filter((one) => typeof one === "string" || typeof one === "number")
    .join(" ");
}
