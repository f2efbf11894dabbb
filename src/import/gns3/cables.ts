import type { ResourceSchema } from "../../core/schema.ts";
import type { Block } from "./blocks.ts";
import { Draft } from "./blocks.ts";
import { takeImpairments } from "./impairments.ts";
import { Names } from "./names.ts";
import type { Outside } from "./outside.ts";
import type { End, Gns3Link } from "./project.ts";
import { accountForLink, linkOf } from "./project.ts";
import type { SegmentPort } from "./switches.ts";
import { Segment } from "./switches.ts";

/** What a cable of a project may end at. */
export type Device =
  | { readonly kind: "node"; readonly name: string; readonly adapters: number }
  | { readonly kind: "segment"; readonly name: string; readonly segment: Segment }
  | { readonly kind: "outside"; readonly name: string; readonly outside: Outside }
  | { readonly kind: "none"; readonly name: string; readonly why: string };

/** One end of a cable, resolved: an endpoint of the language, a port of a network, or why there is neither. */
type Resolved = { readonly name: string } & (
  | { readonly endpoint: string; readonly word?: string }
  | { readonly port: SegmentPort }
  | { readonly why: string }
);

interface Cable {
  readonly link: Gns3Link;
  readonly ends: readonly Resolved[];
}

/** Every cable, as a `link` block or as ports of networks; the links are answered. `noMatching`: why none has a BPF filter. */
export function layCables(
  links: readonly Gns3Link[],
  devices: ReadonlyMap<string, Device>,
  schema: ResourceSchema,
  noMatching: string | undefined,
): readonly Block[] {
  const used = new Set<string>();
  const cables = links.map(({ entry, ends: plain }): Cable => {
    const ends = plain.map((end) => resolve(end, devices, used));
    return { link: linkOf(entry.named(`link ${ends.map(({ name }) => name).join(" – ")}`)), ends };
  });
  joinSegments(cables);
  const names = new Names();
  const blocks: Block[] = [];
  for (const { link, ends } of cables) {
    const [one, other] = ends;
    const lost = ends.length === 2 ? ends.flatMap((end) => ("why" in end ? [end.why] : [])) : ["It has not two ends."];
    if (!one || !other || lost.length > 0) lose(link, lost);
    else if ("port" in one && "endpoint" in other) plug(link, one.port, other, true);
    else if ("port" in other && "endpoint" in one) plug(link, other.port, one, false);
    else if ("endpoint" in one && "endpoint" in other) {
      const name = names.give(`${one.name}_${other.name}`);
      const block = new Draft(`link.${name}`, "link", [name], schema);
      block.set("endpoints", `[${one.endpoint}, ${other.endpoint}]`);
      takeImpairments(block, link.entry, noMatching);
      blocks.push(block.finish());
      accountForLink(link, block.address, [`${block.address}.endpoints[0]`, `${block.address}.endpoints[1]`]);
    }
  }
  return blocks;
}

/** Before all else, since the ports of a network are named by the switches it is made of. */
function joinSegments(cables: readonly Cable[]): void {
  const joined: (readonly [Gns3Link, SegmentPort])[] = [];
  for (const { link, ends } of cables) {
    const [one, other] = ends;
    if (!one || !other || !("port" in one) || !("port" in other)) continue;
    const isOff = link.entry.get("suspend") === true;
    const why = isOff ? "It is suspended, so the two stay apart." : Segment.join(one.port, other.port);
    if (why === undefined) joined.push([link, one.port]);
    else lose(link, [why]);
  }
  for (const [{ entry, ends }, { segment }] of joined) {
    const filters = entry.child("filters");
    for (const key of filters?.keys() ?? []) {
      filters?.lost(key, "The switches at its ends are one network now, which has nothing between them.");
    }
    entry.leftOut("suspend", "It is labform's default.");
    const { address } = segment.whole;
    accountForLink({ entry, ends }, address, [address, address]);
  }
}

function resolve(end: End, devices: ReadonlyMap<string, Device>, used: Set<string>): Resolved {
  const device = devices.get(end.nodeId);
  if (device === undefined) return { name: "?", why: "One of its ends is at no node of the project." };
  const { name } = device;
  const place = `${end.nodeId}/${end.adapter}/${end.port}`;
  if (device.kind === "none") return { name, why: `${name} has no counterpart: ${device.why}` };
  if (device.kind !== "outside" && used.has(place)) {
    return { name, why: `Another link ends at that port of ${name} already.` };
  }
  used.add(place);
  if (device.kind === "segment")
    return { name, port: { segment: device.segment, member: end.nodeId, number: end.port } };
  if (device.kind === "node") {
    if (end.adapter < device.adapters) return { name, endpoint: `node.${name}.adapter[${end.adapter}]` };
    return { name, why: `${name} has no adapter ${end.adapter}: it has ${device.adapters}.` };
  }
  const endpoint = device.outside.expressionAt(end.port);
  if (endpoint === undefined) return { name, why: `Port ${end.port} of ${name} has no counterpart.` };
  return { name, endpoint, word: /\w+/.exec(endpoint)?.[0] ?? "" };
}

function lose(link: Gns3Link, why: readonly string[]): void {
  const { ledger, path, owner } = link.entry;
  ledger.tell({ owner, path, value: null, outcome: "lost", why: [...new Set(why)].join(" ") });
}

function plug(link: Gns3Link, port: SegmentPort, end: { endpoint: string; word?: string }, isFirst: boolean): void {
  const segment = port.segment.whole;
  const why = end.word === undefined ? undefined : segment.refuses(end.word);
  if (why !== undefined) return lose(link, [why]);
  segment.plug(port, end, link.entry);
  const [own, other] = [segment.addressOf(port), `${segment.addressOf(port)}.endpoint`];
  accountForLink(link, own, isFirst ? [own, other] : [other, own]);
}
