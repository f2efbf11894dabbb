import type { BlockSchema } from "../../../src/core/schema.ts";
import { NUMBER, STRING } from "../../../src/core/values.ts";

/** How it is stopped and left. */
export const life: BlockSchema["attributes"] = {
  on_stop: {
    type: STRING,
    description:
      "How the node is stopped. power_off: as if its power cable were pulled. shutdown_signal: its power button is pressed (ACPI), and its guest given stop_timeout_s to shut down before the power is cut. save_vm_state: what its guest does is saved, and goes on at the next start; its clock has stood still meanwhile. A node that was changed into another machine meanwhile, or whose disks were written to, boots instead, and the plan says so. One that is started suspended has it in its QEMU alone: it boots instead once that ended otherwise than by a stop.",
    oneOf: ["power_off", "shutdown_signal", "save_vm_state"],
    default: "power_off",
    change: "live",
  },
  stop_timeout_s: {
    type: NUMBER,
    description:
      "Seconds a guest is given to stop by itself, or QEMU to save its machine state, before its power is cut. power_off does not ask the guest and does not wait.",
    default: 30,
    minimum: 0,
    maximum: 86_400,
    change: "live",
  },
  power: {
    type: STRING,
    description:
      "on: it runs. off: its machine is turned off; its disks and ports stay, and changes that would restart it are only made. suspended: it stands still in the middle of what it does, and goes on from there when turned on.",
    oneOf: ["on", "off", "suspended"],
    default: "on",
    change: "live",
  },
};
