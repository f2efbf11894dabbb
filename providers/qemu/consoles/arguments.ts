import { isX86Platform } from "../accelerator.ts";
import type { NodeAttributes } from "../attributes.ts";
import { auxLog, auxSocket, consoleLog, consoleSocket, screenSocket } from "../names.ts";
import { hasOption } from "../options/parse.ts";
import { besideVga, pciRoot } from "../pci.ts";
import type { ConsoleType } from "./types.ts";
import { screenOf } from "./types.ts";

type Node = Pick<NodeAttributes, "id" | "platform" | "machine" | "console_type" | "aux_console" | "options">;

/**
 * The serial ports: that of a telnet console is the first. An aux console is the second then, else the first. A board that
 * has one serial port, as virt has, is given the second on its PCI bus.
 */
export function serialArguments(node: Node, directory: string): readonly string[] {
  const serial: string[] = [];
  if (node.console_type === "telnet") {
    serial.push(...socketDevice("console", consoleSocket(node.id), consoleLog(directory)));
    serial.push("-serial", "chardev:console");
  }
  if (node.aux_console === "telnet") {
    serial.push(...socketDevice("aux", auxSocket(node.id), auxLog(directory)));
    if (!isAuxOnPci(node)) serial.push("-serial", "chardev:aux");
  }
  return serial.includes("-serial") ? serial : ["-serial", "none", ...serial];
}

/** QEMU leaves out a serial port that the board does not have, and says nothing. */
export function mayLackAux(node: Node): boolean {
  const isSecond = node.aux_console === "telnet" && node.console_type === "telnet";
  return isSecond && pciRoot(node.platform, node.machine) === undefined;
}

function isAuxOnPci(node: Node): boolean {
  const root = pciRoot(node.platform, node.machine);
  return node.console_type === "telnet" && root !== undefined && !isX86Platform(node.platform);
}

function socketDevice(name: string, path: string, log: string): string[] {
  const file = log.replaceAll(",", ",,");
  return ["-chardev", `socket,id=${name},path=${path},server=on,wait=off,logfile=${file},logappend=on`];
}

/**
 * The protocols of screens. VNC: nobody sends anybody away. SPICE: without a password, since the keeper decides who comes
 * so far.
 */
export function screenArguments(node: Node): readonly string[] {
  const args: string[] = [];
  for (const type of [node.console_type, node.aux_console]) {
    const protocol = screenOf(type);
    if (protocol === "vnc") args.push("-vnc", `unix:${screenSocket(node.id, "vnc")},share=ignore`);
    if (protocol !== "spice") continue;
    args.push("-spice", `unix=on,addr=${screenSocket(node.id, "spice")},disable-ticketing=on`);
  }
  return args;
}

interface Device {
  readonly device: string;
  readonly properties?: readonly string[];
  /** What is plugged into it, or names it. */
  readonly more?: readonly string[];
}

/**
 * The display adapter and what goes with the consoles, on the slot of the VGA adapter. A PC has one always, since boot
 * loaders and appliances stop without; for SPICE it is QXL. virt has none of its own, so it is given one with a screen,
 * and a keyboard and a pointer, which a PC has. With -vga none in options it is left to them. On boards whose buses are not known it is for options to give one.
 */
export function displayArguments(node: Node): readonly string[] {
  const root = pciRoot(node.platform, node.machine);
  if (root === undefined) return has(node, "spice+agent") ? [...AGENT_BUS, ...AGENT] : [];
  const devices = consoleDevices(node);
  return devices.flatMap(({ device, properties = [], more = [] }, at) => {
    const { bus, address } = besideVga(root, at, devices.length);
    return ["-device", [device, ...properties, `bus=${bus}`, `addr=${address}`].join(","), ...more];
  });
}

function consoleDevices(node: Node): readonly Device[] {
  const devices: Device[] = [];
  const x86 = isX86Platform(node.platform);
  const protocols = [screenOf(node.console_type), screenOf(node.aux_console)];
  const hasScreen = protocols.some((one) => one !== undefined);
  const usual = x86 ? (protocols.includes("spice") ? "qxl-vga" : "VGA") : "virtio-gpu-pci";
  const isGiven = hasOption(node.options, "-vga");
  if ((x86 || hasScreen) && !isGiven) devices.push({ device: usual, properties: ["id=vga"] });
  if (!x86 && hasScreen) {
    devices.push({ device: "qemu-xhci", properties: ["id=input"], more: INPUT });
  }
  if (has(node, "spice+agent")) devices.push({ device: "virtio-serial-pci", properties: ["id=spice"], more: AGENT });
  if (node.aux_console === "telnet" && isAuxOnPci(node)) {
    devices.push({ device: "pci-serial", properties: ["id=aux-port", "chardev=aux"] });
  }
  return devices;
}

function has(node: Node, type: ConsoleType): boolean {
  return node.console_type === type || node.aux_console === type;
}

const INPUT = ["-device", "usb-kbd,bus=input.0", "-device", "usb-tablet,bus=input.0"];

const AGENT_BUS = ["-device", "virtio-serial,id=spice"];

/** The ways to spice-vdagent (pointer, size, clipboard) and to spice-webdavd (a folder that the viewer shares). */
const AGENT = [
  ...["-chardev", "spicevmc,id=vdagent,name=vdagent"],
  ...["-device", "virtserialport,bus=spice.0,chardev=vdagent,name=com.redhat.spice.0"],
  ...["-chardev", "spiceport,id=webdav,name=org.spice-space.webdav.0"],
  ...["-device", "virtserialport,bus=spice.0,chardev=webdav,name=org.spice-space.webdav.0"],
];

/** By the argument that needs it: what the binary must be able to emulate. */
export function consoleDevicesNeeded(node: Node): ReadonlyMap<string, string> {
  const needed = new Map<string, string>();
  for (const [name, type] of [
    ["console_type", node.console_type],
    ["aux_console", node.aux_console],
  ] as const) {
    const words = displayArguments({ ...node, console_type: "none", aux_console: "none", [name]: type });
    const devices = words.filter((_, at) => words[at - 1] === "-device").map((word) => word.split(",")[0] as string);
    if (screenOf(type)) for (const device of devices) if (!needed.has(device)) needed.set(device, name);
  }
  if (isAuxOnPci(node) && node.aux_console === "telnet") needed.set("pci-serial", "aux_console");
  return needed;
}
