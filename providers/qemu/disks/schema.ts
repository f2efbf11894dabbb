import type { BlockSchema, NestedBlockSchema } from "../../../src/core/schema.ts";
import type { Type } from "../../../src/core/values.ts";
import { BOOL, STRING } from "../../../src/core/values.ts";
import { DISK_INTERFACES, IMAGE_FORMATS } from "./disk.ts";

export const diskSchema: NestedBlockSchema = {
  description:
    "A disk. Its label names it: hda, hdb, hdc and hdd keep the places GNS3 gives them, any other takes a free one. Guests see the label as the disk's serial number. What the guest writes goes to an overlay in the node's directory, unless linked_clone is false.",
  nesting: "map",
  change: "restart",
  attributes: {
    image: {
      type: STRING,
      description:
        "The image it starts from. A relative path is searched in the lab's directory, then in the provider's image_directory. Without one the disk is empty, and size says how large.",
      change: "replace",
    },
    interface: {
      type: STRING,
      description:
        "How it is connected: ide (on q35 its chipset's SATA ports), virtio, sata, scsi (virtio-scsi), nvme, usb, sd (an SD card), floppy, or none: then the image is attached to no device, and options can give one drive=disk-LABEL. Four disks fit on ide, six on sata and on q35's ide, eight on virtio and on nvme, 256 on scsi, 15 on usb, four on sd, two on floppy.",
      oneOf: DISK_INTERFACES,
      default: "ide",
      change: "restart",
    },
    linked_clone: {
      type: BOOL,
      description:
        "true: the image is shared and never written. false: the guest writes to the image itself, which then can be one disk's only and whose format must be given.",
      default: true,
      change: "replace",
    },
    size: {
      type: STRING,
      description:
        'Its size: a number of MiB, or with a unit, K, M, G or T, as in "20G". Default: the image\'s. It can grow, on a running node at once (nvme: with a restart), and never shrink.',
      change: "live",
    },
    format: {
      type: STRING,
      description:
        "The image's format. Default: what qemu-img finds the image to be when it is first used. With linked_clone = false it must be given: a guest could make a raw image look like another format, one that names files of the host.",
      oneOf: IMAGE_FORMATS,
      computed: "plan",
      optional: true,
      change: "replace",
    },
    readonly: {
      type: BOOL,
      description:
        "Whether the guest may only read it: then it has the image itself, without an overlay. Not on ide, sata and sd, which have no write protection.",
      default: false,
      change: "restart",
    },
    sha256: {
      type: STRING,
      description:
        "SHA-256 that the image must have, in hexadecimal. A plan reads the image once to tell, and again where its file changed. Not with linked_clone = false: that image changes.",
      change: "live",
    },
    md5: {
      type: STRING,
      description:
        "MD5 that the image must have, as GNS3's appliances tell it; else as sha256, which is to be preferred.",
      change: "live",
    },
  },
};

const DIGESTS: Type = {
  kind: "object",
  attributes: new Map([
    ["sha256", STRING],
    ["md5", STRING],
  ]),
};

export const digests: BlockSchema["attributes"] = {
  digests: {
    type: { kind: "map", element: DIGESTS },
    description:
      'What the images of disks are, by the disks\' labels: digests["hda"].sha256, and md5 where the block names one. Null without any; an image that the guest writes to has none.',
    computed: "plan",
    change: "live",
  },
};
