import type { BlockSchema } from "../../../src/core/schema.ts";
import { NUMBER, STRING } from "../../../src/core/values.ts";
import { CONSOLE_TYPES } from "../consoles/types.ts";

/** How the guest and QEMU are reached. */
export const console: BlockSchema["attributes"] = {
  console_type: {
    type: STRING,
    description:
      "telnet: the first serial port, on a TCP port of the host for any number of clients. vnc: the screen, for any number of viewers. spice: the screen by SPICE, on a QXL display adapter, for one viewer, whom the next one takes it from; spice+agent: besides what spice-vdagent and spice-webdavd in the guest need. none: neither. A screen needs pc, q35 or virt; on another board the display adapter is for options to give.",
    oneOf: CONSOLE_TYPES,
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
  aux_console: {
    type: STRING,
    description:
      "A second way to the guest, of the types of console_type. telnet: the second serial port, or the first where console_type is not telnet. vnc and the like: the screen beside a serial console.",
    oneOf: CONSOLE_TYPES,
    default: "none",
    change: "restart",
  },
  aux_console_port: {
    type: NUMBER,
    description: "TCP port of the aux console. Default: a free one of the provider's console_ports.",
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
