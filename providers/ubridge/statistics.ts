import type { Ports } from "../../src/core/ports.ts";
import type { EndStatistics, HostDirectories, Station } from "../../src/core/provider.ts";
import { converse } from "./control.ts";
import { HypervisorLost, HypervisorSilent } from "./hypervisor.ts";
import { portPrefix } from "./networks/ports.ts";
import type { Located } from "./read.ts";
import { type EndStatistics as EndCounters, parseStatistics } from "./replies.ts";

/**
 * What the links of these names have carried, of those that the bridge has, and with the ports of switches who was heard
 * there; in one conversation.
 */
export async function askStatistics(
  ports: Ports,
  host: HostDirectories,
  bridge: Pick<Located, "identity" | "control">,
  names: readonly string[],
  switches: readonly string[],
): Promise<ReadonlyMap<string, readonly EndStatistics[]>> {
  const found = new Map<string, readonly EndStatistics[]>();
  try {
    await converse(ports, host.run, bridge.control, bridge.identity, async (hypervisor) => {
      await Promise.all(
        names.map(async (name) => {
          const { code, lines } = await hypervisor.request(["bridge", "get_stats", name]);
          const { source, destination } = code === 100 ? parseStatistics(lines) : {};
          if (source && destination) found.set(name, [ofEnd(source), ofEnd(destination)]);
        }),
      );
      for (const name of switches) {
        const { code, lines } = await hypervisor.request(["switch", "mac_table", name]);
        const { parseStations } = await import("./networks/stations.ts");
        const heard = code === 100 ? parseStations(lines) : new Map<string, readonly Station[]>();
        for (const port of names.filter((one) => one.startsWith(portPrefix(name)))) {
          const [end, ...others] = found.get(port) ?? [];
          if (end) found.set(port, [{ ...end, stations: heard.get(port) ?? [] }, ...others]);
        }
      }
    });
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
