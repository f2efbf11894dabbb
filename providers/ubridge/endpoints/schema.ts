import type { EndpointKind, NestedBlockSchema } from "../../../src/core/schema.ts";
import { NUMBER, STRING } from "../../../src/core/values.ts";

const PORT = { type: NUMBER, minimum: 1, maximum: 65_535, whole: true } as const;

export const FORWARD: NestedBlockSchema = {
  description: "Ports of this host that lead to ports of the guest: a list of objects.",
  nesting: "list",
  attributes: {
    host_port: { ...PORT, description: "The port of this host.", required: true },
    guest_port: { ...PORT, description: "The port of the guest that it leads to.", required: true },
    protocol: { type: STRING, description: "What is forwarded.", default: "tcp", oneOf: ["tcp", "udp"] },
    host: {
      type: STRING,
      description: "The IPv4 address of this host that is listened on; 0.0.0.0 is all of them.",
      default: "127.0.0.1",
    },
  },
};

/** What a link may end at beside the adapters of nodes. */
export const ENDPOINT_KINDS: { readonly [word: string]: EndpointKind } = {
  tap: {
    description:
      "A tap device of this host. One that does not exist is made, which takes CAP_NET_ADMIN, and goes with the link; one that is there must be up, and may belong to this account instead.",
    value: { type: STRING, description: "Its name, of at most 15 characters." },
    exclusive: "",
  },
  interface: {
    description:
      "An Ethernet interface of this host: the link sees all that arrives there, and sends from there. It must be up. Takes CAP_NET_RAW.",
    value: { type: STRING, description: "Its name." },
    exclusive: "",
  },
  udp: {
    description:
      "A port of this host and one of another (another lab, another host, GNS3): a frame a datagram, not encrypted. What others send to it is refused.",
    value: {
      attributes: {
        local_port: { ...PORT, description: "The UDP port of this host, on all its addresses.", required: true },
        remote_host: {
          type: STRING,
          description: "The IPv4 address or the name of the other end's host; looked up when the link is wired.",
          required: true,
        },
        remote_port: { ...PORT, description: "The port that the other end receives on.", required: true },
      },
    },
    exclusive: "local_port",
  },
  nat: {
    description:
      "The world as this host reaches it, through passt: the guest is given 10.0.2.15 by DHCP, its gateway 10.0.2.2 is this host itself. `{ nat = {} }` will do. On a network QEMU's user network is in its place, which gives each guest an address; ports are forwarded to the first one's, 10.0.2.15. On the built-in bridge.",
    value: {
      attributes: {},
      blocks: { forward: FORWARD },
    },
    exclusive: null,
  },
};
