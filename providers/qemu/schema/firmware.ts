import type { BlockSchema } from "../../../src/core/schema.ts";
import { BOOL, STRING } from "../../../src/core/values.ts";

/** What the guest is booted from. */
export const firmware: BlockSchema["attributes"] = {
  bios_image: {
    type: STRING,
    description:
      "The firmware to start with instead of QEMU's own, as -bios takes it. A relative path is searched in the lab's directory, then in the provider's image_directory.",
    change: "restart",
  },
  uefi: {
    type: BOOL,
    description:
      "true: the node starts with UEFI (OVMF on x86, on pc and q35; AAVMF on arm's virt) as the host has it installed, without Secure Boot. Its variables are its own: they stay through restarts and go with the node.",
    default: false,
    change: "restart",
  },
  tpm: {
    type: BOOL,
    description:
      "true: the node has a TPM 2.0 of its own, emulated by the host's swtpm. What it keeps stays through restarts and goes with the node.",
    default: false,
    change: "restart",
  },
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
    description:
      "What the kernel of kernel_image is given as its command line. One that is sensitive is in no process list: QEMU reads it from a file. It then has one line without double quotes, of 1000 bytes at most.",
    change: "restart",
  },
  boot_priority: {
    type: STRING,
    description: "Boot devices in order, one letter each: c (disk), d (CD), n (network), a (floppy).",
    default: "c",
    change: "restart",
  },
};
