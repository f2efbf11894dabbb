import { qemu as qemuProvider } from "../../providers/qemu/index.ts";
import { ubridge as ubridgeProvider } from "../../providers/ubridge/index.ts";
import type { ProviderFactory } from "../../src/core/provider.ts";
import { Chance } from "./host/chance.ts";
import type { Inode } from "./host/disk.ts";
import { Disk } from "./host/disk.ts";
import { Network } from "./host/network.ts";
import type { Process, Program } from "./host/processes.ts";
import { ProcessTable } from "./host/processes.ts";
import { Scheduler } from "./host/scheduler.ts";
import { builtinBridge, ubridge } from "./programs/bridge.ts";
import { cpulimit } from "./programs/cpulimit.ts";
import { keeper } from "./programs/keeper.ts";
import { qemu } from "./programs/qemu.ts";
import type { Run } from "./run.ts";

/** What hosts differ in. */
export interface Facts {
  readonly uid: number;
  readonly pidNamespace: string;
  readonly cpus: number;
  readonly hasKvm: boolean;
  readonly hasUbridge: boolean;
  readonly memoryBytes: number;
  /** Whether pid 1 takes zombies away. */
  readonly reaps: boolean;
}

/** Who makes the nodes and links of a simulated lab. */
export interface Makers {
  readonly node: ProviderFactory;
  readonly link: ProviderFactory;
}

export const LAB = "/lab";
export const HOME = "/home/alice";
export const PROGRAMS = "/usr/lib/labform";
const KERNEL = "/images/vmlinux";
/** Base images of disks; two of them are the same image at two places. */
export const IMAGES: { readonly [path: string]: string } = {
  "/images/base.img": "base",
  "/images/moved.img": "base",
  "/images/other.img": "other",
};
const START = Date.UTC(2026, 0, 31, 12);

/** A host with its disk, its processes, its sockets and its time; all of it from one seed. */
export class SimulatedHost {
  readonly facts: Facts;
  readonly chance: Chance;
  readonly scheduler = new Scheduler(START);
  readonly disk: Disk;
  readonly network: Network;
  readonly locks = new Map<Inode, Run>();
  makers: Makers = { node: qemuProvider, link: ubridgeProvider };
  table: ProcessTable;
  bootId: string;

  constructor(seed: number, given: Partial<Facts> = {}) {
    this.chance = new Chance(seed);
    this.facts = { ...randomFacts(this.chance.branch()), ...given };
    this.disk = new Disk(this.facts.uid, () => this.scheduler.now);
    this.network = new Network(this.disk, this.scheduler);
    this.bootId = this.chance.uuid();
    this.table = this.#boot();
    this.#install();
  }

  write(name: string, text: string): void {
    this.disk.write(`${LAB}/${name}`, text, 0o644);
    this.disk.syncAll();
  }

  /** Of labform's making. */
  living(program?: Program): readonly Process[] {
    return this.table.living().filter((one) => program === undefined || programOf(one) === program);
  }

  /** The host goes down, in order or by a power cut, and comes back. */
  reboot(how: "in order" | "power cut"): void {
    this.table.killAll();
    if (how === "in order") this.disk.syncAll();
    else this.disk.losePower(this.chance.branch());
    this.locks.clear();
    this.bootId = this.chance.uuid();
    this.table = this.#boot();
  }

  #boot(): ProcessTable {
    const { scheduler, disk, network } = this;
    const find = (pid: number) => this.table.get(pid);
    const machine = { scheduler, disk, network, chance: this.chance.branch(), find };
    return new ProcessTable(machine, { uid: this.facts.uid, reaps: this.facts.reaps, programs: programOf });
  }

  #install(): void {
    const { disk, facts } = this;
    const programs = [
      "/usr/bin/qemu-system-x86_64",
      "/usr/bin/qemu-img",
      "/usr/bin/cpulimit",
      process.execPath,
      ...(facts.hasUbridge ? ["/usr/bin/ubridge"] : []),
    ];
    const files = [`${PROGRAMS}/keeper.js`, `${PROGRAMS}/bridge.js`, KERNEL];
    for (const path of [LAB, HOME, ...[...programs, ...files].map((one) => one.slice(0, one.lastIndexOf("/")))]) {
      disk.makeDirectory(path);
    }
    for (const path of programs) disk.write(path, "program", 0o755);
    for (const path of files) disk.write(path, "data", 0o644);
    for (const [path, content] of Object.entries(IMAGES)) disk.write(path, content, 0o644);
    if (facts.hasKvm) {
      disk.makeDirectory("/dev");
      disk.write("/dev/kvm", "", 0o666);
    }
    disk.syncAll();
  }
}

function programOf(one: { readonly command: string; readonly arguments: readonly string[] }): Program | undefined {
  if (one.command.endsWith("/qemu-system-x86_64")) return qemu;
  if (one.command.endsWith("/ubridge")) return ubridge;
  if (one.command.endsWith("/cpulimit")) return cpulimit;
  if (one.arguments[0] === `${PROGRAMS}/keeper.js`) return keeper;
  return one.arguments[0] === `${PROGRAMS}/bridge.js` ? builtinBridge : undefined;
}

function randomFacts(chance: Chance): Facts {
  return {
    uid: chance.pick([0, 1000, 4711]),
    pidNamespace: `pid:[40265${chance.between(10000, 99999)}]`,
    cpus: chance.pick([1, 2, 16]),
    hasKvm: chance.happens(0.5),
    hasUbridge: chance.happens(0.5),
    memoryBytes: chance.pick([4, 64]) * 1024 ** 3,
    reaps: chance.happens(0.7),
  };
}
