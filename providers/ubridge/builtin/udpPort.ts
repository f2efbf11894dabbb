import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import { lookup } from "node:dns/promises";
import { type Batch, forEachFrame, HEADER_BYTES } from "./frames.ts";
import { type Counter, count, type Port } from "./port.ts";

/** What waits for a port that is held, and for the kernel to take it. Beyond it frames are lost, and counted. */
const QUEUE_LIMIT_BYTES = 1024 * 1024;

/** Frames of a burst wait in the kernel while this process does something else. */
const KERNEL_BUFFER_BYTES = 1024 * 1024;

/**
 * One end of a bridge: a frame a datagram, to and from one address and port. The socket is connected, so the kernel
 * refuses what others send; what came before it was is refused here.
 */
export class UdpPort implements Port {
  readonly kind = "udp";
  readonly description: string;
  readonly received: Counter = { packets: 0, bytes: 0 };
  readonly sent: Counter = { packets: 0, bytes: 0 };
  dropped = 0;
  onFrames: (batches: Batch[]) => void = () => {};
  onPressure: (pressed: boolean) => void = () => {};

  private readonly socket: Socket;
  private readonly holds = new Set<string>();
  private held: Batch[] = [];
  private heldBytes = 0;

  /** Rejects with what the host says when the address cannot be found or the port cannot be had. */
  static async open(localPort: number, remoteHost: string, remotePort: number): Promise<UdpPort> {
    const { address, family } = await lookup(remoteHost);
    const socket = createSocket({ type: family === 6 ? "udp6" : "udp4" });
    try {
      await new Promise<void>((resolve, reject) => {
        socket.once("error", reject);
        socket.bind(localPort, () => socket.connect(remotePort, address, resolve));
      });
      socket.setRecvBufferSize(KERNEL_BUFFER_BYTES);
      socket.setSendBufferSize(KERNEL_BUFFER_BYTES);
    } catch (error) {
      socket.close();
      throw error;
    }
    return new UdpPort(socket, `${localPort}:${remoteHost}:${remotePort}`, address, remotePort);
  }

  private constructor(socket: Socket, description: string, address: string, remotePort: number) {
    this.socket = socket;
    this.description = description;
    socket.removeAllListeners("error");
    // A peer that is not there yet refuses what it is sent (ECONNREFUSED); it may come.
    socket.on("error", () => {});
    socket.on("message", (message, from: RemoteInfo) => {
      if (message.length > 0 && from.port === remotePort && from.address === address) this.take(framed(message));
    });
  }

  hold(reason: string): void {
    this.holds.add(reason);
  }

  release(reason: string): void {
    if (!this.holds.delete(reason) || this.holds.size > 0 || this.held.length === 0) return;
    const batches = this.held;
    this.held = [];
    this.heldBytes = 0;
    this.deliver(batches);
  }

  send(batches: readonly Batch[]): void {
    for (const { data, frames } of batches) {
      if (this.socket.getSendQueueSize() + data.length > QUEUE_LIMIT_BYTES) {
        this.dropped += frames;
        continue;
      }
      forEachFrame({ data, frames }, (start, end) => {
        // A datagram may have to wait, and what it is made of is the caller's.
        const frame = Buffer.from(data.subarray(start + HEADER_BYTES, end));
        this.socket.send(frame, (error) => this.sentOne(frame, error));
      });
    }
  }

  close(): void {
    this.held = [];
    this.socket.close();
  }

  private sentOne({ length }: Buffer, error: Error | null): void {
    if (error) this.dropped++;
    else {
      this.sent.packets++;
      this.sent.bytes += length;
    }
  }

  private take(batch: Batch): void {
    if (this.holds.size === 0) return this.deliver([batch]);
    if (this.heldBytes + batch.data.length > QUEUE_LIMIT_BYTES) {
      this.dropped += batch.frames;
      return;
    }
    this.held.push(batch);
    this.heldBytes += batch.data.length;
  }

  private deliver(batches: Batch[]): void {
    for (const batch of batches) count(this.received, batch);
    this.onFrames(batches);
  }
}

function framed(message: Buffer): Batch {
  const data = Buffer.allocUnsafe(HEADER_BYTES + message.length);
  data.writeUInt32BE(message.length);
  message.copy(data, HEADER_BYTES);
  return { data, frames: 1 };
}
