import { spawnSync } from "node:child_process";
import { statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import process from "node:process";

/**
 * Whether a test may run labform as another account: root may, where others can enter the project's directory at all
 * (a checkout in /root is closed to them).
 */
export function canBeOthers(): boolean {
  if (process.getuid?.() !== 0) return false;
  for (let path = resolve("dist"); ; path = dirname(path)) {
    if ((statSync(path).mode & 0o001) === 0) return false;
    if (path === dirname(path)) return true;
  }
}

/** Whether a process can be given a pid namespace of its own here: not in every chroot or container. */
export function canUnshare(): boolean {
  return spawnSync("unshare", ["--pid", "--fork", "--mount-proc", "true"]).status === 0;
}

/** Whether a file system can be mounted here: not by everyone, and not in every container. */
export function canMount(): boolean {
  return (
    spawnSync("unshare", ["--mount", "mount", "-t", "tmpfs", "tmpfs", "/tmp"]).status === 0 && process.getuid?.() === 0
  );
}
