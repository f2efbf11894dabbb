import type { Batch } from "../frames.ts";
import { type Counter, count, type Port } from "../port.ts";
import type { Switch } from "./switch.ts";
import type { Vlans } from "./vlans.ts";

/** What waits while the bridge is stopped, as it is for the moment in which its filters are changed. */
const QUEUE_LIMIT_BYTES = 1024 * 1024;

/**
 * A port of a switch, as the end of a bridge whose other end is what is plugged in there: so a port has all that a link
 * has, and what is done to it touches no other.
 */
export class SwitchPort implements Port {
  readonly kind = "switch";
  readonly received: Counter = { packets: 0, bytes: 0 };
  readonly sent: Counter = { packets: 0, bytes: 0 };
  dropped = 0;
  onFrames: (batches: Batch[]) => void = () => {};
  /** A switch takes what comes. */
  onPressure: (pressed: boolean) => void = () => {};
  /** The bridge's. */
  readonly name: string;
  readonly number: number;
  private readonly of: Switch;
  private allowed: Vlans;
  private outgoing: Batch[] = [];
  private waiting = 0;
  private stopped = false;

  constructor(name: string, of: Switch, vlans: Vlans) {
    this.name = name;
    this.of = of;
    this.allowed = vlans;
    this.number = of.add(this);
  }

  get description(): string {
    return `switch ${this.of.name} ${this.allowed.words}`;
  }

  get vlans(): Vlans {
    return this.allowed;
  }

  setVlans(vlans: Vlans): void {
    this.allowed = vlans;
    this.of.portsChanged(this.number);
  }

  /** Of a slow peer a switch knows nothing: who sends to many is not held back for one of them. */
  hold(reason: string): void {
    if (reason === "stopped") this.stopped = true;
  }

  release(reason: string): void {
    if (reason !== "stopped") return;
    this.stopped = false;
    this.flush();
  }

  /** From what is plugged in, into the switch. */
  send(batches: readonly Batch[]): void {
    for (const batch of batches) count(this.sent, batch);
    this.of.forward(this, batches);
  }

  /** From the switch; true where `flush` is to be called before the batch's memory is given up. */
  take(batch: Batch): boolean {
    if (batch.frames === 0) return false;
    if (this.stopped) {
      this.keep(batch);
      return false;
    }
    this.outgoing.push(batch);
    return this.outgoing.length === 1;
  }

  /** To what is plugged in. */
  flush(): void {
    if (this.outgoing.length === 0) return;
    const batches = this.outgoing;
    this.outgoing = [];
    this.waiting = 0;
    for (const batch of batches) count(this.received, batch);
    this.onFrames(batches);
  }

  close(): void {
    this.outgoing = [];
    this.of.remove(this.number);
  }

  private keep({ data, frames }: Batch): void {
    if (this.waiting + data.length > QUEUE_LIMIT_BYTES) {
      this.dropped += frames;
      return;
    }
    this.waiting += data.length;
    this.outgoing.push({ data: Buffer.from(data), frames });
  }
}
