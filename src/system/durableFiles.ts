import { randomBytes } from "node:crypto";
import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { AppendFile } from "../core/ports.ts";
import { errorCode } from "./systemError.ts";

/** A failed write leaves the old content and no temporary file; a kill may leave `.NAME.XXXXXXXX.tmp` beside it. */
export async function writeAtomic(path: string, data: string | Uint8Array, mode: number): Promise<void> {
  const directory = dirname(path);
  const temporary = join(directory, `.${basename(path)}.${randomBytes(4).toString("hex")}.tmp`);
  try {
    const handle = await open(temporary, "wx", mode);
    try {
      // The umask took bits away; on file systems without modes it stays at that.
      await handle.chmod(mode).catch(() => {});
      await handle.writeFile(data);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw error;
  }
  await syncDirectory(directory);
}

export async function syncDirectory(path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } catch (error) {
    // Some file systems (CIFS, vboxsf) know no fsync of a directory: a rename there is as durable as it gets.
    const code = errorCode(error);
    if (code !== "EINVAL" && code !== "ENOTSUP") throw error;
  } finally {
    await handle.close();
  }
}

/** A file made here is in its directory durably before the handle is returned. */
export async function openAppend(path: string, mode: number): Promise<AppendFile> {
  return appendFile(await openOrCreate(path, mode));
}

async function openOrCreate(path: string, mode: number): Promise<FileHandle> {
  try {
    const created = await open(path, "ax", mode);
    try {
      await syncDirectory(dirname(path));
    } catch (error) {
      await created.close();
      throw error;
    }
    return created;
  } catch (error) {
    if (errorCode(error) !== "EEXIST") throw error;
    return await open(path, "a", mode);
  }
}

function appendFile(handle: FileHandle): AppendFile {
  return {
    append: (data) => handle.appendFile(data),
    sync: () => handle.datasync(),
    truncate: (size) => handle.truncate(size),
    close: () => handle.close(),
  };
}
