import { connect, type Socket } from "node:net";
import { Deframer } from "./deframer.ts";
import type { Batch } from "./frames.ts";
import { log } from "./log.ts";
import { giveBack, lend } from "./memory.ts";
import { type Counter, count, type Port } from "./port.ts";
import type { DirectoryWatch } from "./watch.ts";

/** What may wait for a peer that does not read; a frame beyond it is lost, and counted. */
const QUEUE_LIMIT_BYTES = 1024 * 1024;

/** How long the sender is held back for a slow reader before the reader counts as stalled. */
const PATIENCE_MS = 100;

const FIRST_RETRY_MS = 2;
const SLOWEST_RETRY_MS = 100;
/** With the directory watched, polling is only for what the watch might miss. */
const SLOWEST_WATCHED_RETRY_MS = 10_000;
/** A connection that lived this long was a real one: the next attempt after it starts at once. */
const SETTLED_MS = 1000;

/**
 * One end of a bridge: the client of a QEMU stream netdev's socket.
 *
 *   waiting ──attempt──▶ connecting ──▶ connected
 *      ▲                     │ refused       │ ended, or sent what cannot be a frame
 *      └─────────────────────┴───────────────┘      close() ends it from any state
 *
 * It never gives up: the QEMU may start later, or again.
 */
export class StreamPort implements Port {
  readonly kind = "stream";
  readonly description: string;
  readonly received: Counter = { packets: 0, bytes: 0 };
  readonly sent: Counter = { packets: 0, bytes: 0 };
  dropped = 0;
  onFrames: (batches: Batch[]) => void = () => {};
  onPressure: (pressed: boolean) => void = () => {};

  private readonly path: string;
  private readonly watch: DirectoryWatch;
  private readonly unwatch: () => void;
  private socket: Socket | undefined;
  private connected = false;
  private connectedAt = 0;
  private retryMs = FIRST_RETRY_MS;
  private retry: NodeJS.Timeout | undefined;
  private patience: NodeJS.Timeout | undefined;
  private pressed = false;
  /** What the socket's queue is made of. */
  private borrowed: Buffer[] = [];
  private readonly holds = new Set<string>();
  private closed = false;

  /** `path` is an entry of the directory that `watch` watches. */
  constructor(path: string, watch: DirectoryWatch) {
    this.path = path;
    this.description = path;
    this.watch = watch;
    this.unwatch = watch.on(path, () => this.nudge());
    this.attempt();
  }

  /** Frames stay with the peer (in the kernel's buffer) while anyone holds. */
  hold(reason: string): void {
    this.holds.add(reason);
    this.socket?.pause();
  }

  release(reason: string): void {
    if (this.holds.delete(reason) && this.holds.size === 0) this.socket?.resume();
  }

  send(batches: readonly Batch[]): void {
    const { socket } = this;
    if (socket === undefined || !this.connected) {
      for (const batch of batches) this.dropped += batch.frames;
      return;
    }
    if (socket.writableLength === 0) this.giveBack();
    const written: Buffer[] = [];
    if (batches.length > 1) socket.cork();
    let queued = socket.writableLength;
    for (const batch of batches) {
      queued += batch.data.length;
      if (queued > QUEUE_LIMIT_BYTES) {
        queued -= batch.data.length;
        this.dropped += batch.frames;
        continue;
      }
      count(this.sent, batch);
      socket.write(batch.data);
      written.push(batch.data);
    }
    if (batches.length > 1) socket.uncork();
    if (socket.writableLength === 0) return;
    for (const data of written) lend(data);
    this.borrowed.push(...written);
    if (!this.pressed && socket.writableNeedDrain) this.press();
  }

  close(): void {
    this.closed = true;
    this.unwatch();
    clearTimeout(this.retry);
    this.relieve();
    this.socket?.destroy();
    this.socket = undefined;
    this.connected = false;
  }

  private giveBack(): void {
    for (const data of this.borrowed.splice(0)) giveBack(data);
  }

  private press(): void {
    this.pressed = true;
    this.onPressure(true);
    // A stalled reader must not stop its sender: from here on frames queue, then drop.
    this.patience = setTimeout(() => this.onPressure(false), PATIENCE_MS);
  }

  private relieve(): void {
    if (!this.pressed) return;
    this.pressed = false;
    clearTimeout(this.patience);
    this.onPressure(false);
  }

  /** An attempt that is under way may have failed a moment before what is told here: the next one is soon too. */
  private nudge(): void {
    this.retryMs = FIRST_RETRY_MS;
    if (this.retry === undefined) return;
    clearTimeout(this.retry);
    this.attempt();
  }

  private attempt(): void {
    this.retry = undefined;
    const deframer = new Deframer((batches) => this.take(batches));
    const callback = (bytes: number) => {
      if (!deframer.take(bytes)) {
        log(`${this.path}: sent a frame larger than any can be; connecting again`);
        socket.destroy();
      }
      return this.holds.size === 0;
    };
    const socket = connect({ path: this.path, onread: { buffer: () => deframer.room, callback } });
    this.socket = socket;
    socket.on("connect", () => {
      this.connected = true;
      this.connectedAt = performance.now();
      if (this.holds.size > 0) socket.pause();
    });
    socket.on("drain", () => {
      this.giveBack();
      this.relieve();
    });
    // Why it failed does not matter: "close" follows, and the next attempt.
    socket.on("error", () => {});
    socket.on("close", () => {
      deframer.end();
      this.giveBack();
      this.lost();
    });
  }

  private take(batches: Batch[]): void {
    for (const batch of batches) count(this.received, batch);
    this.onFrames(batches);
  }

  private lost(): void {
    if (this.closed) return;
    const settled = this.connected && performance.now() - this.connectedAt >= SETTLED_MS;
    this.connected = false;
    this.socket = undefined;
    this.relieve();
    if (settled) this.retryMs = FIRST_RETRY_MS;
    this.retry = setTimeout(() => this.attempt(), this.retryMs);
    const slowest = this.watch.working ? SLOWEST_WATCHED_RETRY_MS : SLOWEST_RETRY_MS;
    this.retryMs = Math.min(this.retryMs * 2, slowest);
  }
}
