import type { ProviderSchema, ResourceSchema } from "../../src/core/schema.ts";
import { CARRIER } from "../../src/core/schema.ts";
import { BOOL, DYNAMIC, STRING } from "../../src/core/values.ts";
import { ENDPOINT_KINDS } from "./endpoints/schema.ts";
import { CAPTURE, DROP_MATCHING, IMPAIRMENTS, TOWARD } from "./impairmentSchema.ts";
import { networkSchema } from "./networks/schema.ts";

const link: ResourceSchema = {
  kind: "link",
  version: 1,
  description:
    "A cable between two adapters, or from one to the world outside of the lab. It is plugged in before its nodes start, and it can be added, changed and removed while they run.",
  attributes: {
    endpoints: {
      type: DYNAMIC,
      description:
        'What it connects: two of the adapters of nodes, each as `node.NAME.adapter[N]`, as `node.NAME.port["NAME"]` or as an adapter\'s id, and of the kinds below. An adapter carries one link.',
      required: true,
      endpoints: true,
      kinds: ENDPOINT_KINDS,
      change: "replace",
    },
    ...IMPAIRMENTS,
    drop_matching: DROP_MATCHING,
    carrier: CARRIER,
    suspended: {
      type: BOOL,
      description: "As if the cable were unplugged: no frame passes, and the guests see no carrier.",
      default: false,
      change: "live",
    },
    capture_file: {
      type: STRING,
      description: "Where its frames are written to now, absolute.",
      computed: "plan",
      change: "live",
    },
    id: {
      type: STRING,
      description: "Its name in the bridge, fixed when it is created.",
      computed: "plan",
      change: "replace",
    },
    engine: {
      type: STRING,
      description: "What carries it: `builtin` or `ubridge`, as the provider's settings decide.",
      computed: "plan",
      oneOf: ["builtin", "ubridge"],
      change: "replace",
    },
  },
  blocks: {
    toward: TOWARD,
    capture: CAPTURE,
  },
};

const bridge: ResourceSchema = {
  kind: "service",
  version: 1,
  description: "The process that carries a lab's links.",
  attributes: {
    engine: {
      type: STRING,
      description: "`builtin` or `ubridge`.",
      oneOf: ["builtin", "ubridge"],
      change: "replace",
    },
    path: {
      type: STRING,
      description: "The uBridge program; null for the built-in bridge.",
      change: "restart",
    },
    version: {
      type: STRING,
      description: "As the running process answers.",
      computed: "start",
    },
    control: {
      type: STRING,
      description: "Where it takes commands: a socket in the lab's run directory, or a port of 127.0.0.1.",
      computed: "start",
    },
  },
};

export const ubridgeSchema: ProviderSchema = {
  name: "ubridge",
  description: "Links between nodes, carried by the bridge that labform brings or by an installed uBridge.",
  settings: {
    attributes: {
      path: {
        type: STRING,
        description: "The uBridge program, absolute or relative to the lab's directory. Default: `ubridge` on PATH.",
      },
      engine: {
        type: STRING,
        description:
          "What carries the links. `auto` takes an installed uBridge that has a private control socket (1.0 and later), else the built-in bridge. `ubridge` takes any version; 0.9 lets every account of the host command it. A change restarts the nodes.",
        default: "auto",
        oneOf: ["auto", "ubridge", "builtin"],
      },
    },
  },
  resources: { link, network: networkSchema, "service.bridge": bridge },
};
