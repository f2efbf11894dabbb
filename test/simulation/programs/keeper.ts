import { LineReader } from "../../../providers/qemu/keeper/lines.ts";
import {
  CONTROL_SOCKET,
  checkNode,
  checkServe,
  KeeperError,
  type PortRequest,
  PROTOCOL,
  type ServeRequest,
} from "../../../providers/qemu/keeper/protocol.ts";
import type { Inode } from "../host/disk.ts";
import type { End } from "../host/network.ts";
import type { Process } from "../host/processes.ts";

const DOORS = ["console", "aux", "monitor"] as const;

type Ports = { readonly [door in (typeof DOORS)[number]]?: number };

interface Kept {
  ports: Ports;
  request: ServeRequest;
  ear: End | undefined;
  goodbye: boolean;
  paused: boolean | null;
}

/** What there is to see of a simulated keeper: the ports it serves, by node. */
export interface Keeping {
  readonly nodes: ReadonlyMap<string, { readonly ports: Ports }>;
}

/** The keeper, with its own protocol's checks: ports from `serve` to `release`, and QEMU's last words in a file. */
export function keeper(process: Process): { onTerm(): void } {
  const { network, disk, chance, scheduler } = process.machine;
  const run = process.arguments[1] ?? "";
  const nodes = new Map<string, Kept>();
  process.shown = { nodes } satisfies Keeping;
  let socket: Inode | undefined;

  process.after(20 + chance.fraction() * 60, () => {
    const path = `${run}/${CONTROL_SOCKET}`;
    if (network.isServed(path)) {
      process.log(`keeper: another keeper listens on ${path}`);
      return process.die();
    }
    try {
      socket = network.listen(process, path, converse);
      disk.watch(run, (name) => process.deliver(() => hear(name.slice(0, name.indexOf(".")))));
    } catch (error) {
      process.log(`keeper: ${(error as Error).message}`);
      process.die();
    }
  });

  function converse(peer: End): void {
    const reader = new LineReader(1024 * 1024);
    peer.onData = (bytes) => {
      for (const line of reader.push(bytes)) if (line) peer.send(`${JSON.stringify(answer(line))}\n`);
    };
  }

  function answer(line: string): object {
    const { id, command, arguments: fields } = JSON.parse(line) as { id: number; command: string; arguments: unknown };
    try {
      return { id, result: perform(command, fields) };
    } catch (error) {
      if (!(error instanceof KeeperError)) throw error;
      return { id, error: { code: error.code, message: error.message } };
    }
  }

  function perform(command: string, fields: unknown): object {
    switch (command) {
      case "ping":
        return { version: "0.1.0", pid: process.pid, nodes: nodes.size };
      case "list":
        return {
          protocol: PROTOCOL,
          nodes: [...nodes].map(([node, kept]) => {
            const { ear, paused } = kept;
            return { node, ...shownOf(kept), connected: ear !== undefined, paused: ear ? paused : null };
          }),
        };
      case "serve":
        return serve(checkServe(fields));
      case "release":
        return release(checkNode(fields));
      case "stop":
        process.after(1, end);
        return {};
      default:
        throw new KeeperError("unknown-command", command);
    }
  }

  /** All ports or none. */
  function serve(request: ServeRequest): object {
    const before = nodes.get(request.node);
    const had = Object.values(before?.ports ?? {});
    const ports: { -readonly [door in keyof Ports]: Ports[door] } = {};
    try {
      for (const door of DOORS) {
        const port = take(request[door], before?.ports[door]);
        if (port !== undefined) ports[door] = port;
      }
    } catch (error) {
      for (const port of Object.values(ports)) if (!had.includes(port)) network.stopListening(port);
      throw error;
    }
    for (const port of had) if (!Object.values(ports).includes(port)) network.stopListening(port);
    const kept: Kept = before ?? { ports, request, ear: undefined, goodbye: false, paused: null };
    Object.assign(kept, { ports, request });
    nodes.set(request.node, kept);
    hear(request.node);
    return shownOf(kept);
  }

  function take(request: PortRequest | null, current: number | undefined): number | undefined {
    if (!request) return undefined;
    const [low, high] = request.range;
    if (request.port !== null) {
      if (request.port === current || network.listenOn(process, request.port, () => {})) return request.port;
      throw new KeeperError("port-taken", `port ${request.port} is taken`);
    }
    if (current !== undefined && current >= low && current <= high) return current;
    for (let port = low; port <= high; port++) if (network.listenOn(process, port, () => {})) return port;
    throw new KeeperError("range-taken", `no port from ${low} to ${high} is free`);
  }

  function release(node: string): object {
    const kept = nodes.get(node);
    for (const port of Object.values(kept?.ports ?? {})) network.stopListening(port);
    kept?.ear?.close();
    nodes.delete(node);
    return {};
  }

  /** Connects to a QEMU's event socket as soon as it is there. */
  function hear(node: string): void {
    const kept = nodes.get(node);
    if (!kept || kept.ear || !network.isServed(`${run}/${node}.evt`)) return;
    const ear = network.connect(process, { path: `${run}/${node}.evt` });
    const reader = new LineReader(256 * 1024);
    kept.ear = ear;
    kept.goodbye = false;
    kept.paused = null;
    ear.onData = (bytes) => {
      for (const line of reader.push(bytes)) {
        const message = JSON.parse(line ?? "{}") as {
          QMP?: unknown;
          event?: string;
          data?: unknown;
          return?: { running?: boolean };
        };
        if (message.QMP !== undefined) ear.send('{"execute": "qmp_capabilities"}\n{"execute": "query-status"}\n');
        else if (message.return?.running !== undefined) kept.paused = !message.return.running;
        else if (message.event !== undefined) {
          if (message.event === "SHUTDOWN") kept.goodbye = true;
          if (message.event === "STOP") kept.paused = true;
          if (message.event === "RESUME") kept.paused = false;
          note(node, message.event, message.data);
        }
      }
    };
    ear.onClose = () => {
      if (!kept.goodbye) note(node, "ended", {});
      kept.ear = undefined;
      hear(node);
    };
  }

  function note(node: string, event: string, data: unknown): void {
    const path = `${run}/${node}.events`;
    const line = `${JSON.stringify({ time: new Date(scheduler.now).toISOString(), event, data })}\n`;
    try {
      disk.append(disk.open(path, 0o600), line, path);
    } catch {
      // Its run directory was removed.
    }
  }

  function end(): void {
    if (socket && disk.find(`${run}/${CONTROL_SOCKET}`) === socket) disk.remove(`${run}/${CONTROL_SOCKET}`);
    process.die();
  }

  return { onTerm: () => process.after(1, end) };
}

function shownOf({ ports, request }: Kept): object {
  const listener = (door: (typeof DOORS)[number]) => {
    const [wanted, port] = [request[door], ports[door]];
    return wanted && port !== undefined ? { host: wanted.host, port } : null;
  };
  return Object.fromEntries(DOORS.map((door) => [door, listener(door)]));
}
