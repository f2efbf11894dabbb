import type { ResourceSchema } from "../../core/schema.ts";
import type { Json } from "../../core/values.ts";
import { takeAdapters } from "./adapters.ts";
import type { Block } from "./blocks.ts";
import { Draft, written } from "./blocks.ts";
import { takeDisks } from "./disks.ts";
import type { Images } from "./images.ts";
import type { Entry } from "./ledger.ts";
import type { ImageArgument, Translated } from "./options.ts";
import { translateOptions } from "./options.ts";

/** What a node is made with. */
export interface NodeMaking {
  /** Its name in the lab files. */
  readonly name: string;
  /** Its name in GNS3. */
  readonly title: string;
  readonly schema: ResourceSchema;
  readonly images: Images;
  /** The addresses that nodes before it have. */
  readonly macs: Set<number>;
  readonly projectId: string | undefined;
}

/** Properties that are a node's alone while GNS3 runs it, or of GNS3's own making. */
const OF_GNS3: { readonly [key: string]: string } = {
  node_id: "It is GNS3's number of the node.",
  project_id: "It is GNS3's number of the project.",
  name: "It is said for the node already.",
  status: "It is how the node was when the project was saved.",
  command_line: "It is the command line that GNS3 last started it with.",
  node_directory: "It is a directory of GNS3's.",
  monitor: "labform chooses the ports of monitors.",
  guest_cid: "It is a number that GNS3 chose for the running node.",
  category: "It says where GNS3 lists the node's template.",
  default_symbol: "It says how the node is drawn.",
  hover_symbol: "It says how the node is drawn.",
  default_name_format: "It says how GNS3 names the nodes of a template.",
};

/** A QEMU node as a `node` block. */
export function qemuNode(entry: Entry, properties: Entry, making: NodeMaking): Block {
  const node = new Draft(`node.${making.name}`, "node", [making.name], making.schema);
  if (making.name !== making.title) node.comment(`${making.title} in GNS3`);
  const options = readOptions(properties, making);
  takeMachine(node, properties);
  takeDisks(node, properties, making);
  takeBoot(node, properties, making, new Set(options?.images.keys()));
  takeConsoles(node, entry);
  takeConsoles(node, properties);
  takeAdapters(node, entry, properties, making);
  takeLife(node, properties);
  if (options) takeOptions(node, properties, making, options);
  takeUsage(node, properties);
  for (const [key, why] of Object.entries(OF_GNS3)) properties.apart(key, why);
  return node.finish();
}

/** Each property whose value the argument takes as it is. */
function same(node: Draft, properties: Entry, names: { readonly [key: string]: string }): void {
  for (const [key, name] of Object.entries(names)) {
    const value = properties.get(key);
    if (value !== undefined && value !== null && value !== "") node.take(properties, key, name, value);
  }
}

/** Where distributions put QEMU. */
const USUAL_PLACE = /^(?:\/usr(?:\/local)?)?\/bin\/qemu-system-\w+$/;

function takeMachine(node: Draft, properties: Entry): void {
  const binary = properties.text("qemu_path");
  const read = /(?:^|[\\/])qemu-system-(\w+?)w?(?:\.exe)?$/i.exec(binary ?? "")?.[1];
  const platform = properties.text("platform") ?? read;
  if (properties.text("platform") === "x86_64") properties.leftOut("platform", "It is labform's default.");
  else if (platform === "or32") node.take(properties, "platform", "platform", "or1k", "QEMU calls it so since 2.9.");
  else if (properties.has("platform")) same(node, properties, { platform: "platform" });
  else if (read !== undefined && read !== "x86_64") node.take(properties, "qemu_path", "platform", read);
  if (binary !== undefined) {
    const found = `labform takes qemu-system-${platform ?? "PLATFORM"} from PATH`;
    const usual = USUAL_PLACE.test(binary) || !/[\\/]/.test(binary);
    if (usual) properties.apart("qemu_path", `${found}, or the one of qemu_binary.`);
    else properties.lost("qemu_path", `${found}; where it must be that one, name it with qemu_binary.`);
  }
  same(node, properties, { cpus: "cpus", ram: "ram" });
  same(node, properties, { cpu_throttling: "cpu_throttling", process_priority: "process_priority" });
  const [cpus, most] = [properties.get("cpus") ?? 1, properties.get("maxcpus")];
  if (typeof most === "number" && typeof cpus === "number") {
    if (most > cpus) node.take(properties, "maxcpus", "max_cpus", most);
    else properties.leftOut("maxcpus", "labform's default is cpus.");
  }
}

const IMAGES: readonly ImageArgument[] = ["bios_image", "kernel_image", "initrd", "cdrom_image"];

function takeBoot(node: Draft, properties: Entry, making: NodeMaking, overridden: ReadonlySet<ImageArgument>): void {
  for (const name of IMAGES.filter((one) => !overridden.has(one))) {
    const path = properties.text(name);
    const sum = `${name}_md5sum`;
    if (path === undefined) continue;
    const md5 = properties.text(sum);
    const key = making.images.use(path, md5, `${name} of ${making.name}`);
    node.set(name, `var.images[${written(key)}].path`);
    properties.taken(name, `${node.address}.${name}`, "Where it is stands in images.auto.vars.hcl.");
    if (md5 === undefined) continue;
    properties.taken(sum, `var.images[${written(key)}].md5`, "For the reader: labform compares digests of disks only.");
  }
  same(node, properties, { kernel_command_line: "kernel_command_line", boot_priority: "boot_priority" });
  same(node, properties, { tpm: "tpm" });
  if (properties.get("uefi") === true && (node.has("bios_image") || overridden.has("bios_image"))) {
    properties.lost("uefi", "The node has a bios_image, and a machine starts with one of the two; GNS3 refuses both.");
  } else same(node, properties, { uefi: "uefi" });
}

/** In revisions up to 8 a node without a console has null for its type, and up to 5 one by a serial port `serial`. */
function takeConsoles(node: Draft, entry: Entry): void {
  for (const [type, port, name] of [
    ["console_type", "console", "console_type"],
    ["aux_type", "aux", "aux_console"],
  ] as const) {
    const given = entry.get(type);
    if (given === null) node.take(entry, type, name, "none");
    else if (given === "serial")
      node.take(entry, type, name, "telnet", "GNS3 itself took serial for telnet since 2.0.");
    else if (given === "ssh") {
      node.set(name, written("telnet"));
      entry.lost(type, "labform serves a serial console by telnet and by `labform console`, not by SSH.");
    } else if (given !== undefined) node.take(entry, type, name, given);
    if (typeof entry.get(port) === "number") {
      entry.apart(
        port,
        `GNS3 chose that port. labform chooses a free one; ${name === "console_type" ? "console_port" : "aux_console_port"} would fix it.`,
      );
    }
  }
}

/** Before revision 9 two flags stood for what on_close says since. */
function takeLife(node: Draft, properties: Entry): void {
  same(node, properties, { on_close: "on_stop" });
  const older: readonly (readonly [string, Json])[] = [
    ["save_vm_state", "save_vm_state"],
    ["acpi_shutdown", "shutdown_signal"],
  ];
  let decided = properties.text("on_close") !== undefined;
  for (const [key, value] of older) {
    if (!properties.has(key)) continue;
    if (properties.get(key) !== true) properties.leftOut(key, "It is labform's default not to.");
    else if (decided) properties.apart(key, "on_close says it already, as GNS3 has it since 2.2.");
    else {
      node.take(properties, key, "on_stop", value);
      decided = true;
    }
  }
  takeFlag(properties, "replicate_network_connection_state", true, {
    same: "A guest of labform's sees the carrier of its cables.",
    other: "A guest of labform's always sees the carrier of its cables.",
  });
  takeFlag(properties, "legacy_networking", false, {
    same: "It is labform's only way.",
    other: "QEMU no longer has vlan=, which it stood for; the adapters are connected by -netdev.",
  });
}

function takeFlag(entry: Entry, key: string, usual: boolean, words: { readonly same: string; readonly other: string }) {
  if (!entry.has(key)) return;
  if (entry.get(key) === usual) entry.leftOut(key, words.same);
  else if (typeof entry.get(key) === "boolean") entry.lost(key, words.other);
}

/** Properties by the arguments that options may say instead. */
const SAID_TWICE: { readonly [argument: string]: string } = { max_cpus: "maxcpus" };

/** What the options are; what they say otherwise than a property, QEMU took from them, and so does labform. */
function readOptions(properties: Entry, making: NodeMaking): Translated | undefined {
  const text = properties.text("options")?.trim();
  if (text === undefined) return undefined;
  if (text === "") {
    properties.leftOut("options", "It says nothing.");
    return undefined;
  }
  const translated = translateOptions(text, {
    "%vm-name%": making.title.replaceAll(",", ",,"),
    ...(making.projectId === undefined ? {} : { "%project-id%": making.projectId }),
  });
  if (translated === undefined) {
    properties.lost("options", "A quote in it is not closed, so that nobody can tell its words apart.");
    return undefined;
  }
  for (const name of [...translated.values.keys(), ...translated.images.keys()]) {
    const why = "The node's options say otherwise, and QEMU took what came last.";
    for (const key of [SAID_TWICE[name] ?? name, `${name}_md5sum`]) {
      if (properties.text(key) !== undefined || typeof properties.get(key) === "number") properties.leftOut(key, why);
    }
  }
  return translated;
}

function takeOptions(node: Draft, properties: Entry, making: NodeMaking, translated: Translated): void {
  const as: string[] = [];
  for (const [name, value] of translated.values) {
    node.set(name, written(value));
    as.push(name);
  }
  for (const [name, path] of translated.images) {
    node.set(name, `var.images[${written(making.images.use(path, undefined, `${name} of ${making.name}`))}].path`);
    as.push(name);
  }
  if (translated.words.length > 0) {
    node.set("options", written(translated.words));
    as.push("options");
  }
  const told = [...translated.lost, ...translated.apart].map((one) => `${one}.`).join(" ");
  const where = as.length === 0 ? undefined : as.map((one) => `${node.address}.${one}`).join(", ");
  if (translated.lost.length > 0) properties.lost("options", told, where);
  else if (where === undefined) properties.apart("options", told);
  else properties.taken("options", where, told === "" ? undefined : told);
}

function takeUsage(node: Draft, properties: Entry): void {
  const usage = properties.text("usage")?.trim();
  if (usage === undefined) return;
  if (usage !== "") node.comment(usage);
  properties.taken("usage", `the comment of ${node.address}`);
}
