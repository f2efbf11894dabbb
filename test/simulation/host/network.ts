import type { Endpoint } from "../../../src/core/ports.ts";
import type { Disk, Inode } from "./disk.ts";
import { refusal } from "./errors.ts";
import type { Scheduler } from "./scheduler.ts";

/** A process, as far as sockets are concerned: what reaches it waits while it is stopped, and is lost once it is dead. */
export interface Owner {
  readonly isDead: boolean;
  deliver(work: () => void): void;
}

/** Of a Unix or loopback connection, one way. */
const LATENCY_MS = 0.05;

/** One end of a connection. */
export class End {
  readonly owner: Owner;
  onData: (bytes: Buffer) => void = () => {};
  /** The other end closed, or its process died. */
  onClose: () => void = () => {};
  other: End | undefined;
  #closed = false;
  readonly #scheduler: Scheduler;

  constructor(owner: Owner, scheduler: Scheduler) {
    this.owner = owner;
    this.#scheduler = scheduler;
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  send(data: string | Uint8Array): void {
    const bytes = Buffer.from(data);
    if (!this.#closed) this.#reach((end) => end.onData(bytes));
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#reach((end) => {
      if (end.#closed) return;
      end.#closed = true;
      end.onClose();
    });
  }

  #reach(act: (end: End) => void): void {
    const { other } = this;
    this.#scheduler.after(LATENCY_MS, () => {
      if (other && !other.#closed) other.owner.deliver(() => act(other));
    });
  }
}

interface Listener {
  readonly owner: Owner;
  readonly inode: number;
  readonly accept: (end: End) => void;
}

/** Unix sockets by the file they are bound to, TCP ones of the loopback by port. */
export class Network {
  readonly #disk: Disk;
  readonly #scheduler: Scheduler;
  readonly #bound = new Map<Inode, Listener>();
  readonly #ports = new Map<number, Listener>();
  #ends: End[] = [];
  #inodes = 50_000;

  constructor(disk: Disk, scheduler: Scheduler) {
    this.#disk = disk;
    this.#scheduler = scheduler;
  }

  listen(owner: Owner, path: string, accept: (end: End) => void): Inode {
    const file = this.#disk.makeSocket(path);
    this.#bound.set(file, { owner, inode: ++this.#inodes, accept });
    return file;
  }

  /** False when the port is taken. */
  listenOn(owner: Owner, port: number, accept: (end: End) => void): boolean {
    if (!this.isFree(port)) return false;
    this.#ports.set(port, { owner, inode: ++this.#inodes, accept });
    return true;
  }

  isFree(port: number): boolean {
    return !this.#ports.has(port);
  }

  stopListening(port: number): void {
    this.#ports.delete(port);
  }

  /** Whether a living process listens behind that file. */
  isServed(path: string): boolean {
    const file = this.#disk.find(path);
    return file !== undefined && this.#bound.has(file);
  }

  /** Throws ENOENT or ECONNREFUSED. The kernel accepts for a process that is stopped. */
  connect(owner: Owner, endpoint: Endpoint): End {
    const listener = this.#listenerAt(endpoint);
    const [here, there] = [new End(owner, this.#scheduler), new End(listener.owner, this.#scheduler)];
    here.other = there;
    there.other = here;
    this.#ends = this.#ends.filter((end) => !end.isClosed);
    this.#ends.push(here, there);
    this.#scheduler.after(LATENCY_MS, () => listener.owner.deliver(() => listener.accept(there)));
    return here;
  }

  /** What the kernel does when a process ends. */
  release(owner: Owner): void {
    for (const [file, listener] of this.#bound) if (listener.owner === owner) this.#bound.delete(file);
    for (const [port, listener] of this.#ports) if (listener.owner === owner) this.#ports.delete(port);
    for (const end of this.#ends) if (end.owner === owner) end.close();
  }

  socketInodes(owner: Owner): ReadonlySet<number> {
    const all = [...this.#bound.values(), ...this.#ports.values()];
    return new Set(all.filter((one) => one.owner === owner).map((one) => one.inode));
  }

  /** /proc/net/tcp, as far as listening sockets of 127.0.0.1 go. */
  table(uid: number): string {
    const rows = [...this.#ports].map(([port, { inode }], at) => {
      const local = `0100007F:${port.toString(16).toUpperCase().padStart(4, "0")}`;
      return `  ${at}: ${local} 00000000:0000 0A 00000000:00000000 00:00000000 00000000 ${uid} 0 ${inode} 1`;
    });
    return `${["  sl  local_address rem_address   st", ...rows].join("\n")}\n`;
  }

  #listenerAt(endpoint: Endpoint): Listener {
    if (!("path" in endpoint)) {
      const listener = this.#ports.get(endpoint.port);
      if (!listener) throw refusal("ECONNREFUSED", "connect", `${endpoint.host}:${endpoint.port}`);
      return listener;
    }
    const listener = this.#bound.get(this.#disk.get(endpoint.path, "connect"));
    if (!listener) throw refusal("ECONNREFUSED", "connect", endpoint.path);
    return listener;
  }
}
