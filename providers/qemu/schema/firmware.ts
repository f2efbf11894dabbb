import type { BlockSchema } from "../../../src/core/schema.ts";
import { STRING } from "../../../src/core/values.ts";

/** What the guest is booted from. */
export const firmware: BlockSchema["attributes"] = {
  kernel_image: {
    type: STRING,
    description:
      "A kernel that QEMU boots directly. A relative path is searched in the lab's directory, then in the provider's image_directory.",
    change: "restart",
  },
  initrd: {
    type: STRING,
    description: "The initial RAM disk for kernel_image; paths as there.",
    change: "restart",
  },
  kernel_command_line: {
    type: STRING,
    description: "What the kernel of kernel_image is given as its command line.",
    change: "restart",
  },
  boot_priority: {
    type: STRING,
    description: "Boot devices in order, one letter each: c (disk), d (CD), n (network), a (floppy).",
    default: "c",
    change: "restart",
  },
};
