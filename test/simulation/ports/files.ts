import { createHash } from "node:crypto";
import { posix } from "node:path";
import type { AppendFile, FileLock, Files } from "../../../src/core/ports.ts";
import type { Inode } from "../host/disk.ts";
import { refusal } from "../host/errors.ts";
import type { SimulatedHost } from "../host.ts";
import type { Run } from "../run.ts";

/** The files of a host, as one of its labforms has them. */
export function createFiles(host: SimulatedHost, run: Run): Files {
  const { disk, network } = host;
  const look = <T>(name: string, path: string, act: () => T) => run.call({ name, subject: path, changes: false, act });
  const change = <T>(name: string, path: string, act: () => T) => run.call({ name, subject: path, changes: true, act });
  const read = (path: string): Buffer =>
    path === "/proc/net/tcp" ? Buffer.from(network.table(host.facts.uid)) : disk.read(path);
  const write = (path: string, data: string | Uint8Array, mode: number) =>
    run.call({
      name: "write",
      subject: path,
      changes: true,
      act: () => disk.write(path, data, mode),
      partly: () => disk.write(path, data.slice(0, data.length / 2), mode),
    });
  const syncDirectory = (path: string) => change("sync", path, () => disk.sync(disk.get(path, "open")));
  const remove = async (path: string): Promise<void> => {
    const inode = disk.find(path);
    if (inode?.kind === "directory") {
      for (const name of [...inode.entries.keys()]) await remove(posix.join(path, name));
    }
    await change("remove", path, () => disk.remove(path));
  };
  return {
    read: (path) => look("read", path, () => read(path)),
    readText: (path) => look("read", path, () => read(path).toString("utf8")),
    readTail: (path, bytes) =>
      look("read", path, () => {
        const data = read(path);
        if (data.length <= bytes) return data.toString("utf8");
        const newline = data.indexOf(10, data.length - bytes - 1);
        return newline === -1 ? "" : data.toString("utf8", newline + 1);
      }),
    readFrom: (path, offset, most = Number.POSITIVE_INFINITY) =>
      look("read", path, () => read(path).subarray(offset, offset + most)),
    write,
    async writeAtomic(path, data, mode) {
      const temporary = posix.join(posix.dirname(path), `.${posix.basename(path)}.${host.chance.hex(4)}.tmp`);
      try {
        await write(temporary, data, mode);
        await change("sync", temporary, () => disk.sync(disk.get(temporary, "open")));
        await change("rename", path, () => disk.rename(temporary, path));
      } catch (error) {
        await change("remove", temporary, () => disk.remove(temporary)).catch(() => {});
        throw error;
      }
      await syncDirectory(posix.dirname(path));
    },
    async openAppend(path, mode) {
      const there = await change("open", path, () => {
        const isNew = disk.find(path) === undefined;
        return { isNew, inode: disk.open(path, mode) };
      });
      if (there.isNew) await syncDirectory(posix.dirname(path));
      return appendFile(host, run, there.inode, path);
    },
    stat: (path) => look("stat", path, () => disk.stat(path)),
    lstat: (path) => look("stat", path, () => disk.stat(path)),
    access: (path, mode) =>
      look("access", path, () => {
        if (!disk.permits(disk.get(path, "access"), mode)) throw refusal("EACCES", "access", path);
      }),
    readLink: (path) =>
      look("readlink", path, () => {
        disk.get(path, "readlink");
        throw refusal("EINVAL", "readlink", path);
      }),
    digest: (path, algorithm) => look("read", path, () => createHash(algorithm).update(read(path)).digest("hex")),
    list: (directory) => look("list", directory, () => disk.list(directory)),
    freeBytes: (path) =>
      look("statfs", path, () => {
        disk.get(path, "statfs");
        return 100 * 1024 ** 3;
      }),
    makeDirectory: (path) => change("make", path, () => disk.makeDirectory(path)),
    removeDirectory: (path) => change("remove", path, () => disk.remove(path)),
    rename: (from, to) => change("rename", to, () => disk.rename(from, to)),
    truncate: (path, size) =>
      change("truncate", path, () => disk.change(disk.get(path, "open"), disk.read(path).subarray(0, size), path)),
    remove,
    syncDirectory,
    tryLock: (path) => change("lock", path, () => tryLock(host, run, path)),
    waitForChange: (directory, ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        let ended = false;
        const finish = (settle: () => void) => {
          if (ended) return;
          ended = true;
          stop();
          signal?.removeEventListener("abort", onAbort);
          run.deliver(settle);
        };
        const onAbort = () => finish(() => reject(signal?.reason));
        let stop = () => {};
        try {
          stop = disk.watch(directory, () => finish(resolve));
        } catch (error) {
          return reject(error);
        }
        signal?.addEventListener("abort", onAbort, { once: true });
        run.after(ms, () => finish(resolve));
      }),
  };
}

function appendFile({ disk }: SimulatedHost, run: Run, inode: Inode, path: string): AppendFile {
  const change = (name: string, act: () => void) => run.call({ name, subject: path, changes: true, act });
  return {
    append: (data) =>
      run.call({
        name: "append",
        subject: path,
        data,
        changes: true,
        act: () => disk.append(inode, data, path),
        partly: () => disk.append(inode, data.slice(0, data.length / 2), path),
      }),
    sync: () => change("sync", () => disk.sync(inode)),
    truncate: (size) => change("truncate", () => disk.change(inode, inode.data.subarray(0, size), path)),
    close: () => run.call({ name: "close", subject: path, changes: false, act: () => {} }),
  };
}

function tryLock(host: SimulatedHost, run: Run, path: string): FileLock | undefined {
  const inode = host.disk.open(path, 0o600);
  const holder = host.locks.get(inode);
  if (holder && !holder.isDead) return undefined;
  host.locks.set(inode, run);
  return {
    release: () =>
      run.call({
        name: "unlock",
        subject: path,
        changes: true,
        act: () => {
          if (host.locks.get(inode) === run) host.locks.delete(inode);
        },
      }),
  };
}
