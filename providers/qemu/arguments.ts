import { shellWord } from "../../src/core/shellWord.ts";
import { agentArguments } from "./agent/arguments.ts";
import type { NodeAttributes } from "./attributes.ts";
import { bootIndexes } from "./bootOrder.ts";
import { displayArguments, screenArguments, serialArguments } from "./consoles/arguments.ts";
import { diskArguments } from "./disks/arguments.ts";
import { firmwareArguments, flashProperties } from "./firmware/arguments.ts";
import { controlSocket, eventSocket, monitorSocket, nicName, tunnelPeer, tunnelSocket } from "./names.ts";
import { hasOption } from "./options/parse.ts";
import { substituted } from "./options/substitute.ts";
import type { PciPlace } from "./pci.ts";
import { adapterPlace, bridges, pciRoot } from "./pci.ts";
import { seedArguments } from "./seeds/arguments.ts";
import { userBackend } from "./userNetwork.ts";

export interface ArgumentOptions {
  /** Shown as the machine's name. */
  readonly address: string;
  /** Absolute; the console log stands there. */
  readonly directory: string;
  /** The lab's, absolute. */
  readonly lab: string;
  /** Whether the binary was built with seccomp. */
  readonly sandbox: boolean;
  /** A file that has the kernel's command line, where that is sensitive. */
  readonly secretBoot?: string | undefined;
}

/**
 * QEMU's arguments for a node; all sockets are relative to the run directory.
 *
 * `-nodefaults` and `-no-user-config`: what the machine has stands here, so neither another version of QEMU nor a file
 * in /etc/qemu adds a device or moves one. A VGA adapter is added back on x86, since boot loaders and appliances stop
 * without one. `-S`: the guest's first instruction waits until its cables are set.
 *
 * Commas are doubled where QEMU splits at them (option groups); -kernel, -initrd and -append take their argument as it
 * is. Nothing a lab file says can add an option, but `options`, which is checked word by word: what goes into a group
 * unchecked is doubled, the rest (machine, adapter_type, cpu_model, boot_priority) is checked at plan.
 */
export function qemuArguments(node: NodeAttributes, options: ArgumentOptions): readonly string[] {
  const indexes = bootIndexes(node);
  return [
    ...["-name", `guest=${doubled(options.address)},debug-threads=on`],
    ...["-nodefaults", "-no-user-config"],
    ...(options.sandbox ? SANDBOX : []),
    ...board(node),
    ...firmwareArguments(node, options.directory),
    ...bootArguments(node, options.secretBoot),
    ...["-S", "-display", "none"],
    ...screenArguments(node),
    ...control(node.id),
    ...serialArguments(node, options.directory),
    ...agentArguments(node),
    ...adapters(node, indexes.adapters),
    ...diskArguments(node.disk, { ...node, directory: options.directory, boot: indexes }),
    ...seedArguments(node, options.directory),
    // Last, so that they move nothing of the rest.
    ...node.options.map((word) => substituted(word, { ...options, uuid: node.uuid })),
  ];
}

/** Also refuses fork and exec, so that a monitor's `migrate exec:` runs nothing. */
export const SANDBOX: readonly string[] = [
  "-sandbox",
  "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny",
];

/** A value inside an option group: QEMU reads two commas as one. */
function doubled(value: string): string {
  return value.replaceAll(",", ",,");
}

function board(node: NodeAttributes): string[] {
  const properties: string[] = [];
  if (node.machine !== null) properties.push(`type=${doubled(node.machine)}`);
  // Without it some hosts' KVM refuses x86_64 guests: they cannot emulate system management mode.
  if (node.accel === "kvm" && node.platform === "x86_64") properties.push("smm=off");
  properties.push(...flashProperties(node));
  return [
    ...(properties.length > 0 ? ["-machine", properties.join(",")] : []),
    ...["-accel", node.accel],
    ...(node.cpu_model !== null ? ["-cpu", node.cpu_model] : []),
    ...["-m", `size=${node.ram}M`],
    ...["-smp", `cpus=${node.cpus}${node.max_cpus === null ? "" : `,maxcpus=${node.max_cpus}`}`],
    ...(hasOption(node.options, "-uuid") ? [] : ["-uuid", node.uuid]),
    ...displayArguments(node),
  ];
}

function bootArguments(node: NodeAttributes, secretBoot: string | undefined): string[] {
  const args = ["-boot", `order=${node.boot_priority}`];
  if (node.kernel_image !== null) args.push("-kernel", node.kernel_image);
  if (node.initrd !== null) args.push("-initrd", node.initrd);
  if (secretBoot !== undefined) args.push("-readconfig", secretBoot);
  else if (node.kernel_command_line !== null) args.push("-append", node.kernel_command_line);
  return args;
}

/** One QMP socket for labform's commands and one for the keeper's ear: each serves one client. */
function control(id: string): string[] {
  return [
    ...socketDevice("control", controlSocket(id)),
    ...["-mon", "chardev=control,mode=control"],
    ...socketDevice("events", eventSocket(id)),
    ...["-mon", "chardev=events,mode=control"],
    ...socketDevice("monitor", monitorSocket(id)),
    ...["-mon", "chardev=monitor,mode=readline"],
  ];
}

function socketDevice(name: string, path: string): string[] {
  return ["-chardev", `socket,id=${name},path=${doubled(path)},server=on,wait=off`];
}

function adapters(node: NodeAttributes, bootIndex: ReadonlyMap<number, number>): string[] {
  const root = pciRoot(node.platform, node.machine);
  const args: string[] = [];
  if (root !== undefined) {
    bridges(root, node.adapters).forEach((bridge, at) => {
      const number = `chassis_nr=${at + 1},shpc=off,multifunction=on`;
      args.push("-device", `pci-bridge,id=${bridge.name},${placed(bridge)},${number}`);
    });
  }
  node.adapter.forEach((adapter, at) => {
    const place = root === undefined ? "" : `,${placed(adapterPlace(root, at))}`;
    const type = node.adapter_settings[String(at)]?.type ?? node.adapter_type;
    const device = `${doubled(type)},id=${nicName(at)},netdev=n${at},mac=${adapter.mac_address}${place}`;
    const index = bootIndex.get(at);
    const boot = index === undefined ? "" : `,bootindex=${index}`;
    args.push("-netdev", backend(node, at), "-device", `${device}${boot}`);
  });
  return args;
}

function backend(node: NodeAttributes, adapter: number): string {
  const settings = node.adapter_settings[String(adapter)];
  if (settings?.user_network) return userBackend(adapter, settings, node.forward);
  const here = doubled(tunnelSocket(node.id, adapter));
  if (node.tunnel === "stream") return `stream,id=n${adapter},server=on,addr.type=unix,addr.path=${here}`;
  const there = doubled(tunnelPeer(node.id, adapter));
  return `dgram,id=n${adapter},local.type=unix,local.path=${here},remote.type=unix,remote.path=${there}`;
}

function placed(place: PciPlace): string {
  return `bus=${place.bus},addr=${place.address}`;
}

/** As one would type it: an argument is quoted only where a shell needs it. */
export function shellQuoted(words: readonly string[]): string {
  return words.map(shellWord).join(" ");
}
