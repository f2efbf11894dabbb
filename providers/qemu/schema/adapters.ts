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
    description: "QEMU's device for the network adapters: e1000, virtio-net-pci, vmxnet3, …",
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
};

export const adapterBlock: NestedBlockSchema = {
  description: 'Settings of one network adapter; the label is its number: adapter "0" { … }.',
  nesting: "map",
  attribute: "adapter_settings",
  change: "restart",
  attributes: {},
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
