import type { Files } from "../../../src/core/ports.ts";

/** State of a listening socket in /proc/net/tcp (Linux: include/net/tcp_states.h). */
const LISTEN = "0A";

/**
 * Who listens on a TCP port, as `python3 (pid 4711)`; without its name where it is another account's; undefined when
 * nobody does any more. Looks through /proc, so only for a message.
 */
export async function portHolder(files: Files, port: number): Promise<string | undefined> {
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
    const name = (await files.readText(`/proc/${pid}/comm`).catch(() => "a process")).trim();
    return `${name} (pid ${pid})`;
  }
  return `a process of account ${uid}`;
}

async function holdsOne(files: Files, pid: string, inodes: ReadonlySet<string>): Promise<boolean> {
  const directory = `/proc/${pid}/fd`;
  for (const descriptor of await files.list(directory).catch(() => [])) {
    const target = await files.readLink(`${directory}/${descriptor}`).catch(() => "");
    if (inodes.has(target)) return true;
  }
  return false;
}
