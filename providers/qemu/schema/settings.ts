import type { BlockSchema } from "../../../src/core/schema.ts";
import type { Type } from "../../../src/core/values.ts";
import { BOOL, NUMBER, STRING } from "../../../src/core/values.ts";

const PORT_RANGE: Type = { kind: "list", element: NUMBER };

/** The `provider "qemu"` block. The default port ranges lie below Linux's ephemeral ports (32768 up), where a client's socket could take a node's port. */
export const settings: BlockSchema = {
  attributes: {
    accel: {
      type: STRING,
      description:
        "Accelerator of the nodes that name none. auto: kvm where this host can (Linux on x86 with vmx or svm, and a usable /dev/kvm), else tcg.",
      oneOf: ["auto", "kvm", "tcg"],
      default: "auto",
    },
    binary_directory: {
      type: STRING,
      description: "Where QEMU's executables are; a relative path starts at the lab's directory. Default: PATH.",
    },
    image_directory: {
      type: STRING,
      description:
        "Where images are searched that are not in the lab's directory; a relative path starts at the lab's directory.",
    },
    console_host: {
      type: STRING,
      description: "The address consoles listen on.",
      default: "127.0.0.1",
    },
    console_ports: {
      type: PORT_RANGE,
      description: "First and last TCP port that consoles are given.",
      default: [23000, 23999],
    },
    console_access: {
      type: STRING,
      description:
        "owner: only processes of the lab's owner and of root may connect to consoles and monitors, and no guest through a user network. host: any account of this host and any guest, and whoever reaches the listening address.",
      oneOf: ["owner", "host"],
      default: "owner",
    },
    monitor: {
      type: BOOL,
      description: "Whether QEMU's monitors are served on TCP ports.",
      default: true,
    },
    monitor_host: {
      type: STRING,
      description: "The address monitors listen on. Whoever reaches a monitor can run programs as the lab's owner.",
      default: "127.0.0.1",
    },
    monitor_ports: {
      type: PORT_RANGE,
      description: "First and last TCP port that monitors are given.",
      default: [28000, 28999],
    },
    forward_ports: {
      type: PORT_RANGE,
      description: "First and last port of the host that forwarded ports of user networks are given.",
      default: [24000, 24999],
    },
  },
};
