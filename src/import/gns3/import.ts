import type { ResourceKind } from "../../core/addresses.ts";
import type { ResourceSchema } from "../../core/schema.ts";
import type { Block } from "./blocks.ts";
import type { Device } from "./cables.ts";
import { layCables } from "./cables.ts";
import { accountForFiles } from "./files.ts";
import { Images } from "./images.ts";
import type { Line } from "./ledger.ts";
import { Names } from "./names.ts";
import { cloudNode, natNode } from "./outside.ts";
import type { Gns3Node, Project, ProjectFiles } from "./project.ts";
import { accountForNode, accountForProject, readProject } from "./project.ts";
import { qemuNode } from "./qemu.ts";
import { reportText } from "./report.ts";
import { Segment } from "./switches.ts";
import { vpcsNode } from "./vpcs.ts";
import { IMAGES_FILE, imagesText, LAB_FILE, labText, REPORT_FILE } from "./write.ts";

export interface Import {
  /** The lab's name. */
  readonly name: string;
  /** As GNS3 has it. */
  readonly project: { readonly name: string; readonly revision: number; readonly version: string };
  /** What is to be written, by name. */
  readonly files: ReadonlyMap<string, string>;
  readonly counts: {
    readonly nodes: number;
    readonly networks: number;
    readonly links: number;
    readonly images: number;
  };
  readonly hasGuests: boolean;
  readonly lines: readonly Line[];
}

export type Schemas = ReadonlyMap<ResourceKind, ResourceSchema>;

/** Node types that labform runs nothing of. */
const WITHOUT_COUNTERPART: { readonly [type: string]: string } = {
  docker: "labform runs QEMU machines, and no containers. A small guest or a QEMU image can take its place.",
  dynamips: "labform runs QEMU machines, and no Dynamips routers. A QEMU image of a router can take its place.",
  iou: "labform runs QEMU machines, and no IOU. A QEMU image of a router or switch can take its place.",
  virtualbox: "labform runs QEMU machines, and none of VirtualBox. qemu-img converts its disk.",
  vmware: "labform runs QEMU machines, and none of VMware. qemu-img converts its disk.",
  traceng: "labform has no TraceNG. The small guest of labform guest build has traceroute.",
  frame_relay_switch: "labform's links carry Ethernet.",
  atm_switch: "labform's links carry Ethernet.",
};

/** A GNS3 project as a lab: its files, and what became of each of the project's properties. */
export async function importProject(files: ProjectFiles, schemas: Schemas): Promise<Import> {
  const project = readProject(files);
  const name = new Names().give(project.name);
  const images = new Images();
  const made = await makeDevices(project, files, schemas, images);
  const links = layCables(project.links, made.devices, schemaOf(schemas, "link"), noMatching(project));
  const networks = made.segments.flatMap((segment) => segment.finish() ?? []);
  for (const [node, address] of made.accounts) accountForNode(node, address());
  accountForProject(project, `lab ${JSON.stringify(name)}`);
  accountForFiles(project, files);
  const lab = { name, nodes: made.nodes, networks, links, images, hasGuests: made.hasGuests };
  const lines = project.ledger.lines(project.json);
  const title = `What became of the GNS3 project ${project.name} (revision ${project.revision}, GNS3 ${project.version})`;
  return {
    name,
    project: { name: project.name, revision: project.revision, version: project.version },
    files: new Map([
      [LAB_FILE, labText(project, lab)],
      ...(images.count > 0 || lab.hasGuests ? [[IMAGES_FILE, imagesText(project, lab)] as const] : []),
      [REPORT_FILE, reportText(title, lines)],
    ]),
    counts: { nodes: lab.nodes.length, networks: networks.length, links: links.length, images: images.count },
    hasGuests: lab.hasGuests,
    lines,
  };
}

interface Made {
  readonly devices: Map<string, Device>;
  readonly nodes: Block[];
  readonly segments: Segment[];
  /** Nodes that are taken over, each with where it is now. */
  readonly accounts: (readonly [Gns3Node, () => string])[];
  hasGuests: boolean;
}

async function makeDevices(project: Project, files: ProjectFiles, schemas: Schemas, images: Images): Promise<Made> {
  const made: Made = { devices: new Map(), nodes: [], segments: [], accounts: [], hasGuests: false };
  const names = { node: new Names(), network: new Names(), outside: new Names() };
  const macs = new Set<number>();
  for (const node of project.nodes) {
    const { id, type, title } = node;
    if (type === "qemu" || type === "vpcs") {
      const name = names.node.give(title);
      const schema = schemaOf(schemas, "node");
      const making = { name, title, schema, images, macs, projectId: project.id };
      const isGuest = type === "vpcs";
      made.nodes.push(
        isGuest ? await vpcsNode(node, name, schema, files) : qemuNode(node.entry, node.properties, making),
      );
      made.hasGuests ||= isGuest;
      made.devices.set(id, { kind: "node", name, adapters: isGuest ? 1 : adaptersOf(node) });
      made.accounts.push([node, () => `node.${name}`]);
    } else if (type === "ethernet_switch" || type === "ethernet_hub") {
      const name = names.network.give(title);
      const segment = new Segment(node, name, schemaOf(schemas, "network"));
      made.segments.push(segment);
      made.devices.set(id, { kind: "segment", name, segment });
      made.accounts.push([node, () => segment.whole.address]);
    } else if (type === "nat" || type === "cloud") {
      const isLinked = (port: number) =>
        project.links.some(({ ends }) => ends.some((end) => end.nodeId === id && end.port === port));
      const outside = type === "nat" ? natNode(node) : cloudNode(node, isLinked);
      made.devices.set(id, { kind: "outside", name: names.outside.give(title), outside });
      made.accounts.push([node, () => "the endpoints of its links"]);
    } else made.devices.set(id, loseNode(node));
  }
  return made;
}

/** BPF filters are uBridge's alone, and a lab has one engine. */
function noMatching({ nodes }: Project): string | undefined {
  const needing = nodes.find(({ type }) => ["ethernet_switch", "ethernet_hub", "nat"].includes(type));
  if (needing === undefined) return undefined;
  return `Only uBridge has BPF, and ${needing.entry.owner} needs the built-in bridge.`;
}

/** One line for the whole of it. */
function loseNode({ entry, type, title }: Gns3Node): Device {
  const why =
    (Object.hasOwn(WITHOUT_COUNTERPART, type) ? WITHOUT_COUNTERPART[type] : undefined) ?? "labform knows no such node.";
  entry.ledger.tell({ owner: entry.owner, path: entry.path, value: title, outcome: "lost", why });
  return { kind: "none", name: title, why };
}

function adaptersOf({ properties }: Gns3Node): number {
  const count = properties.get("adapters");
  return typeof count === "number" ? count : 1;
}

function schemaOf(schemas: Schemas, kind: ResourceKind): ResourceSchema {
  const schema = schemas.get(kind);
  if (!schema) throw new Error(`there is no schema of ${kind}`);
  return schema;
}
