import { isX86Platform } from "../accelerator.ts";
import type { NodeAttributes } from "../attributes.ts";
import { seedImage } from "../names.ts";
import { pciRoot, seedPlace } from "../pci.ts";
import type { Seeded } from "./seeds.ts";
import { seedsOf } from "./seeds.ts";

type Board = Pick<NodeAttributes, "platform" | "machine">;

/**
 * The disks with the texts of the lab files. They are read-only, which a virtio disk can be and an IDE one not, and come
 * behind all disks on the PCI bus: a guest's /dev/vda stays what it was.
 */
export function seedArguments(node: Board & Seeded, directory: string): readonly string[] {
  const root = pciRoot(node.platform, node.machine);
  const names = seedsOf(node);
  return names.flatMap((name, at) => {
    const image = `seed-${name}`;
    const place = root === undefined ? undefined : seedPlace(root, isX86Platform(node.platform), at, names.length);
    return [
      "-blockdev",
      `driver=file,node-name=${image}-file,filename=${seedImage(directory, name).replaceAll(",", ",,")},read-only=on`,
      "-blockdev",
      `driver=raw,node-name=${image},file=${image}-file,read-only=on`,
      "-device",
      [
        seedDevice(node),
        `drive=${image}`,
        `serial=${name}`,
        ...(place ? [`bus=${place.bus}`, `addr=${place.address}`] : []),
      ].join(","),
    ];
  });
}

/** Where the board's layout is not known the alias stands for what it has: virtio-blk-ccw on s390x. */
export function seedDevice({ platform, machine }: Board): string {
  return pciRoot(platform, machine) === undefined ? "virtio-blk" : "virtio-blk-pci";
}
