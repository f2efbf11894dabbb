import type { OperationContext } from "../../../src/core/provider.ts";
import type { Planned } from "../../../src/core/values.ts";
import { UNKNOWN } from "../../../src/core/values.ts";
import type { Listener } from "../attributes.ts";
import { nodeAttributes } from "../attributes.ts";
import type { Forwarded, Wanted } from "../forwardPorts.ts";
import type { PlanTools } from "../plan.ts";
import { qemuSettings } from "../settings.ts";

/** Where the host is to listen for what is forwarded, by label; null when nothing is. `planned`: as far as it is known. */
export async function chooseForwards(
  planned: Planned | undefined,
  { instance, settings, wanted }: OperationContext,
  tools: PlanTools,
): Promise<Forwarded | null> {
  if (planned === null || planned === undefined || planned === UNKNOWN) return null;
  const known = planned as { readonly [label: string]: Planned };
  const ports: { [label: string]: Wanted[string] } = {};
  for (const one of Object.values(nodeAttributes(wanted).adapter_settings)) {
    for (const [label, { host }] of Object.entries(one.user_network?.forward ?? {})) {
      const listener = known[label];
      ports[label] = listener === UNKNOWN ? { host, port: null } : (listener as unknown as Listener);
    }
  }
  return await tools.forwardPorts.choose(instance, ports, qemuSettings(settings).forward_ports);
}
