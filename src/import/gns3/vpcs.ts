import type { ResourceSchema } from "../../core/schema.ts";
import type { Block } from "./blocks.ts";
import { Draft, written } from "./blocks.ts";
import type { Ledger } from "./ledger.ts";
import type { Gns3Node, ProjectFiles } from "./project.ts";

/** The template that all of them use. */
export const GUEST = "guest";

/** What a startup script of VPCS says, as far as the small guest can be told it. */
interface Startup {
  /** `10.0.0.1/24` */
  address?: string;
  gateway?: string;
  dhcp?: boolean;
  dns?: string;
}

/** A VPCS node as a small guest, with the address that its startup script gives it. */
export async function vpcsNode(
  { entry, properties, id, title }: Gns3Node,
  name: string,
  schema: ResourceSchema,
  files: ProjectFiles,
): Promise<Block> {
  const node = new Draft(`node.${name}`, "node", [name], schema);
  if (name !== title) node.comment(`${title} in GNS3`);
  node.set("template", `template.${GUEST}`);
  const startup = await readStartup(
    files,
    id,
    properties.text("startup_script"),
    entry.ledger,
    entry.owner,
    node.address,
  );
  node.set("kernel_command_line", written(commandLine(name, startup)));
  properties.taken("startup_script", `${node.address}.kernel_command_line`);
  for (const key of [
    "startup_script_path",
    "node_directory",
    "command_line",
    "status",
    "project_id",
    "node_id",
    "name",
  ]) {
    properties.apart(key, "It is of GNS3's own making.");
  }
  properties.apart("usage", "It tells how VPCS is used.");
  for (const key of ["console", "aux"]) {
    entry.apart(key, "GNS3 chose that port. labform chooses a free one; console_port would fix it.");
  }
  if (entry.get("console_type") === "telnet" || entry.get("console_type") === null) {
    entry.leftOut("console_type", "It is labform's default.");
  } else if (entry.has("console_type")) entry.lost("console_type", "The small guest has a serial console, by telnet.");
  entry.leftOut("aux_type", "A VPCS node has one console.");
  entry.apart("port_name_format", "GNS3 calls its adapter Ethernet0 in any case, and so does the template.");
  for (const key of ["port_segment_size", "first_port_name"]) entry.leftOut(key, "A VPCS node has one adapter.");
  return node.finish();
}

function commandLine(name: string, { address, gateway, dhcp, dns }: Startup): string {
  const words = ["console=ttyS0", "quiet", `labform.name=${name.replace(/[^\w-]/g, "-")}`];
  if (dhcp) words.push("labform.dhcp");
  else if (address !== undefined) words.push(`labform.ip=${address}`);
  if (!dhcp && gateway !== undefined) words.push(`labform.gateway=${gateway}`);
  if (dns !== undefined) words.push(`labform.dns=${dns}`);
  return words.join(" ");
}

async function readStartup(
  files: ProjectFiles,
  id: string,
  script: string | undefined,
  ledger: Ledger,
  owner: string,
  address: string,
): Promise<Startup> {
  const path = `project-files/vpcs/${id}/startup.vpc`;
  const bytes = await files.read(path);
  const text = bytes === undefined ? script : new TextDecoder().decode(bytes);
  const startup: Startup = {};
  for (const [at, raw] of (text ?? "").split(/\r?\n/).entries()) {
    const line = raw.trim();
    if (line === "" || line.startsWith("#") || line.startsWith("!")) continue;
    const tell = { owner, path: `${bytes === undefined ? "startup_script" : path}:${at + 1}`, value: line };
    const missing = readLine(line, startup);
    if (missing === undefined) ledger.tell({ ...tell, outcome: "taken", as: `${address}.kernel_command_line` });
    else if (missing === "") ledger.tell({ ...tell, outcome: "apart", why: "The guest is named as its node." });
    else ledger.tell({ ...tell, outcome: "lost", why: missing });
  }
  return startup;
}

const IPV4 = /^\d{1,3}(?:\.\d{1,3}){3}$/;

/** One command; undefined when it is taken over, empty when there is nothing to take, else why it is not. */
function readLine(line: string, startup: Startup): string | undefined {
  const [command = "", ...words] = line.split(/\s+/);
  if (command === "set" && words[0] === "pcname") return "";
  if (command === "dhcp" || (command === "ip" && words[0] === "dhcp")) {
    startup.dhcp = true;
    return undefined;
  }
  if (command !== "ip") return 'The small guest has no such command; labform.run="…" gives it one of its own.';
  if (words[0] === "dns" && IPV4.test(words[1] ?? "")) {
    startup.dns = words[1] as string;
    return undefined;
  }
  return readAddress(words, startup) ? undefined : "The small guest is given IPv4 addresses only.";
}

/** `10.0.0.1/24 10.0.0.254`, `10.0.0.1 10.0.0.254 24`, `10.0.0.1 255.255.255.0 10.0.0.254`: all are VPCS's. */
function readAddress([first = "", ...rest]: readonly string[], startup: Startup): boolean {
  const [, address = "", slashed] = /^([\d.]+)(?:\/(\d+))?$/.exec(first) ?? [];
  if (!IPV4.test(address)) return false;
  let length = slashed === undefined ? undefined : Number(slashed);
  for (const word of rest) {
    const mask = maskLength(word);
    if (/^\/?\d{1,2}$/.test(word)) length = Number(word.replace("/", ""));
    else if (mask !== undefined) length = mask;
    else if (IPV4.test(word)) startup.gateway = word;
    else return false;
  }
  // As VPCS takes it, by the class of the address.
  const first8 = Number(address.split(".")[0]);
  startup.address = `${address}/${length ?? (first8 < 128 ? 8 : first8 < 192 ? 16 : 24)}`;
  startup.dhcp = false;
  return true;
}

/** Of `255.255.255.0`. */
function maskLength(word: string): number | undefined {
  if (!IPV4.test(word)) return undefined;
  const bits = word
    .split(".")
    .map((part) => Number(part).toString(2).padStart(8, "0"))
    .join("");
  const ones = /^(1+)0*$/.exec(bits)?.[1];
  return ones?.length;
}
