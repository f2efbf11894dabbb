import type { Files } from "../../src/core/ports.ts";
import { labOfProcess } from "./labOfProcess.ts";

type Reading = Pick<Files, "readText" | "readLink" | "list">;

/** State of a listening socket in /proc/net/tcp (Linux: include/net/tcp_states.h). */
const LISTEN = "0A";

export interface PortHolder {
  /** `python3 (pid 4711)`, `lab "pair" (workspace "blue", pid 4711)`; without a name where it is another account's. */
  readonly name: string;
  /** Where it works, if that can be seen. */
  readonly directory?: string;
  readonly pid?: string;
}

/** A socket of the host, as /proc has it. */
export interface HeldSocket {
  readonly inode: number;
  readonly uid: string;
}

/** Who listens on a TCP port, for a message; undefined when nobody does any more. */
export async function portHolder(files: Reading, port: number): Promise<string | undefined> {
  return (await findHolder(files, port))?.name;
}

/** Looks through /proc, so only where something is in the way. */
export async function findHolder(files: Reading, port: number): Promise<PortHolder | undefined> {
  return holderOf(files, await socketsAt(files, "tcp", port));
}

/** Those that listen on a TCP port, or are bound to a UDP port, of any address. */
export async function socketsAt(files: Reading, protocol: "tcp" | "udp", port: number): Promise<readonly HeldSocket[]> {
  const sockets: HeldSocket[] = [];
  for (const table of [`/proc/net/${protocol}`, `/proc/net/${protocol}6`]) {
    const text = await files.readText(table).catch(() => "");
    for (const line of text.split("\n").slice(1)) {
      const fields = line.trim().split(/\s+/);
      if (Number.parseInt(fields[1]?.split(":")[1] ?? "", 16) !== port) continue;
      if (protocol === "udp" || fields[3] === LISTEN) sockets.push({ inode: Number(fields[9]), uid: fields[7] ?? "" });
    }
  }
  return sockets;
}

/** The process that has one of the sockets. */
export async function holderOf(files: Reading, sockets: readonly HeldSocket[]): Promise<PortHolder | undefined> {
  const [first] = sockets;
  if (first === undefined) return undefined;
  const inodes = new Set(sockets.map(({ inode }) => `socket:[${inode}]`));
  for (const pid of await processIds(files)) {
    if (await holdsOne(files, pid, inodes)) return describeProcess(files, pid);
  }
  return { name: `a process of account ${first.uid}` };
}

export async function processIds(files: Reading): Promise<readonly string[]> {
  return (await files.list("/proc").catch(() => [])).filter((pid) => /^\d+$/.test(pid));
}

export async function describeProcess(files: Reading, pid: string): Promise<PortHolder> {
  const directory = await files.readLink(`/proc/${pid}/cwd`).catch(() => "");
  const lab = await labOfProcess(files, pid);
  if (lab !== undefined) return { name: lab, directory, pid };
  const name = (await files.readText(`/proc/${pid}/comm`).catch(() => "a process")).trim();
  return { name: `${name} (pid ${pid})`, directory, pid };
}

async function holdsOne(files: Reading, pid: string, inodes: ReadonlySet<string>): Promise<boolean> {
  const directory = `/proc/${pid}/fd`;
  for (const descriptor of await files.list(directory).catch(() => [])) {
    const target = await files.readLink(`${directory}/${descriptor}`).catch(() => "");
    if (inodes.has(target)) return true;
  }
  return false;
}
