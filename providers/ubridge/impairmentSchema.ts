import type { AttributeSchema, NestedBlockSchema } from "../../src/core/schema.ts";
import { BOOL, NUMBER, STRING } from "../../src/core/values.ts";

/** Longer than any path on earth; it keeps what a delayed link holds in memory within reason. */
const LONGEST_DELAY_MS = 60_000;

/** A hundred gigabits a second. */
const HIGHEST_RATE_KBPS = 100_000_000;

/** What a cable does to frames, in the order they meet it; each can differ by the way they travel. */
export const IMPAIRMENTS: { readonly [name: string]: AttributeSchema } = {
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
    description:
      "Every Nth frame is lost, counted over both directions together; 1 loses them all, 0 none. Where a toward block has a drop_every each direction is counted by itself.",
    minimum: 0,
    maximum: 1_000_000,
    whole: true,
    change: "live",
  },
  rate_kbps: {
    type: NUMBER,
    description:
      "How much the link carries in each direction, in kilobits (1,000 bits) of frames a second; 0 is no limit. What comes faster waits in a queue, and what that cannot hold is dropped and counted. On the built-in bridge only: uBridge limits no rate.",
    default: 0,
    minimum: 0,
    maximum: HIGHEST_RATE_KBPS,
    whole: true,
    change: "live",
  },
};

export const DROP_MATCHING: AttributeSchema = {
  type: { kind: "list", element: STRING },
  description:
    'BPF expressions, as of tcpdump: a frame that matches one of them is lost, `["icmp", "udp port 53"]`. On uBridge only: the built-in bridge does not read frames.',
  change: "live",
};

/** The arguments of a `toward` block: those of the link, which stand where the block says nothing. */
export const TOWARD: NestedBlockSchema = {
  description:
    'Impairs the frames that travel toward one endpoint otherwise than the link\'s own arguments say: `toward "0"` is for those to the first of `endpoints`, `toward "1"` for those to the second. On the built-in bridge only: uBridge impairs both directions alike.',
  nesting: "map",
  change: "live",
  attributes: Object.fromEntries(
    Object.entries(IMPAIRMENTS).map(([name, { default: _, ...schema }]) => [
      name,
      { ...schema, description: `As the link's ${name}, of this direction alone. Default: the link's.` },
    ]),
  ),
};

export const CAPTURE: NestedBlockSchema = {
  description:
    "Its frames, in both directions, are written to a pcap file while the block is there: as they leave the link, without those it lost. The file can be read at any time. uBridge leaves it empty until the first frame, or until the capture ends.",
  nesting: "single",
  change: "live",
  attributes: {
    file: {
      type: STRING,
      description:
        "A name that ends in .pcap or .cap, absolute or relative to the lab's directory. Default: the link's name in `.labform/<workspace>/captures`. What is there when the capture starts is kept under the next number, core-1.pcap, unless append is true.",
    },
    link_type: {
      type: STRING,
      description: "What kind of frames the file says it holds, by libpcap's name. QEMU's adapters send Ethernet.",
      default: "EN10MB",
      oneOf: ["EN10MB", "C_HDLC", "PPP_SERIAL", "FRELAY", "ATM_RFC1483"],
    },
    append: {
      type: BOOL,
      description:
        "Goes on in a file that is there, if that is a capture of the same kind; a last frame that was written in part is taken off first. Any other file is kept under the next number. On the built-in bridge only.",
      default: false,
    },
    max_size_mib: {
      type: NUMBER,
      description:
        "How large the file may become, in MiB. A frame that would not fit begins a new one, under the same name; the full one gets the next number, core-1.pcap. Default: no limit. On the built-in bridge only.",
      minimum: 1,
      maximum: 1_000_000,
      whole: true,
    },
    keep: {
      type: NUMBER,
      description:
        "How many full files are kept beside the one that is written to; the oldest is removed for another. Only files that this capture filled are ever removed. Needs max_size_mib.",
      default: 10,
      minimum: 0,
      maximum: 10_000,
      whole: true,
    },
  },
};
