import type { NestedBlockSchema, ResourceSchema } from "../../core/schema.ts";
import { nestedSchema } from "../../core/schema.ts";
import type { Json } from "../../core/values.ts";
import type { Block } from "./blocks.ts";
import { Draft } from "./blocks.ts";
import { takeImpairments } from "./impairments.ts";
import type { Entry } from "./ledger.ts";
import { accountForLook } from "./outside.ts";
import type { Gns3Node } from "./project.ts";

/** A switch or hub of the project. */
interface Member {
  readonly node: Gns3Node;
  readonly name: string;
  readonly ports: ReadonlyMap<number, Entry>;
}

/** A port of one of them. */
export interface SegmentPort {
  readonly segment: Segment;
  readonly member: string;
  readonly number: number;
}

interface Plugged {
  readonly member: string;
  readonly number: number;
  /** The other end of the cable, as an endpoint of the language. */
  readonly endpoint: string;
  /** Of an end that is no adapter: `nat`. */
  readonly word?: string | undefined;
  readonly link: Entry;
}

/**
 * A switch or hub as a `network` block, in which each cable to it is a port. Switches on cables to one another become one
 * network, where it does what they do: a network's port takes no other network.
 */
export class Segment {
  readonly #name: string;
  readonly #schema: ResourceSchema;
  readonly #members = new Map<string, Member>();
  readonly #plugged: Plugged[] = [];
  /** Ports that became the inside of the network: `sw1 3`. */
  readonly #inside = new Set<string>();
  #into: Segment | undefined;

  constructor(node: Gns3Node, name: string, schema: ResourceSchema) {
    this.#name = name;
    this.#schema = schema;
    const entries = node.properties.items("ports_mapping");
    const ports = new Map(entries.map((entry, at) => [numberOf(entry) ?? at, entry]));
    this.#members.set(node.id, { node, name, ports });
  }

  /** The network it is a part of, or itself. */
  get whole(): Segment {
    return this.#into?.whole ?? this;
  }

  get address(): string {
    return `network.${this.#name}`;
  }

  /** Why such an end cannot be plugged in. */
  refuses(word: string): string | undefined {
    const has = this.#plugged.some((one) => one.word === word);
    return word === "nat" && has ? "A network of labform has one nat, which serves all that is on it." : undefined;
  }

  plug({ member, number }: SegmentPort, { endpoint, word }: Pick<Plugged, "endpoint" | "word">, link: Entry): void {
    this.#plugged.push({ member, number, endpoint, word, link });
  }

  /** Makes one network of two that a cable joins; why not, where they would not be as they were. */
  static join(one: SegmentPort, other: SegmentPort): string | undefined {
    const [first, second] = [one.segment.whole, other.segment.whole];
    if (first === second) return "It would be a loop in one network.";
    const [left, right] = [settingOf(first, one), settingOf(second, other)];
    if (left.type !== right.type || left.vlan !== right.vlan || left.type === "qinq") {
      return "Its ports are in different VLANs, and labform's networks are joined in no other way than by being one.";
    }
    if (left.type === "access" && !areApart(first, second, left.vlan)) {
      return `It joins VLAN ${String(left.vlan)} alone, and in one network the others would be joined too.`;
    }
    for (const [id, member] of second.#members) first.#members.set(id, member);
    for (const port of second.#inside) first.#inside.add(port);
    second.#into = first;
    for (const port of [one, other]) first.#inside.add(keyOf(port.member, port.number));
    return undefined;
  }

  /** Where the port is in the lab files. */
  addressOf({ member, number }: SegmentPort): string {
    return `${this.address}.port["${this.#labelOf(member, number)}"]`;
  }

  /** Undefined where it is a part of another. Its members are accounted for there. */
  finish(): Block | undefined {
    if (this.#into) return undefined;
    const members = [...this.#members.values()];
    const network = new Draft(this.address, "network", [this.#name], this.#schema);
    if (members.length > 1 || this.#name !== members[0]?.node.title) {
      network.comment(`${members.map(({ node }) => node.title).join(" and ")} in GNS3`);
    }
    const isHub = members.every(({ node }) => node.type === "ethernet_hub");
    if (isHub) network.set("aging_s", "0");
    const block = nestedSchema(this.#schema, "port") as NestedBlockSchema;
    const hasVlans = members.some(({ ports }) => [...ports.values()].some(isSetApart));
    for (const { node, ports } of members) {
      const plugged = this.#plugged.filter(({ member }) => member === node.id);
      for (const { number, endpoint, link } of plugged.sort((one, other) => one.number - other.number)) {
        const port = network.inner("port", this.#labelOf(node.id, number), block);
        port.set("endpoint", endpoint);
        const own = ports.get(number);
        if (own) takePort(port, own, hasVlans);
        takeImpairments(port, link, "Networks are carried by the built-in bridge, which has no BPF.");
      }
      this.#accountFor(node, ports, isHub);
    }
    return network.finish();
  }

  #accountFor({ entry, properties, type, id }: Gns3Node, ports: Member["ports"], isHub: boolean): void {
    for (const [number, port] of ports) {
      if (this.#inside.has(keyOf(id, number))) leave(port, "It is the inside of one network now.");
      else if (!this.#plugged.some((one) => one.member === id && one.number === number)) {
        leave(port, "Nothing is connected to it.");
      }
    }
    if (type === "ethernet_hub" && isHub) {
      entry.taken("node_type", `${this.address}.aging_s`, "With 0 a network learns nothing, and is a hub.");
    } else if (type === "ethernet_hub") {
      entry.lost("node_type", `It is one network with a switch, which learns who is where.`);
    }
    properties.apart("usage", "It tells how such a node is used.");
    accountForLook(entry);
  }

  /** The name that GNS3 shows, with its switch's where there are several. */
  #labelOf(id: string, number: number): string {
    const member = this.#members.get(id) as Member;
    const own = member.ports.get(number)?.text("name") ?? `Ethernet${number}`;
    return this.#members.size > 1 ? `${member.name} ${own}` : own;
  }

  /** The VLANs that its ports name, but for one. */
  vlansBut(vlan: Json): ReadonlySet<Json> {
    const ports = [...this.#members.values()].flatMap((member) => [...member.ports.values()]);
    return new Set(ports.map((port) => port.get("vlan") ?? 1).filter((one) => one !== vlan));
  }

  get hasTrunks(): boolean {
    const members = [...this.#members.values()];
    return members.some(({ ports }) => [...ports.values()].some((port) => port.text("type") === "dot1q"));
  }

  portOf({ member, number }: SegmentPort): Entry | undefined {
    return this.#members.get(member)?.ports.get(number);
  }
}

function keyOf(member: string, number: number): string {
  return `${member} ${number}`;
}

function settingOf(segment: Segment, at: SegmentPort): { readonly type: string; readonly vlan: Json } {
  const port = segment.portOf(at);
  return { type: port?.text("type") ?? "access", vlan: port?.get("vlan") ?? 1 };
}

/** Whether two have no VLAN in common but that one. */
function areApart(one: Segment, other: Segment, vlan: Json): boolean {
  if (one.hasTrunks && other.hasTrunks) return false;
  const [left, right] = [one.vlansBut(vlan), other.vlansBut(vlan)];
  if ((one.hasTrunks && right.size > 0) || (other.hasTrunks && left.size > 0)) return false;
  return [...left].every((each) => !right.has(each));
}

/** Whether a port is not in VLAN 1 like all others of a switch nobody set up. */
function isSetApart(port: Entry): boolean {
  return (port.text("type") ?? "access") !== "access" || (port.get("vlan") ?? 1) !== 1;
}

/** A trunk of GNS3's carries every VLAN; the port's own one without a tag. */
const EVERY_VLAN = '["1-4094"]';

function takePort(port: Draft, own: Entry, hasVlans: boolean): void {
  own.taken("name", port.address);
  own.taken("port_number", port.address);
  const vlan = own.get("vlan") ?? 1;
  const type = own.text("type") ?? "access";
  if (type === "dot1q") {
    port.set("trunk", EVERY_VLAN);
    port.take(own, "vlan", "native_vlan", vlan);
    own.taken("type", `${port.address}.trunk`, "A dot1q port carries every VLAN.");
  } else if (hasVlans || type !== "access") {
    port.take(own, "vlan", "vlan", vlan);
    if (type === "access") own.taken("type", `${port.address}.vlan`);
    else own.lost("type", "labform's networks have access and trunk ports; it is an access port here.");
  } else {
    own.leftOut("vlan", "All ports are in VLAN 1, as those of a network without VLANs.");
    own.leftOut("type", "It is an access port, as those of a network without VLANs.");
  }
  if (type !== "qinq" || own.text("ethertype") === "0x8100") own.leftOut("ethertype", "It is that of IEEE 802.1Q.");
  else own.lost("ethertype", "labform's networks tag by IEEE 802.1Q only.");
  own.finish();
}

function numberOf(port: Entry): number | undefined {
  const number = port.get("port_number");
  return typeof number === "number" ? number : undefined;
}

function leave(port: Entry, why: string): void {
  for (const key of port.keys()) port.apart(key, why);
}
