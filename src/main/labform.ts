#!/usr/bin/env node
import process from "node:process";
import { platformName, versionText } from "../cli/platform.ts";

declare const LABFORM_VERSION: string;

/** `labform version` needs nothing that has to be loaded. */
const plainVersion = process.argv.length === 3 && /^(?:version|--?version|-v)$/.test(process.argv[2] ?? "");
if (plainVersion) process.stdout.write(versionText(LABFORM_VERSION, platformName(process.platform, process.arch)));
else {
  const { start } = await import("./start.ts");
  process.exitCode = await start(LABFORM_VERSION);
}
