// Exits 0 when node_modules holds what package-lock.json says, 1 otherwise. npm keeps a lock of what it installed in
// node_modules/.package-lock.json; packages for other platforms are in the one and not in the other.
import { readFileSync } from "node:fs";

function packagesOf(path) {
  try {
    return JSON.parse(readFileSync(new URL(path, import.meta.url), "utf8")).packages;
  } catch {
    return undefined;
  }
}

const wanted = packagesOf("../package-lock.json");
const installed = packagesOf("../node_modules/.package-lock.json");
const same =
  installed !== undefined &&
  Object.entries(wanted).every(
    ([path, { version, optional }]) =>
      path === "" || (installed[path] ? installed[path].version === version : optional),
  ) &&
  Object.keys(installed).every((path) => wanted[path]);
process.exit(same ? 0 : 1);
