import { execFileSync } from "node:child_process";

/** Tests that start labform's programs start what users start: the bundles. */
export default function setup(): void {
  execFileSync(process.execPath, ["scripts/build.mjs"], { stdio: "inherit" });
}
