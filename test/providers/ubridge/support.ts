import { execFileSync } from "node:child_process";
import { createSocket, type Socket as UdpSocket } from "node:dgram";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Deframer } from "../../../providers/ubridge/builtin/deframer.ts";
import { forEachFrame } from "../../../providers/ubridge/builtin/frames.ts";
import { converse } from "../../../providers/ubridge/control.ts";
import type { Engine } from "../../../providers/ubridge/engine.ts";
import type { Hypervisor } from "../../../providers/ubridge/hypervisor.ts";
import { startBuiltin, startUbridge } from "../../../providers/ubridge/programs.ts";
import type { Ports, ProcessIdentity } from "../../../src/core/ports.ts";
import type { HostDirectories } from "../../../src/core/provider.ts";
import { createPorts } from "../../../src/system/index.ts";

/** Of the uBridge on PATH; undefined where there is none. */
export const ubridgeVersion = (() => {
  try {
    return /version ([\d.]+)/.exec(execFileSync("ubridge", ["-v"], { encoding: "utf8" }))?.[1];
  } catch {
    return undefined;
  }
})();

export const ubridgeInstalled = ubridgeVersion !== undefined;

export const ports: Ports = createPorts();

/** A run directory that vanishes with all processes that were started for it. */
export class Playground {
  readonly host: HostDirectories;
  private readonly directory = mkdtempSync(join(tmpdir(), "labform-bridge-"));
  private readonly identities: ProcessIdentity[] = [];
  private readonly servers: { close(): void }[] = [];

  constructor() {
    const { directory } = this;
    this.host = { lab: directory, nodes: join(directory, "nodes"), run: directory, programs: resolve("dist") };
  }

  own(identity: ProcessIdentity): void {
    this.identities.push(identity);
  }

  async start(engine: Engine): Promise<Running> {
    const request = {
      ports,
      host: this.host,
      token: ports.random.hex(16),
      spawned: async (identity: ProcessIdentity) => this.own(identity),
    };
    const started = engine === "builtin" ? await startBuiltin(request) : await startUbridge(request, "ubridge");
    return {
      ...started,
      talk: (conversation) => converse(ports, this.host.run, started.control, started.identity, conversation),
    };
  }

  /** Plays the QEMU that listens on `name`. */
  async peer(name: string): Promise<Peer> {
    const peer = new Peer(join(this.host.run, name));
    await peer.listen();
    this.servers.push(peer);
    return peer;
  }

  /** A node at `name`. Where frames are datagrams, another bridge of the same uBridge passes them on over UDP. */
  async node(bridge: Pick<Running, "talk">, engine: Engine, name: string): Promise<End> {
    if (engine === "builtin") return this.peer(name);
    const frames: Arrived[] = [];
    const own = await udp();
    own.on("message", (message) => frames.push({ text: message.toString("latin1"), at: performance.now() }));
    own.setRecvBufferSize(4 * 1024 * 1024);
    this.servers.push(own);
    const theirs = await bridge.talk(async (hypervisor) => {
      const command = async (verb: string, ...rest: string[]) =>
        (await hypervisor.request(["bridge", verb, `at-${name}`, ...rest])).code;
      const codes = [await command("create"), await command("add_nio_unix", name, `${name}p`)];
      let port = await freePort();
      // Between its being found free and uBridge's taking it, a port may have become another test's.
      const add = () => command("add_nio_udp", String(port), "127.0.0.1", String(own.address().port));
      for (let left = 10; (codes[2] = await add()) !== 100 && left > 0; left--) port = await freePort();
      codes.push(await command("start"));
      if (codes.some((code) => code !== 100)) throw new Error(`no node at ${name}: ${codes.join(" ")}`);
      return port;
    });
    return {
      frames,
      get texts() {
        return frames.map((one) => one.text);
      },
      connected: true,
      send: (...all) => all.forEach((text) => own.send(text, theirs, "127.0.0.1")),
    };
  }

  async clear(): Promise<void> {
    for (const server of this.servers) server.close();
    for (const identity of this.identities) {
      ports.processes.signal(identity, "SIGCONT");
      ports.processes.signal(identity, "SIGKILL");
      await ports.processes.waitForExit(identity, 2000);
    }
    rmSync(this.directory, { recursive: true, force: true });
  }
}

export interface Arrived {
  readonly text: string;
  /** On the monotonic clock, in milliseconds. */
  readonly at: number;
}

/** One end of a link as a node has it. */
export interface End {
  readonly frames: readonly Arrived[];
  readonly texts: readonly string[];
  readonly connected: boolean;
  send(...texts: readonly string[]): void;
}

async function freePort(): Promise<number> {
  const socket = await udp();
  const { port } = socket.address();
  await new Promise<void>((done) => socket.close(() => done()));
  return port;
}

async function udp(): Promise<UdpSocket> {
  const socket = createSocket("udp4");
  await new Promise<void>((done) => socket.bind(0, "127.0.0.1", done));
  return socket;
}

export interface Running {
  readonly identity: ProcessIdentity;
  readonly control: string;
  talk<T>(conversation: (hypervisor: Hypervisor) => Promise<T>): Promise<T>;
}

/** A QEMU stream netdev as the bridge sees it: a server for one client, frames behind their lengths. */
export class Peer {
  readonly frames: Arrived[] = [];
  /** How often a bridge has connected. */
  connections = 0;
  private readonly path: string;
  private server: Server | undefined;
  private client: Socket | undefined;
  private readonly waiting: { readonly met: () => boolean; readonly resolve: () => void }[] = [];

  constructor(path: string) {
    this.path = path;
  }

  listen(): Promise<void> {
    const server = createServer((client) => {
      this.client = client;
      this.connections++;
      const deframer = new Deframer((batches) => {
        for (const batch of batches) {
          forEachFrame(batch, (start, end) => {
            this.frames.push({ text: batch.data.toString("latin1", start + 4, end), at: performance.now() });
          });
        }
        this.check();
      });
      client.on("data", (chunk) => {
        if (!feed(deframer, chunk)) throw new Error("the bridge sent nonsense");
      });
      client.on("error", () => {});
      client.on("close", () => {
        if (this.client === client) this.client = undefined;
        this.check();
      });
      this.check();
    });
    this.server = server;
    return new Promise((done) => server.listen(this.path, done));
  }

  get connected(): boolean {
    return this.client !== undefined;
  }

  get texts(): readonly string[] {
    return this.frames.map((one) => one.text);
  }

  /** Frames, or bytes that are none. */
  send(...frames: readonly (string | Buffer)[]): void {
    this.client?.write(Buffer.concat(frames.map((one) => (typeof one === "string" ? frame(one) : one))));
  }

  readingPaused(paused: boolean): void {
    if (paused) this.client?.pause();
    else this.client?.resume();
  }

  hangUp(): void {
    this.client?.destroy();
  }

  /** Rejects when it does not come true in time. */
  until(met: (peer: this) => boolean, ms = 5000): Promise<void> {
    if (met(this)) return Promise.resolve();
    return new Promise((done, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`not in ${ms} ms: ${String(met)}; got ${this.frames.length} frames`)),
        ms,
      );
      this.waiting.push({
        met: () => met(this),
        resolve: () => {
          clearTimeout(timer);
          done();
        },
      });
    });
  }

  close(): void {
    this.server?.close();
    this.client?.destroy();
  }

  private check(): void {
    for (const one of this.waiting.splice(0)) {
      if (one.met()) one.resolve();
      else this.waiting.push(one);
    }
  }
}

/** A chunk of a stream, as a socket would read it into the deframer's memory. */
export function feed(deframer: Deframer, chunk: Buffer): boolean {
  for (let at = 0; at < chunk.length; ) {
    const bytes = chunk.copy(deframer.room, 0, at);
    if (!deframer.take(bytes)) return false;
    at += bytes;
  }
  return true;
}

export function frame(payload: string): Buffer {
  const header = Buffer.alloc(4);
  header.writeUInt32BE(Buffer.byteLength(payload, "latin1"));
  return Buffer.concat([header, Buffer.from(payload, "latin1")]);
}

/** A classic pcap file, little-endian with microseconds; throws at the end of one that is cut off. */
export function readCapture(path: string): {
  readonly linkType: number;
  readonly frames: readonly { readonly seconds: number; readonly text: string; readonly length: number }[];
} {
  const data = readFileSync(path);
  if (data.readUInt32LE(0) !== 0xa1b2c3d4) throw new Error(`${path} is no capture`);
  const frames: { seconds: number; text: string; length: number }[] = [];
  for (let at = 24; at < data.length; ) {
    const kept = data.readUInt32LE(at + 8);
    const end = at + 16 + kept;
    if (end > data.length) throw new Error(`${path} is cut off`);
    const seconds = data.readUInt32LE(at) + data.readUInt32LE(at + 4) / 1e6;
    frames.push({ seconds, text: data.toString("latin1", at + 16, end), length: data.readUInt32LE(at + 12) });
    at = end;
  }
  return { linkType: data.readUInt32LE(20), frames };
}
