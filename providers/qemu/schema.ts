import type { ProviderSchema, ResourceSchema } from "../../src/core/schema.ts";
import { NUMBER, STRING } from "../../src/core/values.ts";
import { cdrom } from "./cdrom/schema.ts";
import { digests, diskSchema } from "./disks/schema.ts";
import { adapterBlock, adapters } from "./schema/adapters.ts";
import { computed } from "./schema/computed.ts";
import { console } from "./schema/console.ts";
import { firmware } from "./schema/firmware.ts";
import { life } from "./schema/life.ts";
import { machine } from "./schema/machine.ts";
import { readyBlock } from "./schema/ready.ts";
import { refused } from "./schema/refused.ts";
import { settings } from "./schema/settings.ts";
import { share } from "./schema/share.ts";
import { cloudInitBlock, configDiskBlock } from "./seeds/schema.ts";

/** The documentation tells arguments in this order. */
const node: ResourceSchema = {
  kind: "node",
  version: 2,
  description: "A virtual machine run by QEMU.",
  attributes: {
    ...machine,
    ...adapters,
    ...firmware,
    ...cdrom,
    ...console,
    ...life,
    ...share,
    ...computed,
    ...digests,
  },
  refused,
  blocks: {
    disk: diskSchema,
    cloud_init: cloudInitBlock,
    config_disk: configDiskBlock,
    adapter: adapterBlock,
    ready: readyBlock,
  },
};

const keeper: ResourceSchema = {
  kind: "service",
  version: 1,
  description:
    "A small process beside the nodes that serves their consoles and monitors and writes down why a QEMU ended. Nodes run on without it.",
  attributes: {
    pid: { type: NUMBER, description: "Its process id.", computed: "start" },
    version: { type: STRING, description: "The version of labform it belongs to.", computed: "start" },
  },
};

export const qemuSchema: ProviderSchema = {
  name: "qemu",
  description: "Nodes as virtual machines under QEMU 7.2 or later.",
  settings,
  resources: { node, "service.keeper": keeper },
};
