import type { BlockSchema } from "../../../src/core/schema.ts";
import type { Type } from "../../../src/core/values.ts";
import { NUMBER, STRING } from "../../../src/core/values.ts";

const LISTENER: Type = {
  kind: "object",
  attributes: new Map([
    ["host", STRING],
    ["port", NUMBER],
  ]),
};

const ADAPTER: Type = {
  kind: "object",
  attributes: new Map([
    ["id", STRING],
    ["mac_address", STRING],
    ["name", STRING],
  ]),
};

/** What labform makes of the rest. */
export const computed: BlockSchema["attributes"] = {
  id: {
    type: STRING,
    description: "Names the node on the host: its directory and its sockets.",
    computed: "plan",
    change: "replace",
  },
  uuid: {
    type: STRING,
    description: "The machine's UUID as the guest sees it; the same on every machine.",
    computed: "plan",
    change: "restart",
  },
  uefi_code: {
    type: STRING,
    description: "The UEFI firmware that the node starts with; null without uefi.",
    computed: "plan",
    change: "restart",
  },
  adapter: {
    type: { kind: "list", element: ADAPTER },
    description: "The network adapters in their order: id (what a link connects), mac_address and name.",
    computed: "plan",
    change: "restart",
  },
  port: {
    type: { kind: "map", element: ADAPTER },
    description: 'The network adapters by name: port["eth0"], which a link can connect.',
    computed: "plan",
    change: "live",
  },
  tunnel: {
    type: STRING,
    description: "How the adapters are connected to the lab's bridge: stream or dgram. Follows the links' engine.",
    computed: "plan",
    change: "restart",
  },
  console: {
    type: LISTENER,
    description: "Where the console is reached; null with console_type none.",
    computed: "plan",
    change: "live",
  },
  aux: {
    type: LISTENER,
    description: "Where the aux console is reached; null with aux_console none.",
    computed: "plan",
    change: "live",
  },
  monitor: {
    type: LISTENER,
    description: "Where QEMU's monitor is reached; null where the provider's monitor is false.",
    computed: "plan",
    change: "live",
  },
  forward: {
    type: { kind: "map", element: LISTENER },
    description:
      'Where the host listens for the ports that user networks forward, by the label of the forward block: forward["22"].port. Null without any.',
    computed: "plan",
    change: "restart",
  },
  console_access: {
    type: STRING,
    description: "Who may connect to the consoles, from the provider's console_access.",
    computed: "plan",
    change: "live",
  },
  directory: {
    type: STRING,
    description: "Where the node's logs are: qemu.log (QEMU's own words), console.log and aux.log.",
    computed: "create",
  },
  pid: {
    type: NUMBER,
    description: "Process id of QEMU; null while the node is off.",
    computed: "start",
  },
  command_line: {
    type: STRING,
    description:
      "QEMU's command line as last started, quoted for a shell. Its sockets are relative to the lab's run directory.",
    computed: "start",
  },
};
