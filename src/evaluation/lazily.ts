import { createRequire } from "node:module";
import type * as re2js from "re2js";
import type * as yamlPackage from "yaml";

const load = createRequire(import.meta.url);

/**
 * The packages that few labs need, each loaded when a function first asks for it: together they would take longer to
 * load than a lab takes to read. They are not in the bundle; a user has them beside it, as dependencies.
 */
export function re2(): typeof re2js {
  return load("re2js") as typeof re2js;
}

export function yaml(): typeof yamlPackage {
  return load("yaml") as typeof yamlPackage;
}
