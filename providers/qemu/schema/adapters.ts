import type { BlockSchema, NestedBlockSchema } from "../../../src/core/schema.ts";
import { NUMBER, STRING } from "../../../src/core/values.ts";

/** How many network adapters, and what they are unless one has a block of its own. */
export const adapters: BlockSchema["attributes"] = {
  adapters: {
    type: NUMBER,
    description: "Network adapters. Adding some never changes the addresses or the order of the others.",
    default: 1,
    minimum: 0,
    maximum: 275,
    whole: true,
    change: "restart",
  },
  adapter_type: {
    type: STRING,
    description:
      "QEMU's device for the network adapters that name no type of their own: e1000, virtio-net-pci, vmxnet3, …",
    default: "e1000",
    change: "restart",
  },
  mac_address: {
    type: STRING,
    description:
      "MAC address of adapter 0; adapter n has this plus n. Default: derived from the lab's identity and the node's address, the same on every machine.",
    computed: "plan",
    optional: true,
    change: "restart",
  },
  port_name_format: {
    type: STRING,
    description:
      'How the adapters are named, as in GNS3: {0} or {port0} is the number of the port in its segment, {1} or {segment0} that of the segment, {port1} and {segment1} count from 1, {adapter} is the number of the adapter: "Gi{1}/{0}". GNS3\'s own default is "Ethernet{0}".',
    default: "eth{0}",
    change: "live",
  },
  port_segment_size: {
    type: NUMBER,
    description: "How many adapters make a segment in port_name_format. With 0 each is a segment of its own.",
    default: 0,
    minimum: 0,
    maximum: 275,
    whole: true,
    change: "live",
  },
  first_port_name: {
    type: STRING,
    description: "The name of adapter 0; port_name_format then counts from adapter 1 on.",
    change: "live",
  },
};

export const adapterBlock: NestedBlockSchema = {
  description: 'Settings of one network adapter; the label is its number: adapter "0" { … }.',
  nesting: "map",
  attribute: "adapter_settings",
  change: "restart",
  attributes: {
    type: { type: STRING, description: "QEMU's device for it. Default: the node's adapter_type." },
    mac_address: { type: STRING, description: "Its MAC address. Default: the node's mac_address plus its number." },
    name: {
      type: STRING,
      description: 'What it is found by: port["Gi0/1"]. Default: as port_name_format says.',
      change: "live",
    },
  },
  blocks: {
    user_network: {
      description:
        "A private network of this adapter inside QEMU instead of a link: the guest is given 10.0.2.15 by DHCP, reaches the world through this host as its owner does (10.0.2.2 is the host itself), and is reached through forward blocks alone.",
      nesting: "single",
      attributes: {},
      blocks: {
        forward: {
          description:
            'A port of the guest that is reached through a port of the host; the label is the guest\'s port, "22" for TCP and "53/udp" for UDP.',
          nesting: "map",
          attributes: {
            host: {
              type: STRING,
              description: "The IPv4 address of the host to listen on. Whoever reaches it reaches the guest's port.",
              default: "127.0.0.1",
            },
            host_port: {
              type: NUMBER,
              description:
                "The port of the host to listen on. Default: a free one of the provider's forward_ports, kept as long as the node is there.",
              minimum: 1,
              maximum: 65535,
              whole: true,
            },
          },
        },
      },
    },
  },
};
