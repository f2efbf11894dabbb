import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** What /proc says of a process (proc(5)); undefined when there is none. Reads of it never block. */
export interface ProcessFacts {
  /** `R`, `S`, `T`, …; `Z` a zombie, `X` dead. */
  readonly state: string;
  /** Clock ticks after boot, as text: it may pass 2^53. */
  readonly startTime: string;
  /** A killed process is `Z` while others of its threads still hold its sockets and locks: dead is `Z` with one. */
  readonly threads: number;
}

/**
 * The second field is the program's name in parentheses and may itself hold spaces and parentheses, so fields are
 * counted from the last one. The state is field 3, the number of threads field 20,
 * the start time field 22.
 */
export function parseStat(text: string): ProcessFacts | undefined {
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const [state, threads, startTime] = [fields[0], fields[17], fields[19]];
  return state && startTime ? { state, startTime, threads: Number(threads) } : undefined;
}

export function processFacts(pid: number): ProcessFacts | undefined {
  const text = readProc(pid, "stat");
  return text === undefined ? undefined : parseStat(text);
}

/** The real uid. The owner of /proc/PID would be root for a program with file capabilities, as uBridge often has. */
export function realUid(pid: number): number | undefined {
  const uid = /^Uid:\s+(\d+)/m.exec(readProc(pid, "status") ?? "")?.[1];
  return uid === undefined ? undefined : Number(uid);
}

/** The kernel counts in KiB, whatever its `kB` says. A zombie has no memory, and no such line. */
export function residentBytes(pid: number): number | undefined {
  const kibibytes = /^VmRSS:\s+(\d+)/m.exec(readProc(pid, "status") ?? "")?.[1];
  return kibibytes === undefined ? undefined : Number(kibibytes) * 1024;
}

/** How long the host runs. */
export function uptimeMs(): number | undefined {
  const seconds = /^[\d.]+/.exec(readProc("uptime") ?? "")?.[0];
  return seconds === undefined ? undefined : Number(seconds) * 1000;
}

/**
 * The value of LABFORM_TOKEN as the process was started with: "" when it has none; undefined when it cannot be told,
 * because the environment is another account's or the process is about to end and has none any more.
 */
export function tokenOf(pid: number): string | undefined {
  const environment = readProc(pid, "environ");
  if (!environment) return undefined;
  for (const entry of environment.split("\0")) if (entry.startsWith(tokenName)) return entry.slice(tokenName.length);
  return "";
}

const tokenName = "LABFORM_TOKEN=";

export function allPids(): readonly number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/** Undefined when the descriptors cannot be read. */
export function socketInodes(pid: number): ReadonlySet<number> | undefined {
  const directory = `/proc/${pid}/fd`;
  let names: readonly string[];
  try {
    names = readdirSync(directory);
  } catch {
    return undefined;
  }
  const inodes = new Set<number>();
  for (const name of names) {
    const inode = /^socket:\[(\d+)\]$/.exec(linkTarget(`${directory}/${name}`))?.[1];
    if (inode !== undefined) inodes.add(Number(inode));
  }
  return inodes;
}

/** "" for a descriptor that was closed since it was listed. */
function linkTarget(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return "";
  }
}

function readProc(...names: readonly (string | number)[]): string | undefined {
  try {
    return readFileSync(`/proc/${names.join("/")}`, "utf8");
  } catch {
    return undefined;
  }
}
