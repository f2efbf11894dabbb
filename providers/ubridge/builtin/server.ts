import { rmSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { BRIDGE_VERSION, Commands, type Then } from "./commands.ts";
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

/** Answers one command after the other; what comes while one takes its time waits in the kernel. */
function converse(client: Socket, commands: Commands, stop: () => void): void {
  let rest = "";
  let skipping = false;
  let ended = false;
  let lines: string[] = [];
  let next = 0;
  client.setEncoding("latin1");
  client.on("error", () => {});
  client.on("close", () => {
    ended = true;
  });

  function say(replies: string): void {
    if (replies !== "") client.write(replies, "latin1");
    if (client.writableLength > REPLIES_LIMIT_BYTES) client.destroy();
  }

  function leave(replies: string, then: Then): void {
    ended = true;
    client.removeAllListeners("data");
    client.resume();
    if (typeof then === "function") {
      client.write(replies, "latin1");
      then(client);
      return;
    }
    client.end(replies, "latin1");
    if (then === "stop") stop();
  }

  /** True when it has answered all there was. */
  function answer(): boolean {
    let replies = "";
    while (next < lines.length && !ended) {
      const executed = commands.execute(lines[next++] as string);
      if (executed instanceof Promise) {
        say(replies);
        client.pause();
        void executed.then(({ reply }) => {
          if (ended) return;
          say(reply);
          if (answer()) client.resume();
        });
        return false;
      }
      replies += executed.reply;
      if (executed.then !== undefined) {
        leave(replies, executed.then);
        return false;
      }
    }
    lines = [];
    next = 0;
    say(replies);
    return true;
  }

  client.on("data", (chunk: string) => {
    const parts = (rest + chunk).split("\n");
    rest = parts.pop() ?? "";
    for (const part of parts) {
      if (!skipping) lines.push(part);
      skipping = false;
    }
    if (!answer() || rest.length <= LINE_LIMIT) return;
    if (!skipping) say("200-Parse error: line too long\r\n");
    skipping = true;
    rest = "";
  });
}
