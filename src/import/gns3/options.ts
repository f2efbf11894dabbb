import type { Json } from "../../core/values.ts";
import { splitOptions } from "./words.ts";

/** Arguments that name an image. */
export type ImageArgument = "kernel_image" | "initrd" | "bios_image" | "cdrom_image";

/** QEMU options of a GNS3 node, by what labform has for them. */
export interface Translated {
  readonly values: ReadonlyMap<string, Json>;
  readonly images: ReadonlyMap<ImageArgument, string>;
  /** What stays an option. */
  readonly words: readonly string[];
  /** What needs no counterpart, each with why. */
  readonly apart: readonly string[];
  /** What has none, each with why. */
  readonly lost: readonly string[];
}

interface Making {
  readonly values: Map<string, Json>;
  readonly images: Map<ImageArgument, string>;
  readonly words: string[];
  readonly apart: string[];
  readonly lost: string[];
}

/** What one option becomes. `value` is the word that belongs to it. */
type Rule = (making: Making, name: string, value: string) => void;

const LINKS = "adapters, links and user_network are what connects a node";
const CONSOLES = "console_type and aux_console say how a guest is reached";
const DISKS = "disks are blocks; add one by hand";

/** Without a value. */
const FLAGS: { readonly [name: string]: Rule } = {
  "-nographic": apart("a node has no window anyway"),
  "-enable-kvm": apart("accel is auto, which takes KVM where there is one"),
  "-no-kvm": argument("accel", () => "tcg"),
  "-snapshot": apart("a linked clone leaves its image as it is"),
  "-daemonize": apart("labform starts QEMU in its own way"),
  "-no-shutdown": apart("labform ends QEMU in its own way"),
  "-S": lost("power says whether a node runs"),
  "-nodefaults": apart("labform's nodes have nothing by default"),
  "-usb": kept,
  "-no-acpi": kept,
  "-no-hpet": kept,
  "-no-reboot": kept,
  "-no-fd-bootchk": kept,
  "-no-user-config": kept,
  "-mem-prealloc": kept,
};

/** With a value. What stands in neither table is told as lost: nobody can say which files of the host it opens. */
const OPTIONS: { readonly [name: string]: Rule } = {
  "-cpu": argument("cpu_model", (value) => value),
  "-accel": group("accel", { accel: ["accel", accelerator] }),
  "-machine": group("type", { type: ["machine", (value) => value], accel: ["accel", accelerator] }),
  "-m": group("size", { size: ["ram", mebibytes] }),
  "-smp": group("cpus", { cpus: ["cpus", count], maxcpus: ["max_cpus", count] }),
  "-boot": group("order", { order: ["boot_priority", (value) => value] }),
  "-append": argument("kernel_command_line", (value) => value),
  "-kernel": image("kernel_image"),
  "-initrd": image("initrd"),
  "-bios": image("bios_image"),
  "-cdrom": image("cdrom_image"),
  "-vga": screen,
  "-display": apart('a node has no window; console_type = "vnc" or "spice" shows its screen'),
  "-monitor": apart("each node has a monitor: labform monitor NODE"),
  "-qmp": apart("each node has a monitor: labform monitor NODE"),
  "-name": apart("a node's name is that of its block"),
  "-pidfile": apart("labform knows its processes"),
  "-serial": only(["none", "null"], CONSOLES),
  "-parallel": only(["none", "null"], "labform connects no parallel ports"),
  "-usbdevice": only(["tablet", "mouse", "keyboard", "wacom-tablet"], "it would reach devices of the host"),
  "-net": only(["none"], LINKS),
  "-nic": only(["none"], LINKS),
  "-device": inner,
  "-smbios": inner,
  "-global": inner,
  "-fw_cfg": inner,
  "-icount": inner,
  "-uuid": kept,
  "-rtc": kept,
  "-watchdog": kept,
  "-watchdog-action": kept,
  "-numa": kept,
  "-overcommit": kept,
  "-prom-env": kept,
  "-g": kept,
  "-netdev": lost(LINKS),
  "-vnc": lost(CONSOLES),
  "-spice": lost(CONSOLES),
  "-drive": lost(DISKS),
  "-blockdev": lost(DISKS),
  "-hda": lost(DISKS),
  "-hdb": lost(DISKS),
  "-hdc": lost(DISKS),
  "-hdd": lost(DISKS),
  "-fda": lost(DISKS),
  "-pflash": lost("uefi gives a node UEFI with its own variables"),
  "-loadvm": lost('on_stop = "save_vm_state" keeps what a guest does'),
};

/** `named`: what stands for GNS3's words in options. Undefined where a shell could not split them. */
export function translateOptions(text: string, named: { readonly [word: string]: string }): Translated | undefined {
  const words = splitOptions(text);
  if (words === undefined) return undefined;
  const making: Making = { values: new Map(), images: new Map(), words: [], apart: [], lost: [] };
  const filled = words.map((word) => Object.entries(named).reduce((one, [key, to]) => one.replaceAll(key, to), word));
  for (let at = 0; at < filled.length; at++) {
    const word = filled[at] as string;
    const name = word.replace(/^--/, "-");
    const flag = Object.hasOwn(FLAGS, name) ? FLAGS[name] : undefined;
    const next = filled[at + 1];
    if (flag !== undefined) flag(making, name, "");
    else if (next === undefined || (next.startsWith("-") && !Object.hasOwn(OPTIONS, name))) {
      lost("labform does not know it")(making, word, "");
    } else {
      at++;
      const rule = Object.hasOwn(OPTIONS, name === "-M" ? "-machine" : name)
        ? OPTIONS[name === "-M" ? "-machine" : name]
        : undefined;
      if (/%[a-z-]+%/.test(next.replaceAll("%vm-id%", "").replaceAll("%project-path%", ""))) {
        lost("labform has nothing for that word of GNS3's")(making, name, next);
      } else (rule ?? lost("labform does not know it"))(making, name, next);
    }
  }
  return making;
}

function kept(making: Making, name: string, value: string): void {
  making.words.push(name, ...(value === "" ? [] : [value]));
}

function apart(why: string): Rule {
  return (making, name, value) => void making.apart.push(`${shown(name, value)}: ${why}`);
}

function lost(why: string): Rule {
  return (making, name, value) => void making.lost.push(`${shown(name, value)}: ${why}`);
}

function shown(name: string, value: string): string {
  return value === "" ? name : `${name} ${value}`;
}

function argument(name: string, read: (value: string) => Json | undefined): Rule {
  return (making, option, value) => {
    const given = read(value);
    if (given === undefined) lost(`labform's ${name} has nothing like it`)(making, option, value);
    else making.values.set(name, given);
  };
}

function image(name: ImageArgument): Rule {
  return (making, _option, value) => void making.images.set(name, value);
}

function only(values: readonly string[], why: string): Rule {
  return (making, name, value) => (values.includes(value) ? kept : lost(why))(making, name, value);
}

/** `q35,accel=kvm,usb=off`: parts that are arguments of a node, and the rest, which stays. */
function group(
  implied: string,
  owned: { readonly [key: string]: readonly [string, (value: string) => Json | undefined] },
): Rule {
  return (making, name, value) => {
    const rest = value.split(",").filter((part, at) => {
      const [, key = implied, said = ""] = /^(?:([\w.-]+)=)?(.*)$/s.exec(part) ?? [];
      const bare = !part.includes("=") && at > 0;
      const [as, read] = (bare || !Object.hasOwn(owned, key) ? undefined : owned[key]) ?? [];
      if (as === undefined || read === undefined) return true;
      argument(as, read)(making, name, said);
      return false;
    });
    if (rest.length === 0) return;
    if (name === "-accel" || rest.some(reachesHost))
      lost("labform has no argument for that")(making, name, rest.join(","));
    else kept(making, name === "-M" ? "-machine" : name, rest.join(","));
  };
}

function accelerator(value: string): Json | undefined {
  const known = value.split(":").find((one) => one === "kvm" || one === "tcg");
  return value.includes(":") && known !== undefined ? "auto" : known;
}

function mebibytes(value: string): Json | undefined {
  const [, digits, unit = "M"] = /^(\d+)([MG]?)B?$/i.exec(value) ?? [];
  if (digits === undefined) return undefined;
  return Number(digits) * (unit.toUpperCase() === "G" ? 1024 : 1);
}

function count(value: string): Json | undefined {
  return /^\d+$/.test(value) ? Number(value) : undefined;
}

const SCREENS: { readonly [name: string]: string } = {
  cirrus: "cirrus-vga",
  qxl: "qxl-vga",
  vmware: "vmware-svga",
  virtio: "virtio-vga",
};

/** A PC of labform's has QEMU's usual card; any other is a device. */
function screen(making: Making, name: string, value: string): void {
  const device = Object.hasOwn(SCREENS, value) ? SCREENS[value] : undefined;
  if (value === "std") apart("it is the card that a PC has anyway")(making, name, value);
  else if (value === "none") kept(making, name, value);
  else if (device === undefined) lost("labform does not know that card")(making, name, value);
  else making.words.push("-vga", "none", "-device", device);
}

const HOST_DEVICES =
  /^(?:driver=)?(?:loader|guest-loader|vfio-|usb-host|usb-mtp|usb-redir|u2f-|ccid-card|scsi-generic|scsi-block|vhost-|ivshmem|virtio-input-host|xen-|can-host)/;
/** Properties by which a device is joined to what labform makes or refuses. */
const JOINED =
  /^(?:netdev|chardev|drive|file|romfile|host\w*|path|mem-path|audiodev|tpmdev|fsdev|memdev|vhostfd|fd|backend)=/;

/** What is of the machine alone is kept; what is joined to something outside it would be refused. */
function inner(making: Making, name: string, value: string): void {
  const parts = value.split(",");
  const joined = HOST_DEVICES.test(value) || parts.some((part) => JOINED.test(part) || reachesHost(part));
  if (value.startsWith("{") || joined) {
    lost("it reaches the host, or something that labform connects itself")(making, name, value);
  } else kept(making, name, value);
}

function reachesHost(part: string): boolean {
  return /^(?:[^=]*=)?\.{0,2}\//.test(part) || /^(?:kernel|initrd|append|dtb|dumpdtb|firmware|pflash\d)=/.test(part);
}
