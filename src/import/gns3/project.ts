import { fail } from "../../core/diagnostics.ts";
import type { Json } from "../../core/values.ts";
import { Entry, isObject, Ledger } from "./ledger.ts";

/** What a project is read from: its directory, or the archive GNS3 exports. Paths are relative, with `/`. */
export interface ProjectFiles {
  /** As the user named it. */
  readonly name: string;
  /** The project file. */
  readonly text: string;
  /** Undefined where there is no such file. */
  read(path: string): Promise<Uint8Array | undefined>;
  /** All files, but for those of the project file itself. */
  readonly paths: readonly string[];
}

export interface Gns3Node {
  readonly entry: Entry;
  readonly properties: Entry;
  readonly id: string;
  readonly type: string;
  readonly title: string;
}

export interface End {
  readonly entry: Entry;
  readonly nodeId: string;
  readonly adapter: number;
  readonly port: number;
}

export interface Gns3Link {
  readonly entry: Entry;
  readonly ends: readonly End[];
}

export interface Project {
  readonly json: Json;
  readonly ledger: Ledger;
  readonly entry: Entry;
  readonly topology: Entry;
  readonly name: string;
  readonly id: string | undefined;
  readonly revision: number;
  readonly version: string;
  readonly nodes: readonly Gns3Node[];
  readonly links: readonly Gns3Link[];
}

/** The first that GNS3 2.0 wrote, and the one of GNS3 3. */
const OLDEST = 5;
const NEWEST = 10;

/** The project file, taken apart; nothing of it is accounted for yet. */
export function readProject({ name: file, text }: ProjectFiles): Project {
  const json = parse(file, text);
  const subject = `GNS3 project ${file}`;
  if (!isObject(json) || json["type"] !== "topology" || !isObject(json["topology"])) {
    fail(`${file} is no GNS3 project`, {
      subject,
      detail: 'A project file says "type": "topology" and has its nodes and links under "topology".',
    });
  }
  const revision = json["revision"];
  if (typeof revision !== "number" || revision < OLDEST) {
    fail(`${file} is of GNS3 1.x`, {
      subject,
      detail: `It has ${revision === undefined ? "no revision" : `revision ${written(revision)}`}; labform reads ${OLDEST} to ${NEWEST}. GNS3 2 or 3 converts the project when it opens it; import it then.`,
    });
  }
  const ledger = new Ledger();
  const entry = new Entry(ledger, "project", "", json);
  const topology = entry.child("topology") as Entry;
  const nodes = topology.items("nodes").map(nodeOf);
  const links = topology.items("links").map(linkOf);
  return {
    json,
    ledger,
    entry,
    topology,
    name: entry.text("name") ?? "lab",
    id: entry.text("project_id"),
    revision,
    version: entry.text("version") ?? "unknown",
    nodes,
    links,
  };
}

function parse(file: string, text: string): Json {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, "")) as Json;
  } catch (error) {
    return fail(`${file} is no JSON`, {
      subject: `GNS3 project ${file}`,
      detail: `${(error as Error).message}. A GNS3 project file is what GNS3 saved as NAME.gns3.`,
      cause: error,
    });
  }
}

function written(value: Json): string {
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}

const KINDS: { readonly [type: string]: string } = {
  qemu: "QEMU node",
  vpcs: "VPCS node",
  docker: "Docker node",
  dynamips: "Dynamips node",
  iou: "IOU node",
  virtualbox: "VirtualBox node",
  vmware: "VMware node",
  traceng: "TraceNG node",
  nat: "NAT node",
  cloud: "cloud",
  ethernet_switch: "switch",
  ethernet_hub: "hub",
  frame_relay_switch: "Frame Relay switch",
  atm_switch: "ATM switch",
};

function nodeOf(plain: Entry): Gns3Node {
  const type = plain.text("node_type") ?? "";
  const title = plain.text("name") ?? plain.text("node_id") ?? "node";
  const kind = Object.hasOwn(KINDS, type) ? KINDS[type] : `${type === "" ? "untyped" : type} node`;
  const entry = plain.named(`${kind} ${JSON.stringify(title)}`);
  const properties = entry.child("properties") ?? new Entry(entry.ledger, entry.owner, entry.pathOf("properties"), {});
  return { entry, properties, id: plain.text("node_id") ?? "", type, title };
}

/** With its ends, which are of the same owner. */
export function linkOf(entry: Entry): Gns3Link {
  const number = (value: Json | undefined) => (typeof value === "number" ? value : 0);
  const ends = entry.items("nodes").map((end) => ({
    entry: end,
    nodeId: end.text("node_id") ?? "",
    adapter: number(end.get("adapter_number")),
    port: number(end.get("port_number")),
  }));
  return { entry, ends };
}

const DRAWN = "It says how the project is drawn.";
const NUMBER = "It is GNS3's number for it.";

/** What a project says of itself. */
export function accountForProject({ entry, topology, ledger }: Project, lab: string): void {
  entry.taken("name", lab);
  entry.taken("revision", "the first line of main.lab.hcl");
  entry.taken("version", "the first line of main.lab.hcl");
  entry.apart("type", "Every project file says it.");
  entry.apart("project_id", "Names and addresses in a lab come from the lab's own identity.");
  for (const key of ["scene_width", "scene_height", "zoom", "show_layers", "snap_to_grid", "show_grid", "grid_size"]) {
    entry.apart(key, DRAWN);
  }
  for (const key of ["drawing_grid_size", "show_interface_labels"]) entry.apart(key, DRAWN);
  for (const key of ["auto_start", "auto_open", "auto_close"]) {
    entry.apart(key, "labform apply starts a lab and labform destroy ends it.");
  }
  entry.apart("created_by", "It says who made the project.");
  entry.apart("supplier", "It says who made the project.");
  for (const variable of entry.items("variables")) {
    for (const key of ["name", "value"]) variable.apart(key, "GNS3 hands variables to Docker nodes alone.");
    variable.finish();
  }
  for (const compute of topology.items("computes")) {
    const why = "A lab is run whole on the host where labform runs.";
    const isLocal = ["local", "vm"].includes(compute.text("compute_id") ?? "");
    ledger.tell({ owner: "project", path: compute.path, value: null, outcome: isLocal ? "apart" : "lost", why });
  }
  for (const [at, drawing] of topology.items("drawings").entries()) {
    const svg = drawing.text("svg") ?? "";
    const shown = /<text[^>]*>([^<]*)/.exec(svg)?.[1] ?? /^<svg[^>]*>\s*<(\w+)/.exec(svg)?.[1] ?? svg;
    const why = "Lab files hold no drawings; labform graph draws the lab.";
    ledger.tell({ owner: `drawing ${at + 1}`, path: drawing.path, value: shown.slice(0, 80), outcome: "lost", why });
  }
  topology.finish(["nodes", "links", "computes", "drawings"]);
  entry.finish(["topology", "variables"]);
}

/** What all nodes have, but for what their kinds spoke of already. */
export function accountForNode({ entry, properties }: Gns3Node, address: string): void {
  entry.taken("name", address);
  entry.taken("node_type", address);
  entry.apart("node_id", NUMBER);
  entry.apart("template_id", NUMBER);
  entry.apart("appliance_id", NUMBER);
  for (const key of ["x", "y", "z", "width", "height", "symbol", "label", "locked"]) entry.apart(key, DRAWN);
  entry.apart("tags", "They are notes for people.");
  entry.apart("console_auto_start", "labform console NODE attaches to a console.");
  for (const key of ["project_id", "status", "command_line", "node_directory", "console_host", "ports"]) {
    entry.apart(key, "It is how the node was when the project was saved.");
  }
  const isLocal = ["local", "vm"].includes(entry.text("compute_id") ?? "local");
  if (isLocal) entry.apart("compute_id", "A lab is run on the host where labform runs.");
  else entry.lost("compute_id", "It ran on another host; a lab is run whole on the host where labform runs.");
  properties.finish(["custom_adapters", "ports_mapping", "ports"]);
  entry.finish(["properties", "custom_adapters"]);
}

/** What all links have, but for their filters. `address`: where the link is now. */
export function accountForLink({ entry, ends }: Gns3Link, address: string, names: readonly string[]): void {
  entry.apart("link_id", NUMBER);
  entry.apart("link_style", DRAWN);
  entry.apart("link_type", "It is an Ethernet link.");
  for (const key of ["project_id", "capturing", "capture_file_name", "capture_file_path", "capture_compute_id"]) {
    entry.apart(key, "It is how the link was when the project was saved.");
  }
  entry.apart("wireshark", "It is how the link was when the project was saved.");
  for (const [at, { entry: end }] of ends.entries()) {
    for (const key of ["node_id", "adapter_number", "port_number"]) end.taken(key, names[at] ?? address);
    end.apart("label", DRAWN);
    end.finish();
  }
  entry.finish(["nodes", "filters"]);
}
