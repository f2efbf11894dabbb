import type { Diagnostic } from "../../src/core/diagnostics.ts";
import { warningDiagnostic } from "../../src/core/diagnostics.ts";
import type { PlanRequest } from "../../src/core/provider.ts";
import type { PlannedAttributes } from "../../src/core/values.ts";
import { isSensitive } from "../../src/core/values.ts";
import { listener } from "./attributes.ts";
import { knownListener, LISTENERS, PORT_ARGUMENTS, strangerAt } from "./consoles/listeners.ts";

/**
 * Ports that the lab files fix and that another process has now, as it is when one lab runs in two workspaces. A warning:
 * who has it may be gone when the plan is applied. What this lab itself holds is passed over, it gives it up in time.
 */
export async function warnTakenPorts(
  { config, prior, sensitive }: PlanRequest,
  planned: PlannedAttributes,
  tools: Parameters<typeof strangerAt>[1],
): Promise<readonly Diagnostic[]> {
  const found: Diagnostic[] = [];
  for (const name of LISTENERS) {
    const argument = PORT_ARGUMENTS[name];
    const wanted = knownListener(planned[name]);
    if (!wanted || typeof config[argument] !== "number" || isSensitive(sensitive, [argument])) continue;
    if (listener(prior?.attributes[name])?.port === wanted.port) continue;
    const holder = await strangerAt(wanted, tools);
    if (!holder) continue;
    found.push(
      warningDiagnostic(`Port ${wanted.port} of ${wanted.host} is taken, and ${argument} asks for it`, {
        detail: `It is held by ${holder.name}. Leave ${argument} out, and each lab has a free port of its own; or let it hang on lab.workspace.`,
      }),
    );
  }
  return found;
}
