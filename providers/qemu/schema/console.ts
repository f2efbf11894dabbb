import type { BlockSchema } from "../../../src/core/schema.ts";
import { NUMBER, STRING } from "../../../src/core/values.ts";

/** How the guest and QEMU are reached. */
export const console: BlockSchema["attributes"] = {
  console_type: {
    type: STRING,
    description:
      "telnet: the first serial port, on a TCP port of the host for any number of clients. none: no serial port.",
    oneOf: ["telnet", "none"],
    default: "telnet",
    change: "restart",
  },
  console_port: {
    type: NUMBER,
    description: "TCP port of the console. Default: a free one of the provider's console_ports.",
    minimum: 1,
    maximum: 65535,
    whole: true,
    change: "live",
  },
  monitor_port: {
    type: NUMBER,
    description: "TCP port of QEMU's monitor. Default: a free one of the provider's monitor_ports.",
    minimum: 1,
    maximum: 65535,
    whole: true,
    change: "live",
  },
};
