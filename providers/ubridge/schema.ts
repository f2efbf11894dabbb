import type { ProviderSchema, ResourceSchema } from "../../src/core/schema.ts";
import { CARRIER } from "../../src/core/schema.ts";
import { BOOL, DYNAMIC, NUMBER, STRING } from "../../src/core/values.ts";

/** Longer than any path on earth; it keeps what a delayed link holds in memory within reason. */
const LONGEST_DELAY_MS = 60_000;

const link: ResourceSchema = {
  kind: "link",
  version: 1,
  description:
    "A cable between two adapters. It is plugged in before its nodes start, and it can be added, changed and removed while they run.",
  attributes: {
    endpoints: {
      type: DYNAMIC,
      description:
        'The two adapters it connects, each as `node.NAME.adapter[N]`, as `node.NAME.port["NAME"]` or as an adapter\'s id. An adapter carries one link.',
      required: true,
      endpoints: true,
      change: "replace",
    },
    delay_ms: {
      type: NUMBER,
      description:
        "How long each frame is under way, in each direction, in milliseconds. The built-in bridge delays any number of frames at once; uBridge before 1.2 sleeps for each frame, so that a delayed link carries only 1000 / delay_ms frames a second.",
      default: 0,
      minimum: 0,
      maximum: LONGEST_DELAY_MS,
      whole: true,
      change: "live",
    },
    jitter_ms: {
      type: NUMBER,
      description:
        "How much the delay varies: each frame's delay is drawn between delay_ms - jitter_ms and delay_ms + jitter_ms. Frames keep their order. Needs delay_ms.",
      default: 0,
      minimum: 0,
      maximum: LONGEST_DELAY_MS,
      whole: true,
      change: "live",
    },
    loss_percent: {
      type: NUMBER,
      description:
        "How many of a hundred frames are lost, in each direction and at random. uBridge takes whole percents only.",
      default: 0,
      minimum: 0,
      maximum: 100,
      change: "live",
    },
    corrupt_percent: {
      type: NUMBER,
      description:
        "How many of a hundred frames are corrupted, in each direction and at random: the middle quarter of such a frame is changed. uBridge takes whole percents only.",
      default: 0,
      minimum: 0,
      maximum: 100,
      change: "live",
    },
    drop_every: {
      type: NUMBER,
      description: "Every Nth frame is lost, counted over both directions together; 1 loses them all.",
      minimum: 1,
      maximum: 1_000_000,
      whole: true,
      change: "live",
    },
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
    capture: {
      description:
        "Its frames, in both directions, are written to a pcap file while the block is there: as they leave the link, without those it lost. uBridge leaves the file empty until the first frame, or until the capture ends.",
      nesting: "single",
      change: "live",
      attributes: {
        file: {
          type: STRING,
          description:
            "A name that ends in .pcap or .cap, absolute or relative to the lab's directory. Default: the link's name in `.labform/<workspace>/captures`. What is there when the capture starts is kept under the next number: core-1.pcap.",
        },
        link_type: {
          type: STRING,
          description: "What kind of frames the file says it holds, by libpcap's name. QEMU's adapters send Ethernet.",
          default: "EN10MB",
          oneOf: ["EN10MB", "C_HDLC", "PPP_SERIAL", "FRELAY", "ATM_RFC1483"],
        },
      },
    },
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
  resources: { link, "service.bridge": bridge },
};
