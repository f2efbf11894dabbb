import type { BlockSchema } from "../../../src/core/schema.ts";
import { STRING } from "../../../src/core/values.ts";

export const cdrom: BlockSchema["attributes"] = {
  cdrom_image: {
    type: STRING,
    description:
      "What is in the CD drive: an image as .iso files are; paths as for kernel_image. It is changed while the guest runs: one that holds the tray is given stop_timeout_s, then the tray is forced open. On pc and q35 an empty drive is always there, at the place of an ide disk hdc, and not where a disk has that place; on other machines the first CD takes a restart, for it brings the drive (on virtio-scsi).",
    change: "live",
  },
};
