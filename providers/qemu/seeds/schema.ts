import type { NestedBlockSchema } from "../../../src/core/schema.ts";
import { STRING } from "../../../src/core/values.ts";

export const cloudInitBlock: NestedBlockSchema = {
  description:
    "What cloud-init in the guest does at its first boot, on a small read-only virtio disk labelled cidata (its NoCloud source). Its instance-id is made of these texts, so a guest whose texts changed acts on them as at a first boot.",
  nesting: "single",
  change: "restart",
  attributes: {
    user_data: {
      type: STRING,
      description: 'The file user-data: "#cloud-config" and what follows, a script, or whatever cloud-init takes.',
    },
    meta_data: {
      type: STRING,
      description:
        "The file meta-data, YAML or JSON, such as `local-hostname: r1`. An instance-id of its own stays as it is: then the guest acts on a change of the other texts only when that changes too.",
    },
    network_config: {
      type: STRING,
      description: "The file network-config, version 1 or 2 of cloud-init's network configuration.",
    },
  },
};

export const configDiskBlock: NestedBlockSchema = {
  description:
    "A small disk with files that an appliance reads its configuration from: virtio and read-only, one FAT partition labelled CONFIG.",
  nesting: "single",
  change: "restart",
  attributes: {
    files: {
      type: { kind: "map", element: STRING },
      description:
        'The files by name, without directories: { "ios_config.txt" = file("r1.cfg") }. All together 2.8 MB at most.',
      required: true,
    },
  },
};
