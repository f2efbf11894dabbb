import { EventFile } from "./event-file.ts";
import { Line } from "./line.ts";
import { LineReader } from "./lines.ts";
import { standsStill } from "./run-states.ts";

/** QMP's own limit on what it sends is far below; what is longer is no event of a node. */
const MAX_LINE = 256 * 1024;

interface QmpMessage {
  readonly QMP?: unknown;
  readonly event?: unknown;
  readonly return?: { readonly status?: unknown };
  readonly data?: unknown;
  readonly timestamp?: { readonly seconds?: unknown; readonly microseconds?: unknown };
}

/**
 * Writes down what a QEMU says of itself (QMP reference, "Events") on its second QMP socket, and `ended` when that
 * socket closed without SHUTDOWN before: then QEMU was killed, or crashed.
 */
export class EventRecorder {
  readonly #line: Line;
  readonly #file: EventFile;
  readonly #report: (fault: string) => void;
  #reader = new LineReader(MAX_LINE);
  #greeted = false;
  #saidGoodbye = false;
  #paused: boolean | null = null;

  /** `report` is told of events that could not be written. */
  constructor(socketPath: string, filePath: string, report: (fault: string) => void) {
    this.#file = new EventFile(filePath);
    this.#report = report;
    this.#line = new Line(socketPath, {
      connected: () => {
        this.#reader = new LineReader(MAX_LINE);
        this.#greeted = false;
        this.#saidGoodbye = false;
        this.#paused = null;
      },
      data: (chunk) => {
        for (const line of this.#reader.push(chunk)) if (line) this.#take(line);
      },
      ended: () => {
        if (this.#greeted && !this.#saidGoodbye) this.#write(new Date(), "ended", {});
      },
      drained: () => {},
    });
  }

  get connected(): boolean {
    return this.#line.connected && this.#greeted;
  }

  /** Whether the guest stands still; null while QEMU is not heard. */
  get paused(): boolean | null {
    return this.connected ? this.#paused : null;
  }

  poke(): void {
    this.#line.poke();
  }

  close(): void {
    this.#line.close();
  }

  #take(line: string): void {
    const message = parse(line);
    if (message?.QMP !== undefined && !this.#greeted) {
      this.#greeted = true;
      this.#line.write(Buffer.from('{"execute": "qmp_capabilities"}\n{"execute": "query-status"}\n'));
    } else if (typeof message?.return?.status === "string") {
      this.#paused = standsStill(message.return.status);
    } else if (typeof message?.event === "string") {
      if (message.event === "SHUTDOWN") this.#saidGoodbye = true;
      if (message.event === "STOP") this.#paused = true;
      if (message.event === "RESUME") this.#paused = false;
      this.#write(timeOf(message), message.event, message.data ?? {});
    }
  }

  #write(time: Date, event: string, data: unknown): void {
    try {
      this.#file.append(time.toISOString(), event, data);
    } catch (error) {
      this.#report(`event ${event} was not written: ${(error as Error).message}`);
    }
  }
}

function parse(line: string): QmpMessage | undefined {
  try {
    const message: unknown = JSON.parse(line);
    return typeof message === "object" && message !== null ? message : undefined;
  } catch {
    return undefined;
  }
}

/** QEMU's own time, where it gives one: -1 stands for none (qapi, "timestamp"). */
function timeOf(message: QmpMessage): Date {
  const { seconds, microseconds } = message.timestamp ?? {};
  if (typeof seconds !== "number" || seconds < 0) return new Date();
  const time = new Date(seconds * 1000 + (typeof microseconds === "number" ? microseconds / 1000 : 0));
  return Number.isNaN(time.getTime()) ? new Date() : time;
}
