import { join } from "node:path";
import { ConsoleLog } from "./console-log.ts";
import { Door } from "./door.ts";
import { EventRecorder } from "./events.ts";
import { Front, REPLAY_BYTES } from "./front.ts";
import type { ServedNode, ServeRequest, ServeResult } from "./protocol.ts";

/** All that the keeper does for one node. */
export class KeptNode {
  readonly #directory: string;
  readonly #report: (fault: string) => void;
  readonly #events: EventRecorder;
  readonly #console: Door;
  readonly #monitor: Door;
  #request: ServeRequest;
  #log: ConsoleLog | undefined;

  constructor(directory: string, request: ServeRequest, report: (fault: string) => void) {
    this.#directory = directory;
    this.#request = request;
    this.#report = (fault) => report(`${this.#request.address}: ${fault}`);
    this.#events = new EventRecorder(this.#path("evt"), this.#path("events"), this.#report);
    this.#console = new Door(() => this.#consoleFront());
    this.#monitor = new Door(() => this.#monitorFront());
  }

  get result(): ServeResult {
    return { console: this.#console.served, monitor: this.#monitor.served };
  }

  get status(): ServedNode {
    return { node: this.#request.node, ...this.result, connected: this.#events.connected, paused: this.#events.paused };
  }

  /** Its ports, and what each is. */
  get ports(): [number, string][] {
    const { console, monitor } = this.result;
    const ports: [number, string][] = [];
    if (console) ports.push([console.port, `the console of ${this.#request.address}`]);
    if (monitor) ports.push([monitor.port, `the monitor of ${this.#request.address}`]);
    return ports;
  }

  /** Throws `KeeperError`, and then everything is as it was. `own`: the ports of the whole keeper. */
  async serve(request: ServeRequest, own: ReadonlyMap<number, string>): Promise<ServeResult> {
    const consoleDoor = await this.#console.prepare(request.console, own);
    const monitorDoor = await this.#monitor.prepare(request.monitor, own).catch((error: unknown) => {
      consoleDoor.rollback();
      throw error;
    });
    const log = request.consoleLog === undefined ? undefined : new ConsoleLog(request.consoleLog, this.#report);
    const past = this.#console.front || !log ? undefined : await log.tail(REPLAY_BYTES);
    const narrowed = this.#request.access === "host" && request.access === "owner";
    this.#request = request;
    this.#log = log;
    consoleDoor.commit();
    monitorDoor.commit();
    if (past) this.#console.front?.remember(past);
    if (narrowed) this.#console.front?.dismissAll("from now on for its owner only");
    this.#events.poke();
    return this.result;
  }

  /** QEMU's sockets may be there now. */
  poke(): void {
    this.#console.front?.poke();
    this.#monitor.front?.poke();
    this.#events.poke();
  }

  close(reason: string): void {
    this.#console.close(reason);
    this.#monitor.close(reason);
    this.#events.close();
  }

  #consoleFront(): Front {
    const title = () => `console of ${this.#request.address}`;
    return new Front({
      path: this.#path("con"),
      title,
      openToAll: () => this.#request.access === "host",
      refusal: () =>
        `${title()}: this port is for processes of its owner's account on this host; console_access = "host" opens it to others`,
      onOutput: (bytes) => this.#log?.grew(bytes),
    });
  }

  /** A monitor can start programs on the host (`migrate "exec:…"`), so it is never opened to others. */
  #monitorFront(): Front {
    const title = () => `monitor of ${this.#request.address}`;
    return new Front({
      path: this.#path("mon"),
      title,
      openToAll: () => false,
      refusal: () => `${title()}: this port is for processes of its owner's account on this host`,
    });
  }

  #path(ending: string): string {
    return join(this.#directory, `${this.#request.node}.${ending}`);
  }
}
