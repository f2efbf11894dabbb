import type { Stats } from "node:fs";
import { watch } from "node:fs";
import {
  access,
  constants,
  lstat,
  mkdir,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  rmdir,
  stat,
  statfs,
  truncate,
  writeFile,
} from "node:fs/promises";
import type { FileStat, Files } from "../core/ports.ts";
import { clock } from "./clock.ts";
import { digest } from "./digest.ts";
import { openAppend, syncDirectory, writeAtomic } from "./durableFiles.ts";
import { readFrom, readTail } from "./fileEnds.ts";
import { tryLock } from "./fileLock.ts";
import { errorCode } from "./systemError.ts";

export const files: Files = {
  read: (path) => readFile(path),
  readText: (path) => readFile(path, "utf8"),
  readTail,
  readFrom,
  write: (path, data, mode) => writeFile(path, data, { mode }),
  writeAtomic,
  openAppend,
  stat: async (path) => describe(await stat(path)),
  lstat: async (path) => describe(await lstat(path)),
  access: (path, mode) => access(path, accessModes[mode]),
  readLink: (path) => readlink(path),
  digest,
  list: (directory) => readdir(directory),
  freeBytes: async (path) => {
    const { bavail, bsize } = await statfs(path);
    return bavail * bsize;
  },
  makeDirectory: async (path) => {
    await mkdir(path, { recursive: true, mode: 0o700 });
  },
  removeDirectory: async (path) => {
    await rmdir(path).catch((error: unknown) => {
      if (errorCode(error) !== "ENOENT") throw error;
    });
  },
  rename,
  truncate,
  remove: (path) => rm(path, { recursive: true, force: true }),
  syncDirectory,
  tryLock,
  waitForChange,
};

const accessModes = { read: constants.R_OK, write: constants.W_OK, execute: constants.X_OK };

function describe(stats: Stats): FileStat {
  return {
    kind: kindOf(stats),
    size: stats.size,
    modifiedMs: stats.mtimeMs,
    changedMs: stats.ctimeMs,
    inode: stats.ino,
    device: stats.dev,
    mode: stats.mode & 0o7777,
    uid: stats.uid,
  };
}

export function kindOf(stats: Stats): FileStat["kind"] {
  if (stats.isFile()) return "file";
  if (stats.isDirectory()) return "directory";
  if (stats.isSocket()) return "socket";
  if (stats.isSymbolicLink()) return "link";
  return "other";
}

/** How long to wait where the kernel has no watch left to give (fs.inotify.max_user_watches). */
const unwatchedMs = 50;

function waitForChange(directory: string, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason);
      return;
    }
    let watcher: ReturnType<typeof watch>;
    try {
      watcher = watch(directory, { persistent: false });
    } catch (error) {
      const code = errorCode(error);
      if (code === "ENOSPC" || code === "EMFILE") clock.sleep(Math.min(ms, unwatchedMs), signal).then(resolve, reject);
      else reject(error);
      return;
    }
    const finish = (settle: () => void) => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
      watcher.close();
      settle();
    };
    const onAbort = () => finish(() => reject(signal?.reason));
    const timer = setTimeout(() => finish(resolve), ms);
    signal?.addEventListener("abort", onAbort, { once: true });
    watcher.on("change", () => finish(resolve));
    watcher.on("error", (error) => finish(() => reject(error)));
  });
}
