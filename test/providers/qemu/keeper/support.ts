import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { connect, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach } from "vitest";
import { KeeperClient, type ServeRequest } from "../../../../providers/qemu/keeper/client.ts";
import type { Sockets } from "../../../../src/core/ports.ts";

const cleanups: (() => unknown)[] = [];

/** What was started last ends first, after each test, however it went. */
export function afterTest(cleanup: () => unknown): void {
  cleanups.push(cleanup);
}

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

export async function runDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "keeper-"));
  afterTest(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

export async function until<T>(
  what: string,
  look: () => T | undefined | false | Promise<T | undefined | false>,
): Promise<T> {
  const end = performance.now() + 10_000;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (performance.now() > end) throw new Error(`waited in vain: ${what}`);
    await sleep(10);
  }
}

export function start(command: string, ...args: string[]): ChildProcess {
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"] });
  afterTest(async () => {
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
    child.kill("SIGKILL");
    await once(child, "exit");
  });
  return child;
}

export function startKeeper(directory: string): ChildProcess {
  return start(process.execPath, resolve("dist/keeper.js"), directory);
}

/** A keeper that answers, and labform's end of it. */
export async function keeperIn(directory: string): Promise<{ child: ChildProcess; client: KeeperClient }> {
  const child = startKeeper(directory);
  const client = await until("the keeper answers", () =>
    KeeperClient.connect(sockets, directory).catch(() => undefined),
  );
  afterTest(() => client.close());
  return { child, client };
}

export const sockets: Sockets = {
  async connect(endpoint) {
    const socket = connect(endpoint as { path: string });
    await once(socket, "connect");
    socket.on("error", () => {});
    return { write: (data) => void socket.write(data), incoming: socket, close: () => socket.destroy() };
  },
  isPortFree: () => Promise.reject(new Error("not asked here")),
};

/** Fifty ports nobody else is likely to want at the same moment. */
export function someRange(): readonly [number, number] {
  const low = 20_000 + Math.floor(Math.random() * 10_000);
  return [low, low + 49];
}

export function request(node: string, fields: Partial<ServeRequest> = {}): ServeRequest {
  return {
    node,
    address: `node.${node}`,
    console: { type: "telnet", host: "127.0.0.1", port: null, range: someRange() },
    aux: null,
    monitor: null,
    access: "owner",
    ...fields,
  };
}

/** Listens where a QEMU would. */
export class FakeQemu {
  readonly #server: Server;
  readonly connections: Socket[] = [];
  heard = "";

  static async at(path: string): Promise<FakeQemu> {
    const qemu = new FakeQemu();
    qemu.#server.listen(path);
    await once(qemu.#server, "listening");
    afterTest(() => qemu.quit());
    return qemu;
  }

  private constructor() {
    this.#server = createServer((socket) => {
      this.connections.push(socket);
      socket.setEncoding("latin1");
      socket.on("data", (text: string) => {
        this.heard += text;
      });
      socket.on("error", () => {});
    });
  }

  connected(): Promise<Socket> {
    return until("the keeper connects", () => this.connections.at(-1));
  }

  quit(): void {
    this.#server.close();
    for (const socket of this.connections) socket.destroy();
  }
}

/** A telnet client that understands nothing: it keeps what it is sent, byte by byte. */
export class RawClient {
  readonly socket: Socket;
  received = Buffer.alloc(0);
  closed = false;

  static async of(port: number, host = "127.0.0.1"): Promise<RawClient> {
    const socket = connect(port, host);
    const client = new RawClient(socket);
    await once(socket, "connect");
    return client;
  }

  private constructor(socket: Socket) {
    this.socket = socket;
    afterTest(() => socket.destroy());
    socket.on("data", (chunk) => {
      this.received = Buffer.concat([this.received, chunk]);
    });
    socket.on("error", () => {});
    socket.on("close", () => {
      this.closed = true;
    });
  }

  get text(): string {
    return this.received.toString("latin1");
  }

  async hears(text: string): Promise<void> {
    await until(`${JSON.stringify(text)} in ${JSON.stringify(this.text.slice(-500))}`, () => this.text.includes(text));
  }
}

/** What a keeper says first to each telnet client. */
export const OPENING = Buffer.from([
  255, 251, 1, 255, 251, 3, 255, 251, 0, 255, 253, 3, 255, 253, 0, 255, 253, 31,
]).toString("latin1");
