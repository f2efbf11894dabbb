import { errorDiagnostic, Failure, fail } from "../src/core/diagnostics.ts";
import type { Ports } from "../src/core/ports.ts";
import type { State } from "../src/core/state.ts";
import type { AccessOptions } from "./access.ts";
import { ifPresent } from "./failure.ts";
import { awayFrom } from "./host.ts";
import { knownOf, livingOf } from "./knownProcesses.ts";
import { readLab } from "./registryEntry.ts";
import { newRegistryPath } from "./registryPath.ts";

/**
 * Where the registry's entry of a state is that takes the place of `before`: that of before where it is the same lab,
 * else the one that its lineage has on this host, else a new one. Rejects where that is the entry of a lab in another
 * directory or workspace: two would destroy what each other runs.
 */
export async function registryOf(options: AccessOptions, next: State, before: State): Promise<string> {
  if (next.lineage === before.lineage) return before.registry;
  const { ports, labDirectory, workspace } = options;
  const own = newRegistryPath(ports.host, next.lineage);
  const paths = awayFrom(next, ports.host) ? [own] : [next.registry, own];
  for (const path of paths) {
    const lab = path === "" ? undefined : await readLab(ports, path);
    if (lab?.lineage !== next.lineage) continue;
    if (lab.directory === labDirectory) {
      if (lab.workspace === workspace || !(await ifPresent(ports.files.stat(lab.state)))) return path;
      fail(`The given state is that of workspace "${lab.workspace}"`, {
        subject: `state ${lab.state}`,
        detail: `A state belongs to one workspace: what "${lab.workspace}" runs would be destroyed from "${workspace}". Nothing was changed. Work there with -workspace=${lab.workspace}.`,
      });
    }
    if (!(await ifPresent(ports.files.stat(lab.directory)))) return path;
    fail("The given state is that of another lab on this host", {
      subject: `lab ${lab.directory}`,
      detail: `A state belongs to one directory: what ${lab.directory} runs would be destroyed from here. Nothing was changed. Run labform there, or remove that directory's .labform first, once its lab is destroyed.`,
    });
  }
  return own;
}

/** Rejects when a process of the state `before` runs, or cannot be seen from here, that `next` would not know. */
export function refuseStrays(ports: Ports, before: State, next: State): void {
  const tokens = new Set([...next.instances.values()].flatMap(knownOf).map(({ token }) => token));
  const unknown = [...before.instances.values()].flatMap(knownOf).filter(({ token }) => !tokens.has(token));
  const unseen = unknown.flatMap(({ address, identity }) =>
    identity && ports.processes.status(identity) === "elsewhere" ? [{ address, identity }] : [],
  );
  const strays = [
    ...livingOf(ports, unknown).map((one) => ({ ...one, advice: `Stop it first: labform stop, or labform destroy.` })),
    ...unseen.map((one) => ({
      ...one,
      advice:
        "It is of another pid namespace, a container say, where it cannot be seen from here. Run the command there.",
    })),
  ];
  if (strays.length === 0) return;
  throw new Failure(
    strays.map(({ address, identity, advice }) =>
      errorDiagnostic(`${address} runs (pid ${identity.pid}), and the new state would not know of it`, {
        address,
        detail: `Nothing was changed. ${advice}`,
      }),
    ),
  );
}
