import { rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { tryLock } from "../../src/system/fileLock.ts";
import { temporaryDirectory } from "./support.ts";

let path = "";

// The kernel grants the lock, and before labform can look the file is gone.
vi.mock("fs-native-extensions", () => ({
  tryLock: () => {
    rmSync(path);
    return true;
  },
}));

test("a lock on a file that was removed meanwhile is none", async () => {
  path = join(await temporaryDirectory(), "lock");
  expect(await tryLock(path)).toBeUndefined();
});
