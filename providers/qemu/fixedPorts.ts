import type { Diagnostic } from "../../src/core/diagnostics.ts";
import { warningDiagnostic } from "../../src/core/diagnostics.ts";
import type { Ports } from "../../src/core/ports.ts";
import type { HostDirectories, PlanRequest } from "../../src/core/provider.ts";
import type { PlannedAttributes } from "../../src/core/values.ts";
import { isSensitive, UNKNOWN } from "../../src/core/values.ts";
import type { Listener } from "./attributes.ts";
import { listener } from "./attributes.ts";
import { findHolder } from "./service/portHolder.ts";

interface Tools {
  readonly ports: Pick<Ports, "files" | "sockets">;
  readonly directories: Pick<HostDirectories, "run">;
}

/**
 * Ports that the lab files fix and that another process has now, as it is when one lab runs in two workspaces. A warning:
 * who has it may be gone when the plan is applied. What this lab itself holds is passed over, it gives it up in time.
 */
export async function warnTakenPorts(
  { config, prior, sensitive }: PlanRequest,
  planned: PlannedAttributes,
  { ports, directories }: Tools,
): Promise<readonly Diagnostic[]> {
  const found: Diagnostic[] = [];
  for (const name of ["console", "monitor"] as const) {
    const argument = `${name}_port`;
    const wanted = planned[name];
    if (typeof config[argument] !== "number" || wanted === UNKNOWN || isSensitive(sensitive, [argument])) continue;
    const { host, port } = wanted as unknown as Listener;
    if (listener(prior?.attributes[name])?.port === port || (await isFree(ports, host, port))) continue;
    const holder = await findHolder(ports.files, port);
    if (!holder || (directories.run !== "" && holder.directory === directories.run)) continue;
    found.push(
      warningDiagnostic(`Port ${port} of ${host} is taken, and ${argument} asks for it`, {
        detail: `It is held by ${holder.name}. Leave ${argument} out, and each lab has a free port of its own; or let it hang on lab.workspace.`,
      }),
    );
  }
  return found;
}

/** An address that this host does not have is told of when the port is to be served. */
async function isFree({ sockets }: Tools["ports"], host: string, port: number): Promise<boolean> {
  return await sockets.isPortFree(host, port).catch(() => true);
}
