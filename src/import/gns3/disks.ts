import type { NestedBlockSchema } from "../../core/schema.ts";
import { nestedSchema } from "../../core/schema.ts";
import type { Draft } from "./blocks.ts";
import { written } from "./blocks.ts";
import type { Entry } from "./ledger.ts";
import type { NodeMaking } from "./qemu.ts";

/** By the ending of a name, where an image is written to and labform must know what it is. */
const FORMATS: { readonly [ending: string]: string } = {
  qcow2: "qcow2",
  vmdk: "vmdk",
  vdi: "vdi",
  vhdx: "vhdx",
  vhd: "vpc",
};

/** The four disks of GNS3, in their places; since 2.2 a config disk may stand in that of hdd. */
export function takeDisks(node: Draft, properties: Entry, making: NodeMaking): void {
  const schema = nestedSchema(making.schema, "disk") as NestedBlockSchema;
  const isLinked = properties.get("linked_clone") !== false;
  const hasConfig = properties.get("create_config_disk") === true;
  const unlinked = ["hda", "hdb", "hdc", "hdd"].flatMap((label) => {
    if (label === "hdd" && hasConfig) return giveWay(properties) ?? [];
    return takeDisk(node, properties, making, { label, isLinked, schema }) ? [label] : [];
  });
  if (properties.has("linked_clone")) {
    if (isLinked) properties.leftOut("linked_clone", "It is labform's default.");
    else if (unlinked.length === 0) properties.leftOut("linked_clone", "The node has no disk.");
    else {
      const as = unlinked.map((label) => `${node.address}.disk["${label}"].linked_clone`).join(", ");
      properties.taken("linked_clone", as, "An image that is written to needs its format; it was told by the name.");
    }
  }
  if (hasConfig) {
    const why = "What was in it is not in the project file. A config_disk block gives a guest its files.";
    properties.lost("create_config_disk", why);
  } else if (properties.has("create_config_disk")) properties.leftOut("create_config_disk", "It is labform's default.");
}

interface Place {
  readonly label: string;
  readonly isLinked: boolean;
  readonly schema: NestedBlockSchema;
}

/** Whether there is one. Since 3.0 a node's image may be named by its own overlay, with the base beside it. */
function takeDisk(node: Draft, properties: Entry, making: NodeMaking, { label, isLinked, schema }: Place): boolean {
  const image = `${label}_disk_image`;
  const backing = `${image}_backing_file`;
  const bus = `${label}_disk_interface`;
  const sum = `${image}_md5sum`;
  const path = properties.text(backing) ?? properties.text(image);
  if (path === undefined) {
    properties.leftOut(bus, "There is no such disk.");
    return false;
  }
  const disk = node.inner("disk", label, schema);
  const isOverlay = properties.text(backing) !== undefined;
  const md5 = isOverlay ? undefined : properties.text(sum);
  const key = making.images.use(path, md5, `${label} of ${making.name}`);
  const entry = `var.images[${written(key)}]`;
  disk.set("image", `${entry}.path`);
  const where = "Where it is stands in images.auto.vars.hcl.";
  if (isOverlay) {
    properties.taken(backing, `${disk.address}.image`, where);
    properties.lost(image, "It is what the guest wrote in GNS3. The node begins with the image below it.");
    properties.apart(sum, "It is that of what the guest wrote in GNS3.");
  } else properties.taken(image, `${disk.address}.image`, where);
  if (md5 !== undefined) {
    if (isLinked) disk.set("md5", `${entry}.md5`);
    const apart = "For the reader: an image that is written to is not compared.";
    properties.taken(sum, isLinked ? `${disk.address}.md5` : `${entry}.md5`, isLinked ? undefined : apart);
  }
  takeInterface(disk, properties, bus);
  if (!isLinked) {
    disk.set("linked_clone", "false");
    disk.set("format", written(FORMATS[path.toLowerCase().split(".").at(-1) ?? ""] ?? "raw"));
  }
  return true;
}

function takeInterface(disk: Draft, properties: Entry, bus: string): void {
  const given = properties.text(bus);
  if (given === undefined) return;
  if (given === "none") properties.leftOut(bus, "GNS3 itself takes ide for it, which is labform's default.");
  else if (given === "mtd" || given === "pflash") {
    disk.set("interface", written("none"));
    const why = `labform connects no disk by ${given}; it is attached to no device. uefi gives a node UEFI.`;
    properties.lost(bus, why);
  } else disk.take(properties, bus, "interface", given);
}

function giveWay(properties: Entry): undefined {
  for (const key of properties.keys()) {
    if (key.startsWith("hdd_disk_")) properties.apart(key, "GNS3 puts the config disk in its place.");
  }
}
