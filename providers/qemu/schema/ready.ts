import type { NestedBlockSchema } from "../../../src/core/schema.ts";
import { BOOL, NUMBER, STRING } from "../../../src/core/values.ts";

export const readyBlock: NestedBlockSchema = {
  description: "When the node counts as ready: what depends on it waits for that. All conditions given must hold.",
  nesting: "single",
  change: "live",
  attributes: {
    console: {
      type: STRING,
      description: "A text that must appear on the console since this boot.",
    },
    console_match: {
      type: STRING,
      description:
        "A regular expression (RE2's syntax, as the language's own `regex`) that must match a line of the console since this boot. A line ends where the guest begins the next one; the last is searched as far as it was written, and of each the first 4096 characters.",
    },
    tcp: {
      type: NUMBER,
      description:
        "A TCP port of the guest that must accept connections. A user_network must forward it: that is the way there.",
      minimum: 1,
      maximum: 65535,
      whole: true,
    },
    guest_agent: {
      type: BOOL,
      description:
        "Whether QEMU's guest agent must answer, which the guest must have installed and started; `labform exec` needs it too. The machine is given the agent's port (virtio-serial), so its first use restarts the node.",
      default: false,
    },
    timeout_s: {
      type: NUMBER,
      description: "Seconds to wait after the start for all the conditions.",
      default: 300,
      minimum: 0,
      maximum: 86_400,
    },
  },
};
