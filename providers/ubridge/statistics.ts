import type { Ports } from "../../src/core/ports.ts";
import type { EndStatistics, HostDirectories } from "../../src/core/provider.ts";
import { converse } from "./control.ts";
import { HypervisorLost, HypervisorSilent } from "./hypervisor.ts";
import type { Located } from "./read.ts";
import { type EndStatistics as EndCounters, parseStatistics } from "./replies.ts";

/** What the links of these names have carried, of those that the bridge has; in one conversation. */
export async function askStatistics(
  ports: Ports,
  host: HostDirectories,
  bridge: Pick<Located, "identity" | "control">,
  names: readonly string[],
): Promise<ReadonlyMap<string, readonly EndStatistics[]>> {
  const found = new Map<string, readonly EndStatistics[]>();
  try {
    await converse(ports, host.run, bridge.control, bridge.identity, (hypervisor) =>
      Promise.all(
        names.map(async (name) => {
          const { code, lines } = await hypervisor.request(["bridge", "get_stats", name]);
          const { source, destination } = code === 100 ? parseStatistics(lines) : {};
          if (source && destination) found.set(name, [ofEnd(source), ofEnd(destination)]);
        }),
      ),
    );
  } catch (error) {
    // That it is gone is told where its links are looked at.
    if (!(error instanceof HypervisorLost) && !(error instanceof HypervisorSilent)) throw error;
  }
  return found;
}

/** What came in to the bridge is what the end has sent. */
function ofEnd({ packetsIn, bytesIn, packetsOut, bytesOut, dropped }: EndCounters): EndStatistics {
  return {
    sent: { frames: packetsIn, bytes: bytesIn },
    received: { frames: packetsOut, bytes: bytesOut },
    dropped: dropped ?? null,
  };
}
