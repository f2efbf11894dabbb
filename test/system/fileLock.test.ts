import { rmSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type * as nativeExtensions from "fs-native-extensions";
import { expect, test, vi } from "vitest";
import { tryLock } from "../../src/system/fileLock.ts";
import { temporaryDirectory } from "./support.ts";

/** The one that labform requires: its exports are this object. */
const native = createRequire(import.meta.url)("fs-native-extensions") as typeof nativeExtensions;

test("a lock on a file that was removed meanwhile is none", async () => {
  const path = join(await temporaryDirectory(), "lock");
  // The kernel grants the lock, and before labform can look the file is gone.
  const granted = vi.spyOn(native, "tryLock").mockImplementation(() => {
    rmSync(path);
    return true;
  });
  expect(await tryLock(path)).toBeUndefined();
  expect(granted).toHaveBeenCalledOnce();
});
