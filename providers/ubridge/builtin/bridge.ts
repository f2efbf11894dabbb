import { MARKER } from "../captureMarker.ts";
import type { CaptureFile } from "./capture.ts";
import { DelayLine } from "./delayLine.ts";
import { corruptSome, type Filter, type Impairment, impairmentOf, singles, survivors } from "./filters.ts";
import type { Batch } from "./frames.ts";
import type { Port } from "./port.ts";

/** One way of a bridge: what came in at one port, through the filters, out of the other. */
class Direction {
  private readonly from: Port;
  private readonly to: Port;
  private readonly line: DelayLine;
  private impairment: Impairment | undefined;
  capture: CaptureFile | undefined;

  constructor(from: Port, to: Port, impairment: Impairment | undefined, capture: CaptureFile | undefined) {
    this.from = from;
    this.to = to;
    this.impairment = impairment;
    this.capture = capture;
    this.line = new DelayLine((batches) => this.leave(batches));
    from.onFrames = (batches) => this.take(batches);
    to.onPressure = (pressed) => {
      // What is delayed is on its way already; holding its sender back would only let the line run dry.
      if (pressed && this.straight) from.hold("pressure");
      else from.release("pressure");
    };
  }

  impair(impairment: Impairment | undefined): void {
    this.impairment = impairment;
    if (impairment?.blocked) this.line.clear();
  }

  end(): void {
    this.from.onFrames = () => {};
    this.to.onPressure = () => {};
    this.line.clear();
  }

  /** Nothing between the ports. Frames still in the line keep later ones behind them. */
  private get straight(): boolean {
    return this.line.empty && (this.impairment === undefined || this.impairment.delayMs === 0);
  }

  private take(batches: Batch[]): void {
    const { impairment } = this;
    if (impairment === undefined && this.line.empty) return this.leave(batches);
    if (impairment?.blocked) return;
    const loses = impairment?.loses;
    const kept = loses === undefined ? batches : batches.flatMap((batch) => survivors(batch, loses));
    if (kept.length === 0) return;
    if (impairment && impairment.corrupt > 0) for (const batch of kept) corruptSome(batch, impairment.corrupt);
    if (this.straight) return this.leave(kept);
    const { delayMs, jitterMs } = impairment ?? { delayMs: 0, jitterMs: 0 };
    for (const batch of kept) {
      for (const one of jitterMs > 0 ? singles(batch) : [batch]) {
        const due = jitterMs > 0 ? Math.max(0, delayMs + (Math.random() * 2 - 1) * jitterMs) : delayMs;
        if (!this.line.push(one, due)) this.to.dropped += one.frames;
      }
    }
  }

  private leave(batches: Batch[]): void {
    this.capture?.write(batches);
    this.to.send(batches);
  }
}

/** Two ports and what happens between them. Made stopped; a stopped bridge leaves frames with their senders. */
export class Bridge {
  name: string;
  running = false;
  private ports: { source: Port | undefined; destination: Port | undefined } = {
    source: undefined,
    destination: undefined,
  };
  private directions: readonly Direction[] = [];
  private attached: readonly Filter[] = [];
  private file: CaptureFile | undefined;

  constructor(name: string) {
    this.name = name;
  }

  get source(): Port | undefined {
    return this.ports.source;
  }

  get destination(): Port | undefined {
    return this.ports.destination;
  }

  get filters(): readonly Filter[] {
    return this.attached;
  }

  get captured(): boolean {
    return this.file !== undefined;
  }

  get full(): boolean {
    return this.source !== undefined && this.destination !== undefined;
  }

  attach(port: Port): void {
    port.hold("stopped");
    if (this.ports.source === undefined) this.ports.source = port;
    else this.ports.destination = port;
    const { source, destination } = this.ports;
    if (source !== undefined && destination !== undefined) {
      const impairment = impairmentOf(this.attached);
      this.directions = [
        new Direction(source, destination, impairment, this.file),
        new Direction(destination, source, impairment, this.file),
      ];
    }
  }

  /** False when no port has that path. */
  detach(path: string): boolean {
    const which = this.source?.path === path ? "source" : this.destination?.path === path ? "destination" : undefined;
    if (which === undefined) return false;
    this.endDirections();
    this.ports[which]?.close();
    this.ports[which] = undefined;
    return true;
  }

  start(): void {
    this.running = true;
    this.source?.release("stopped");
    this.destination?.release("stopped");
  }

  stop(): void {
    this.running = false;
    this.source?.hold("stopped");
    this.destination?.hold("stopped");
  }

  setFilters(filters: readonly Filter[]): void {
    this.attached = filters;
    const impairment = impairmentOf(filters);
    for (const direction of this.directions) direction.impair(impairment);
  }

  /** What could be written of its capture is written: no filter says any more that it is captured. */
  endCapture(): void {
    this.setCapture(undefined);
    // Such a filter changes nothing, so what the others have counted stays.
    this.attached = this.attached.filter((one) => !one.name.startsWith(MARKER));
  }

  /** Frames of both directions as they leave, after all filters; undefined ends it. */
  setCapture(file: CaptureFile | undefined): void {
    this.file?.close();
    this.file = file;
    for (const direction of this.directions) direction.capture = file;
  }

  close(): void {
    this.endDirections();
    this.setCapture(undefined);
    this.source?.close();
    this.destination?.close();
  }

  private endDirections(): void {
    for (const direction of this.directions) direction.end();
    this.directions = [];
    this.source?.release("pressure");
    this.destination?.release("pressure");
  }
}
