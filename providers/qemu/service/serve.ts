import { fail } from "../../../src/core/diagnostics.ts";
import type { Settings } from "../../../src/core/provider.ts";
import type { Planned, PlannedAttributes } from "../../../src/core/values.ts";
import { UNKNOWN } from "../../../src/core/values.ts";
import type { Listener } from "../attributes.ts";
import type { ListenerName } from "../consoles/listeners.ts";
import { LISTENERS, PORT_ARGUMENTS, strangerAt } from "../consoles/listeners.ts";
import type { ConsoleType } from "../consoles/types.ts";
import { frontedType } from "../consoles/types.ts";
import type { ServeRequest } from "../keeper/client.ts";
import { KeeperClient, KeeperError, KeeperSilent } from "../keeper/client.ts";
import type { ConsoleRequest } from "../keeper/protocol.ts";
import { auxLog, consoleLog } from "../names.ts";
import type { PlanTools } from "../plan.ts";
import { qemuSettings } from "../settings.ts";

export interface Serving {
  readonly address: string;
  readonly id: string;
  /** console, aux and monitor: null for none, known for that port, unknown for a free one of the settings' range. */
  readonly planned: PlannedAttributes;
  readonly settings: Settings;
  readonly directory: string;
}

export type Served = { readonly [name in ListenerName]: Listener | null };

/** Has the keeper serve a node, also one it serves already, at these ports. Rejects with `Failure`. */
export async function serveNode(serving: Serving, tools: PlanTools): Promise<Served> {
  return await withKeeper(tools, serving.address, (keeper) => serveWith(keeper, serving, tools));
}

export async function serveWith(keeper: KeeperClient, serving: Serving, tools: PlanTools): Promise<Served> {
  const request = serveRequest(serving);
  try {
    const { console, aux, monitor } = await keeper.serve(request);
    return { console, aux, monitor };
  } catch (error) {
    if (!(error instanceof KeeperError)) throw error;
    fail(`The ports of ${serving.address} cannot be served: ${error.message}`, {
      address: serving.address,
      detail: await advice(error, request, tools),
      cause: error,
    });
  }
}

/** Rejects with `Failure` when the keeper does not answer. */
export async function withKeeper<T>(
  tools: PlanTools,
  address: string,
  use: (keeper: KeeperClient) => Promise<T>,
): Promise<T> {
  let keeper: KeeperClient | undefined;
  try {
    keeper = await KeeperClient.connect(tools.ports.sockets, tools.directories.run);
    return await use(keeper);
  } catch (error) {
    if (!(error instanceof KeeperSilent)) throw error;
    return fail("The lab's keeper, which serves consoles and monitors, cannot be reached", {
      address,
      detail: `When asked: ${error.message}. Run apply again: it replaces a keeper that does not answer, and no node is touched by that. Its log is ${tools.directories.run}/keeper.log.`,
      cause: error,
    });
  } finally {
    keeper?.close();
  }
}

function serveRequest({ address, id, planned, settings, directory }: Serving): ServeRequest {
  const { console_host, console_ports, monitor_host, monitor_ports } = qemuSettings(settings);
  const request = (name: "console" | "aux"): ConsoleRequest | null => {
    const type = planned[name === "console" ? "console_type" : "aux_console"] as ConsoleType;
    const port = portOf(planned[name] ?? null, console_host);
    return port && type !== "none" ? { type: frontedType(type), ...port, range: console_ports } : null;
  };
  const [console, aux] = [request("console"), request("aux")];
  const monitor = portOf(planned["monitor"] ?? null, monitor_host);
  return {
    node: id,
    address,
    console,
    aux,
    monitor: monitor && { ...monitor, range: monitor_ports },
    access: planned["console_access"] === "host" ? "host" : "owner",
    ...(console?.type === "telnet" ? { consoleLog: consoleLog(directory) } : {}),
    ...(aux?.type === "telnet" ? { auxLog: auxLog(directory) } : {}),
  };
}

function portOf(planned: Planned, host: string): { readonly host: string; readonly port: number | null } | null {
  if (planned === null) return null;
  return planned === UNKNOWN ? { host, port: null } : (planned as unknown as Listener);
}

async function advice(error: KeeperError, request: ServeRequest, tools: PlanTools): Promise<string> {
  if (error.code !== "port-taken") {
    return 'Ports are set with console_port, aux_console_port and monitor_port on the node, their ranges with console_ports and monitor_ports in provider "qemu".';
  }
  const holders: string[] = [];
  const asked: string[] = [];
  for (const name of LISTENERS) {
    const { host = "", port = null } = request[name] ?? {};
    const holder = port === null ? undefined : await strangerAt({ host, port }, tools);
    if (!holder) continue;
    asked.push(PORT_ARGUMENTS[name]);
    holders.push(`Port ${port} is held by ${holder.name}.`);
  }
  const others = asked.length > 0 ? asked.join(" or ") : "console_port, aux_console_port or monitor_port";
  return [...holders, `Free the port, or set another with ${others} on the node.`].join(" ");
}
