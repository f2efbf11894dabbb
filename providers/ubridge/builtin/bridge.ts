import { MARKER } from "../captureMarker.ts";
import type { CaptureFile } from "./capture.ts";
import { type Attached, impairmentOf, type Toward } from "./filters.ts";
import type { Follower } from "./follower.ts";
import type { Batch } from "./frames.ts";
import { Lane } from "./lane.ts";
import type { Port } from "./port.ts";
import { allOf, type FrameSink } from "./records.ts";

/** One way of a bridge: what came in at one port, through the filters, out of the other. */
class Direction {
  private readonly from: Port;
  private readonly to: Port;
  private readonly lane: Lane;
  private readonly toward: Toward;
  /** Who is shown the frames as they leave. */
  shown: FrameSink | undefined;

  constructor(from: Port, to: Port, toward: Toward) {
    this.from = from;
    this.to = to;
    this.toward = toward;
    this.lane = new Lane(
      (batches) => this.leave(batches),
      (frames) => {
        to.dropped += frames;
      },
    );
    from.onFrames = (batches) => this.lane.push(batches);
    to.onPressure = (pressed) => {
      // What is delayed is on its way already; holding its sender back would only let the line run dry.
      if (pressed && this.lane.straight) from.hold("pressure");
      else from.release("pressure");
    };
  }

  impair(filters: readonly Attached[]): void {
    this.lane.impair(impairmentOf(filters, this.toward));
  }

  end(): void {
    this.from.onFrames = () => {};
    this.to.onPressure = () => {};
    this.lane.clear();
  }

  private leave(batches: Batch[]): void {
    this.shown?.write(batches);
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
  private attached: readonly Attached[] = [];
  private file: CaptureFile | undefined;
  private readonly followers = new Set<Follower>();

  constructor(name: string) {
    this.name = name;
  }

  get source(): Port | undefined {
    return this.ports.source;
  }

  get destination(): Port | undefined {
    return this.ports.destination;
  }

  get filters(): readonly Attached[] {
    return this.attached;
  }

  get capture(): CaptureFile | undefined {
    return this.file;
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
      this.directions = [new Direction(source, destination, 1), new Direction(destination, source, 0)];
      this.setFilters(this.attached);
      this.show();
    }
  }

  /** False when no port is that one. */
  detach(kind: Port["kind"], description: string): boolean {
    const is = (port: Port | undefined) => port?.kind === kind && port.description === description;
    const which = is(this.source) ? "source" : is(this.destination) ? "destination" : undefined;
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

  setFilters(filters: readonly Attached[]): void {
    this.attached = filters;
    for (const direction of this.directions) direction.impair(filters);
  }

  /** What could be written of its capture is written: no filter says any more that it is captured. */
  endCapture(): void {
    this.setCapture(undefined);
    // Such a filter changes nothing, so what the others have counted stays.
    this.attached = this.attached.filter((one) => !one.filter.name.startsWith(MARKER));
  }

  /** Frames of both directions as they leave, after all filters; undefined ends it. */
  setCapture(file: CaptureFile | undefined): void {
    this.file?.close();
    this.file = file;
    this.show();
  }

  /** Shows the follower what a capture would be shown, until it leaves or the bridge ends. */
  follow(follower: Follower): void {
    this.followers.add(follower);
    follower.onGone(() => {
      this.followers.delete(follower);
      this.show();
    });
    this.show();
  }

  close(): void {
    this.endDirections();
    this.setCapture(undefined);
    for (const follower of this.followers) follower.close();
    this.source?.close();
    this.destination?.close();
  }

  private show(): void {
    const sink = allOf([...(this.file ? [this.file] : []), ...this.followers]);
    for (const direction of this.directions) direction.shown = sink;
  }

  private endDirections(): void {
    for (const direction of this.directions) direction.end();
    this.directions = [];
    this.source?.release("pressure");
    this.destination?.release("pressure");
  }
}
