import { readdir, readFile, readlink } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { labOfProcess } from "../../shared/labOfProcess.ts";
import { socketHolder } from "./accounts.ts";
import { KeeperError, type PortRequest } from "./protocol.ts";

export interface Listener {
  readonly server: Server;
  /** As asked for: a name stays a name. */
  readonly host: string;
  readonly port: number;
}

/** Far more than anyone watches one console with; it bounds what strangers at the door and slow readers cost. */
const MAX_CLIENTS = 64;

/**
 * Listens on the port asked for, or on the first free one of the range that is not in `own` (the keeper's ports, by
 * number: who holds them). Clients are handed over unread. Throws `KeeperError`.
 */
export async function listen(
  request: PortRequest,
  own: ReadonlyMap<number, string>,
  admit: (socket: Socket) => void,
): Promise<Listener> {
  const { host, port, range } = request;
  if (port !== null) {
    try {
      return await bind(host, port, admit);
    } catch (error) {
      throw await explain(error, host, port, own);
    }
  }
  for (let candidate = range[0]; candidate <= range[1]; candidate++) {
    if (own.has(candidate)) continue;
    try {
      return await bind(host, candidate, admit);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw await explain(error, host, candidate, own);
    }
  }
  throw new KeeperError("range-taken", `every port of ${host} from ${range[0]} to ${range[1]} is taken`);
}

function bind(host: string, port: number, admit: (socket: Socket) => void): Promise<Listener> {
  return new Promise((resolve, reject) => {
    const server = createServer(
      { pauseOnConnect: true, noDelay: true, keepAlive: true, keepAliveInitialDelay: 60_000 },
      admit,
    );
    server.maxConnections = MAX_CLIENTS;
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      // A failed accept (too many open files) costs that client its connection and nobody else anything.
      server.on("error", () => {});
      resolve({ server, host, port });
    });
  });
}

async function explain(
  error: unknown,
  host: string,
  port: number,
  own: ReadonlyMap<number, string>,
): Promise<KeeperError> {
  const options = { cause: error };
  const { code, message } = error as NodeJS.ErrnoException;
  switch (code) {
    case "EADDRINUSE": {
      const holder = own.get(port) ?? (await holderOf(host, port));
      return new KeeperError("port-taken", `port ${port} of ${host} is taken${holder ? ` by ${holder}` : ""}`, options);
    }
    case "EACCES":
    case "EPERM":
      return new KeeperError("port-forbidden", `this account may not listen on port ${port} of ${host}`, options);
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return new KeeperError("address-unavailable", `this host has no address ${host} (${code})`, options);
    default:
      return new KeeperError("failed", `cannot listen on port ${port} of ${host}: ${message}`, options);
  }
}

/** `sshd (pid 812)`, where this account may see it; `a process of uid 1000` where it may not. */
async function holderOf(host: string, port: number): Promise<string | undefined> {
  const anywhere = ["0.0.0.0", "::"].filter((address) => address !== host);
  for (const address of [host, ...anywhere]) {
    const holder = await socketHolder({ address, port }, null);
    if (holder) return (await processOf(holder.inode)) ?? `a process of uid ${holder.uid}`;
  }
  return undefined;
}

const files = { readLink: (path: string) => readlink(path), readText: (path: string) => readFile(path, "utf8") };

/** An answer is worth this much time: the asker waits for one second. */
const SEARCH_MS = 300;

async function processOf(inode: number): Promise<string | undefined> {
  const link = `socket:[${inode}]`;
  const until = performance.now() + SEARCH_MS;
  for (const pid of await readdir("/proc").catch(() => [])) {
    if (!/^\d+$/.test(pid)) continue;
    if (performance.now() > until) return undefined;
    const descriptors = await readdir(`/proc/${pid}/fd`).catch(() => []);
    for (const descriptor of descriptors) {
      if ((await readlink(`/proc/${pid}/fd/${descriptor}`).catch(() => "")) !== link) continue;
      const lab = await labOfProcess(files, pid);
      if (lab !== undefined) return lab;
      const name = await readFile(`/proc/${pid}/comm`, "utf8").catch(() => "");
      return name === "" ? `pid ${pid}` : `${name.trim()} (pid ${pid})`;
    }
  }
  return undefined;
}
