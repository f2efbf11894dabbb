import { join } from "node:path";
import type { Connection, Endpoint, Ports, ProcessIdentity } from "../../src/core/ports.ts";
import { ANSWER_MS, Hypervisor, HypervisorLost, HypervisorSilent } from "./hypervisor.ts";
import { type Listener, parseListeners } from "./listening.ts";

/** A bridge's control socket, as its record has it: `bridge-builtin.sock`, or `127.0.0.1:61234`. */
export type Control = string;

const LOOPBACK = "127.0.0.1";

export function portControl(port: number): Control {
  return `${LOOPBACK}:${port}`;
}

/** A conversation from its connection to its leave. Rejects as `connectTo`. */
export async function converse<T>(
  ports: Ports,
  runDirectory: string,
  control: Control,
  identity: ProcessIdentity | undefined,
  talk: (hypervisor: Hypervisor) => Promise<T>,
): Promise<T> {
  const connection = await connectTo(ports, runDirectory, control, identity);
  const hypervisor = new Hypervisor(connection, ports.clock, portOf(control) === undefined ? "unix" : "tcp");
  try {
    return await talk(hypervisor);
  } finally {
    await hypervisor.close();
  }
}

/**
 * Rejects with HypervisorLost when the bridge is not to be reached, or when who listens there is not ours, and with
 * HypervisorSilent when it hangs.
 */
export async function connectTo(
  ports: Ports,
  runDirectory: string,
  control: Control,
  identity: ProcessIdentity | undefined,
): Promise<Connection> {
  const endpoint = await endpointOf(ports, runDirectory, control, identity);
  try {
    return await ports.sockets.connect(endpoint, ANSWER_MS);
  } catch (error) {
    const { code } = error as { code?: string };
    // A listener that does not accept for so long hangs, like one that does not answer.
    if (code === "ETIMEDOUT") throw new HypervisorSilent("connect");
    throw new HypervisorLost(`its control socket ${control} cannot be reached (${code ?? String(error)})`, {
      cause: error,
    });
  }
}

async function endpointOf(
  ports: Ports,
  runDirectory: string,
  control: Control,
  identity: ProcessIdentity | undefined,
): Promise<Endpoint> {
  const port = portOf(control);
  if (port === undefined) return { path: join(runDirectory, control) };
  if (identity === undefined || !(await listensOn(ports, identity, port))) {
    throw new HypervisorLost(`the process that listens on ${control} is not the lab's bridge`);
  }
  return { host: LOOPBACK, port };
}

/** Undefined when it is a Unix socket. */
function portOf(control: Control): number | undefined {
  const port = /:(\d+)$/.exec(control)?.[1];
  return port === undefined ? undefined : Number(port);
}

/** The port of 127.0.0.1 that the process listens on. */
export async function findControlPort(ports: Ports, identity: ProcessIdentity): Promise<number | undefined> {
  const inodes = ports.processes.socketInodes(identity);
  if (inodes === undefined) return undefined;
  return (await loopbackListeners(ports)).find((listener) => inodes.has(listener.inode))?.port;
}

/** Inodes of listening sockets that were found among a process's descriptors, by its token. */
const proven = new Map<string, number>();

/**
 * Whether it is the process itself that listens there: a port that was busy leads to a stranger's, and whoever is
 * talked to is told which files to write. A socket keeps its inode as long as it lives, so of each process the
 * descriptors, two for every link, are looked through once.
 */
export async function listensOn(ports: Ports, identity: ProcessIdentity, port: number): Promise<boolean> {
  if (ports.processes.status(identity) !== "alive") return false;
  const listener = (await loopbackListeners(ports)).find((one) => one.port === port);
  if (!listener) return false;
  if (proven.get(identity.token) === listener.inode) return true;
  const inodes = ports.processes.socketInodes(identity);
  // A program with file capabilities, as GNS3's packages install it, hides its descriptors from its own account. Then
  // the account that owns the socket is what can be told, and no other account is talked to by mistake.
  if (inodes === undefined) return listener.uid === ports.host.uid;
  if (!inodes.has(listener.inode)) return false;
  proven.set(identity.token, listener.inode);
  return true;
}

async function loopbackListeners(ports: Ports): Promise<readonly Listener[]> {
  return parseListeners(await ports.files.readText("/proc/net/tcp")).filter((one) => one.host === LOOPBACK);
}
