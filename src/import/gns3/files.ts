import type { Project, ProjectFiles } from "./project.ts";

/** What the files beside the project file are, by their paths. */
const KINDS: readonly (readonly [RegExp, "apart" | "lost", string])[] = [
  [/^project-files\/vpcs\/[^/]+\/startup\.vpc$/, "apart", "Its lines are told one by one."],
  [
    /^project-files\/qemu\/[^/]+\/hd[a-d]_disk\.qcow2$/,
    "lost",
    "It is what a guest wrote to its disk; the lab begins with the image below it. With qemu-img convert it becomes an image of its own.",
  ],
  [
    /^project-files\/qemu\/[^/]+\/config\.(?:zip|img)$/,
    "lost",
    "It is what was on the config disk; a config_disk block gives a guest its files.",
  ],
  [
    /^project-files\/(?:docker|dynamips|iou|virtualbox|vmware|traceng)\//,
    "apart",
    "It is of a node without counterpart.",
  ],
  [/^project-files\/captures\//, "apart", "It is what a capture wrote; it stays where it is."],
  [/^project-files\//, "apart", "It is of GNS3's own making."],
  [
    /^snapshots\//,
    "lost",
    "It is a snapshot of the project, and a project of its own; labform keeps no snapshots of labs.",
  ],
  [/^images\//, "apart", "It is an image: images.auto.vars.hcl says where it is."],
];

/** Every file of the project has a line, as every property has. */
export function accountForFiles({ ledger, nodes }: Project, { paths }: ProjectFiles): void {
  for (const path of paths) {
    const [, outcome, why] = KINDS.find(([pattern]) => pattern.test(path)) ?? [
      undefined,
      "apart" as const,
      "It is a file for people; it stays where it is.",
    ];
    const id = /^project-files\/[^/]+\/([^/]+)\//.exec(path)?.[1];
    const owner = nodes.find((node) => node.id === id)?.entry.owner ?? "files of the project";
    ledger.tell({ owner, path, value: null, outcome, why });
  }
}
