import { rmSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { BRIDGE_VERSION, Commands } from "./commands.ts";
import { log } from "./log.ts";
import { DirectoryWatch } from "./watch.ts";

/** Longer commands do not exist; a client that sends more gets a parse error for it. */
const LINE_LIMIT = 64 * 1024;
/** A client that does not read its replies is cut here. */
const REPLIES_LIMIT_BYTES = 4 * 1024 * 1024;

/**
 * Serves the hypervisor protocol on a Unix socket of the run directory until it is told to stop; then the process has
 * nothing left to wait for and ends with 0. Rejects when the socket is served already or cannot be made.
 */
export async function serveBridge(runDirectory: string, socketName: string): Promise<void> {
  // Relative names keep socket paths short whatever the directory is called.
  process.chdir(runDirectory);
  await removeStale(socketName);
  const watch = new DirectoryWatch(".");
  if (!watch.working) log("the run directory cannot be watched; looking for sockets every 100 ms instead");
  const commands = new Commands(watch);
  const clients = new Set<Socket>();
  const server = createServer((client) => {
    clients.add(client);
    client.on("close", () => clients.delete(client));
    converse(client, commands, stop);
  });

  function stop(): void {
    server.close();
    watch.close();
    commands.closeAll();
    for (const client of clients) client.end(() => client.destroy());
    // One that does not read its last reply keeps nobody waiting.
    setTimeout(() => clients.forEach((client) => client.destroy()), 500).unref();
    log("stopped");
  }
  process.once("SIGTERM", stop);
  process.once("SIGINT", stop);
  process.on("SIGHUP", () => {});

  await listen(server, socketName);
  log(`labform's bridge ${BRIDGE_VERSION} serves ${socketName}, pid ${process.pid}`);
}

/** A socket whose server died stays in the directory and refuses connections. */
async function removeStale(socketName: string): Promise<void> {
  const served = await new Promise<boolean>((resolve) => {
    const probe = connect({ path: socketName });
    probe.on("connect", () => {
      probe.destroy();
      resolve(true);
    });
    probe.on("error", () => resolve(false));
  });
  if (served) throw new Error(`${socketName} is served by another process already`);
  rmSync(socketName, { force: true });
}

async function listen(server: Server, socketName: string): Promise<void> {
  const before = process.umask(0o177);
  try {
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen({ path: socketName }, resolve);
    });
  } finally {
    process.umask(before);
  }
  server.removeAllListeners("error");
  server.on("error", (error) => log(`accepting a client failed: ${error.message}`));
}

function converse(client: Socket, commands: Commands, stop: () => void): void {
  let rest = "";
  let skipping = false;
  client.setEncoding("latin1");
  client.on("error", () => {});
  client.on("data", (chunk: string) => {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    let replies = "";
    for (const line of lines) {
      if (skipping) {
        skipping = false;
        continue;
      }
      const { reply, then } = commands.execute(line);
      replies += reply;
      if (then !== undefined) {
        client.removeAllListeners("data");
        client.resume();
        client.end(replies, "latin1");
        if (then === "stop") stop();
        return;
      }
    }
    if (rest.length > LINE_LIMIT) {
      if (!skipping) replies += "200-Parse error: line too long\r\n";
      skipping = true;
      rest = "";
    }
    if (replies !== "") client.write(replies, "latin1");
    if (client.writableLength > REPLIES_LIMIT_BYTES) client.destroy();
  });
}
