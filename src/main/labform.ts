#!/usr/bin/env node
import process from "node:process";
import { platformName, versionText } from "../cli/platform.ts";
import { runCompiled } from "./compiled.ts";
import type * as commands from "./start.ts";

/** Filled in by the bundler. */
declare const LABFORM_VERSION: string;
declare const COMMANDS_BUNDLE: string;

/** `labform version` needs nothing that has to be loaded. */
const plainVersion = process.argv.length === 3 && /^(?:version|--?version|-v)$/.test(process.argv[2] ?? "");
if (plainVersion) process.stdout.write(versionText(LABFORM_VERSION, platformName(process.platform, process.arch)));
else {
  const { start } = runCompiled(new URL(COMMANDS_BUNDLE, import.meta.url)) as typeof commands;
  // A run that ends without having decided is a fault, and no success.
  process.exitCode = 1;
  void start(LABFORM_VERSION).then((code) => (process.exitCode = code));
}
