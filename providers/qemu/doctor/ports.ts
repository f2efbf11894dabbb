import type { Finding } from "../../../src/core/doctor.ts";
import type { Files, Ports } from "../../../src/core/ports.ts";
import type { ExamineRequest, LabObject } from "../../../src/core/provider.ts";
import type { ListenerName } from "../consoles/listeners.ts";
import { PORT_ARGUMENTS } from "../consoles/listeners.ts";
import { qemuSettings } from "../settings.ts";

type Range = readonly [number, number];

/** The TCP ports that consoles and monitors are given: free ones, and whether another use of them is to be feared. */
export async function examinePorts(ports: Ports, request: ExamineRequest): Promise<readonly Finding[]> {
  const settings = qemuSettings(request.settings);
  const nodes = (request.lab?.nodes ?? []).filter((node) => !node.exists);
  const taken = await listeningPorts(ports.files);
  const ephemeral = await ephemeralRange(ports.files);
  const ranges = [
    {
      name: "console_ports",
      host: settings.console_host,
      range: settings.console_ports,
      needed: [...nodes.filter((node) => serves(node, "console")), ...nodes.filter((node) => serves(node, "aux"))]
        .length,
    },
    ...(settings.monitor
      ? [
          {
            name: "monitor_ports",
            host: settings.monitor_host,
            range: settings.monitor_ports,
            needed: nodes.filter((node) => serves(node, "monitor")).length,
          },
        ]
      : []),
  ];
  return await Promise.all(ranges.map((one) => examineRange(ports, one, taken, ephemeral)));
}

/** It has none where that is known to be null, as with console_type = "none"; a port of its own choice is not one of the range. */
function serves({ attributes }: LabObject, name: ListenerName): boolean {
  return attributes[name] !== null && (attributes[PORT_ARGUMENTS[name]] ?? null) === null;
}

async function examineRange(
  ports: Ports,
  { name, host, range, needed }: { name: string; host: string; range: Range; needed: number },
  taken: ReadonlySet<number>,
  ephemeral: Range | undefined,
): Promise<Finding> {
  const [first, last] = range;
  const free: number[] = [];
  for (let port = first; port <= last; port++) if (!taken.has(port)) free.push(port);
  const counted = `${free.length} of the ${last - first + 1} ports ${first}-${last} are free`;
  const other = `Choose other ports with ${name} in provider "qemu", or end what listens there (ss -ltnp shows it).`;
  if (free.length < Math.max(1, needed)) {
    const wanted = needed > 1 ? `, and the lab needs ${needed}` : "";
    return { subject: name, level: "error", text: `${counted}${wanted}`, fix: other };
  }
  try {
    await ports.sockets.isPortFree(host, free[0] as number);
  } catch (error) {
    const text = `${host} cannot be listened on (${(error as Error).message})`;
    const setting = name.replace("_ports", "_host");
    return {
      subject: name,
      level: "error",
      text,
      fix: `Set ${setting} in provider "qemu" to an address this host has; 127.0.0.1 is the default.`,
    };
  }
  if (ephemeral && first <= ephemeral[1] && ephemeral[0] <= last) {
    const text = `${counted}, but they overlap ${ephemeral[0]}-${ephemeral[1]}, from which the kernel gives ports to clients`;
    const fix = `A client may hold a node's port when the node starts. Choose other ports with ${name} in provider "qemu".`;
    return { subject: name, level: "warning", text, fix };
  }
  return { subject: name, level: "ok", text: counted };
}

const LISTEN = "0A";

/**
 * TCP ports some process listens on, at any address, from the kernel's own tables (proc(5)): to bind each port instead
 * would take it from others for that moment.
 */
async function listeningPorts(files: Files): Promise<ReadonlySet<number>> {
  const taken = new Set<number>();
  for (const table of ["/proc/net/tcp", "/proc/net/tcp6"]) {
    // A kernel without IPv6 has no second table.
    const text = await files.readText(table).catch(() => "");
    for (const line of text.split("\n").slice(1)) {
      const [, local, , state] = line.trim().split(/\s+/);
      if (state === LISTEN && local) taken.add(Number.parseInt(local.slice(local.lastIndexOf(":") + 1), 16));
    }
  }
  return taken;
}

async function ephemeralRange(files: Files): Promise<Range | undefined> {
  const text = await files.readText("/proc/sys/net/ipv4/ip_local_port_range").catch(() => "");
  const [first, last] = text.trim().split(/\s+/).map(Number);
  return first && last ? [first, last] : undefined;
}
