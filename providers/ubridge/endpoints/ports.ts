import type { Ports } from "../../../src/core/ports.ts";
import { holderOf, type PortHolder, socketsAt } from "../../shared/portHolder.ts";

/** Above those that Linux hands to others (ip_local_port_range ends at 60999). */
const FIRST = 61_000;
const COUNT = 4500;
const ATTEMPTS = 200;

/** Who has a port of the host; undefined where nobody has it, or a process of the lab itself, which may give it up. */
export async function holderOfPort(
  { ports: { files, host }, run }: { readonly ports: Pick<Ports, "files" | "host">; readonly run: string },
  protocol: "tcp" | "udp",
  port: number,
): Promise<string | undefined> {
  const sockets = await socketsAt(files, protocol, port);
  const holder = await holderOf(files, sockets);
  if (holder === undefined || (await isOwn(files, holder, run))) return undefined;
  // A program with rights of its own hides its descriptors, and the lab's uBridge may be one.
  if (holder.directory === undefined && sockets.every(({ uid }) => uid === String(host.uid))) return undefined;
  return holder.name;
}

/** All processes of a lab work in its run directory, but for passt, which goes to the root and was given paths there. */
async function isOwn(files: Ports["files"], { pid, directory }: PortHolder, run: string): Promise<boolean> {
  if (directory === run) return true;
  const words = pid === undefined ? "" : await files.readText(`/proc/${pid}/cmdline`).catch(() => "");
  return words.split("\0").some((word) => word.startsWith(`${run}/`));
}

/** UDP ports that nobody has now. */
export async function freeUdpPorts({
  files,
  random,
}: Pick<Ports, "files" | "random">): Promise<readonly [number, number]> {
  const found: number[] = [];
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const port = FIRST + random.integer(COUNT);
    if (found.includes(port) || (await socketsAt(files, "udp", port)).length > 0) continue;
    found.push(port);
    const [first, second] = found;
    if (first !== undefined && second !== undefined) return [first, second];
  }
  throw new Error(`no two UDP ports from ${FIRST} to ${FIRST + COUNT} are free`);
}
