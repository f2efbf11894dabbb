import type { BlockSchema } from "../../../src/core/schema.ts";
import { NUMBER, STRING } from "../../../src/core/values.ts";
import { PRIORITIES } from "../cpu/priority.ts";

/** How much of the host's processors it has. */
export const share: BlockSchema["attributes"] = {
  process_priority: {
    type: STRING,
    description:
      "Which nodes go first where the host's processors are short: the priority of all of QEMU's threads, as nice(1) has it (-20, -15, -5, none, 5, 19). Above normal needs CAP_SYS_NICE or a limit of nice; without that right a warning is given and the node runs as it is, and coming back up from a lower one restarts it.",
    oneOf: PRIORITIES,
    default: "normal",
    change: "live",
  },
  cpu_throttling: {
    type: NUMBER,
    description:
      "The most that the node may take of the host's processors, in percent of one; 0: as much as there is. Held by a cgroup where labform may make one, else by the program cpulimit.",
    default: 0,
    minimum: 0,
    maximum: 409_600,
    whole: true,
    change: "live",
  },
};
