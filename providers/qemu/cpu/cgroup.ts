import type { Clock, Files } from "../../../src/core/ports.ts";

/** A group of our own, with one QEMU in it. `version` is that of the kernel's interface. */
export interface Cgroup {
  readonly version: 1 | 2;
  readonly directory: string;
}

const MOUNT = "/sys/fs/cgroup";
/** Microseconds in which a group has its share; the kernel's own default, and the quota of 1 % is its least. */
const PERIOD = 100_000;
const PROCESSES = "cgroup.procs";

/**
 * The nearest group above labform in which it may make one that is held down; undefined where there is none, as for
 * most accounts but root's. No group is changed that is not labform's own, so version 2 must have `cpu` enabled there.
 */
export async function findParent(files: Files): Promise<Cgroup | undefined> {
  const text = await files.readText("/proc/self/cgroup").catch(() => "");
  for (const line of text.split("\n")) {
    const [, controllers, path] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    if (controllers === undefined || path === undefined) continue;
    if (controllers !== "" && !controllers.split(",").includes("cpu")) continue;
    const version = controllers === "" ? 2 : 1;
    for (const directory of upwards(version === 2 ? MOUNT : `${MOUNT}/cpu`, path)) {
      if (await takesChildren(files, { version, directory })) return { version, directory };
    }
  }
  return undefined;
}

/** `/sys/fs/cgroup/a/b`, `/sys/fs/cgroup/a`, `/sys/fs/cgroup` */
function upwards(mount: string, path: string): readonly string[] {
  const names = path.split("/").filter((name) => name !== "");
  return [...names, ""].map((_, at) => [mount, ...names.slice(0, names.length - at)].join("/"));
}

async function takesChildren(files: Files, { version, directory }: Cgroup): Promise<boolean> {
  try {
    if (version === 2) {
      const enabled = await files.readText(`${directory}/cgroup.subtree_control`);
      if (!enabled.trim().split(" ").includes("cpu")) return false;
    }
    await files.access(directory, "write");
    // Who moves a process needs the right at what the old and the new group have in common (cgroups(7)).
    await files.access(`${directory}/${PROCESSES}`, "write");
    return true;
  } catch {
    return false;
  }
}

/** The processor time of the group, in percent of one processor; 0: as much as there is. */
export async function setQuota(files: Files, { version, directory }: Cgroup, percent: number): Promise<void> {
  const quota = (percent * PERIOD) / 100;
  if (version === 2) {
    await files.write(`${directory}/cpu.max`, `${percent === 0 ? "max" : quota} ${PERIOD}`, 0o600);
    return;
  }
  await files.write(`${directory}/cpu.cfs_period_us`, `${PERIOD}`, 0o600);
  await files.write(`${directory}/cpu.cfs_quota_us`, `${percent === 0 ? -1 : quota}`, 0o600);
}

/** All threads of the process at once. */
export async function moveInto(files: Files, { directory }: Cgroup, pid: number): Promise<void> {
  await files.write(`${directory}/${PROCESSES}`, `${pid}`, 0o600);
}

/** What `setQuota` was given, as it holds for the process: 0 where that is in another group, or this one is gone. */
export async function quotaOf(files: Files, { version, directory }: Cgroup, pid: number): Promise<number> {
  try {
    const pids = (await files.readText(`${directory}/${PROCESSES}`)).split("\n");
    if (!pids.includes(String(pid))) return 0;
    const text = await files.readText(`${directory}/${version === 2 ? "cpu.max" : "cpu.cfs_quota_us"}`);
    const quota = Number.parseInt(text, 10);
    return quota > 0 ? Math.round((quota * 100) / PERIOD) : 0;
  } catch {
    return 0;
  }
}

/** A process leaves its group a moment after it was last seen. */
const LEAVE_MS = 1000;
const LOOK_MS = 10;

/** What this host does not let us do to a group any more, which was made with more rights, or mounted for writing. */
const NOT_OURS: { readonly [code: string]: string } = {
  EACCES: "this account lacks the right to remove it",
  EPERM: "this account lacks the right to remove it",
  EROFS: "its file system is mounted read-only",
};

/** Why it is left, where it cannot be removed; undefined once it is gone. */
export async function removeGroup(files: Files, clock: Clock, { directory }: Cgroup): Promise<string | undefined> {
  const deadline = clock.monotonic() + LEAVE_MS;
  for (;;) {
    try {
      await files.removeDirectory(directory);
      return undefined;
    } catch (error) {
      const { code = "" } = error as NodeJS.ErrnoException;
      if (NOT_OURS[code] !== undefined) return NOT_OURS[code];
      if (code !== "EBUSY") throw error;
      if (clock.monotonic() >= deadline) return "a process that is not labform's is in it";
      await clock.sleep(LOOK_MS);
    }
  }
}
