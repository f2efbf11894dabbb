#!/usr/bin/env node
import process from "node:process";

declare const LABFORM_VERSION: string;

/** `labform version` needs nothing that has to be loaded. */
const plainVersion = process.argv.length === 3 && /^(?:version|--?version|-v)$/.test(process.argv[2] ?? "");
if (plainVersion) process.stdout.write(`labform v${LABFORM_VERSION}\n`);
else {
  const { start } = await import("./start.ts");
  process.exitCode = await start(LABFORM_VERSION);
}
