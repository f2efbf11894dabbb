import { formatFile } from "../../language/format/format.ts";
import type { Block } from "./blocks.ts";
import { written } from "./blocks.ts";
import type { Images } from "./images.ts";
import type { Project } from "./project.ts";
import { GUEST } from "./vpcs.ts";

/** What a project became. */
export interface Imported {
  /** The lab's name. */
  readonly name: string;
  readonly nodes: readonly Block[];
  readonly networks: readonly Block[];
  readonly links: readonly Block[];
  readonly images: Images;
  /** Whether any node is the small guest. */
  readonly hasGuests: boolean;
}

export const LAB_FILE = "main.lab.hcl";
export const IMAGES_FILE = "images.auto.vars.hcl";
export const REPORT_FILE = "import-report.txt";

/** The lab file, laid out as `labform fmt` does. */
export function labText(project: Project, lab: Imported): string {
  const parts = [
    `${comment(`${project.name}: imported from a GNS3 project (revision ${project.revision}, GNS3 ${project.version}). ${REPORT_FILE} says what became of each of its properties.`)}\nlab ${written(lab.name)} {}`,
    ...(lab.links.some((link) => link.attributes.some(([name]) => name === "drop_matching")) ? [UBRIDGE] : []),
    ...(lab.images.count > 0 ? [IMAGE_VARIABLES] : []),
    ...(lab.hasGuests ? [GUEST_VARIABLE] : []),
    ...[...lab.nodes, ...lab.networks, ...lab.links].map(blockText),
  ];
  return formatted(LAB_FILE, `${parts.join("\n\n")}\n`);
}

const UBRIDGE = `# Only uBridge has the BPF filters of drop_matching.
provider "ubridge" {
  engine = "ubridge"
}`;

const IMAGE_VARIABLES = `provider "qemu" {
  image_directory = pathexpand(var.image_directory)
}

variable "image_directory" {
  type = string
  description = "Where images with a relative path are, beside the lab's own directory."
  default = "~/GNS3/images/QEMU"
}

variable "images" {
  type = map(object({ path = string, md5 = optional(string) }))
  description = "Where each image is, and what it must be."
}`;

const GUEST_VARIABLE = `variable "guest" {
  type = object({ kernel = string, initrd = string })
  description = "The small guest that stands for VPCS, as labform guest build makes it."
}

template "${GUEST}" {
  ram = 96
  adapter_type = "virtio-net-pci"
  port_name_format = "Ethernet{0}"
  kernel_image = pathexpand(var.guest.kernel)
  initrd = pathexpand(var.guest.initrd)
  ready {
    console = "ready"
  }
}`;

/** The mapping, which is the only file to be changed on another machine. */
export function imagesText(project: Project, { images, hasGuests }: Imported): string {
  const parts = [comment(`Where the images of ${project.name} are: to be changed for the machine at hand.`) + "\n"];
  if (images.count > 0) {
    parts.push(`image_directory = "~/GNS3/images/QEMU"\n`);
    parts.push(
      `${comment("A relative path is searched in the lab's directory, then in image_directory. Where md5 is given, a disk's image must have that digest: change it with the image, or leave it out.")}\n${images.text()}`,
    );
  }
  if (hasGuests) {
    parts.push(
      `${comment("The small guest that stands for VPCS. It is made by: labform guest build")}\nguest = { kernel = "~/.local/share/labform/guest/vmlinux", initrd = "~/.local/share/labform/guest/initrd" }\n`,
    );
  }
  return formatted(IMAGES_FILE, parts.join("\n"));
}

function blockText({ type, labels, comments, attributes, blocks }: Block): string {
  const header = [type, ...labels.map((label) => written(label))].join(" ");
  const lines = [
    ...comments.map((line) => comment(line)),
    `${header} {`,
    ...attributes.map(([name, expression]) => `${name} = ${expression}`),
    ...blocks.map((one) => `\n${blockText(one)}`),
    "}",
  ];
  return lines.join("\n").replace("{\n\n", "{\n");
}

/** Broken where a line would be longer than a reader likes. */
function comment(text: string): string {
  const lines: string[] = [];
  let line = "#";
  for (const word of printable(text).split(" ")) {
    if (line.length + word.length > 98 && line !== "#") {
      lines.push(line);
      line = "#";
    }
    line += ` ${word}`;
  }
  return [...lines, line.trimEnd()].join("\n");
}

/** A comment ends with its line, and shows nothing that steers a terminal. */
function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, " ");
}

function formatted(name: string, text: string): string {
  const { text: laidOut, diagnostics } = formatFile({ name, text });
  if (laidOut !== undefined) return laidOut;
  throw new Error(`what was made of a project is no lab file: ${diagnostics[0]?.summary}`);
}
