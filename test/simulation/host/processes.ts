import type { SpawnRequest } from "../../../src/core/ports.ts";
import type { Chance } from "./chance.ts";
import type { Disk } from "./disk.ts";
import { refusal } from "./errors.ts";
import type { End, Network, Owner } from "./network.ts";
import type { Scheduler, Timer } from "./scheduler.ts";

/** What a process does. Made when it is executed; everything it does later hangs on its process. */
export type Program = (process: Process) => { onTerm(): void };

export interface Machine {
  readonly scheduler: Scheduler;
  readonly disk: Disk;
  readonly network: Network;
  readonly chance: Chance;
  /** What runs now at a pid. */
  readonly find: (pid: number) => Process | undefined;
}

interface Facts {
  readonly pid: number;
  readonly startTime: string;
  readonly uid: number;
  readonly request: SpawnRequest;
}

/** A process with what it holds. */
export class Process implements Owner {
  readonly pid: number;
  readonly startTime: string;
  readonly uid: number;
  readonly token: string;
  readonly command: string;
  readonly arguments: readonly string[];
  readonly directory: string;
  readonly machine: Machine;
  state: "running" | "stopped" | "zombie" = "running";
  niceness = 0;
  /** Set by its program. */
  onTerm: () => void = () => this.die();
  /** Told of its end. */
  readonly mourners: (() => void)[] = [];
  /** What a test may look at: the program's own account of what it does. */
  shown: unknown;
  readonly #logFile: string;
  readonly #waiting: (() => void)[] = [];

  constructor(machine: Machine, { pid, startTime, uid, request }: Facts) {
    this.machine = machine;
    this.pid = pid;
    this.startTime = startTime;
    this.uid = uid;
    this.token = request.token;
    this.command = request.command;
    this.arguments = request.arguments;
    this.directory = request.directory;
    this.#logFile = request.logFile;
  }

  get isDead(): boolean {
    return this.state === "zombie";
  }

  deliver(work: () => void): void {
    if (this.state === "stopped") this.#waiting.push(work);
    else if (this.state === "running") work();
  }

  after(ms: number, work: () => void): Timer {
    return this.machine.scheduler.after(ms, () => this.deliver(work));
  }

  log(text: string): void {
    const { disk } = this.machine;
    const there = disk.find(this.#logFile);
    if (there) disk.append(there, `${text}\n`, this.#logFile);
  }

  listen(name: string, accept: (end: End) => void): void {
    this.machine.network.listen(this, `${this.directory}/${name}`, accept);
  }

  die(): void {
    if (this.isDead) return;
    this.state = "zombie";
    this.machine.network.release(this);
    for (const mourner of this.mourners) mourner();
  }

  stop(): void {
    if (this.state === "running") this.state = "stopped";
  }

  wake(): void {
    if (this.state !== "stopped") return;
    this.state = "running";
    for (const work of this.#waiting.splice(0)) this.deliver(work);
  }
}

const FIRST_PID = 300;
/** Small, so that pids come around. */
const PIDS = 400;

/** The processes of one boot of a host. */
export class ProcessTable {
  readonly machine: Machine;
  readonly #uid: number;
  readonly #bootMs: number;
  readonly #programs: (request: SpawnRequest) => Program | undefined;
  /** Whether pid 1 takes zombies away; in a container it often does not. */
  readonly #reaps: boolean;
  readonly #processes = new Map<number, Process>();
  #lastPid = FIRST_PID;

  constructor(
    machine: Machine,
    options: {
      readonly uid: number;
      readonly reaps: boolean;
      readonly programs: (request: SpawnRequest) => Program | undefined;
    },
  ) {
    this.machine = machine;
    this.#uid = options.uid;
    this.#reaps = options.reaps;
    this.#programs = options.programs;
    this.#bootMs = machine.scheduler.now - 60_000;
  }

  /** Throws ENOENT and EACCES as exec does. */
  spawn(request: SpawnRequest): Process {
    const { disk } = this.machine;
    for (const path of [request.directory, request.command]) disk.get(path, "spawn");
    if (!disk.permits(disk.get(request.command, "spawn"), "execute")) {
      throw refusal("EACCES", "spawn", request.command);
    }
    disk.open(request.logFile, 0o600);
    const program = this.#programs(request);
    if (!program) throw new Error(`nobody wrote what ${request.command} does here`);
    const process = this.#enter(this.#freePid(), this.#uid, request);
    const behaviour = program(process);
    process.onTerm = () => behaviour.onTerm();
    return process;
  }

  /** A process that has nothing to do with labform, at a pid where none lives. */
  addStranger(pid: number): void {
    const request = { command: "/usr/bin/sleep", arguments: [], directory: "/", token: "", logFile: "/dev/null" };
    if (this.#processes.get(pid)?.isDead !== false) this.#enter(pid, this.#uid, request);
  }

  get(pid: number): Process | undefined {
    this.#reap();
    return this.#processes.get(pid);
  }

  /** Those that labform started and that live. */
  living(): readonly Process[] {
    return [...this.#processes.values()].filter((one) => !one.isDead && one.token !== "");
  }

  killAll(): void {
    for (const process of this.#processes.values()) process.die();
    this.#processes.clear();
  }

  #enter(pid: number, uid: number, request: SpawnRequest): Process {
    const { scheduler } = this.machine;
    const startTime = String(Math.floor((scheduler.now - this.#bootMs) / 10));
    const process = new Process(this.machine, { pid, startTime, uid, request });
    this.#processes.set(pid, process);
    return process;
  }

  #freePid(): number {
    this.#reap();
    for (let tries = 0; tries < PIDS; tries++) {
      this.#lastPid = FIRST_PID + ((this.#lastPid + 1 - FIRST_PID) % PIDS);
      if (!this.#processes.has(this.#lastPid)) return this.#lastPid;
    }
    throw refusal("EAGAIN", "fork", "no pid is free");
  }

  #reap(): void {
    if (!this.#reaps) return;
    for (const [pid, process] of this.#processes) if (process.isDead) this.#processes.delete(pid);
  }
}
