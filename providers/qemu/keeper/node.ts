import { join } from "node:path";
import { ConsoleLog } from "./console-log.ts";
import { Door } from "./door.ts";
import { EventRecorder } from "./events.ts";
import { Front, REPLAY_BYTES } from "./front.ts";
import type { ServedNode, ServeRequest, ServeResult } from "./protocol.ts";
import { Relay } from "./relay.ts";

const DOORS = ["console", "aux", "monitor"] as const;

type DoorName = (typeof DOORS)[number];
type ConsoleName = Exclude<DoorName, "monitor">;

const TITLES = { console: "console", aux: "aux console", monitor: "monitor" } as const;
/** Endings of QEMU's sockets of serial lines; a screen's is its protocol. */
const LINES = { console: "con", aux: "aux", monitor: "mon" } as const;
const LOGS = { console: "consoleLog", aux: "auxLog" } as const;

/** What is chosen comes last: it must not be a port that another door asks for. */
function inOrder(request: ServeRequest): readonly DoorName[] {
  const isChosen = (name: DoorName) => request[name]?.port === null;
  return [...DOORS.filter((name) => !isChosen(name)), ...DOORS.filter(isChosen)];
}

/** All that the keeper does for one node. */
export class KeptNode {
  readonly #directory: string;
  readonly #report: (fault: string) => void;
  readonly #events: EventRecorder;
  readonly #doors = { console: new Door(), aux: new Door(), monitor: new Door() };
  readonly #logs = new Map<ConsoleName, ConsoleLog>();
  #request: ServeRequest;

  constructor(directory: string, request: ServeRequest, report: (fault: string) => void) {
    this.#directory = directory;
    this.#request = request;
    this.#report = (fault) => report(`${this.#request.address}: ${fault}`);
    this.#events = new EventRecorder(this.#path("evt"), this.#path("events"), this.#report);
  }

  get result(): ServeResult {
    const { console, aux, monitor } = this.#doors;
    return { console: console.served, aux: aux.served, monitor: monitor.served };
  }

  get status(): ServedNode {
    return { node: this.#request.node, ...this.result, connected: this.#events.connected, paused: this.#events.paused };
  }

  /** Its ports, and what each is. */
  get ports(): [number, string][] {
    return DOORS.flatMap((name): [number, string][] => {
      const { served } = this.#doors[name];
      return served ? [[served.port, `the ${this.#title(name)}`]] : [];
    });
  }

  /** Throws `KeeperError`, and then everything is as it was. `own`: the ports of the whole keeper. */
  async serve(request: ServeRequest, own: ReadonlyMap<number, string>): Promise<ServeResult> {
    const logs = new Map(
      (["console", "aux"] as const).flatMap((name): [ConsoleName, ConsoleLog][] => {
        const path = request[LOGS[name]];
        return path === undefined ? [] : [[name, new ConsoleLog(path, this.#report)]];
      }),
    );
    const prepared: Awaited<ReturnType<Door["prepare"]>>[] = [];
    try {
      for (const name of inOrder(request)) {
        const wanted = await this.#behind(name, request, logs);
        prepared.push(await this.#doors[name].prepare(request[name], own, wanted));
      }
    } catch (error) {
      for (const door of prepared) door.rollback();
      throw error;
    }
    const narrowed = this.#request.access === "host" && request.access === "owner";
    this.#request = request;
    this.#logs.clear();
    for (const [name, log] of logs) this.#logs.set(name, log);
    for (const door of prepared) door.commit();
    if (narrowed) {
      for (const name of ["console", "aux"] as const) {
        this.#doors[name].dismissAll("from now on for its owner only");
      }
    }
    this.#events.poke();
    return this.result;
  }

  /** QEMU's sockets may be there now. */
  poke(): void {
    for (const name of DOORS) this.#doors[name].poke();
    this.#events.poke();
  }

  close(reason: string): void {
    for (const name of DOORS) this.#doors[name].close(reason);
    this.#events.close();
  }

  /** What a door is to lead to. A line that is new to the keeper begins with what QEMU wrote down of it before. */
  async #behind(name: DoorName, request: ServeRequest, logs: ReadonlyMap<ConsoleName, ConsoleLog>) {
    if (name === "monitor") return { type: "telnet", make: () => this.#monitorFront() };
    const type = request[name]?.type ?? "telnet";
    if (type !== "telnet") return { type, make: () => this.#relay(name, type) };
    const log = logs.get(name);
    const past = this.#doors[name].leadsTo(type) || !log ? undefined : await log.tail(REPLAY_BYTES);
    const make = () => {
      const front = this.#consoleFront(name);
      if (past) front.remember(past);
      return front;
    };
    return { type, make };
  }

  #consoleFront(name: ConsoleName): Front {
    return new Front({
      path: this.#path(LINES[name]),
      onOutput: (bytes) => this.#logs.get(name)?.grew(bytes),
      ...this.#consoleDoor(name),
    });
  }

  #relay(name: ConsoleName, type: "vnc" | "spice"): Relay {
    return new Relay({ path: this.#path(type), type, ...this.#consoleDoor(name) });
  }

  #consoleDoor(name: ConsoleName) {
    const title = () => this.#title(name);
    return {
      title,
      openToAll: () => this.#request.access === "host",
      refusal: () =>
        `${title()}: this port is for processes of its owner's account on this host; console_access = "host" opens it to others`,
    };
  }

  /** A monitor can start programs on the host (`migrate "exec:…"`), so it is never opened to others. */
  #monitorFront(): Front {
    const title = () => this.#title("monitor");
    return new Front({
      path: this.#path(LINES.monitor),
      title,
      openToAll: () => false,
      refusal: () => `${title()}: this port is for processes of its owner's account on this host`,
    });
  }

  #title(name: DoorName): string {
    return `${TITLES[name]} of ${this.#request.address}`;
  }

  #path(ending: string): string {
    return join(this.#directory, `${this.#request.node}.${ending}`);
  }
}
