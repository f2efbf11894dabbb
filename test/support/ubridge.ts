import { accessSync, constants } from "node:fs";
import { join } from "node:path";
import process from "node:process";

/** Whether the real uBridge is on PATH: where it is, what can run on it is tried on it too. */
export function installedUbridge(): boolean {
  return (process.env.PATH ?? "").split(":").some((directory) => {
    try {
      accessSync(join(directory, "ubridge"), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
