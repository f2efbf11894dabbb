import type { ResourceSchema } from "../../../src/core/schema.ts";
import { BOOL, DYNAMIC, NUMBER, STRING } from "../../../src/core/values.ts";
import { ENDPOINT_KINDS } from "../endpoints/schema.ts";
import { CAPTURE, DROP_MATCHING, IMPAIRMENTS, TOWARD } from "../impairmentSchema.ts";
import { LAST_VLAN } from "./vlans.ts";

/** Eleven days; nobody waits for longer than that. */
const LONGEST_AGING_S = 1_000_000;

export const networkSchema: ResourceSchema = {
  kind: "network",
  version: 1,
  description:
    "A switch that any number of adapters are plugged into, and what is outside of the lab. They join and leave it while nodes run, and nobody else on it notices. It is carried by the built-in bridge: uBridge has no switch.",
  attributes: {
    endpoints: {
      type: DYNAMIC,
      description:
        'What is simply plugged in: adapters, each as `node.NAME.adapter[N]`, as `node.NAME.port["NAME"]` or as an adapter\'s id, and the kinds of ends that a link may have. What needs settings of its own has a `port` block instead.',
      default: [],
      endpoints: true,
      kinds: ENDPOINT_KINDS,
      change: "live",
    },
    aging_s: {
      type: NUMBER,
      description:
        "After how many seconds of silence a station is forgotten, so that frames to it go to every port again until it speaks. With 0 nothing is learned, and all frames go to every port, as in a hub.",
      default: 300,
      minimum: 0,
      maximum: LONGEST_AGING_S,
      whole: true,
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
      description: "What carries it: `builtin`.",
      computed: "plan",
      oneOf: ["builtin"],
      change: "replace",
    },
  },
  blocks: {
    port: {
      description:
        "A port with settings of its own, by a name of your choice. What is done to one port, also that it comes or goes, touches no other.",
      nesting: "map",
      change: "live",
      attributes: {
        endpoint: {
          type: DYNAMIC,
          description: "What is plugged in, as in `endpoints`.",
          required: true,
          endpoints: true,
          kinds: ENDPOINT_KINDS,
        },
        vlan: {
          type: NUMBER,
          description:
            "An access port of that VLAN: frames have no tag on it, and tagged ones are dropped. Once any port of the network names a VLAN, ports that name none are in VLAN 1.",
          minimum: 1,
          maximum: LAST_VLAN,
          whole: true,
        },
        trunk: {
          type: { kind: "list", element: STRING },
          description:
            'A trunk of these VLANs, numbers or ranges: `[10, 20, "100-199"]`. Frames have 802.1Q tags on it, those of other VLANs are dropped.',
        },
        native_vlan: {
          type: NUMBER,
          description:
            "Of a trunk: the VLAN of frames without a tag, in and out; it need not be in the list. Without it they are dropped.",
          minimum: 1,
          maximum: LAST_VLAN,
          whole: true,
        },
        ...IMPAIRMENTS,
        drop_matching: {
          ...DROP_MATCHING,
          description:
            "Not on a network: the built-in bridge, which carries it, does not read frames. A plan refuses it.",
        },
        suspended: {
          type: BOOL,
          description: "As if the cable were unplugged: no frame passes, and the guest sees no carrier.",
          default: false,
          change: "live",
        },
        capture_file: {
          type: STRING,
          description: "Where its frames are written to now, absolute.",
          computed: "plan",
          change: "live",
        },
      },
      blocks: {
        toward: {
          ...TOWARD,
          description:
            'Impairs the frames of one way otherwise than the port\'s own arguments say: `toward "0"` is for those to what is plugged in, `toward "1"` for those to the network.',
        },
        capture: CAPTURE,
      },
    },
  },
};
