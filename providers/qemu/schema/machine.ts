import type { BlockSchema } from "../../../src/core/schema.ts";
import { DYNAMIC, NUMBER, STRING } from "../../../src/core/values.ts";
import { GONE_PLATFORMS } from "./refused.ts";

/** What `qemu-system-…` there is, in QEMU 7.2 and later. */
export const PLATFORMS: readonly string[] = [
  "aarch64",
  "alpha",
  "arm",
  "avr",
  "cris",
  "hppa",
  "i386",
  "loongarch64",
  "m68k",
  "microblaze",
  "microblazeel",
  "mips",
  "mips64",
  "mips64el",
  "mipsel",
  "nios2",
  "or1k",
  "ppc",
  "ppc64",
  "riscv32",
  "riscv64",
  "rx",
  "s390x",
  "sh4",
  "sh4eb",
  "sparc",
  "sparc64",
  "tricore",
  "x86_64",
  "xtensa",
  "xtensaeb",
];

/** What QEMU emulates, and how. */
export const machine: BlockSchema["attributes"] = {
  platform: {
    type: STRING,
    description:
      "The processor architecture to emulate. Default: read off qemu_binary's name where it is set, else x86_64.",
    oneOf: PLATFORMS,
    gone: GONE_PLATFORMS,
    computed: "plan",
    optional: true,
    change: "restart",
  },
  qemu_binary: {
    type: STRING,
    description:
      "QEMU's executable: a name, searched in the provider's binary_directory or on PATH, or a path. Default: qemu-system-PLATFORM.",
    computed: "plan",
    optional: true,
    change: "restart",
  },
  machine: {
    type: STRING,
    description: "QEMU's machine type. Default: pc on x86, virt on arm and aarch64, elsewhere QEMU's own choice.",
    computed: "plan",
    optional: true,
    change: "restart",
  },
  cpu_model: {
    type: STRING,
    description: "QEMU's CPU model, with features where wanted: `host,-svm`. Default: QEMU's own choice.",
    change: "restart",
  },
  accel: {
    type: STRING,
    description:
      "How the guest's instructions are run: kvm (by the host's processor), tcg (emulated), or auto. Default: the provider's accel. What auto was resolved to is kept as long as it works.",
    oneOf: ["auto", "kvm", "tcg"],
    computed: "plan",
    optional: true,
    change: "restart",
  },
  cpus: {
    type: NUMBER,
    description: "Virtual CPUs.",
    default: 1,
    minimum: 1,
    maximum: 4096,
    whole: true,
    change: "restart",
  },
  max_cpus: {
    type: NUMBER,
    description:
      "How many virtual CPUs the machine has places for, those of cpus included, where the guest is to be given more while it runs. Default: cpus.",
    minimum: 1,
    maximum: 4096,
    whole: true,
    change: "restart",
  },
  ram: {
    type: NUMBER,
    description: "Memory in MiB.",
    default: 256,
    minimum: 4,
    whole: true,
    change: "restart",
  },
  options: {
    type: DYNAMIC,
    description:
      'More options for QEMU, after all others: a list of words, or one text that is split as a shell would. See "QEMU\'s own options".',
    default: [],
    change: "restart",
  },
};
