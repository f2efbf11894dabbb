import { type Batch, HEADER_BYTES } from "../frames.ts";
import { MacTable } from "./macTable.ts";
import type { SwitchPort } from "./switchPort.ts";
import { PRIORITY, TAGGED, tagAt, UNTAGGED, withoutTags, withTags, withVlan } from "./tags.ts";
import { isIn } from "./vlans.ts";

/** Two addresses and a type. */
const SHORTEST_FRAME_BYTES = 14;

/** Where a frame goes, if not to one port. */
const NOWHERE = -2;
const EVERYWHERE = -1;

interface Station {
  readonly vlan: number;
  readonly mac: string;
  readonly port: SwitchPort;
  /** Seconds since it was heard last. */
  readonly ageS: number;
}

/**
 * A learning switch. Frames go where their destination was last heard, and everywhere in their VLAN where it was not
 * heard or is a group; never back to their port. Until one of its ports names a VLAN it looks at no tags at all, like a
 * switch that has no settings. What goes the same way goes in one piece, in memory as it came.
 */
export class Switch {
  readonly name: string;
  readonly table: MacTable;
  /** By number; a number is taken again when its port is gone and forgotten. */
  private readonly ports: (SwitchPort | undefined)[] = [];
  private aware = false;
  /** Ports that have something to give out. */
  private readonly touched: SwitchPort[] = [];

  constructor(name: string, agingS: number) {
    this.name = name;
    this.table = new MacTable(agingS);
  }

  get attached(): readonly SwitchPort[] {
    return this.ports.filter((one) => one !== undefined);
  }

  /** The number of a new port. */
  add(port: SwitchPort): number {
    const free = this.ports.indexOf(undefined);
    const number = free === -1 ? this.ports.length : free;
    this.ports[number] = port;
    this.portsChanged(number);
    return number;
  }

  remove(number: number): void {
    this.ports[number] = undefined;
    this.portsChanged(number);
  }

  /** What was heard at a port that changed its VLANs may be elsewhere. */
  portsChanged(number: number): void {
    this.table.forget(number);
    this.aware = this.attached.some(({ vlans }) => !vlans.plain);
  }

  /** The stations that were heard, with the port where. */
  stations(): readonly Station[] {
    return this.table.list(now()).flatMap((heard) => {
      const port = this.ports[heard.port];
      return port ? [{ ...heard, port }] : [];
    });
  }

  /** Waits for nobody: what a port cannot take is its own loss. */
  forward(from: SwitchPort, batches: readonly Batch[]): void {
    const nowS = now();
    for (const batch of batches) this.forwardBatch(from, batch, nowS);
    for (const port of this.touched) port.flush();
    this.touched.length = 0;
  }

  private forwardBatch(from: SwitchPort, { data, frames }: Batch, nowS: number): void {
    let start = 0;
    let at = 0;
    let run = 0;
    // Of the run: frames behind one another that go the same way.
    let runTo = NOWHERE;
    let runVlan = 0;
    let runForm = UNTAGGED;
    for (let frame = 0; frame < frames; frame++) {
      const length = data.readUInt32BE(at);
      const addresses = at + HEADER_BYTES;
      const end = addresses + length;
      let form = UNTAGGED;
      let vlan = 0;
      let to = NOWHERE;
      if (this.aware) {
        const tag = tagAt(data, addresses, length);
        if (tag !== 0) form = (tag & 0xfff) === 0 ? PRIORITY : TAGGED;
        vlan = form === TAGGED ? tag & 0xfff : from.vlans.untagged;
      }
      if (length >= SHORTEST_FRAME_BYTES && this.admits(from, form, vlan)) {
        to = this.route(from, data, addresses, vlan, nowS);
      } else from.dropped++;
      if (run > 0 && (to !== runTo || vlan !== runVlan || form !== runForm)) {
        this.emit(from, runTo, { data: data.subarray(start, at), frames: run }, runVlan, runForm);
        run = 0;
      }
      if (run === 0) {
        start = at;
        runTo = to;
        runVlan = vlan;
        runForm = form;
      }
      run++;
      at = end;
    }
    if (run > 0) this.emit(from, runTo, { data: data.subarray(start, at), frames: run }, runVlan, runForm);
  }

  /** An access port takes no tags but those of a priority, a trunk only what it carries. */
  private admits({ vlans }: SwitchPort, form: number, vlan: number): boolean {
    if (!this.aware) return true;
    if (form === TAGGED) return vlans.tagged !== undefined && isIn(vlans, vlan);
    return vlans.untagged !== 0;
  }

  /** Learns the sender, and says where the frame goes. */
  private route(from: SwitchPort, data: Buffer, at: number, vlan: number, nowS: number): number {
    const sourceHigh = data.readUInt16BE(at + 6);
    // A group sends nothing.
    if ((sourceHigh & 0x100) === 0) this.table.learn(vlan, sourceHigh, data.readUInt32BE(at + 8), from.number, nowS);
    const high = data.readUInt16BE(at);
    if ((high & 0x100) !== 0) return EVERYWHERE;
    const to = this.table.find(vlan, high, data.readUInt32BE(at + 2), nowS);
    return to === from.number ? NOWHERE : to === -1 ? EVERYWHERE : to;
  }

  private emit(from: SwitchPort, to: number, batch: Batch, vlan: number, form: number): void {
    if (to === NOWHERE) return;
    if (to !== EVERYWHERE) {
      const port = this.ports[to];
      if (port) this.give(port, batch, vlan, form);
      return;
    }
    let last: SwitchPort | undefined;
    for (const port of this.ports) {
      if (!port || port === from || (this.aware && !isIn(port.vlans, vlan))) continue;
      // Each way has memory of its own: one may corrupt what it carries.
      if (last) this.give(last, { data: Buffer.from(batch.data), frames: batch.frames }, vlan, form);
      last = port;
    }
    if (last) this.give(last, batch, vlan, form);
  }

  private give(port: SwitchPort, batch: Batch, vlan: number, form: number): void {
    const told = this.aware ? dressed(batch, vlan, form, port.vlans.untagged !== vlan) : batch;
    port.dropped += batch.frames - told.frames;
    if (port.take(told)) this.touched.push(port);
  }
}

/** Frames with a tag, or without. */
function dressed(batch: Batch, vlan: number, form: number, withTag: boolean): Batch {
  if (!withTag) return form === UNTAGGED ? batch : withoutTags(batch);
  if (form === TAGGED) return batch;
  return form === PRIORITY ? withVlan(batch, vlan) : withTags(batch, vlan);
}

function now(): number {
  return performance.now() / 1000;
}
