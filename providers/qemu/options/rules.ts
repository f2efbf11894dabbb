import { checkBackend, checkDevice, checkGlobal, checkGroup, checkObject, onlyKinds, onlyValues } from "./values.ts";

/**
 * Why an option may not stand in `options`. `owned`: labform gives it itself, or has an argument for it. `unsafe`: it
 * opens files, devices or networks of the host; the lab may allow that. `gone`: QEMU has it no more.
 */
export interface Refusal {
  readonly why: "owned" | "unsafe" | "gone";
  /** What to use instead, or why not; a sentence. */
  readonly instead: string;
}

export interface Rule {
  /** Whether the next word belongs to it. */
  readonly takes: boolean;
  readonly refuse: (value: string) => Refusal | undefined;
}

const NOTHING_INSTEAD = "";

function free(...names: readonly string[]): [string, Rule][] {
  return names.map((name) => [name, { takes: true, refuse: () => undefined }]);
}

function flags(...names: readonly string[]): [string, Rule][] {
  return names.map((name) => [name, { takes: false, refuse: () => undefined }]);
}

function refused(why: Refusal["why"], instead: string, takes: boolean, ...names: readonly string[]): [string, Rule][] {
  return names.map((name) => [name, { takes, refuse: () => ({ why, instead }) }]);
}

function owned(instead: string, ...names: readonly string[]): [string, Rule][] {
  return refused("owned", instead, true, ...names);
}

function unsafe(instead: string, ...names: readonly string[]): [string, Rule][] {
  return refused("unsafe", instead, true, ...names);
}

function checked(refuse: Rule["refuse"], ...names: readonly string[]): [string, Rule][] {
  return names.map((name) => [name, { takes: true, refuse }]);
}

const DISKS = "Use a disk block.";
const LINKS = "Use adapters, adapter_type and links, or user_network in an adapter block.";
const CONSOLES = "Use console_type.";
const OTHER_VGA = "A PC has a VGA adapter already. For another one: -vga none -device cirrus-vga.";
const MONITOR = "Each node has a monitor: `labform monitor NODE`.";
const ACCEL = 'Use accel, as in accel = "kvm" or accel = "tcg".';
const POWER = "Use power, which says whether the node is on, off or suspended.";
const PROCESS = "labform starts QEMU, finds it again and ends it, and must know it as it made it.";
const OUTPUT = "QEMU would only print something and end.";

/** Every option of QEMU 7.2 to 10; one that stands not here is refused as unsafe, since nobody knows what it opens. */
export const RULES: ReadonlyMap<string, Rule> = new Map<string, Rule>([
  // What has an argument.
  ...owned(ACCEL, "-accel"),
  ...refused("owned", ACCEL, false, "-enable-kvm"),
  ...refused("gone", ACCEL, false, "-no-kvm", "-no-hax", "-enable-hax"),
  ...owned("Use cpu_model.", "-cpu"),
  ...checked(
    checkGroup({
      implied: "type",
      owned: {
        type: "Use machine.",
        accel: ACCEL,
        kernel: "Use kernel_image.",
        initrd: "Use initrd.",
        append: "Use kernel_command_line.",
        "memory.size": "Use ram.",
        "smp.cpus": "Use cpus.",
        "smp.maxcpus": "Use max_cpus.",
        "boot.order": "Use boot_priority.",
      },
      unsafe: {
        dtb: NOTHING_INSTEAD,
        dumpdtb: NOTHING_INSTEAD,
        firmware: "Use bios_image.",
        pflash0: "Use uefi.",
        pflash1: "Use uefi.",
        shim: NOTHING_INSTEAD,
        "boot.splash": NOTHING_INSTEAD,
      },
      paths: false,
    }),
    "-machine",
    "-M",
  ),
  ...checked(checkGroup({ implied: "size", owned: { size: "Use ram." }, paths: false }), "-m"),
  ...checked(
    checkGroup({ implied: "cpus", owned: { cpus: "Use cpus.", maxcpus: "Use max_cpus." }, paths: false }),
    "-smp",
  ),
  ...checked(
    checkGroup({
      implied: "order",
      owned: { order: "Use boot_priority." },
      unsafe: { splash: NOTHING_INSTEAD },
      paths: false,
    }),
    "-boot",
  ),
  ...unsafe("Use bios_image.", "-bios"),
  ...unsafe("Use kernel_image.", "-kernel"),
  ...unsafe("Use initrd.", "-initrd"),
  ...owned("Use kernel_command_line.", "-append"),
  ...unsafe("Use cdrom_image.", "-cdrom"),
  ...unsafe("Use uefi.", "-pflash"),
  ...unsafe(DISKS, "-hda", "-hdb", "-hdc", "-hdd", "-drive", "-blockdev", "-fda", "-fdb", "-sd", "-mtdblock"),
  ...refused("owned", "A disk with linked_clone, which is the default, leaves its image as it is.", false, "-snapshot"),
  ...checked((value) => {
    if (/(^|,)vlan=/.test(value)) return { why: "gone", instead: LINKS };
    return value === "none" ? undefined : { why: "unsafe", instead: LINKS };
  }, "-net"),
  ...checked(onlyKinds("type", ["none"], LINKS), "-nic"),
  ...unsafe(LINKS, "-netdev"),
  ...refused("gone", LINKS, true, "-redir", "-tftp", "-bootp", "-smb"),
  ...unsafe(NOTHING_INSTEAD, "-fsdev", "-virtfs", "-iscsi"),
  ...unsafe("Use tpm.", "-tpmdev"),
  ...owned(CONSOLES, "-vnc", "-spice"),
  ...checked((value) => (value === "none" ? undefined : { why: "owned", instead: CONSOLES }), "-display"),
  ...checked((value) => (value === "none" ? undefined : { why: "owned", instead: OTHER_VGA }), "-vga"),
  ...checked(onlyValues(["none", "null"], "Use aux_console for a second serial port."), "-serial"),
  ...checked(onlyValues(["none", "null"], NOTHING_INSTEAD), "-parallel"),
  ...unsafe(NOTHING_INSTEAD, "-debugcon"),

  // What labform needs for itself.
  ...owned(MONITOR, "-monitor", "-mon", "-qmp", "-qmp-pretty"),
  ...owned("The name is the node's address.", "-name"),
  ...refused("owned", POWER, false, "-S", "-preconfig"),
  ...owned(POWER, "-incoming", "-loadvm"),
  ...refused("owned", PROCESS, false, "-daemonize", "-no-shutdown"),
  ...owned(PROCESS, "-pidfile", "-sandbox", "-runas", "-run-with", "-chroot"),
  ...checked(checkGroup({ owned: { shutdown: PROCESS }, paths: false }), "-action"),
  ...owned("Write the options themselves.", "-readconfig", "-writeconfig", "-set"),
  ...refused("owned", OUTPUT, false, "-h", "-help", "-version"),

  // What reaches the host.
  ...checked(checkBackend, "-chardev"),
  ...checked(checkDevice, "-device"),
  ...checked(checkGlobal, "-global"),
  ...checked(checkObject, "-object"),
  ...checked(onlyKinds("driver", ["none"], NOTHING_INSTEAD), "-audiodev", "-audio"),
  ...checked(onlyValues(["tablet", "mouse", "keyboard", "wacom-tablet"], NOTHING_INSTEAD), "-usbdevice"),
  ...checked(
    checkGroup({ implied: "name", unsafe: { file: "With string=… it takes a text." }, paths: true }),
    "-fw_cfg",
  ),
  ...checked(
    checkGroup({
      unsafe: { file: "Give its fields one by one: type=1,serial=….", path: NOTHING_INSTEAD },
      paths: true,
    }),
    "-smbios",
  ),
  ...checked(checkGroup({ implied: "shift", unsafe: { rrfile: NOTHING_INSTEAD }, paths: false }), "-icount"),
  ...checked(
    checkGroup({ implied: "enable", unsafe: { file: NOTHING_INSTEAD, events: NOTHING_INSTEAD }, paths: false }),
    "-trace",
  ),
  ...checked((value) => (value.includes("/") ? { why: "unsafe", instead: NOTHING_INSTEAD } : undefined), "-k"),
  ...unsafe(
    NOTHING_INSTEAD,
    ...["-acpitable", "-dtb", "-option-rom", "-mem-path", "-L", "-D", "-plugin", "-dump-vmstate", "-gdb", "-add-fd"],
    ...["-semihosting-config", "-xen-domid", "-vmstate"],
  ),
  ...refused("unsafe", NOTHING_INSTEAD, false, "-s", "-semihosting", "-perfmap", "-jitdump", "-xen-attach"),
  ...refused("gone", "Use -audiodev none,id=a and a -device for the card.", true, "-soundhw"),
  ...refused("gone", "Use -device virtio-balloon.", true, "-balloon"),

  // What only changes the machine.
  ...free("-uuid", "-rtc", "-watchdog", "-watchdog-action", "-numa", "-overcommit", "-prom-env", "-g", "-msg"),
  ...free("-d", "-dfilter", "-seed", "-compat", "-echr"),
  ...flags("-usb", "-no-acpi", "-no-hpet", "-no-reboot", "-no-fd-bootchk", "-win2k-hack", "-nographic", "-nodefaults"),
  ...flags("-no-user-config", "-mem-prealloc", "-only-migratable", "-singlestep", "-one-insn-per-tick", "-old-param"),
  ...flags("-enable-sync-profile", "-async-teardown"),
]);
