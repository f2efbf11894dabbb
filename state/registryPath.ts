import { isAbsolute, join } from "node:path";
import { fail } from "../src/core/diagnostics.ts";
import type { Host } from "../src/core/ports.ts";

/**
 * Where this account's registry entries are; undefined when neither variable says. A relative XDG_STATE_HOME is to be
 * ignored (XDG Base Directory Specification).
 */
export function registryHome({ environment }: Host): string | undefined {
  const { XDG_STATE_HOME: stateHome, HOME: home } = environment;
  if (stateHome && isAbsolute(stateHome)) return join(stateHome, "labform", "labs");
  if (home && isAbsolute(home)) return join(home, ".local", "state", "labform", "labs");
  return undefined;
}

/** For a lab that has no entry yet. */
export function newRegistryPath(host: Host, lineage: string): string {
  const home = registryHome(host);
  if (home !== undefined) return join(home, lineage);
  return fail("There is no place for the registry of running labs", {
    detail:
      "It lives in $XDG_STATE_HOME/labform or, by default, in $HOME/.local/state/labform, and neither variable is an absolute path. Set one of them.",
  });
}

export function runDirectory(registry: string): string {
  return registry === "" ? "" : join(registry, "run");
}
