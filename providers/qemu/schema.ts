import type { ProviderSchema, ResourceSchema } from "../../src/core/schema.ts";
import type { Type } from "../../src/core/values.ts";
import { BOOL, NUMBER, STRING } from "../../src/core/values.ts";
import { diskSchema } from "./disks/schema.ts";

const PORT_RANGE: Type = { kind: "list", element: NUMBER };

const LISTENER: Type = {
  kind: "object",
  attributes: new Map([
    ["host", STRING],
    ["port", NUMBER],
  ]),
};

const ADAPTER: Type = {
  kind: "object",
  attributes: new Map([
    ["id", STRING],
    ["mac_address", STRING],
    ["name", STRING],
  ]),
};

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

const node: ResourceSchema = {
  kind: "node",
  version: 1,
  description: "A virtual machine run by QEMU.",
  attributes: {
    platform: {
      type: STRING,
      description:
        "The processor architecture to emulate. Default: read off qemu_binary's name where it is set, else x86_64.",
      oneOf: PLATFORMS,
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
    ram: {
      type: NUMBER,
      description: "Memory in MiB.",
      default: 256,
      minimum: 4,
      whole: true,
      change: "restart",
    },
    adapters: {
      type: NUMBER,
      description: "Network adapters. Adding some never changes the addresses or the order of the others.",
      default: 1,
      minimum: 0,
      maximum: 275,
      whole: true,
      change: "restart",
    },
    adapter_type: {
      type: STRING,
      description: "QEMU's device for the network adapters: e1000, virtio-net-pci, vmxnet3, …",
      default: "e1000",
      change: "restart",
    },
    mac_address: {
      type: STRING,
      description:
        "MAC address of adapter 0; adapter n has this plus n. Default: derived from the lab's identity and the node's address, the same on every machine.",
      computed: "plan",
      optional: true,
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
      description: "What the kernel of kernel_image is given as its command line.",
      change: "restart",
    },
    boot_priority: {
      type: STRING,
      description: "Boot devices in order, one letter each: c (disk), d (CD), n (network), a (floppy).",
      default: "c",
      change: "restart",
    },
    console_type: {
      type: STRING,
      description:
        "telnet: the first serial port, on a TCP port of the host for any number of clients. none: no serial port.",
      oneOf: ["telnet", "none"],
      default: "telnet",
      change: "restart",
    },
    console_port: {
      type: NUMBER,
      description: "TCP port of the console. Default: a free one of the provider's console_ports.",
      minimum: 1,
      maximum: 65535,
      whole: true,
      change: "live",
    },
    monitor_port: {
      type: NUMBER,
      description: "TCP port of QEMU's monitor. Default: a free one of the provider's monitor_ports.",
      minimum: 1,
      maximum: 65535,
      whole: true,
      change: "live",
    },
    on_stop: {
      type: STRING,
      description:
        "How the node is stopped. power_off: as if its power cable were pulled. shutdown_signal: its power button is pressed (ACPI), and its guest given stop_timeout_s to shut down before the power is cut.",
      oneOf: ["power_off", "shutdown_signal"],
      default: "power_off",
      change: "live",
    },
    stop_timeout_s: {
      type: NUMBER,
      description:
        "Seconds a guest is given to stop by itself before its power is cut. power_off does not ask the guest and does not wait.",
      default: 30,
      minimum: 0,
      maximum: 86_400,
      change: "live",
    },
    power: {
      type: STRING,
      description:
        "on: it runs. off: its machine is turned off; its disks and ports stay, and changes that would restart it are only made. suspended: it stands still in the middle of what it does, and goes on from there when turned on.",
      oneOf: ["on", "off", "suspended"],
      default: "on",
      change: "live",
    },
    id: {
      type: STRING,
      description: "Names the node on the host: its directory and its sockets.",
      computed: "plan",
      change: "replace",
    },
    uuid: {
      type: STRING,
      description: "The machine's UUID as the guest sees it; the same on every machine.",
      computed: "plan",
      change: "restart",
    },
    adapter: {
      type: { kind: "list", element: ADAPTER },
      description: "The network adapters in their order: id (what a link connects), mac_address and name.",
      computed: "plan",
      change: "restart",
    },
    tunnel: {
      type: STRING,
      description: "How the adapters are connected to the lab's bridge: stream or dgram. Follows the links' engine.",
      computed: "plan",
      change: "restart",
    },
    console: {
      type: LISTENER,
      description: "Where the console is reached; null with console_type none.",
      computed: "plan",
      change: "live",
    },
    monitor: {
      type: LISTENER,
      description: "Where QEMU's monitor is reached; null where the provider's monitor is false.",
      computed: "plan",
      change: "live",
    },
    forward: {
      type: { kind: "map", element: LISTENER },
      description:
        'Where the host listens for the ports that user networks forward, by the label of the forward block: forward["22"].port. Null without any.',
      computed: "plan",
      change: "restart",
    },
    console_access: {
      type: STRING,
      description: "Who may connect to console and monitor, from the provider's console_access.",
      computed: "plan",
      change: "live",
    },
    directory: {
      type: STRING,
      description: "Where the node's logs are: qemu.log (QEMU's own words) and console.log.",
      computed: "create",
    },
    pid: {
      type: NUMBER,
      description: "Process id of QEMU; null while the node is off.",
      computed: "start",
    },
    command_line: {
      type: STRING,
      description:
        "QEMU's command line as last started, quoted for a shell. Its sockets are relative to the lab's run directory.",
      computed: "start",
    },
  },
  blocks: {
    disk: diskSchema,
    adapter: {
      description: 'Settings of one network adapter; the label is its number: adapter "0" { … }.',
      nesting: "map",
      attribute: "adapter_settings",
      change: "restart",
      attributes: {},
      blocks: {
        user_network: {
          description:
            "A private network of this adapter inside QEMU instead of a link: the guest is given 10.0.2.15 by DHCP, reaches the world through this host as its owner does (10.0.2.2 is the host itself), and is reached through forward blocks alone.",
          nesting: "single",
          attributes: {},
          blocks: {
            forward: {
              description:
                'A port of the guest that is reached through a port of the host; the label is the guest\'s port, "22" for TCP and "53/udp" for UDP.',
              nesting: "map",
              attributes: {
                host: {
                  type: STRING,
                  description:
                    "The IPv4 address of the host to listen on. Whoever reaches it reaches the guest's port.",
                  default: "127.0.0.1",
                },
                host_port: {
                  type: NUMBER,
                  description:
                    "The port of the host to listen on. Default: a free one of the provider's forward_ports, kept as long as the node is there.",
                  minimum: 1,
                  maximum: 65535,
                  whole: true,
                },
              },
            },
          },
        },
      },
    },
    ready: {
      description: "When the node counts as ready: what depends on it waits for that. All conditions given must hold.",
      nesting: "single",
      change: "live",
      attributes: {
        console: {
          type: STRING,
          description: "A text that must appear on the console since this boot.",
        },
        console_match: {
          type: STRING,
          description:
            "A regular expression (RE2's syntax, as the language's own `regex`) that must match a line of the console since this boot. A line ends where the guest begins the next one; the last is searched as far as it was written, and of each the first 4096 characters.",
        },
        tcp: {
          type: NUMBER,
          description:
            "A TCP port of the guest that must accept connections. A user_network must forward it: that is the way there.",
          minimum: 1,
          maximum: 65535,
          whole: true,
        },
        timeout_s: {
          type: NUMBER,
          description: "Seconds to wait after the start for all the conditions.",
          default: 300,
          minimum: 0,
          maximum: 86_400,
        },
      },
    },
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

/** The default port ranges lie below Linux's ephemeral ports (32768 up), where a client's socket could take a node's port. */
export const qemuSchema: ProviderSchema = {
  name: "qemu",
  description: "Nodes as virtual machines under QEMU 7.2 or later.",
  settings: {
    attributes: {
      accel: {
        type: STRING,
        description:
          "Accelerator of the nodes that name none. auto: kvm where this host can (Linux on x86 with vmx or svm, and a usable /dev/kvm), else tcg.",
        oneOf: ["auto", "kvm", "tcg"],
        default: "auto",
      },
      binary_directory: {
        type: STRING,
        description: "Where QEMU's executables are; a relative path starts at the lab's directory. Default: PATH.",
      },
      image_directory: {
        type: STRING,
        description:
          "Where images are searched that are not in the lab's directory; a relative path starts at the lab's directory.",
      },
      console_host: {
        type: STRING,
        description: "The address consoles listen on.",
        default: "127.0.0.1",
      },
      console_ports: {
        type: PORT_RANGE,
        description: "First and last TCP port that consoles are given.",
        default: [23000, 23999],
      },
      console_access: {
        type: STRING,
        description:
          "owner: only processes of the lab's owner and of root may connect to consoles and monitors, and no guest through a user network. host: any account of this host and any guest, and whoever reaches the listening address.",
        oneOf: ["owner", "host"],
        default: "owner",
      },
      monitor: {
        type: BOOL,
        description: "Whether QEMU's monitors are served on TCP ports.",
        default: true,
      },
      monitor_host: {
        type: STRING,
        description: "The address monitors listen on. Whoever reaches a monitor can run programs as the lab's owner.",
        default: "127.0.0.1",
      },
      monitor_ports: {
        type: PORT_RANGE,
        description: "First and last TCP port that monitors are given.",
        default: [28000, 28999],
      },
      forward_ports: {
        type: PORT_RANGE,
        description: "First and last port of the host that forwarded ports of user networks are given.",
        default: [24000, 24999],
      },
    },
  },
  resources: { node, "service.keeper": keeper },
};
