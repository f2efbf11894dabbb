import { type FileHandle, open, stat } from "node:fs/promises";
import { createRequire } from "node:module";
import type * as nativeExtensions from "fs-native-extensions";
import type { FileLock } from "../core/ports.ts";
import { errorCode } from "./systemError.ts";

/** Loaded by the commands that lock. Required, for `import()` would have Node load its whole loader of modules first. */
const load = createRequire(import.meta.url);

/**
 * An open file description lock (fcntl, F_OFD_SETLK): the kernel drops it with the last descriptor, so neither a kill
 * nor a reboot leaves one behind, and Node's descriptors are not inherited by the programs labform starts.
 */
export async function tryLock(path: string): Promise<FileLock | undefined> {
  const native = load("fs-native-extensions") as typeof nativeExtensions;
  const handle = await open(path, "a", 0o600);
  try {
    if (native.tryLock(handle.fd) && (await isStill(path, handle))) return heldBy(handle);
  } catch (error) {
    await handle.close();
    throw error;
  }
  await handle.close();
  return undefined;
}

/** False when the file was removed or replaced between opening and locking: the lock would exclude nobody. */
async function isStill(path: string, handle: FileHandle): Promise<boolean> {
  const locked = await handle.stat();
  try {
    const named = await stat(path);
    return named.ino === locked.ino && named.dev === locked.dev;
  } catch (error) {
    if (errorCode(error) === "ENOENT") return false;
    throw error;
  }
}

function heldBy(handle: FileHandle): FileLock {
  let released: Promise<void> | undefined;
  return {
    release() {
      released ??= handle.close();
      return released;
    },
  };
}
