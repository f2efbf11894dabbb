import type { Files } from "../../../src/core/ports.ts";
import { labOfProcess } from "./labOfProcess.ts";

/** State of a listening socket in /proc/net/tcp (Linux: include/net/tcp_states.h). */
const LISTEN = "0A";

export interface PortHolder {
  /** `python3 (pid 4711)`, `lab "pair" (workspace "blue", pid 4711)`; without a name where it is another account's. */
  readonly name: string;
  /** Where it works, if that can be seen. */
  readonly directory?: string;
}

/** Who listens on a TCP port, for a message; undefined when nobody does any more. */
export async function portHolder(files: Files, port: number): Promise<string | undefined> {
  return (await findHolder(files, port))?.name;
}

/** Looks through /proc, so only where something is in the way. */
export async function findHolder(files: Files, port: number): Promise<PortHolder | undefined> {
  const inodes = new Set<string>();
  let uid: string | undefined;
  for (const table of ["/proc/net/tcp", "/proc/net/tcp6"]) {
    const text = await files.readText(table).catch(() => "");
    for (const line of text.split("\n").slice(1)) {
      const fields = line.trim().split(/\s+/);
      if (fields[3] !== LISTEN || Number.parseInt(fields[1]?.split(":")[1] ?? "", 16) !== port) continue;
      uid = fields[7];
      inodes.add(`socket:[${fields[9]}]`);
    }
  }
  if (inodes.size === 0) return undefined;
  for (const pid of await files.list("/proc").catch(() => [])) {
    if (!/^\d+$/.test(pid) || !(await holdsOne(files, pid, inodes))) continue;
    const directory = await files.readLink(`/proc/${pid}/cwd`).catch(() => "");
    const lab = await labOfProcess(files, pid);
    if (lab !== undefined) return { name: lab, directory };
    const name = (await files.readText(`/proc/${pid}/comm`).catch(() => "a process")).trim();
    return { name: `${name} (pid ${pid})`, directory };
  }
  return { name: `a process of account ${uid}` };
}

async function holdsOne(files: Files, pid: string, inodes: ReadonlySet<string>): Promise<boolean> {
  const directory = `/proc/${pid}/fd`;
  for (const descriptor of await files.list(directory).catch(() => [])) {
    const target = await files.readLink(`${directory}/${descriptor}`).catch(() => "");
    if (inodes.has(target)) return true;
  }
  return false;
}
